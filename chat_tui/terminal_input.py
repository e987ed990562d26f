"""What terminals send, where Textual would take it for something else."""

import string
import sys
from collections.abc import Iterable
from typing import NamedTuple

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_ESCAPE = "\x1b"
_DRIVERS = ("textual.drivers.linux_driver", "textual.drivers.web_driver")


class _Key(NamedTuple):
    """A key by the name that Textual has for it, in the shape of its own enumeration."""

    value: str


def correct() -> None:
    """Read what terminals send as it is meant; to be called once there is an app.

    Alt+Enter is a new line: in terminals without the protocol of Kitty, Textual takes it for
    Enter, which sends. Alt with a digit is that, and not what iTerm writes with it; it and Alt
    with a letter are read at once, where Textual waits a tenth of a second whether more comes.
    And a paste is a paste to its end (see `PasteParser`).
    """
    sequences = ANSI_SEQUENCES_KEYS
    if isinstance(sequences, dict):
        sequences["\x1b\r"] = (Keys.ControlJ,)
        for character in string.digits + string.ascii_lowercase:
            sequence = f"{_ESCAPE}{character}"
            if not isinstance(sequences.get(sequence), tuple):
                sequences[sequence] = (_Key(f"alt+{character}"),)
    for name in _DRIVERS:
        if name in sys.modules:
            vars(sys.modules[name])["XTermParser"] = PasteParser


class TerminalGone(Message):
    """There is nobody any more who could read or write."""


class PasteGuard:
    """Takes out of pastes every escape character but the one that ends it.

    Textual's parser (8.2) reads up to 32 characters after any other as keys, and one of them may
    be an Enter, which sends.
    """

    def __init__(self) -> None:
        self._is_inside = False
        self._seen = ""
        """What came last outside of a paste, for a beginning that comes in pieces."""
        self._kept = ""
        """What may be the beginning of the end of a paste."""

    def guard(self, data: str) -> str:
        """Take in the next characters; return what may be read of them."""
        guarded: list[str] = []
        while data:
            data = self._inside(data, guarded) if self._is_inside else self._outside(data, guarded)
        return "".join(guarded)

    def _outside(self, data: str, guarded: list[str]) -> str:
        """Pass everything on up to the beginning of a paste; return what comes after it."""
        place = (self._seen + data).find(_BEGIN)
        if place < 0:
            self._seen = (self._seen + data)[-len(_BEGIN) + 1 :]
            guarded.append(data)
            return ""
        passed = place + len(_BEGIN) - len(self._seen)
        self._is_inside, self._seen = True, ""
        guarded.append(data[:passed])
        return data[passed:]

    def _inside(self, data: str, guarded: list[str]) -> str:
        """Pass on what is pasted up to its end, and that; return what comes after it."""
        data = self._kept + data
        pasted, end, rest = data.partition(_END)
        self._kept = "" if end else _begun(pasted)
        guarded.append(pasted[: len(pasted) - len(self._kept)].replace(_ESCAPE, "") + end)
        self._is_inside = not end
        return rest


def _begun(pasted: str) -> str:
    """Return what at the end of a text may be the beginning of the end of the paste."""
    begun = pasted[pasted.rfind(_ESCAPE) :] if _ESCAPE in pasted[-len(_END) :] else ""
    return begun if _END.startswith(begun) else ""


class PasteParser(XTermParser):
    """Reads what a terminal sends, with a guard before it."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._guard = PasteGuard()

    def feed(self, data: str) -> Iterable[Message]:
        """Read the next characters; none are the end."""
        guarded = self._guard.guard(data)
        return super().feed(guarded) if guarded or not data else ()
