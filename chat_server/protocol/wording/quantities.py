"""Numbers, spans and times as people say them."""

from datetime import datetime, timezone
from functools import lru_cache


def counted(count: int, what: str) -> str:
    """Say how many there are of something: "1 message", "2 messages"."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def people_are(count: int) -> str:
    return "1 person is" if count == 1 else f"{count} people are"


def duration(seconds: float) -> str:
    """Say a time span as people do, rounded up: "3 seconds", "9 min 30 s", "2 h 5 min"."""
    whole = max(1, int(-(-seconds // 1)))
    if whole < 60:
        return counted(whole, "second")
    larger, unit, smaller, lesser = (
        (whole // 60, "min", whole % 60, "s")
        if whole < 3600
        else (whole // 3600, "h", whole % 3600 // 60, "min")
    )
    return f"{larger} {unit} {smaller} {lesser}" if smaller else f"{larger} {unit}"


def size(bytes_: float) -> str:
    """Say how large something is: "4 GiB", "1.5 MiB", "300 bytes"."""
    for unit, of in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if bytes_ >= of:
            return f"{bytes_ / of:.1f}".removesuffix(".0") + f" {unit}"
    return counted(int(bytes_), "byte")


@lru_cache(maxsize=256)
def clock_time(at: float, now: float) -> str:
    """Write a time of day as 14:03:07, and its date where it is not the day of `now`.

    All that is journaled together has the same time, and all that is told together the same now.
    """
    return _clock_time(int(at), int(now))


@lru_cache(maxsize=256)
def _clock_time(second: int, now: int) -> str:
    local, today = local_time(second), local_time(now)
    return local.strftime("%H:%M:%S" if local.date() == today.date() else "%Y-%m-%d %H:%M:%S")


def local_time(second: int) -> datetime:
    """Return a time (seconds since 1970) as it is in the time zone of this machine."""
    return datetime.fromtimestamp(second, tz=timezone.utc).astimezone()
