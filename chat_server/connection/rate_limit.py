"""How fast one connection may talk, in lines and in bytes, and all of one address together."""

from weakref import WeakValueDictionary

import msgspec

ROUNDING = 1e-9
"""Waits up to this many seconds are rounding errors of adding up fractions, and count as none."""
SLICE = 4096
"""Bytes that are taken apart at once: few enough not to be felt by others."""
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


RENAMES = Pace(rate=0.2, burst=5)
"""How fast one connection may rename: everybody has to be told of each new name."""


class Bucket:
    """The token bucket that the connections of one address share: when it is full again."""

    __slots__ = ("__weakref__", "full_at")

    def __init__(self) -> None:
        self.full_at = 0.0


class Limits(msgspec.Struct, frozen=True):
    """How fast a connection may talk, and all connections of one address together."""

    lines: Pace
    bytes: Pace
    renames: Pace
    shared: Pace


def limits(rate: float, burst: int, max_line: int) -> Limits:
    """Return the limits for so many lines.

    Bytes that make no lines cost as much as lines that are as long as lines may be.
    """
    of_bytes = Pace(rate * max_line, max(SLICE, burst * max_line))
    return Limits(Pace(rate, burst), of_bytes, RENAMES, Pace(SHARE * rate, SHARE * burst))


class Meter:
    """What one connection has used of its limits.

    Each `take_…` returns how many seconds to wait before trying again; 0: it is taken.
    """

    __slots__ = ("_bytes_full_at", "_limits", "_lines_full_at", "_renames_full_at", "_shared")

    def __init__(self, limits: Limits, shared: Bucket | None, began: float = 0.0) -> None:
        """Count from when the connection `began`, so that newcomers do not come before others."""
        self._limits = limits
        self._shared = shared
        self._lines_full_at = self._bytes_full_at = self._renames_full_at = began

    @property
    def used(self) -> float:
        """Return a number that grows with how much it has talked lately."""
        return max(self._lines_full_at, self._bytes_full_at)

    def take_line(self, now: float) -> float:
        pace, shared = self._limits.lines, self._shared
        wait = pace.wait(self._lines_full_at, now)
        if shared is not None:
            wait = max(wait, self._limits.shared.wait(shared.full_at, now))
        if not wait:
            self._lines_full_at = pace.after_line(self._lines_full_at, now)
            if shared is not None:
                shared.full_at = self._limits.shared.after_line(shared.full_at, now)
        return wait

    def take_bytes(self, count: int, now: float) -> float:
        pace = self._limits.bytes
        count = min(count, pace.burst)
        wait = pace.wait(self._bytes_full_at, now, count)
        if not wait:
            self._bytes_full_at = pace.after_line(self._bytes_full_at, now, count)
        return wait

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
