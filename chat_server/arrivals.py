"""Who may connect: that is decided as soon as the address of a connection is known."""

import asyncio
from collections.abc import Callable

from chat_server.clock import Clock
from chat_server.protocol.events import Bye
from chat_server.turned_away import Doorstep, SeldomLogged

FULL = Bye("full")


class Arrivals(asyncio.Protocol):
    """What every connection talks to at first, one for all: it is let in, or turned away."""

    def __init__(
        self,
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
        self._here = 0
        self._most = float("inf")
        self._full = SeldomLogged(clock, "the server is full")

    def limit(self, room: int) -> None:
        """Let in no more connections than the system has room for."""
        self._most = room
        self._full = SeldomLogged(
            self._clock,
            f"the server is full: {room} connections; ulimit -n raises how many there may be",
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if peer else "?"
        address = self._counted(host)
        why = self._why_not()
        protocol = self._take_in(host, address) if why is None else self._doorstep.turn_away(why)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)

    def came(self) -> None:
        """Count a connection that was let in."""
        self._here += 1

    def went(self) -> None:
        """Count one no more."""
        self._here -= 1

    def close(self) -> None:
        """Drop those who are being turned away; the server stops."""
        self._doorstep.close()

    def _why_not(self) -> Bye | None:
        """Say why one more connection is not let in."""
        if self._here < self._most:
            return None
        self._full.happened()
        return FULL
