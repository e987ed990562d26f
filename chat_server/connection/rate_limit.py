"""How fast one connection may talk, in lines and in bytes, and all of one address together."""

from weakref import WeakValueDictionary

import msgspec

from chat_server.settings import Settings

ROUNDING = 1e-9
"""Waits up to this many seconds are rounding errors of adding up fractions, and count as none."""
SLICE = 4096
"""Bytes that are taken apart at once: few enough not to be felt by others."""
RENAMES_AT_ONCE = 5
"""New names that one connection may take at once: everybody has to be told of each."""
SHARE = 8
"""How many times one connection's pace all of one address have: a class behind one router."""


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


class Bucket:
    """The token buckets that the connections of one address share: when they are full again."""

    __slots__ = ("__weakref__", "bytes_full_at", "lines_full_at")

    def __init__(self) -> None:
        self.lines_full_at = self.bytes_full_at = 0.0


class Limits(msgspec.Struct, frozen=True):
    """How fast a connection may talk, and all connections of one address together."""

    lines: Pace
    bytes: Pace
    renames: Pace
    shared_lines: Pace
    shared_bytes: Pace | None
    """What all connections of one address add to the journal; None: any amount."""
    answers: Pace | None
    """The bytes of long answers; None: any number."""


def limits(settings: Settings) -> Limits:
    """Return the limits that are set.

    As many lines as may come at once may each be as long as a line may be.
    """
    rate, burst = settings.rate or 1.0, settings.burst
    at_once = max(SLICE, settings.bytes_burst, burst * settings.max_line)
    return Limits(
        lines=Pace(rate, burst),
        bytes=Pace(settings.bytes, at_once),
        renames=Pace(settings.renames_per_minute / 60, RENAMES_AT_ONCE),
        shared_lines=Pace(SHARE * rate, SHARE * burst),
        shared_bytes=_a_minute(settings.guest_bytes_per_minute),
        answers=_a_minute(settings.answer_bytes),
    )


def _a_minute(bytes_: int) -> Pace | None:
    return Pace(bytes_ / 60, bytes_) if bytes_ else None


class Meter:
    """What one connection has used of its limits.

    Each `take_…` returns how many seconds to wait before trying again; 0: it is taken.
    """

    __slots__ = (
        "_answers_full_at",
        "_bytes_full_at",
        "_limits",
        "_lines_full_at",
        "_renames_full_at",
        "_shared",
    )

    def __init__(self, limits: Limits, shared: Bucket | None, began: float = 0.0) -> None:
        """Count from when the connection `began`, so that newcomers do not come before others."""
        self._limits = limits
        self._shared = shared
        self._lines_full_at = self._bytes_full_at = began
        self._renames_full_at = self._answers_full_at = began

    @property
    def used(self) -> float:
        """Return a number that grows with how much it has talked lately."""
        return max(self._lines_full_at, self._bytes_full_at)

    def take_line(self, now: float) -> float:
        pace, shared = self._limits.lines, self._shared
        wait = pace.wait(self._lines_full_at, now)
        if shared is not None:
            wait = max(wait, self._limits.shared_lines.wait(shared.lines_full_at, now))
        if not wait:
            self._lines_full_at = pace.after_line(self._lines_full_at, now)
            if shared is not None:
                of_all = self._limits.shared_lines
                shared.lines_full_at = of_all.after_line(shared.lines_full_at, now)
        return wait

    def take_bytes(self, count: int, now: float) -> float:
        pace, of_all, shared = self._limits.bytes, self._limits.shared_bytes, self._shared
        count = min(count, pace.burst)
        wait = pace.wait(self._bytes_full_at, now, count)
        if shared is None or of_all is None:
            if not wait:
                self._bytes_full_at = pace.after_line(self._bytes_full_at, now, count)
            return wait
        wait = max(wait, of_all.wait(shared.bytes_full_at, now, count))
        if not wait:
            self._bytes_full_at = pace.after_line(self._bytes_full_at, now, count)
            shared.bytes_full_at = of_all.after_line(shared.bytes_full_at, now, count)
        return wait

    def take_question(self, answered: int, now: float) -> float:
        """Take a question, after so many bytes of answers to those before it.

        Nobody knows how long an answer will be: a question is let through as long as the answers
        before were not too long, and one answer costs no more than the burst, however long it is.
        """
        pace = self._limits.answers
        if pace is None:
            return 0.0
        count = min(answered, pace.burst)
        self._answers_full_at = pace.after_line(self._answers_full_at, now, count)
        return pace.wait(self._answers_full_at, now, 0)

    def take_rename(self, now: float) -> float:
        pace = self._limits.renames
        wait = pace.wait(self._renames_full_at, now)
        if not wait:
            self._renames_full_at = pace.after_line(self._renames_full_at, now)
        return wait


class Addresses:
    """The buckets of the addresses from which somebody is connected.

    Connections from this machine all have one address, so they share no bucket.
    """

    def __init__(self) -> None:
        self._buckets: WeakValueDictionary[str, Bucket] = WeakValueDictionary()

    def bucket(self, address: str) -> Bucket | None:
        """Return the bucket that connections of an address share; None for "": they share none."""
        if not address:
            return None
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = Bucket()
        return bucket
