"""How fast one connection may talk."""

import pytest

from chat_server.connection.dialogue import LINE
from chat_server.connection.hearing import PIECE, Hearing
from chat_server.connection.rate_limit import SLICE, Addresses, Meter, Pace, limits
from chat_server.delivery.turns import Turns
from chat_server.doors import TEXT
from chat_server.rules.addresses import counted
from chat_server.settings import Settings


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


def test_who_has_been_silent_since_before_others_came_has_used_less_than_they() -> None:
    allowed = limits(Settings(rate=4, burst=20, max_line=256))
    here, newcomer = Meter(allowed, None, began=100), Meter(allowed, None, began=111)
    assert here.take_line(110) == 0
    assert here.used < newcomer.used


def test_telnet_commands_use_up_the_pace_faster_than_text() -> None:
    turns = Turns(lambda: 0, lambda _: None)
    text, commands = (Hearing(TEXT.reader(8192), None, turns, lambda _: None) for _ in range(2))
    text.unheard, commands.unheard = b"x" * 10_000, b"\xff\xf1" * 5000
    text.hear_slice()
    assert turns.left == -SLICE - PIECE
    commands.hear_slice()
    assert turns.left < -5 * SLICE
    assert commands.unread == 10_000 - SLICE


def test_bytes_that_come_one_by_one_use_up_a_turn_as_lines_do() -> None:
    turns = Turns(lambda: 0, lambda _: None)
    hearing = Hearing(TEXT.reader(8192), None, turns, lambda _: None)
    for _ in range(100):
        hearing.unheard += b"x"
        hearing.hear_slice()
    assert turns.left == -100 * (1 + LINE)


def test_a_slice_that_costs_more_than_the_burst_has_its_turn_all_the_same() -> None:
    allowed = limits(Settings(rate=1, burst=1, max_line=256, bytes=1024, bytes_burst=SLICE))
    meter = Meter(allowed, None)
    assert meter.take_bytes(10 * SLICE, now=0) == 0
    wait = meter.take_bytes(10 * SLICE, now=0)
    assert wait > 0
    assert meter.take_bytes(10 * SLICE, now=wait) == 0


# Lines, bytes and names of one connection, and of one address


def meters(*addresses: str) -> list[Meter]:
    allowed, all_addresses = limits(Settings(rate=4, burst=20, max_line=8192)), Addresses()
    return [Meter(allowed, all_addresses.bucket(counted(address))) for address in addresses]


def lines_at_once(meter: Meter, now: float = 1000) -> int:
    """Count the lines that are let through before one has to wait."""
    return next(count for count in range(10_000) if meter.take_line(now))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.9.9.9", "?"])
def test_on_loopback_everybody_has_a_rate_of_their_own(address: str) -> None:
    assert [lines_at_once(meter) for meter in meters(*[address] * 30)] == [20] * 30


@pytest.mark.parametrize(
    "addresses",
    [["192.0.2.7"], ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"], ["::ffff:192.0.2.7", "192.0.2.7"]],
)
def test_guests_of_one_address_share_the_rate_of_eight(addresses: list[str]) -> None:
    crowd = meters(*addresses * 30)
    assert sum(map(lines_at_once, crowd)) == 160
    assert sum(lines_at_once(meter, 1001) for meter in crowd) == 32


def test_those_of_another_address_have_another_rate() -> None:
    *crowd, alice = meters(*["192.0.2.7"] * 30, "192.0.2.8")
    assert sum(map(lines_at_once, crowd)) == 160
    assert lines_at_once(alice) == 20


def bytes_at_once(meter: Meter, now: float = 1000) -> int:
    """Count the bytes that are let through before one has to wait."""
    return SLICE * next(count for count in range(10_000) if meter.take_bytes(SLICE, now))


def test_bytes_have_a_pace_of_their_own() -> None:
    meter = Meter(limits(Settings(bytes=2 * SLICE, bytes_burst=100 * SLICE)), None)
    assert bytes_at_once(meter) == 100 * SLICE
    assert bytes_at_once(meter, 1001) == 2 * SLICE


@pytest.mark.parametrize("max_line", [1024, 8192, 32768])
def test_lines_that_may_come_at_once_may_all_be_long(max_line: int) -> None:
    meter = Meter(limits(Settings(burst=20, max_line=max_line, bytes_burst=4096)), None)
    assert bytes_at_once(meter) >= 20 * max_line


def test_those_of_one_address_say_so_many_bytes_in_a_minute() -> None:
    *crowd, alice = meters(*["192.0.2.7"] * 30, "192.0.2.8")
    assert sum(map(bytes_at_once, crowd)) == 1 << 20
    assert bytes_at_once(alice) == 256 << 10
    assert sum(bytes_at_once(meter, 1060) for meter in crowd) == 1 << 20


def test_those_of_one_address_may_say_any_number_of_bytes_where_that_is_set() -> None:
    allowed, bucket = limits(Settings(guest_bytes_per_minute=0)), Addresses().bucket("192.0.2.7")
    crowd = [Meter(allowed, bucket) for _ in range(30)]
    assert sum(map(bytes_at_once, crowd)) == 30 * 256 << 10


def test_slice_is_let_through_however_little_is_allowed() -> None:
    meter = Meter(limits(Settings(rate=0.1, burst=1, max_line=256)), None)
    assert meter.take_bytes(SLICE, now=1000) == 0


def test_names_and_lines_are_paced_apart() -> None:
    [meter] = meters("127.0.0.1")
    assert [meter.take_rename(now=1000) for _ in range(6)] == [0, 0, 0, 0, 0, pytest.approx(10)]
    assert lines_at_once(meter) == 20


def test_who_has_talked_more_has_used_more() -> None:
    quiet, loud = meters("127.0.0.1", "127.0.0.1")
    quiet.take_line(1000)
    for _ in range(10):
        loud.take_line(1000)
    assert quiet.used < loud.used


def test_question_waits_after_long_answers_and_not_before() -> None:
    meter = Meter(limits(Settings(answer_bytes=60_000)), None)
    assert meter.take_question(0, now=1000) == 0
    assert meter.take_question(50_000, now=1000) == 0
    assert meter.take_question(50_000, now=1000) == pytest.approx(40)
    assert meter.take_question(0, now=1039) == pytest.approx(1)
    assert meter.take_question(0, now=1040) == 0


def test_longest_answer_costs_no_more_than_a_minute() -> None:
    meter = Meter(limits(Settings(answer_bytes=60_000)), None)
    assert meter.take_question(10_000_000, now=1000) == 0
    assert meter.take_question(10_000_000, now=1000) == pytest.approx(60)


def test_answers_may_have_any_length_where_that_is_set() -> None:
    meter = Meter(limits(Settings(answer_bytes=0)), None)
    assert [meter.take_question(10_000_000, now=1000) for _ in range(10)] == [0] * 10
