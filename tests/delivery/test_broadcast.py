"""What everybody is told in one turn: in order, once, in the format each has chosen."""

import pytest

from chat_server.delivery.broadcast import Flush, Receiver
from chat_server.doors import render
from chat_server.protocol.events import (
    Bye,
    Crowd,
    Event,
    Format,
    Joined,
    Left,
    Message,
    Ok,
    Renamed,
    Users,
    Welcome,
)
from chat_server.protocol.json_lines import parse_event

NOW = 1_600_000_000.0
FEW = 2
MANY = 51
WELCOME = Welcome("me", "chat-server", "1", "c", NOW, ["me"], [], [], "0")
BYE = Bye(reason="Goodbye.")


class Listener(Receiver):
    """A receiver that keeps what is written to it."""

    def __init__(self, format_: Format = "json") -> None:
        super().__init__()
        self.format = format_
        self.writes: list[bytes] = []
        self.faults: list[Exception] = []

    def write(self, lines: bytes) -> None:
        self.writes.append(lines)

    def fail(self, fault: Exception) -> None:
        self.faults.append(fault)

    def read(self) -> list[Event]:
        """Return the events of the one write of this turn."""
        [lines] = self.writes
        self.writes = []
        return [parse_event(line) for line in lines.splitlines()]


def said(text: str) -> Message:
    return Message("1", NOW, "alice", None, text)


def listener(flush: Flush, format_: Format = "json") -> Listener:
    """Make somebody who was welcomed in an earlier turn."""
    made = Listener(format_)
    flush.tell(made, WELCOME)
    flush.write([made], NOW)
    made.writes = []
    return made


@pytest.fixture
def flush() -> Flush:
    return Flush()


def test_everyone_who_listens_is_told_once_in_one_write(flush: Flush) -> None:
    alice, bob = listener(flush), listener(flush)
    for text in ("one", "two"):
        flush.tell_everyone(said(text))
    flush.write([alice, bob], NOW)
    assert alice.read() == bob.read() == [said("one"), said("two")]
    flush.write([alice, bob], NOW)
    assert alice.writes == bob.writes == []


def test_next_turn_tells_only_what_is_new(flush: Flush) -> None:
    alice = listener(flush)
    for text in ("one", "two"):
        flush.tell_everyone(said(text))
        flush.write([alice], NOW)
        assert alice.read() == [said(text)]


def test_flush_is_empty_until_something_is_told(flush: Flush) -> None:
    alice = listener(flush)
    flush.tell(alice, Ok())
    told = [flush.is_empty]
    flush.write([alice], NOW)
    told.append(flush.is_empty)
    flush.tell_everyone(said("hi"))
    assert [*told, flush.is_empty] == [False, True, False]


def test_who_enters_in_mid_turn_hears_only_what_follows(flush: Flush) -> None:
    newcomer = Listener()
    flush.tell_everyone(said("before"))
    flush.tell_move(Joined(["me"], NOW), FEW)
    flush.tell(newcomer, WELCOME)
    flush.tell_everyone(said("after"))
    flush.write([newcomer], NOW)
    assert newcomer.read() == [WELCOME, said("after")]


def test_who_has_not_entered_hears_only_own_answers(flush: Flush) -> None:
    stranger = Listener()
    flush.tell_everyone(said("one"))
    flush.tell(stranger, Ok())
    flush.tell_everyone(said("two"))
    flush.write([stranger], NOW)
    assert stranger.read() == [Ok()]


def test_nobody_hears_anything_after_their_goodbye(flush: Flush) -> None:
    leaver = listener(flush)
    flush.tell_everyone(said("before"))
    flush.tell(leaver, BYE)
    flush.tell_everyone(said("after"))
    flush.write([leaver], NOW)
    assert leaver.read() == [said("before"), BYE]
    flush.tell_everyone(said("much later"))
    flush.write([leaver], NOW)
    assert leaver.writes == []


def test_own_events_stand_where_they_happened(flush: Flush) -> None:
    alice, bob = listener(flush), listener(flush)
    flush.tell(alice, Ok(id="0"))
    flush.tell_everyone(said("one"))
    flush.tell(alice, Ok(id="1"))
    flush.tell(alice, Users(names=["me"]))
    flush.tell_everyone(said("two"))
    flush.tell(alice, Ok(id="2"))
    flush.write([alice, bob], NOW)
    assert alice.read() == [
        Ok(id="0"),
        said("one"),
        Ok(id="1"),
        Users(names=["me"]),
        said("two"),
        Ok(id="2"),
    ]
    assert bob.read() == [said("one"), said("two")]


