"""Local time that tests can rely on: that of Central Europe, whose clocks change twice a year."""

import calendar
import contextlib
import os
import time
from collections.abc import Iterator

from chat_server.protocol import text
from chat_server.protocol.wording import quantities

CENTRAL_EUROPE = "CET-1CEST,M3.5.0,M10.5.0/3"


@contextlib.contextmanager
def zone(name: str = CENTRAL_EUROPE) -> Iterator[None]:
    """Let local time be that of a zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    _begin_anew()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        _begin_anew()


def _begin_anew() -> None:
    """Take up the zone; times that are remembered as they were written are of another one."""
    time.tzset()
    for module in (quantities, text):
        for remembered in vars(module).values():
            if hasattr(remembered, "cache_clear"):
                remembered.cache_clear()


def at(year: int, month: int, day: int, hour: int, minute: int = 0, *, east: int = 1) -> float:
    """Return the time when clocks `east` hours east of Greenwich show this."""
    return calendar.timegm((year, month, day, hour, minute, 0)) - east * 3600.0
