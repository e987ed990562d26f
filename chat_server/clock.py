"""The one place that reads the time; whoever needs it is given a clock."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

_BOOT: int | None = getattr(time, "CLOCK_BOOTTIME", None)
_elapsed = time.monotonic if _BOOT is None else partial(time.clock_gettime, _BOOT)
"""Return seconds that go on evenly, also while the machine sleeps where that can be had."""


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """Time as the server knows it; tests make their own."""

    def now(self) -> float:
        """Return the chat's own time: seconds that go on evenly even if the system clock is set.

        They begin with the time of day, or where `go_on_from` says.
        """

    def wall(self) -> float:
        """Return the time of day, in seconds since 1970 (UTC); it may be set, forward and back."""

    def go_on_from(self, at: float) -> None:
        """Set the chat's own time: `now` goes on from `at`."""

    def follow(self, at: float) -> None:
        """Go by another clock, on which it is `at`: `now` goes on from there, and is `wall` too."""

    def monotonic(self) -> float:
        """Return seconds that only ever go forward."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back after that many seconds."""


class SystemClock:
    """The time of this machine; its calls come from the running loop."""

    def __init__(self) -> None:
        self._is_led = False
        self._began = self.wall() - self.monotonic()

    def now(self) -> float:
        return self._began + _elapsed()

    def wall(self) -> float:
        return self.now() if self._is_led else time.time()  # noqa: TID251 - the clock itself

    def go_on_from(self, at: float) -> None:
        self._began = at - self.monotonic()

    def follow(self, at: float) -> None:
        self.go_on_from(at)
        self._is_led = True

    def monotonic(self) -> float:
        return _elapsed()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback)
