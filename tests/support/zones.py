"""Local time that tests can rely on: that of Central Europe, whose clocks change twice a year."""

import calendar
import contextlib
import os
import time
from collections.abc import Iterator

CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"


@contextlib.contextmanager
def zone(name: str = CENTRAL_EUROPE) -> Iterator[None]:
    """Let local time be that of a zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def at(year: int, month: int, day: int, hour: int, minute: int = 0, *, east: int = 1) -> float:
    """Return the time when clocks `east` hours east of Greenwich show this."""
    return calendar.timegm((year, month, day, hour, minute, 0)) - east * 3600.0