def test_format_switched_in_mid_turn_holds_from_its_answer_on(flush: Flush) -> None:
    alice = listener(flush, "text")
    flush.tell_everyone(said("one"))
    flush.tell(alice, Ok(text="Reported bob"))
    alice.format = "json"
    flush.tell(alice, Ok())
    flush.tell_everyone(said("two"))
    flush.write([alice], NOW)
    assert alice.writes == [
        render([said("one"), Ok(text="Reported bob")], "text", NOW)
        + render([Ok(), said("two")], "json", NOW)
    ]


def test_those_who_are_told_the_same_get_the_same_bytes(flush: Flush) -> None:
    texts = [listener(flush, "text") for _ in range(3)]
    programs = [listener(flush) for _ in range(3)]
    flush.tell_everyone(said("hi"))
    flush.write([*texts, *programs], NOW)
    for alike in (texts, programs):
        first = alike[0].writes[0]
        assert all(each.writes[0] is first for each in alike)
    assert texts[0].writes != programs[0].writes


def test_turn_without_lines_for_readers_writes_them_nothing(flush: Flush) -> None:
    reader, program = listener(flush, "text"), listener(flush)
    flush.tell_move(Joined(["bob"], NOW), MANY)
    flush.write([reader, program], NOW)
    assert reader.writes == []
    assert program.read() == [Joined(["bob"], NOW)]


@pytest.mark.parametrize(("here", "lines"), [(50, [b"* bob joined\r\n"]), (51, [])])
def test_readers_are_spared_comings_and_goings_beyond_fifty(
    flush: Flush, here: int, lines: list[bytes]
) -> None:
    reader = listener(flush, "text")
    flush.tell_move(Joined(["bob"], NOW), here)
    flush.write([reader], NOW)
    assert reader.writes == lines


def test_crowd_is_summed_up_for_readers_only(flush: Flush) -> None:
    reader, program = listener(flush, "text"), listener(flush)
    moves: list[Event] = [
        Joined(["a", "b"], NOW),
        Left(["c"], NOW),
        Renamed("a", "d", NOW),
        Joined(["e"], NOW),
    ]
    for event in moves:
        flush.tell_move(event, MANY)
    flush.sum_up_crowd(now=10.0, here=52)
    flush.write([reader, program], NOW)
    assert reader.writes == [render([Crowd(3, 1, 1, 52)], "text", NOW)]
    assert program.read() == moves


def test_crowd_is_summed_up_at_most_once_a_second(flush: Flush) -> None:
    assert flush.crowd_due(100.0) is None
    flush.tell_move(Joined(["a"], NOW), MANY)
    assert flush.crowd_due(100.0) == 0
    flush.sum_up_crowd(now=100.0, here=MANY)
    assert flush.crowd_due(100.0) is None
    flush.tell_move(Left(["a"], NOW), MANY)
    assert flush.crowd_due(100.25) == 0.75
    assert flush.crowd_due(101.0) == 0


def test_sum_starts_again_from_nothing(flush: Flush) -> None:
    reader = listener(flush, "text")
    for now in (10.0, 20.0):
        flush.tell_move(Joined(["a"], NOW), MANY)
        flush.sum_up_crowd(now, MANY)
        flush.write([reader], NOW)
    assert reader.writes == [b"* 1 joined; 51 are here\r\n"] * 2


@pytest.mark.parametrize("format_", ["text", "json"])
def test_who_a_move_is_spared_hears_the_others(flush: Flush, format_: Format) -> None:
    alice, ann = listener(flush, format_), listener(flush, format_)
    flush.tell_everyone(said("before"))
    flush.tell_move(Left(["guest7"], NOW), FEW, ann)
    flush.tell_move(Joined(["ann"], NOW), FEW, ann)
    flush.tell(ann, Ok(text="Reported bob"))
    flush.tell_everyone(said("after"))
    flush.write([alice, ann], NOW)
    moves: list[Event] = [Left(["guest7"], NOW), Joined(["ann"], NOW)]
    ok = Ok(text="Reported bob")
    assert alice.writes == [render([said("before"), *moves, said("after")], format_, NOW)]
    assert ann.writes == [render([said("before"), ok, said("after")], format_, NOW)]


