"""When scheduled messages are due: the timer for the next one, and the proposals to send them."""

from collections.abc import Callable

from chat_server.clock import Clock, Timer
from chat_server.connection.budgets import next_turn
from chat_server.rules.chat import Chat

LONGEST_TIMER = 60.0
"""Seconds after which the schedule looks again: a timer stands still while the machine sleeps."""


class Firing:
    """Proposes what is due, some at a time: `most` says how many."""

    def __init__(
        self, chat: Chat, clock: Clock, fire: Callable[[int], None], most: Callable[[], int]
    ) -> None:
        self._chat = chat
        self._clock = clock
        self._fire = fire
        self._most = most
        self._due: float | None = None
        self._timer: Timer | None = None
        self._under_way: set[int] = set()
        self._is_stopped = False

    def arm(self) -> None:
        """Set the timer for the scheduled message that is due next."""
        due = self._chat.next_due()
        if due == self._due:
            return
        self._cancel()
        self._due = due
        if due is None:
            return
        wait = min(max(0.0, due - self._clock.now()), LONGEST_TIMER)
        if wait:
            self._timer = self._clock.call_later(wait, self._propose)
        else:
            next_turn(self._propose)

    def settle(self, item: int) -> None:
        """Hear that what was proposed for an item has happened."""
        self._under_way.discard(item)

    def stop(self) -> None:
        """Propose nothing more."""
        self._is_stopped = True
        self._cancel()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _propose(self) -> None:
        if self._is_stopped:
            return
        for item in self._chat.due_by(self._clock.now(), self._most()):
            if item not in self._under_way:
                self._under_way.add(item)
                self._fire(item)
        self._due = None
        if not self._under_way:
            self.arm()
