"""Time that passes only when a test lets it."""

import heapq
from collections.abc import Callable

DAWN = 1_700_000_000.0
"""The time of day when a test begins, in seconds since 1970."""


class FakeTimer:
    """A call that is due at a made-up time."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class FakeClock:
    """A clock of the server's kind; `advance` makes the calls that become due."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self._began = DAWN
        self._set_by = 0.0
        self._timers: list[tuple[float, int, FakeTimer]] = []
        self._made = 0
        self.takes = 0.0
        """Seconds that pass with each look at `monotonic`, as where a disk is slow."""

    def now(self) -> float:
        return self._began + self._elapsed

    def wall(self) -> float:
        return DAWN + self._elapsed + self._set_by

    def go_on_from(self, at: float) -> None:
        self._began = at - self._elapsed

    def follow(self, at: float) -> None:
        self.go_on_from(at)
        self._set_by = at - DAWN - self._elapsed

    def monotonic(self) -> float:
        self._elapsed += self.takes
        return self._elapsed

    def call_later(self, seconds: float, callback: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(callback)
        self._made += 1
        heapq.heappush(self._timers, (self._elapsed + seconds, self._made, timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let seconds pass, and make the calls that are due by then, each at its time."""
        end = self._elapsed + seconds
        while self._timers and self._timers[0][0] <= end:
            due, _, timer = heapq.heappop(self._timers)
            self._elapsed = max(self._elapsed, due)
            if timer.callback is not None:
                timer.callback()
        self._elapsed = end

    def set_by(self, seconds: float) -> None:
        """Set the time of day, as an administrator does; no time passes."""
        self._set_by += seconds
