"""When a message is due, as people write it, and as they read it."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.typing.delays import parse_delay, span, when
from tests.support.zones import at, zone

TUESDAY = at(2026, 11, 24, 16, 26)
MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.fixture(autouse=True)
def central_europe() -> Iterator[None]:
    with zone():
        yield


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("0090", 90),
        ("45s", 45),
        ("10m", 10 * MINUTE),
        ("90m", 90 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("1H30M", 90 * MINUTE),
        ("30m1h", 90 * MINUTE),
        ("2d", 2 * DAY),
        ("1d2h3m4s", DAY + 2 * HOUR + 3 * MINUTE + 4),
        ("18:30", 2 * HOUR + 4 * MINUTE),
        ("16:27", MINUTE),
        ("16:26", DAY),
        ("16:25", DAY - MINUTE),
        ("00:00", 7 * HOUR + 34 * MINUTE),
        ("9:05", 16 * HOUR + 39 * MINUTE),
    ],
)
def test_spans_and_times_of_day_become_whole_seconds(written: str, seconds: int) -> None:
    assert parse_delay(written, TUESDAY) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "-1", "+5", "1.5h", "10 m", "10x", "m10", "10m10m", "1h30", "24:00",
        "18:60", "18:3", "18:", ":30", "118:30", "18:30:15", "7pm", "١٠", "10m ", "9" * 41,
    ],
)  # fmt: skip
def test_what_nobody_could_tell_is_no_time(written: str) -> None:
    assert parse_delay(written, TUESDAY) is None


def test_a_time_of_day_is_never_too_early_by_the_parts_of_a_second() -> None:
    assert parse_delay("18:30", TUESDAY + 0.4) == 2 * HOUR + 4 * MINUTE
    assert parse_delay("16:26", TUESDAY - 0.4) == 1


def test_a_time_of_day_counts_the_hour_that_clocks_skip() -> None:
    evening = at(2026, 3, 28, 20)
    assert parse_delay("08:00", evening) == 11 * HOUR


def test_a_time_of_day_counts_the_hour_that_clocks_repeat() -> None:
    evening = at(2026, 10, 24, 20, east=2)
    assert parse_delay("08:00", evening) == 13 * HOUR


def test_a_time_that_does_not_come_because_clocks_skip_it_is_that_of_the_next_day() -> None:
    evening = at(2026, 3, 28, 20)
    assert parse_delay("02:30", evening) == at(2026, 3, 30, 2, 30, east=2) - evening


def test_a_time_that_comes_twice_comes_the_second_time_too() -> None:
    between = at(2026, 10, 25, 2, 45, east=2)
    assert parse_delay("02:30", between) == 45 * MINUTE
    assert parse_delay("02:30", between - HOUR) == 45 * MINUTE


def test_a_zone_without_summer_time_is_as_good() -> None:
    with zone("UTC0"):
        assert parse_delay("18:30", at(2026, 3, 28, 18, east=0)) == 30 * MINUTE


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (2 * HOUR + 4 * MINUTE, "today 18:30, in 2 h 4 min"),
        (45, "today 16:26, in 45 seconds"),
        (8 * HOUR, "tomorrow 00:26, in 8 h"),
        (2 * DAY, "Thursday 16:26, in 2 days"),
        (6 * DAY + 3 * HOUR, "Monday 19:26, in 6 days 3 h"),
        (7 * DAY, "1 December 16:26, in 7 days"),
        (30 * DAY, "24 December 16:26, in 30 days"),
    ],
)
def test_when_something_is_due_is_said_as_people_do(seconds: int, said: str) -> None:
    assert when(TUESDAY + seconds, TUESDAY) == said


def test_what_is_due_after_the_clocks_change_is_told_in_the_new_time() -> None:
    evening = at(2026, 3, 28, 20)
    assert when(evening + 11 * HOUR, evening) == "tomorrow 08:00, in 11 h"


@given(st.text())
def test_reading_a_time_never_fails(written: str) -> None:
    seconds = parse_delay(written, TUESDAY)
    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**15))
def test_a_span_can_always_be_said(seconds: int) -> None:
    assert span(seconds)
