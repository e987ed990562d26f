"""What all connections together may use in one turn of the loop, and in one second."""

import asyncio
from collections.abc import Callable

from chat_server.clock import Clock
from chat_server.delivery.send_queue import KIB
from chat_server.delivery.turns import Turns

LINES = 128 * KIB
"""Bytes of lines that are taken up in one turn: some ten milliseconds of work."""
MORE_LINES = 4 * KIB
"""Bytes of lines that are taken up in a turn while those of an earlier one wait to be journaled."""
FAN_OUT = 256 * 1024 * KIB
"""Bytes that the lines of one turn may become when they are sent to everybody who is here."""
_FEW = FAN_OUT // LINES
"""The most people with whom a turn still takes all of `LINES`."""
SENDING = 4096 * KIB
"""Bytes that all who are slow, or read long answers, are given in one turn."""
RENAMES = 20
"""New names a second; each is told to everybody who is here, however slowly they read."""


class Budgets:
    """The budgets of one server.

    `here` counts the people who are here; `is_behind` says whether lines wait to be journaled:
    they will all be told in one turn.
    """

    def __init__(
        self, clock: Clock, here: Callable[[], int], is_behind: Callable[[], bool]
    ) -> None:
        self.lines = Turns(self._more_lines, next_turn)
        self.sending = Turns(lambda: SENDING, next_turn)
        self.renames = Turns(lambda: RENAMES, self._next_second)
        self.renames.renew()
        self._here = here
        self._is_behind = is_behind
        self._clock = clock
        self._renewed_at = 0.0

    def lines_of_a_turn(self) -> int:
        """Return how many bytes of lines a turn takes: fewer where many are told of each."""
        here = self._here()
        return LINES if here <= _FEW else FAN_OUT // here

    def _more_lines(self) -> int:
        return MORE_LINES if self._is_behind() else self.lines_of_a_turn()

    def _next_second(self, callback: Callable[[], None]) -> None:
        """Call back a second after the last time, or in the next turn if that is over."""
        now = self._clock.monotonic()
        wait = max(0.0, self._renewed_at + 1.0 - now)
        self._renewed_at = now + wait
        if wait:
            self._clock.call_later(wait, callback)
        else:
            next_turn(callback)


def next_turn(callback: Callable[[], None]) -> None:
    """Call back in the next turn of the loop."""
    asyncio.get_running_loop().call_soon(callback)
