"""The load generator notices what is lost, doubled or out of order; and measures our server."""

import select
import socket
from collections.abc import Callable

import pytest

from benchmarks.contenders import generator
from benchmarks.contenders.servers import ours, running
from benchmarks.load.check import Common, Fault, Keeper, read_through
from benchmarks.load.closed import Speakers
from benchmarks.load.dialects import DIALECTS, MARK, Speaker

EXPECTED = {0: range(6), 1: range(6)}

Lines = list[bytes]


def lines() -> Lines:
    """What everybody is told: three lines of each of two people, and three more."""
    speakers = [Speaker(DIALECTS["raw"], sender) for sender in EXPECTED]
    stream = b"".join(speaker.say(3) for _ in range(2) for speaker in speakers)
    return stream.splitlines(keepends=True)


def test_a_speaker_goes_on_where_they_were_however_much_they_say_at_once() -> None:
    whole, piecewise = (Speaker(DIALECTS["text"], 7) for _ in range(2))
    said = whole.say(365)
    assert said == b"".join(piecewise.say(count) for count in (1, 99, 1, 0, 250, 14))
    assert MARK.findall(said) == [(b"07", b"%012d" % number) for number in range(365)]


def test_speakers_take_turns_and_know_which_lines_are_whose() -> None:
    ends = [socket.socketpair() for _ in range(3)]
    speakers = Speakers(DIALECTS["raw"], [end for end, _ in ends])
    assert [speakers.say(lines) for lines in (4, 1, 7)] == [[2, 1, 1], [0, 1, 0], [2, 2, 3]]
    for sender, (_, other_end) in enumerate(ends):
        numbers = [int(number) for _, number in MARK.findall(other_end.recv(1 << 16))]
        parts = [speakers.numbers(begin, end)[sender] for begin, end in ((0, 4), (4, 5), (5, 12))]
        assert numbers == [number for part in parts for number in part]
    for pair in ends:
        for end in pair:
            end.close()


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


def read(told: Lines, answer: bytes = b"", answers: int = 0) -> None:
    read_through(b"".join(told), EXPECTED, answer, answers)


def test_what_was_said_passes_when_it_is_read_through() -> None:
    read(lines())


@pytest.mark.parametrize("fault", FAULTS)
def test_reading_through_notices(fault: Callable[[Lines], Lines]) -> None:
    with pytest.raises(Fault):
        read(fault(lines()))


def test_reading_through_notices_an_end_that_is_cut_off() -> None:
    with pytest.raises(Fault):
        read([*lines()[:-1], lines()[-1][:-1]])
    with pytest.raises(Fault):
        read([*lines(), lines()[0][:50]])


def test_answers_to_the_sender_are_each_there_once() -> None:
    ok = b'{"type":"ok"'
    answers = [ok + b',"id":"%d"}\n' % number for number in range(6)]
    read([*answers[:3], *lines(), *answers[3:]], ok, 6)
    for told in (answers[1:], [*answers, answers[0]], [answers[1], *answers[1:]]):
        with pytest.raises(Fault):
            read([*told, *lines()], ok, 6)
    with pytest.raises(Fault):
        read([*answers, *lines()])


def test_what_one_does_not_say_oneself_is_what_one_hears_over_irc() -> None:
    others = [line for line in lines() if not line.startswith(b"m00")]
    read_through(b"".join(others), {1: range(6)})
    with pytest.raises(Fault):
        read_through(b"".join(lines()), {1: range(6)})


def pieces(told: Lines, size: int = 1 << 20) -> list[memoryview]:
    stream = memoryview(b"".join(told))
    return [stream[begin : begin + size] for begin in range(0, len(stream), size)]


def hear(common: Common, receiver: int, told: Lines, size: int = 1 << 20) -> None:
    for piece in pieces(told, size):
        common.take(receiver, piece, len(piece))


@pytest.mark.parametrize("size", [1, 50, 333, 1 << 20])
def test_missing_is_what_somebody_has_not_heard(size: int) -> None:
    common = Common([7, 8, 9])
    common.expect(len(lines()))
    hear(common, 7, lines(), size)
    hear(common, 8, lines()[:9])
    assert common.missing() == 12
    for number, line in enumerate(lines()[:10]):
        assert common.missing() == 12 - number
        hear(common, 9, [line], size)
    assert common.missing() == 3
    hear(common, 9, lines()[10:])
    hear(common, 8, [line[:-1] for line in lines()[9:10]])
    assert common.missing() == 3
    hear(common, 8, [b"\n", *lines()[10:]], size)
    assert common.missing() == 0


def test_nobody_misses_anything_where_nobody_is() -> None:
    common = Common([])
    common.expect(3)
    assert common.missing() == 0


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("size", [1, 50, 1 << 20])
def test_who_is_told_something_else_than_others_is_noticed(
    fault: Callable[[Lines], Lines], size: int
) -> None:
    common = Common([7, 8])
    hear(common, 7, lines())
    with pytest.raises(Fault):
        hear(common, 8, fault(lines()), size)


def keep(keeper: Keeper, told: Lines, size: int) -> None:
    for piece in pieces(told, size):
        keeper.room()[: len(piece)] = piece
        keeper.take(len(piece))


@pytest.mark.parametrize("size", [1, 50, 1 << 20])
def test_a_keeper_counts_messages_and_answers(size: int) -> None:
    keeper = Keeper(b'{"type":"ok"')
    keeper.expect(messages=12, answers=2)
    told = [b'{"type":"ok"}\n', *lines()[:11]]
    keep(keeper, told, size)
    assert (keeper.missing, keeper.unanswered) == (1, 1)
    keep(keeper, [*lines()[11:], told[0]], size)
    assert (keeper.missing, keeper.unanswered) == (0, 0)
    assert keeper.stream == b"".join([*told, *lines()[11:], told[0]])


def test_a_keeper_who_is_told_without_end_notices() -> None:
    keeper = Keeper(room=1000)
    with pytest.raises(Fault):
        keep(keeper, lines(), 100)


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="the load generator needs epoll")
@pytest.mark.parametrize("format_", ["text", "json"])
def test_our_server_is_measured_and_loses_nothing(format_: str) -> None:
    server = ours(format_, format_, "memory:")
    with running(server) as up:
        one, many = generator.closed(server, up, 12, [1, 4], 0.1)
        paced = generator.paced(server, up, 3, rate=50, seconds=0.1)
    assert one.rate > 0 and many.rate > 0
    assert paced.messages > 0 and 0 < paced.each_p50 <= paced.last_p99
