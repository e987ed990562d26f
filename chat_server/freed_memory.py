"""Memory that a crowd has taken up goes back to the system once the crowd has gone.

What is freed stays with the process as long as anything else is left on the same heap: after
thousands have flooded the server, glibc keeps hundreds of MiB that nobody uses.
"""

import ctypes
from collections.abc import Callable

from chat_server.clock import Clock, Timer

CROWD = 1000
"""Connections of which half have to go before it is worth a look."""
WAIT_SECONDS = 10.0
"""How long until then: more may go, and what they leave is written away first."""


def trim() -> None:
    """Give back what the C library keeps, within some 40 ms for 300 MiB; only glibc can."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):
        return


class FreedMemory:
    """Watches how many connections there are, and gives memory back after there were many."""

    def __init__(self, clock: Clock, give_back: Callable[[], None] = trim) -> None:
        self._clock = clock
        self._give_back = give_back
        self._most = 0
        """How many there were at once since memory was given back."""
        self._timer: Timer | None = None

    def closed(self, left: int) -> None:
        """Take note that a connection has closed, and so many are left."""
        self._most = max(self._most, left + 1)
        if self._timer is None and self._most >= CROWD and left <= self._most // 2:
            self._timer = self._clock.call_later(WAIT_SECONDS, self._have_gone)

    def _have_gone(self) -> None:
        self._timer = None
        self._most = 0
        self._give_back()
