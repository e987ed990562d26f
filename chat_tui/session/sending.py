"""Many lines that are sent at once: how far that is, and what is left when it is stopped. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chat_server.protocol.commands import Send
from chat_server.protocol.names import Name

UNASKED = 3
"""Lines that are sent together without a question, and without showing how far that is."""


class Progress(NamedTuple):
    """So many of so many lines were sent."""

    sent: int
    total: int


def begun(said: Send) -> str:
    """Return what to write before texts that go back into the input, so that they keep their
    delay, and their recipient where only a name is known: such a one has no conversation.
    """
    whom = f"-u {said.to.text} " if isinstance(said.to, Name) else ""
    later = f"-t {said.delay} " if said.delay else ""
    return f"send {whom}{later}-- " if whom or later else ""


class Sending:
    """The lines that were entered together last; each is known by its key."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def begin(self, keys: Iterable[str], texts: Sequence[str]) -> None:
        """Take in what is sent now; the lines say the texts."""
        self._texts = dict(zip(keys, texts, strict=False))

    def progress(self, waiting: Iterable[str]) -> Progress | None:
        """Say how far it is, where these keys are without an answer; None when it is over."""
        left = sum(key in self._texts for key in waiting)
        if not left:
            self._texts = {}
        return Progress(len(self._texts) - left, len(self._texts)) if left else None

    def stop(self, withdraw: Callable[[str], bool]) -> list[str]:
        """Withdraw what was not sent yet; return what it says."""
        texts, self._texts = self._texts, {}
        return [text for key, text in texts.items() if withdraw(key)]
