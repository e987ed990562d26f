"""When what is new is to be shown: soon, but not for every line, and never before a key. Pure."""

CALM = 0.05
"""Seconds between paints."""
BUSY = 0.1
"""Seconds between paints while more than BUSY_RATE lines a second come."""
BUSY_RATE = 200
KEY_TIME = 0.015
"""Seconds that a key is given to be handled and painted."""
LONGEST_WAIT = 0.1
"""Seconds that keys can hold up a paint that is due."""


class Pace:
    """Decides at which times (seconds of some clock) to paint."""

    def __init__(self) -> None:
        self._painted_at = float("-inf")
        self._came_at: float | None = None
        self._came = 0
        self._period = CALM
        self._key_at = float("-inf")

    def came(self, lines: int, now: float) -> None:
        """Take note of lines that are to be painted."""
        self._came += lines
        if self._came_at is None:
            self._came_at = now

    def key(self, now: float) -> None:
        """Take note of a key that is about to be handled."""
        self._key_at = now

    def wait(self, now: float) -> float:
        """Return how many seconds to wait before painting; what only keys changed waits less."""
        due = self._painted_at + self._period
        if self._came_at is None:
            return max(0.0, due - now)
        due = max(due, self._came_at)
        held = min(self._key_at + KEY_TIME, due + LONGEST_WAIT)
        return max(0.0, due - now, held - now)

    def painted(self, now: float) -> None:
        """Begin a new wait: a longer one if many lines have come since the last paint."""
        since = max(now - self._painted_at, CALM)
        self._period = BUSY if self._came > BUSY_RATE * since else CALM
        self._painted_at = now
        self._came_at = None
        self._came = 0
