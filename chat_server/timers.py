"""What happens by itself: scheduled messages that are due, and sums of a crowd."""

from collections.abc import Callable

from chat_server.clock import Clock, Timer
from chat_server.connection.budgets import next_turn
from chat_server.delivery.broadcast import Broadcast
from chat_server.rules.chat import Chat

LONGEST_TIMER = 60.0
"""Seconds after which the schedule looks again: a timer stands still while the machine sleeps."""


class Alarm:
    """A call that is due once, however often it is asked for before."""

    def __init__(self, clock: Clock, callback: Callable[[], None]) -> None:
        self._clock = clock
        self._callback = callback
        self._timer: Timer | None = None

    def set(self, seconds: float) -> None:
        """Call back in so many seconds, unless a call is due already."""
        if self._timer is None:
            self._timer = self._clock.call_later(seconds, self._ring)

    def cancel(self) -> None:
        """Do not call back any more, until it is set again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._callback()


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
        self._alarm = Alarm(clock, self._propose)
        self._under_way: set[int] = set()
        self._is_stopped = False

    def arm(self) -> None:
        """Set the timer for the scheduled message that is due next."""
        due = self._chat.next_due()
        if due == self._due:
            return
        self._alarm.cancel()
        self._due = due
        if due is None:
            return
        wait = min(max(0.0, due - self._clock.now()), LONGEST_TIMER)
        if wait:
            self._alarm.set(wait)
        else:
            next_turn(self._propose)

    def settle(self, item: int) -> None:
        """Hear that what was proposed for an item has happened."""
        self._under_way.discard(item)

    def stop(self) -> None:
        """Propose nothing more."""
        self._is_stopped = True
        self._alarm.cancel()

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


class SumUps:
    """Tells a crowd how many came and went, once that is due; `write_soon` is called then."""

    def __init__(
        self,
        broadcast: Broadcast,
        clock: Clock,
        here: Callable[[], int],
        write_soon: Callable[[], None],
    ) -> None:
        self._broadcast = broadcast
        self._clock = clock
        self._here = here
        self._alarm = Alarm(clock, write_soon)

    def tell_if_due(self) -> None:
        """Add the sums to what is written next, or set the alarm for when they are due."""
        crowd = self._broadcast.crowd
        if crowd.is_empty:
            return
        now = self._clock.monotonic()
        wait = crowd.due(now)
        if wait == 0.0:
            self._broadcast.sum_up_crowd(now, self._here())
        elif wait is not None:
            self._alarm.set(wait)

    def stop(self) -> None:
        self._alarm.cancel()
