"""How fast one connection may talk, in lines and in bytes."""

import msgspec

ROUNDING = 1e-9
"""Seconds that are no wait, but what adding up fractions leaves."""


class Pace(msgspec.Struct, frozen=True):
    """`burst` lines (or bytes) at once and `rate` a second after that.

    It is a token bucket of which a connection remembers only when it will be full again (the
    generic cell rate algorithm).
    """

    rate: float
    burst: int

    def wait(self, full_at: float, now: float, amount: int = 1) -> float:
        """Return in how many seconds an amount may be taken up; 0: now."""
        wait = self.after_line(full_at, now, amount) - now - self.burst / self.rate
        return wait if wait > ROUNDING else 0.0

    def after_line(self, full_at: float, now: float, amount: int = 1) -> float:
        """Return when the bucket will be full again after an amount is taken up now."""
        return max(full_at, now) + amount / self.rate
