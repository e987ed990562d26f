"""How fast one connection may talk."""

from chat_server.hearing import Hearing
from chat_server.pacing import SLICE, Meter, Pace, limits


class Talker:
    """Somebody who takes up lines as fast as the pace allows; returns what each has to wait."""

    def __init__(self, rate: float, burst: int) -> None:
        self._pace = Pace(rate, burst)
        self._full_at = 0.0

    def takes(self, count: int, now: float) -> list[float]:
        return [self._take(now) for _ in range(count)]

    def _take(self, now: float) -> float:
        wait = self._pace.wait(self._full_at, now)
        if not wait:
            self._full_at = self._pace.after_line(self._full_at, now)
        return wait


def test_burst_is_let_through_at_once() -> None:
    assert Talker(rate=4, burst=3).takes(3, now=0) == [0, 0, 0]


def test_burst_is_let_through_at_once_where_fractions_do_not_add_up() -> None:
    assert Talker(rate=3, burst=10).takes(10, now=98765.4321) == [0] * 10


def test_one_more_has_to_wait_for_the_rate() -> None:
    talker = Talker(rate=4, burst=3)
    assert talker.takes(4, now=0) == [0, 0, 0, 0.25]
    assert talker.takes(1, now=0.125) == [0.125]


def test_waiting_as_long_as_told_is_enough() -> None:
    talker = Talker(rate=4, burst=1)
    _, wait = talker.takes(2, now=0)
    assert talker.takes(1, now=wait) == [0]


def test_a_line_that_has_to_wait_costs_nothing() -> None:
    talker = Talker(rate=4, burst=1)
    talker.takes(100, now=0)
    assert talker.takes(1, now=0.25) == [0]


def test_silence_is_not_saved_beyond_the_burst() -> None:
    assert Talker(rate=4, burst=2).takes(3, now=1000) == [0, 0, 0.25]


def test_telnet_commands_use_up_the_pace_faster_than_text() -> None:
    text, commands = Hearing(8192), Hearing(8192)
    text.add(b"x" * 10_000)
    commands.add(b"\xff\xf1" * 5000)
    assert text.next_size == SLICE
    assert commands.next_size > 4 * SLICE
    commands.hear_slice()
    assert commands.unread == 10_000 - SLICE


def test_a_slice_that_costs_more_than_the_burst_has_its_turn_all_the_same() -> None:
    meter = Meter(limits(rate=1, burst=1, max_line=256), None)
    assert meter.take_bytes(10 * SLICE, now=0) == 0
    wait = meter.take_bytes(10 * SLICE, now=0)
    assert wait > 0
    assert meter.take_bytes(10 * SLICE, now=wait) == 0