def test_returns_into_a_crowd_are_summed_up(flush: Flush) -> None:
    """Twenty who had entered as guests come back as whom they were."""
    reader = listener(flush, "text")
    returned = [listener(flush) for _ in range(20)]
    for number, one in enumerate(returned):
        flush.tell_move(Left([f"guest{number}"], NOW), MANY, one)
        flush.tell_move(Joined([f"ann{number}"], NOW), MANY, one)
    flush.sum_up_crowd(10.0, MANY)
    flush.write([reader, *returned], NOW)
    assert reader.writes == [b"* 20 joined, 20 left; 51 are here\r\n"]
    names = [
        name for event in returned[0].read() if isinstance(event, Joined) for name in event.names
    ]
    assert names == [f"ann{number}" for number in range(1, 20)]


def test_own_events_stand_after_the_sum_that_came_before_them(flush: Flush) -> None:
    reader = listener(flush, "text")
    flush.tell_move(Joined(["a"], NOW), MANY)
    flush.sum_up_crowd(10.0, MANY)
    flush.tell(reader, Ok(text="Reported bob"))
    flush.tell_everyone(said("hi"))
    flush.write([reader], NOW)
    told: list[Event] = [Crowd(1, 0, 0, MANY), Ok(text="Reported bob"), said("hi")]
    assert reader.writes == [render(told, "text", NOW)]


def test_messages_are_told_to_a_crowd_as_ever(flush: Flush) -> None:
    reader = listener(flush, "text")
    flush.tell_move(Joined(["bob"], NOW), MANY)
    flush.tell_everyone(said("hi"))
    flush.write([reader], NOW)
    assert reader.writes == [render([said("hi")], "text", NOW)]


def test_writing_that_tells_something_new_leaves_it_for_the_next_turn(flush: Flush) -> None:
    class Chatterbox(Listener):
        def write(self, lines: bytes) -> None:
            super().write(lines)
            if len(self.writes) < 2:
                flush.tell(self, Ok(id="again"))

    chatterbox = Chatterbox()
    flush.tell(chatterbox, Ok())
    flush.write([chatterbox], NOW)
    assert len(chatterbox.writes) == 1
    flush.write([chatterbox], NOW)
    assert len(chatterbox.writes) == 2


# Faults


class Broken(Listener):
    """A receiver whose transport is at an end, as it says when something is written."""

    def write(self, lines: bytes) -> None:
        raise OSError(107, "Transport endpoint is not connected")


def test_receiver_that_cannot_be_written_to_fails_alone(flush: Flush) -> None:
    alice, broken, bob = listener(flush), Broken(), listener(flush)
    flush.tell(broken, WELCOME)
    flush.write([broken], NOW)
    flush.tell_everyone(said("to all"))
    flush.write([alice, broken, bob], NOW)
    assert alice.read() == bob.read() == [said("to all")]
    assert [str(fault) for fault in broken.faults] == [
        "[Errno 107] Transport endpoint is not connected"
    ] * 2


UNTELLABLE = said("half a letter: \ud800")


def test_receiver_whose_own_event_cannot_be_told_fails_alone(flush: Flush) -> None:
    alice, bob = listener(flush), listener(flush)
    flush.tell(bob, UNTELLABLE)
    flush.tell(alice, Ok())
    flush.tell_everyone(said("to all"))
    flush.write([alice, bob], NOW)
    assert alice.read() == [Ok(), said("to all")]
    assert ([type(fault) for fault in bob.faults], bob.writes) == ([UnicodeEncodeError], [])


@pytest.mark.parametrize(
    "untellable", [UNTELLABLE, Joined(["\ud800"], NOW), Renamed("x", "\ud800", NOW)]
)
def test_what_cannot_be_told_to_everyone_is_left_out_and_logged(
    flush: Flush, untellable: Event, caplog: pytest.LogCaptureFixture
) -> None:
    reader, program = listener(flush, "text"), listener(flush)
    flush.tell_everyone(said("before"))
    flush.tell_move(untellable, FEW)
    flush.tell(program, Ok())
    flush.tell_everyone(said("after"))
    flush.write([reader, program], NOW)
    assert program.read() == [said("before"), Ok(), said("after")]
    assert reader.writes == [render([said("before"), said("after")], "text", NOW)]
    assert sorted(line[:38] for line in caplog.messages) == [
        "left out what could not be told in jso",
        "left out what could not be told in tex",
    ]
