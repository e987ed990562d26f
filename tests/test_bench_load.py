"""The load generator notices what is lost, doubled or out of order; and measures our server."""

import select
from collections.abc import Callable

import pytest

from benchmarks import generator
from benchmarks.check import Common, Fault, Keeper, read_through
from benchmarks.dialects import DIALECTS, numbered
from benchmarks.servers import ours, running

WINDOW = 3
ROUNDS = range(2)
SENDERS = range(2)

Lines = list[bytes]


def lines() -> Lines:
    """What everybody is told: two rounds of two people who each say three lines."""
    raw = DIALECTS["raw"]
    stream = b"".join(
        numbered(raw.batch(sender, WINDOW), round_) for round_ in ROUNDS for sender in SENDERS
    )
    return stream.splitlines(keepends=True)


def lost(told: Lines) -> Lines:
    return told[:4] + told[5:]


def doubled(told: Lines) -> Lines:
    return [*told[:5], told[4], *told[5:]]


def swapped(told: Lines) -> Lines:
    return [*told[:3], told[4], told[3], *told[5:]]


def garbled(told: Lines) -> Lines:
    return [*told[:4], told[4].replace(b"lazy", b"l4zy"), *told[5:]]


def foreign(told: Lines) -> Lines:
    return [*told[:4], b"* p00001 left\n", *told[4:]]


def replaced(told: Lines) -> Lines:
    return [*told[:4], told[3], *told[5:]]


FAULTS = [lost, doubled, swapped, garbled, foreign, replaced]


def read(told: Lines, answer: bytes = b"") -> None:
    read_through(b"".join(told), SENDERS, ROUNDS, WINDOW, answer)


def test_what_was_said_passes_when_it_is_read_through() -> None:
    read(lines())


@pytest.mark.parametrize("fault", FAULTS)
def test_reading_through_notices(fault: Callable[[Lines], Lines]) -> None:
    with pytest.raises(Fault):
        read(fault(lines()))


def test_reading_through_notices_an_end_that_is_cut_off() -> None:
    with pytest.raises(Fault):
        read([*lines()[:-1], lines()[-1][:-1]])


def test_answers_to_the_sender_are_left_out_and_nothing_else() -> None:
    answers = [b'{"type":"ok"}\n'] * WINDOW
    read([*answers, *lines(), *answers], b'{"type":"ok"')
    with pytest.raises(Fault):
        read([*answers, *lines()])


def test_what_one_does_not_say_oneself_is_what_one_hears_over_irc() -> None:
    others = [line for line in lines() if not line.startswith(b"m00")]
    read_through(b"".join(others), [1], ROUNDS, WINDOW, b"")
    with pytest.raises(Fault):
        read_through(b"".join(lines()), [1], ROUNDS, WINDOW, b"")


def hear(common: Common, receiver: int, told: Lines, size: int = 1 << 20) -> list[bool]:
    """Tell somebody something in pieces of a size; say at which the round was over."""
    stream = memoryview(b"".join(told))
    chunks = [stream[begin : begin + size] for begin in range(0, len(stream), size)]
    return [common.take(receiver, chunk, len(chunk)) for chunk in chunks]


@pytest.mark.parametrize("size", [1, 50, 333, 1 << 20])
def test_a_round_is_over_for_everybody_with_its_last_byte(size: int) -> None:
    common = Common([7, 8, 9])
    common.begin(len(lines()))
    for receiver, other_size in ((7, size), (8, 97), (9, 1 << 20)):
        over = hear(common, receiver, lines(), other_size)
        assert over == [False] * (len(over) - 1) + [True]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("size", [1, 50, 1 << 20])
def test_who_is_told_something_else_than_others_is_noticed(
    fault: Callable[[Lines], Lines], size: int
) -> None:
    common = Common([7, 8])
    common.begin(len(lines()))
    assert hear(common, 7, lines())[-1]
    with pytest.raises(Fault):
        hear(common, 8, fault(lines()), size)


def test_a_keeper_waits_for_the_last_line_of_a_round() -> None:
    keeper = Keeper()
    keeper.begin(6)
    assert not keeper.take(memoryview(b"".join(lines()[:5])))
    assert keeper.take(memoryview(lines()[5]))
    assert bytes(keeper.stream) == b"".join(lines()[:6])


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="the load generator needs epoll")
@pytest.mark.parametrize("format_", ["text", "json"])
def test_our_server_is_measured_and_loses_nothing(format_: str) -> None:
    server = ours(format_, format_, "memory:")
    with running(server) as up:
        one, many = generator.closed(server, up, 12, [1, 4], 0.1)
        paced = generator.paced(server, up, 3, rate=50, seconds=0.1)
    assert one.rate > 0 and many.rate > 0
    assert paced.messages > 0 and 0 < paced.each_p50 <= paced.last_p99
