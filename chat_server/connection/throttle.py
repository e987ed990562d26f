"""When one connection may go on talking, by what its meter says."""

from typing import Protocol

from chat_server.clock import Clock, Timer
from chat_server.connection.rate_limit import Meter


class Owner(Protocol):
    """Whose pace it is."""

    def proceed(self) -> None:
        """Be told that what had to wait may go on."""


class Throttle:
    """Lets what one connection says through at its pace, and lets it proceed after a wait."""

    __slots__ = ("_clock", "_meter", "_owner", "_timer")

    def __init__(self, meter: Meter, owner: Owner, clock: Clock) -> None:
        self._meter = meter
        self._owner = owner
        self._clock = clock
        self._timer: Timer | None = None

    @property
    def is_waiting(self) -> bool:
        """Say whether something has to wait."""
        return self._timer is not None

    @property
    def used(self) -> float:
        """Return a number that grows with how much was said lately."""
        return self._meter.used

    def lets_line_through(self) -> bool:
        return self._lets_through(self._meter.take_line(self._clock.monotonic()))

    def lets_question_through(self, answered: int) -> bool:
        """Say whether a question is answered, after so many bytes of answers that did not count."""
        return self._lets_through(self._meter.take_question(answered, self._clock.monotonic()))

    def lets_name_through(self) -> bool:
        return self._lets_through(self._meter.take_rename(self._clock.monotonic()))

    def lets_bytes_through(self, count: int) -> bool:
        """Say whether some bytes may be taken apart; not while anything before them waits."""
        if self._timer is not None:
            return False
        return self._lets_through(self._meter.take_bytes(count, self._clock.monotonic()))

    def _lets_through(self, wait: float) -> bool:
        if wait:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._clock.call_later(wait, self._go_on)
        return not wait

    def _go_on(self) -> None:
        self._timer = None
        self._owner.proceed()
