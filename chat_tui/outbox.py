"""What was typed and has no answer yet: it is shown, sent again, or asked about, never forgotten.

A line keeps its key for as long as it is here, so the server carries it out once, however often
it is sent.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from chat_server.commands import Send, parse
from chat_server.events import Refused, Reply


class Outgoing(NamedTuple):
    """A line that waits for its answer.

    With a `reason`, one that was refused, or is held until our user decides about it.
    """

    key: str
    line: str
    said: Send | None
    state: Literal["waiting", "held", "refused"] = "waiting"
    reason: str = ""


def _any(outgoing: Outgoing) -> bool:
    return True


class Outbox:
    """Lines in the order in which they were typed."""

    def __init__(self) -> None:
        self._outgoing: dict[str, Outgoing] = {}
        self._added = 0

    @property
    def outgoing(self) -> list[Outgoing]:
        return list(self._outgoing.values())

    @property
    def unsaid(self) -> int:
        """Count the messages of which nobody has said that they were sent, or will not be."""
        return sum(o.said is not None and o.state != "refused" for o in self._outgoing.values())

    @property
    def waiting(self) -> list[Outgoing]:
        """The lines to be sent, or to be sent again, once we are connected."""
        return [outgoing for outgoing in self.outgoing if outgoing.state == "waiting"]

    def add(self, line: str) -> Outgoing:
        """Take a line as it goes to the server."""
        self._added += 1
        parsed = parse(line)
        said = parsed if isinstance(parsed, Send) else None
        outgoing = Outgoing(f"line-{self._added}", line, said)
        self._outgoing[outgoing.key] = outgoing
        return outgoing

    def answer(self, key: str, reply: Reply) -> Outgoing | None:
        """Take an answer; return the line unless it is unknown. A refused message stays."""
        outgoing = self._outgoing.get(key)
        if outgoing is None:
            return None
        if isinstance(reply, Refused) and outgoing.said is not None:
            self._outgoing[key] = outgoing._replace(state="refused", reason=reply.text)
        else:
            del self._outgoing[key]
        return outgoing

    def hold(self, reason: str) -> None:
        """Ask about every line that waits, instead of sending it."""
        for key, outgoing in self._outgoing.items():
            if outgoing.state == "waiting":
                self._outgoing[key] = outgoing._replace(state="held", reason=reason)

    def retry(self, is_meant: Callable[[Outgoing], bool] = _any) -> Outgoing | None:
        """Let the oldest line of those meant that was not carried out wait again; return it."""
        oldest = self._oldest(is_meant)
        if oldest is not None:
            self._outgoing[oldest.key] = oldest._replace(state="waiting", reason="")
            return self._outgoing[oldest.key]
        return None

    def drop(self, is_meant: Callable[[Outgoing], bool] = _any) -> None:
        """Forget the oldest line of those meant that was not carried out."""
        oldest = self._oldest(is_meant)
        if oldest is not None:
            del self._outgoing[oldest.key]

    def _oldest(self, is_meant: Callable[[Outgoing], bool]) -> Outgoing | None:
        failed = (each for each in self._outgoing.values() if each.state != "waiting")
        return next((each for each in failed if is_meant(each)), None)
