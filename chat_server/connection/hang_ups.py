"""Notices connections that break while reading from them is paused: the loop does not."""

import asyncio
import select
from typing import Protocol

from chat_server.clock import Clock, Timer

ASK_SECONDS = 1.0
"""How often connections that are not being read are asked whether they still exist."""


class Connection(Protocol):
    """One that is not being read."""

    def abort(self) -> None:
        """Drop it."""

    def fail(self, fault: Exception) -> None:
        """Be told what asking raised."""


class HangUps:
    """Asks the sockets of connections that are not being read, and drops those that are gone.

    One that has only closed its own direction is still there, and is heard out.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._unread: dict[Connection, asyncio.BaseTransport] = {}
        self._timer: Timer | None = None

    def watch(self, connection: Connection, transport: asyncio.BaseTransport) -> None:
        self._unread[connection] = transport
        if self._timer is None:
            self._ask_later()

    def forget(self, connection: Connection) -> None:
        """Stop asking a connection, because it is being read again or is gone."""
        self._unread.pop(connection, None)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _ask_later(self) -> None:
        self._timer = self._clock.call_later(ASK_SECONDS, self._ask)

    def _ask(self) -> None:
        self._timer = None
        for connection, transport in list(self._unread.items()):
            try:
                if _is_gone(transport):
                    connection.abort()
            except Exception as fault:  # noqa: PERF203 - each connection fails alone
                connection.fail(fault)
        if self._unread:
            self._ask_later()


def _is_gone(transport: asyncio.BaseTransport) -> bool:
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), 0)
    return bool(poll.poll(0))
