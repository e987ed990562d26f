"""What one connection is told, where the other end is slow."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from chat_server.delivery.send_queue import MOST, OUTBOX, PATIENCE, PIECE, SendQueue
from chat_server.delivery.turns import Turns
from tests.support.clock import FakeClock

LINE = b"x" * 10_000 + b"\r\n"


class Pipe(asyncio.Transport):
    """A transport that takes bytes only as far as a test lets it, as one to a slow reader does."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: SendQueue | None = None
        self.room = 0
        self.given: list[bytes] = []
        self.held = 0
        self.is_gone = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.given.append(bytes(data))
        self.held += len(data)
        self.lets_through(0)
        if self.held and self.queue is not None:
            self.queue.pause()

    def lets_through(self, count: int) -> None:
        """Let the other end read so many bytes."""
        self.room += count
        taken = min(self.room, self.held)
        was_held, self.held, self.room = self.held, self.held - taken, self.room - taken
        if was_held and not self.held and self.queue is not None and count:
            self.queue.resume()

    def get_write_buffer_size(self) -> int:
        return self.held

    def is_closing(self) -> bool:
        return self.is_gone


class Owner:
    """Whose queue it is."""

    def __init__(self) -> None:
        self.waited: list[int] = []
        self.sent = 0

    def fell_behind(self, waiting: int) -> None:
        self.waited.append(waiting)

    def sent_all(self) -> None:
        self.sent += 1

    def fail(self, fault: Exception) -> None:
        raise fault


