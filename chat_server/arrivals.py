"""Who may connect: that is decided as soon as the address of a connection is known."""

import asyncio
import sys
from collections.abc import Callable

from chat_server.clock import Clock
from chat_server.protocol.events import Bye
from chat_server.settings import Settings
from chat_server.turned_away import Doorstep, SeldomLogged
from chat_server.visits import Visits

FULL = Bye("full")


class Arrivals(asyncio.Protocol):
    """What every connection talks to at first, one for all: it is let in, or turned away."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        few: int,
        counted: Callable[[str], str],
        take_in: Callable[[str, str], asyncio.BaseProtocol],
    ) -> None:
        """Let `take_in` make what a peer talks to, of its host and what that is `counted` as.

        At most a `few` of those turned away stay for a moment.
        """
        self._clock = clock
        self._doorstep = Doorstep(clock, few)
        self._counted = counted
        self._take_in = take_in
        self._visits = Visits(settings.connections_per_address, settings.new_per_minute)
        self._here = 0
        self._most = settings.connections or float("inf")
        self._log = {
            "full": self._full("CHAT_CONNECTIONS"),
            "too_many_of_address": SeldomLogged(
                clock,
                "turned away who has as many connections from one address as "
                "CHAT_CONNECTIONS_PER_ADDRESS allows",
            ),
            "too_often": SeldomLogged(
                clock, "turned away who connects more often than CHAT_NEW_PER_MINUTE allows"
            ),
        }

    def limit(self, room: int) -> None:
        """Let in no more connections than the system has room for."""
        if room < self._most:
            self._most = room
            self._log["full"] = self._full("ulimit -n")

    def _full(self, what: str) -> SeldomLogged:
        text = f"the server is full: {self._most} connections; {what} raises how many there may be"
        return SeldomLogged(self._clock, text)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        host = sys.intern(str(peer[0])) if peer else "?"  # one for all who come from there
        address = self._counted(host)
        if (why := self._why_not(address)) is None:
            protocol = self._take_in(host, address)
        else:
            self._log[why.reason].happened(host)
            protocol = self._doorstep.turn_away(why)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)

    def came(self, address: str) -> None:
        """Count a connection that was let in."""
        self._here += 1
        self._visits.began(address, self._clock.monotonic())

    def went(self, address: str) -> None:
        """Count one no more."""
        self._here -= 1
        self._visits.ended(address)

    def close(self) -> None:
        """Drop those who are being turned away; the server stops."""
        self._doorstep.close()

    def _why_not(self, address: str) -> Bye | None:
        """Say why one more connection is not let in."""
        if self._here >= self._most:
            return FULL
        return self._visits.why_not(address, self._clock.monotonic())
