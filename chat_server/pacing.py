"""How fast one connection may talk."""

ROUNDING = 1e-9
"""Seconds that are no wait, but what adding up fractions leaves."""


class TokenBucket:
    """Let through `burst` lines at once and `rate` a second after that.

    All that it remembers is when it will be full again (the generic cell rate algorithm).
    """

    __slots__ = ("_burst", "_full_at", "_rate")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._full_at = now

    def take(self, now: float) -> float:
        """Take one token and return 0, or return in how many seconds there will be one."""
        full_at = max(self._full_at, now) + 1.0 / self._rate
        wait = full_at - now - self._burst / self._rate
        if wait > ROUNDING:
            return wait
        self._full_at = full_at
        return 0.0