class Line:
    """A queue, its ends, and turns that come when a test lets them."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.pipe, self.owner = Pipe(), Owner()
        self.due: list[Callable[[], None]] = []
        turns = Turns(lambda: 4 * PIECE, self.due.append)
        self.queue = self.pipe.queue = SendQueue(self.pipe, self.owner, turns, clock)

    def turn(self) -> None:
        due = self.due[:]
        self.due.clear()
        for callback in due:
            callback()

    def all_read(self) -> bytes:
        """Let the other end read everything, and return all that it was ever given."""
        while self.due or self.pipe.held:
            self.pipe.lets_through(self.pipe.held)
            self.turn()
        return b"".join(self.pipe.given)


@pytest.fixture
def line(clock: FakeClock) -> Line:
    return Line(clock)


def test_who_reads_at_once_is_given_everything_at_once(line: Line) -> None:
    line.pipe.room = 10**9
    line.queue.write(LINE)
    line.queue.write(LINE)
    assert line.pipe.given == [LINE, LINE]
    assert not line.queue.is_busy


def test_what_waits_keeps_its_order(line: Line) -> None:
    parts = [f"{number} ".encode() + LINE for number in range(20)]
    for part in parts:
        line.queue.write(part)
    line.queue.add(iter([b"page 1\n", b"page 2\n"]))
    line.queue.write(b"after\n")
    assert line.all_read() == b"".join(parts) + b"page 1\npage 2\nafter\n"
    assert line.queue.is_empty
    assert not line.queue.is_busy


def test_slow_reader_is_given_one_piece_a_time(line: Line) -> None:
    for _ in range(20):
        line.queue.write(LINE)
    line.all_read()
    assert max(map(len, line.pipe.given)) <= PIECE


def test_large_flush_is_given_to_nobody_at_once(line: Line) -> None:
    line.pipe.room = 10**9
    line.queue.write(b"y" * (OUTBOX + 1))
    assert sum(map(len, line.pipe.given)) <= PIECE
    assert line.all_read() == b"y" * (OUTBOX + 1)


def pages(made: list[int]) -> Iterator[bytes]:
    for number in range(1000):
        made.append(number)
        yield LINE


def test_long_answer_is_made_only_as_it_is_read(line: Line) -> None:
    made: list[int] = []
    line.queue.add(pages(made))
    for _ in range(100):
        line.turn()
    assert len(made) * len(LINE) <= 2 * PIECE
    assert line.queue.holds_much
    line.pipe.lets_through(PIECE + len(LINE))
    assert len(made) * len(LINE) <= 4 * PIECE
    assert line.all_read() == LINE * 1000
    assert not line.queue.holds_much


def test_long_answer_is_not_made_on_for_who_is_gone(line: Line) -> None:
    made: list[int] = []
    line.pipe.room = 10**9
    line.queue.add(pages(made))
    before = len(made)
    line.pipe.is_gone = True
    for _ in range(100):
        line.turn()
    assert len(made) == before
    assert line.queue.is_empty
    assert not line.due


def test_all_long_answers_together_are_given_a_bounded_amount_a_turn(clock: FakeClock) -> None:
    line = Line(clock)
    turns = Turns(lambda: 4 * PIECE, line.due.append)
    pipes = []
    for _ in range(100):
        pipe = Pipe()
        pipe.room = 10**9
        pipe.queue = SendQueue(pipe, Owner(), turns, clock)
        pipe.queue.add(pages([]))
        pipes.append(pipe)

    def given() -> list[int]:
        return [sum(map(len, pipe.given)) for pipe in pipes]

    for _ in range(10):
        before = sum(given())
        line.turn()
        assert sum(given()) - before <= 6 * PIECE
    assert max(given()) <= 2 * PIECE, "those who wait come before those who had a piece"


def test_burst_larger_than_the_outbox_cuts_nobody_off_who_reads(
    line: Line, clock: FakeClock
) -> None:
    """More waits for a while than may wait for long, and some of it is read all the time."""
    for _ in range(300):
        line.queue.write(LINE)
        line.pipe.lets_through(len(LINE) // 4)
        line.turn()
        clock.advance(0.1)
    assert line.owner.waited == []
    assert line.queue.waiting > OUTBOX


def test_who_waits_for_a_turn_is_not_to_blame(line: Line, clock: FakeClock) -> None:
    line.pipe.room = 10**9
    for _ in range(40):
        line.queue.add(LINE)
        clock.advance(PATIENCE)
    assert line.queue.waiting > OUTBOX - PIECE
    assert line.owner.waited == []


def test_what_a_flush_adds_does_not_count_against_who_has_read_all_before(line: Line) -> None:
    line.queue.write(b"z" * 2 * OUTBOX)
    assert line.owner.waited == []


def test_who_reads_nothing_for_a_while_has_fallen_behind(line: Line, clock: FakeClock) -> None:
    while line.queue.waiting <= OUTBOX:
        line.queue.write(LINE)
    clock.advance(PATIENCE - 0.01)
    line.queue.write(LINE)
    assert line.owner.waited == []
    clock.advance(0.01)
    line.queue.write(LINE)
    [waited] = line.owner.waited
    assert OUTBOX < waited < OUTBOX + 3 * len(LINE)


def test_who_reads_nothing_of_little_is_not_cut_off(line: Line, clock: FakeClock) -> None:
    line.queue.write(LINE)
    clock.advance(3600)
    line.queue.write(LINE)
    assert line.owner.waited == []


def test_nobody_may_let_more_wait_than_there_is_room_for(line: Line, clock: FakeClock) -> None:
    while not line.owner.waited:
        line.queue.write(LINE)
        line.pipe.lets_through(1)
        clock.advance(0.001)
    assert MOST < line.owner.waited[0] < MOST + 2 * len(LINE)


def test_long_answer_does_not_count_as_what_waits(line: Line, clock: FakeClock) -> None:
    line.queue.add(pages([]))
    for _ in range(10):
        line.queue.write(LINE)
        clock.advance(PATIENCE)
    assert line.owner.waited == []


def test_owner_is_told_when_all_is_sent(line: Line) -> None:
    line.queue.add(iter([b"page\n"]))
    assert line.owner.sent == 0
    line.all_read()
    assert line.owner.sent == 1
