"""What was typed and has no answer yet: it is shown, sent again, or asked about, never forgotten.

A line keeps its key for as long as it is here, so the server carries it out once, however often
it is sent. What is for somebody goes to them, whatever they are called by then. Where only a name
is known, it may be somebody else's once the connection broke, so such a line is then held until
our user has decided about it.
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from chat_server.protocol.commands import (
    Help,
    History,
    ListTokens,
    Pending,
    Report,
    Send,
    Users,
    Whoami,
)
from chat_server.protocol.events import Person, Refused, Reply
from chat_server.protocol.names import Name
from chat_server.protocol.wording import local_time, refusal
from chat_tui.session.spoken import Command, spoken

_QUESTIONS = (Help, History, ListTokens, Pending, Users, Whoami)


class Outgoing(NamedTuple):
    """A command that waits for its answer.

    With a `reason`, one that was refused, or is held until our user decides about it. `to` is whom
    it is for or about; where only a name is known of them, that is `whom`. `due` is the time of day
    that was typed, in seconds since 1970. `is_question`: nothing is lost with it; `was_sent`: the
    server may have it; `is_of_many`: many were entered together.
    """

    key: str
    command: Command
    state: Literal["waiting", "held", "refused"] = "waiting"
    reason: str = ""
    to: Person | None = None
    due: float | None = None
    was_sent: bool = False
    is_of_many: bool = False

    @property
    def line(self) -> str:
        """The command as people type it."""
        return spoken(self.command, self.to)

    @property
    def whom(self) -> str:
        """The name alone by which somebody is meant, or ""."""
        match self.command:
            case Send(to=Name(text=name)) | Report(Name(text=name)):
                return name
        return ""

    @property
    def said(self) -> Send | None:
        """What is said, where it is a message."""
        return self.command if isinstance(self.command, Send) else None

    @property
    def is_question(self) -> bool:
        return isinstance(self.command, _QUESTIONS)

    @property
    def why(self) -> str:
        """Say what our user has to know to decide about it."""
        if self.state != "held":
            return self.reason
        other = f"{self.whom} may be somebody else by now" if self.whom else ""
        done = "said" if self.said is not None else "carried out"
        known = f"this may have been {done}" if self.was_sent else f"this was not {done}"
        return "; ".join(part for part in (self.reason, other, known) if part) + "."


def _any(outgoing: Outgoing) -> bool:
    return True


class Outbox:
    """Lines in the order in which they were typed; `now` is the time in seconds since 1970.

    `run` begins their keys. One person may be here over several clients, and a server carries out
    a key once for all of them: no two clients, or runs of one, may have the same.
    """

    def __init__(self, now: Callable[[], float] | None = None, run: str = "line") -> None:
        self._now = now
        self._run = run
        self._outgoing: dict[str, Outgoing] = {}
        self._added = 0

    def __contains__(self, key: str) -> bool:
        return key in self._outgoing

    @property
    def outgoing(self) -> list[Outgoing]:
        return list(self._outgoing.values())

    @property
    def undecided(self) -> list[Outgoing]:
        """What is lost if one leaves now: it was neither answered nor refused."""
        return [o for o in self.outgoing if o.state != "refused" and not o.is_question]

    @property
    def waiting(self) -> list[Outgoing]:
        """The lines to be sent, or to be sent again, once we are connected."""
        return [outgoing for outgoing in self.outgoing if outgoing.state == "waiting"]

    def add(
        self,
        command: Command,
        due: float | None = None,
        to: Person | None = None,
        *,
        is_of_many: bool = False,
    ) -> Outgoing:
        """Take what is to go to the server; `due` is the time of day that was typed for its delay,
        `to` the person whose id is in it.
        """
        self._added += 1
        is_later = isinstance(command, Send) and command.delay > 0
        outgoing = Outgoing(
            f"{self._run}-{self._added}",
            command,
            to=to,
            due=due if is_later else None,
            is_of_many=is_of_many,
        )
        self._outgoing[outgoing.key] = outgoing
        return outgoing

    def sendable(self, key: str) -> Command | None:
        """Return a command as it is to be sent now; None where its time has passed: it is held."""
        outgoing = self._outgoing[key]
        command = outgoing.command
        if outgoing.due is not None and self._now is not None and isinstance(command, Send):
            left = math.ceil(outgoing.due - self._now())
            if left < 0:
                self._outgoing[key] = _too_late(outgoing, command, outgoing.due)
                return None
            command = msgspec.structs.replace(command, delay=left)
        self._outgoing[key] = outgoing._replace(command=command, was_sent=True)
        return command

    def answer(self, key: str, reply: Reply) -> Outgoing | None:
        """Take an answer; return the line unless it is unknown. A refused message stays."""
        outgoing = self._outgoing.get(key)
        if outgoing is None:
            return None
        if isinstance(reply, Refused) and outgoing.said is not None:
            self._outgoing[key] = outgoing._replace(state="refused", reason=refusal(reply))
        else:
            del self._outgoing[key]
        return outgoing

    def hold(self, reason: str = "", is_meant: Callable[[Outgoing], bool] = _any) -> None:
        """Hold every waiting line that `is_meant`: ask our user about it instead of sending it."""
        for key, outgoing in self._outgoing.items():
            if outgoing.state == "waiting" and is_meant(outgoing):
                self._outgoing[key] = outgoing._replace(state="held", reason=reason)

    def withdraw(self, key: str) -> bool:
        """Forget a line that was never sent; say whether that could be done."""
        outgoing = self._outgoing.get(key)
        if outgoing is None or outgoing.was_sent:
            return False
        del self._outgoing[key]
        return True

    def retry(self, is_meant: Callable[[Outgoing], bool] = _any) -> Outgoing | None:
        """Let the oldest held or refused line that `is_meant` wait again; return it."""
        oldest = self._oldest(is_meant)
        if oldest is not None:
            self._outgoing[oldest.key] = oldest._replace(state="waiting", reason="")
            return self._outgoing[oldest.key]
        return None

    def drop(self, is_meant: Callable[[Outgoing], bool] = _any) -> Outgoing | None:
        """Forget the oldest held or refused line that `is_meant`; return it."""
        oldest = self._oldest(is_meant)
        if oldest is not None:
            del self._outgoing[oldest.key]
        return oldest

    def _oldest(self, is_meant: Callable[[Outgoing], bool]) -> Outgoing | None:
        failed = (each for each in self._outgoing.values() if each.state != "waiting")
        return next((each for each in failed if is_meant(each)), None)


def _too_late(outgoing: Outgoing, said: Send, due: float) -> Outgoing:
    """Hold what was to be said at a time that has passed; if sent after all, it is said at once."""
    at_once = msgspec.structs.replace(said, delay=0)
    reason = f"{local_time(int(due)):%H:%M} has passed"
    return outgoing._replace(command=at_once, due=None, state="held", reason=reason)
