"""What all connections together may use in one turn of the loop, so that each turn is short.

However many ask at once, nobody else waits for longer than a turn: what goes beyond the budget
waits for the next one, and who has used least lately is first.
"""

import heapq
import itertools
from collections.abc import Callable


class Turns:
    """A budget that is renewed in the turn after one in which somebody had to wait for it.

    Where a turn's work has an end of its own, `renew` renews it at once.
    """

    __slots__ = ("_budget", "_is_renewal_due", "_later", "_numbers", "_waiting", "left")

    def __init__(
        self, budget: Callable[[], int], later: Callable[[Callable[[], None]], object]
    ) -> None:
        self._budget = budget
        self._later = later
        self.left = 0
        """What is left of this turn's budget; whoever uses some of it takes it off."""
        self._is_renewal_due = False
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []

    def wait(self, used: float, go_on: Callable[[], None]) -> None:
        """Call back when there is a budget again; those who have `used` least come first."""
        heapq.heappush(self._waiting, (used, next(self._numbers), go_on))
        self._renew_later()

    def renew(self) -> None:
        """Renew the budget at once, unless somebody waits: those are to be served first."""
        if not self._waiting and (budget := self._budget()) > self.left:
            self.left = budget

    def _renew_later(self) -> None:
        if not self._is_renewal_due:
            self._is_renewal_due = True
            self._later(self._renew)

    def _renew(self) -> None:
        self._is_renewal_due = False
        self.left = self._budget()
        while self._waiting and self.left > 0:
            heapq.heappop(self._waiting)[2]()
        if self._waiting:
            self._renew_later()
