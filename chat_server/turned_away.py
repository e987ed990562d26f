"""What becomes of a connection that is not let in: it is told why, and closed."""

import asyncio
import logging
from typing import cast

from chat_server.clock import Clock, Timer
from chat_server.doors import DOORS, TEXT, Door
from chat_server.protocol.events import Bye

FIRST_LINE_SECONDS = 0.3
"""How long somebody who is turned away may take to say that they are a program."""
CLOSE_SECONDS = 2.0
"""How long they may take to read why they are turned away."""
LOG_SECONDS = 60.0
"""The least time between two lines of the log about the same."""

log = logging.getLogger("chat_server")


class SeldomLogged:
    """A fault that comes again and again, as one line of the log a minute, with a count."""

    def __init__(self, clock: Clock, text: str) -> None:
        self._clock = clock
        self._text = text
        self._times = 0
        self._due = float("-inf")

    def happened(self, to: str = "") -> None:
        """Note it; the log names whom it happened `to` last."""
        self._times += 1
        now = self._clock.monotonic()
        if now >= self._due:
            whom = f"; last, {to}" if to else ""
            log.warning("%s%s (times: %d)", self._text, whom, self._times)
            self._times, self._due = 0, now + LOG_SECONDS


class Doorstep:
    """Those who are turned away at this moment: a few, who are told, and have time to read it."""

    def __init__(self, clock: Clock, few: int) -> None:
        """Let at most a `few` stay for a moment."""
        self.clock = clock
        self._few = few
        self._leaving: dict[TurnedAway, None] = {}

    def turn_away(self, why: Bye) -> asyncio.BaseProtocol:
        """Make what tells one connection why it is not let in."""
        return TurnedAway(self, why)

    def close(self) -> None:
        """Drop those who have not gone yet; the server stops."""
        for one in list(self._leaving):
            one.drop()

    def came(self, one: "TurnedAway") -> None:
        self._leaving[one] = None
        if len(self._leaving) > self._few:
            next(iter(self._leaving)).end()

    def went(self, one: "TurnedAway") -> None:
        self._leaving.pop(one, None)


class TurnedAway(asyncio.Protocol):
    """One connection that is not let in."""

    def __init__(self, doorstep: Doorstep, why: Bye) -> None:
        self._doorstep = doorstep
        self._why = why
        self._transport: asyncio.Transport | None = None
        self._timers: list[Timer] = []
        self._is_told = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, but do not descend from them.
        self._transport = cast("asyncio.Transport", transport)
        call_later = self._doorstep.clock.call_later
        self._timers = [
            call_later(FIRST_LINE_SECONDS, lambda: self._tell(TEXT)),
            call_later(CLOSE_SECONDS, self.end),
        ]
        self._doorstep.came(self)

    def data_received(self, data: bytes) -> None:
        """Say why in the format that is asked for; nothing else is answered."""
        self._tell(door_of(data))

    def eof_received(self) -> bool:
        self._tell(TEXT)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers:
            timer.cancel()
        self._doorstep.went(self)

    def end(self) -> None:
        """Close at once, in favour of the next one."""
        self._tell(TEXT)
        self._doorstep.went(self)
        if self._transport is not None:
            self._transport.close()

    def drop(self) -> None:
        """Close without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _tell(self, door: Door) -> None:
        if self._is_told or self._transport is None:
            return
        self._is_told = True
        self._transport.write(door.line(self._why, self._doorstep.clock.now()))
        try:
            self._transport.write_eof()
        except OSError:  # of asyncio's: the other end is gone
            self._transport.abort()


def door_of(said: bytes) -> Door:
    """Return the door that the first words ask for; TEXT where they ask for none."""
    [first, *_] = said.replace(b"\0", b"").lstrip().splitlines() or [b""]
    asked = first.decode("utf-8-sig", "replace").lower().removeprefix("/").split()
    return next((door for name, door in DOORS.items() if asked == ["format", name]), TEXT)
