"""When a scheduled message is due, as people write it and read it.

`90`, `10m`, `1h30m` and `2d` are spans of time, `18:30` is the next time that a clock here
shows it.
"""

import re
import time as clock
from datetime import date, datetime, time, timedelta

from chat_server.protocol.wording import duration

FORMS = "seconds, 10m, 1h30m, 2d or 18:30"
"""What may be written, with examples."""

DAY = 24 * 3600
_SECONDS = {"d": DAY, "h": 3600, "m": 60, "s": 1}
_SPAN = re.compile(r"(?:\d+[dhms])+", re.ASCII | re.IGNORECASE)
_PART = re.compile(r"(\d+)([dhms])", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_LONGEST = 40
"""Characters of the longest span that makes sense."""
_SEARCHED = 8
"""Days in which every time of day comes at least once, whatever is done to the clocks."""


def parse_delay(written: str, now: float) -> int | None:
    """Return in how many whole seconds something is due; None if nobody could tell."""
    if len(written) > _LONGEST:
        return None
    if written.isascii() and written.isdigit():
        return int(written)
    if _SPAN.fullmatch(written):
        return _span(_PART.findall(written.lower()))
    due = time_of_day(written, now)
    return None if due is None else -int(-(due - now) // 1)


def time_of_day(written: str, now: float) -> float | None:
    """Return when, in seconds since 1970, a written time of day comes; None for other forms."""
    match = _CLOCK.fullmatch(written)
    return None if match is None else _next(int(match[1]), int(match[2]), now)


def _span(parts: list[tuple[str, str]]) -> int | None:
    units = [unit for _, unit in parts]
    if len(set(units)) < len(units):
        return None
    return sum(int(count) * _SECONDS[unit] for count, unit in parts)


def _next(hour: int, minute: int, now: float) -> float | None:
    """Find the next time that a local clock shows a time of day.

    When clocks go forward some times of day do not come, and when they go back some come twice.
    """
    today = date(*clock.localtime(now)[:3])
    for days in range(_SEARCHED):
        for fold in (0, 1):
            wanted = time(hour, minute, fold=fold)
            moment = datetime.combine(today + timedelta(days), wanted).timestamp()
            if moment > now and clock.localtime(moment)[3:5] == (hour, minute):
                return moment
    return None


def when(due: float, now: float) -> str:
    """Say when something is due: "today 18:30, in 2 h 4 min"."""
    shown = clock.localtime(due)
    return f"{_day(date(*shown[:3]), now)} {clock.strftime('%H:%M', shown)}, in {span(due - now)}"


def _day(day: date, now: float) -> str:
    days = (day - date(*clock.localtime(now)[:3])).days
    if days < 2:
        return "tomorrow" if days == 1 else "today"
    return day.strftime("%A") if days < 7 else f"{day.day} {day.strftime('%B')}"


def span(seconds: float) -> str:
    """Say a span of time: "3 seconds", "2 h 4 min", "2 days 3 h"."""
    if seconds < DAY:
        return duration(seconds)
    days, hours = int(seconds // DAY), int(seconds % DAY // 3600)
    counted = "1 day" if days == 1 else f"{days} days"
    return f"{counted} {hours} h" if hours else counted
