"""What everybody is told in one turn: in order, once, in the format each has chosen."""

from collections.abc import Iterable, Iterator

import pytest

from chat_server.delivery.broadcast import Broadcast
from chat_server.doors import JSON, TEXT, Door, render
from chat_server.protocol.events import (
    Bye,
    Crowd,
    Event,
    Joined,
    Left,
    Message,
    Ok,
    Person,
    Renamed,
    Users,
    Welcome,
)
from chat_server.protocol.json_lines import parse_event
from tests.support.people import people

NOW = 1_600_000_000.0
FEW = 2
MANY = 51
ME, ALICE, BOB, CAROL = people("me", "alice", "bob", "carol")
WELCOME = Welcome(
    you=ME,
    server="chat-server",
    version="1",
    chat="c",
    time=NOW,
    users=[ME],
    pending=[],
    undelivered=[],
    last="0",
)
BYE = Bye("exit", text="Goodbye.")


class Listener:
    """A receiver that keeps what is written to it."""

    def __init__(self, door: Door = JSON) -> None:
        self.door = door
        self.listens_in: Door | None = None
        self.writes: list[bytes] = []
        self.faults: list[Exception] = []

    def write(self, lines: bytes) -> None:
        self.writes.append(lines)

    def write_parts(self, parts: Iterable[bytes | Iterator[bytes]]) -> None:
        lines = b"".join([part if isinstance(part, bytes) else b"".join(part) for part in parts])
        if lines:
            self.write(lines)

    def fail(self, fault: Exception) -> None:
        self.faults.append(fault)

    def read(self) -> list[Event]:
        """Return the events of the one write of this turn."""
        [lines] = self.writes
        self.writes = []
        return [parse_event(line) for line in lines.splitlines()]


def said(text: str) -> Message:
    return Message("1", NOW, ALICE, None, text)


def listener(broadcast: Broadcast, door: Door = JSON) -> Listener:
    """Make somebody who was welcomed in an earlier turn."""
    made = Listener(door)
    broadcast.tell(made, WELCOME)
    broadcast.write(NOW)
    made.writes = []
    return made


@pytest.fixture
def broadcast() -> Broadcast:
    return Broadcast()


def test_everyone_who_listens_is_told_once_in_one_write(broadcast: Broadcast) -> None:
    alice, bob = listener(broadcast), listener(broadcast)
    for text in ("one", "two"):
        broadcast.tell_everyone(said(text))
    broadcast.write(NOW)
    assert alice.read() == bob.read() == [said("one"), said("two")]
    broadcast.write(NOW)
    assert alice.writes == bob.writes == []


def test_next_turn_tells_only_what_is_new(broadcast: Broadcast) -> None:
    alice = listener(broadcast)
    for text in ("one", "two"):
        broadcast.tell_everyone(said(text))
        broadcast.write(NOW)
        assert alice.read() == [said(text)]


def test_broadcast_is_empty_until_something_is_told(broadcast: Broadcast) -> None:
    alice = listener(broadcast)
    broadcast.tell(alice, Ok())
    told = [broadcast.is_empty]
    broadcast.write(NOW)
    told.append(broadcast.is_empty)
    broadcast.tell_everyone(said("hi"))
    assert [*told, broadcast.is_empty] == [False, True, False]


def test_who_enters_in_mid_turn_hears_only_what_follows(broadcast: Broadcast) -> None:
    newcomer = Listener()
    broadcast.tell_everyone(said("before"))
    broadcast.tell_move(Joined([ME], NOW), FEW)
    broadcast.tell(newcomer, WELCOME)
    broadcast.tell_everyone(said("after"))
    broadcast.write(NOW)
    assert newcomer.read() == [WELCOME, said("after")]


def test_who_has_not_entered_hears_only_own_answers(broadcast: Broadcast) -> None:
    stranger = Listener()
    broadcast.tell_everyone(said("one"))
    broadcast.tell(stranger, Ok())
    broadcast.tell_everyone(said("two"))
    broadcast.write(NOW)
    assert stranger.read() == [Ok()]


def test_nobody_hears_anything_after_their_goodbye(broadcast: Broadcast) -> None:
    leaver = listener(broadcast)
    broadcast.tell_everyone(said("before"))
    broadcast.tell(leaver, BYE)
    broadcast.tell_everyone(said("after"))
    broadcast.write(NOW)
    assert leaver.read() == [said("before"), BYE]
    broadcast.tell_everyone(said("much later"))
    broadcast.write(NOW)
    assert leaver.writes == []


def test_own_events_stand_where_they_happened(broadcast: Broadcast) -> None:
    alice, bob = listener(broadcast), listener(broadcast)
    broadcast.tell(alice, Ok(id="0"))
    broadcast.tell_everyone(said("one"))
    broadcast.tell(alice, Ok(id="1"))
    broadcast.tell(alice, Users(people=[ME]))
    broadcast.tell_everyone(said("two"))
    broadcast.tell(alice, Ok(id="2"))
    broadcast.write(NOW)
    assert alice.read() == [
        Ok(id="0"),
        said("one"),
        Ok(id="1"),
        Users(people=[ME]),
        said("two"),
        Ok(id="2"),
    ]
    assert bob.read() == [said("one"), said("two")]


def test_format_switched_in_mid_turn_holds_from_its_answer_on(broadcast: Broadcast) -> None:
    alice = listener(broadcast, TEXT)
    broadcast.tell_everyone(said("one"))
    broadcast.tell(alice, Ok(code="reported", data={"name": "bob"}))
    alice.door = JSON
    broadcast.tell(alice, Ok())
    broadcast.tell_everyone(said("two"))
    broadcast.write(NOW)
    assert alice.writes == [
        render(TEXT, [said("one"), Ok(code="reported", data={"name": "bob"})], NOW)
        + render(JSON, [Ok(), said("two")], NOW)
    ]


def test_what_was_said_before_the_switch_is_in_the_format_of_then(broadcast: Broadcast) -> None:
    alice = listener(broadcast, TEXT)
    broadcast.tell_everyone(said("one"))
    alice.door = JSON
    broadcast.tell(alice, Ok())
    broadcast.write(NOW)
    assert alice.writes == [render(TEXT, [said("one")], NOW) + render(JSON, [Ok()], NOW)]


def test_those_who_are_told_the_same_get_the_same_bytes(broadcast: Broadcast) -> None:
    texts = [listener(broadcast, TEXT) for _ in range(3)]
    programs = [listener(broadcast) for _ in range(3)]
    broadcast.tell_everyone(said("hi"))
    broadcast.write(NOW)
    for alike in (texts, programs):
        first = alike[0].writes[0]
        assert all(each.writes[0] is first for each in alike)
    assert texts[0].writes != programs[0].writes


def test_turn_without_lines_for_readers_writes_them_nothing(broadcast: Broadcast) -> None:
    reader, program = listener(broadcast, TEXT), listener(broadcast)
    broadcast.tell_move(Joined([BOB], NOW), MANY)
    broadcast.write(NOW)
    assert reader.writes == []
    assert program.read() == [Joined([BOB], NOW)]


@pytest.mark.parametrize(("here", "lines"), [(50, [b"* bob joined\r\n"]), (51, [])])
def test_readers_are_spared_comings_and_goings_beyond_fifty(
    broadcast: Broadcast, here: int, lines: list[bytes]
) -> None:
    reader = listener(broadcast, TEXT)
    broadcast.tell_move(Joined([BOB], NOW), here)
    broadcast.write(NOW)
    assert reader.writes == lines


def test_crowd_is_summed_up_for_readers_only(broadcast: Broadcast) -> None:
    reader, program = listener(broadcast, TEXT), listener(broadcast)
    moves: list[Event] = [
        Joined([ALICE, BOB], NOW),
        Left([CAROL], NOW),
        Renamed(ALICE, "a", NOW),
        Joined([ME], NOW),
    ]
    for event in moves:
        broadcast.tell_move(event, MANY)
    broadcast.sum_up_crowd(now=10.0, here=52)
    broadcast.write(NOW)
    assert reader.writes == [render(TEXT, [Crowd(3, 1, 1, 52)], NOW)]
    assert program.read() == moves


def test_crowd_is_summed_up_at_most_once_a_second(broadcast: Broadcast) -> None:
    assert broadcast.crowd.due(100.0) is None
    broadcast.tell_move(Joined(people("a"), NOW), MANY)
    assert broadcast.crowd.due(100.0) == 0
    broadcast.sum_up_crowd(now=100.0, here=MANY)
    assert broadcast.crowd.due(100.0) is None
    broadcast.tell_move(Left(people("a"), NOW), MANY)
    assert broadcast.crowd.due(100.25) == 0.75
    assert broadcast.crowd.due(101.0) == 0


def test_sum_starts_again_from_nothing(broadcast: Broadcast) -> None:
    reader = listener(broadcast, TEXT)
    for now in (10.0, 20.0):
        broadcast.tell_move(Joined(people("a"), NOW), MANY)
        broadcast.sum_up_crowd(now, MANY)
        broadcast.write(NOW)
    assert reader.writes == [b"* 1 joined; 51 are here\r\n"] * 2


@pytest.mark.parametrize("door", [TEXT, JSON], ids=["text", "json"])
def test_who_a_move_is_spared_hears_the_others(broadcast: Broadcast, door: Door) -> None:
    alice, ann = listener(broadcast, door), listener(broadcast, door)
    broadcast.tell_everyone(said("before"))
    broadcast.tell_move(Left(people("guest7"), NOW), FEW, but=ann)
    broadcast.tell_move(Joined(people("ann"), NOW), FEW, but=ann)
    broadcast.tell(ann, Ok(code="reported", data={"name": "bob"}))
    broadcast.tell_everyone(said("after"))
    broadcast.write(NOW)
    moves: list[Event] = [Left(people("guest7"), NOW), Joined(people("ann"), NOW)]
    ok = Ok(code="reported", data={"name": "bob"})
    assert alice.writes == [render(door, [said("before"), *moves, said("after")], NOW)]
    assert ann.writes == [render(door, [said("before"), ok, said("after")], NOW)]


def test_returns_into_a_crowd_are_summed_up(broadcast: Broadcast) -> None:
    """Twenty who had entered as guests come back as whom they were."""
    reader = listener(broadcast, TEXT)
    returned = [listener(broadcast) for _ in range(20)]
    for number, one in enumerate(returned):
        broadcast.tell_move(Left(people(f"guest{number}"), NOW), MANY, but=one)
        broadcast.tell_move(Joined(people(f"ann{number}"), NOW), MANY, but=one)
    broadcast.sum_up_crowd(10.0, MANY)
    broadcast.write(NOW)
    assert reader.writes == [b"* 20 joined, 20 left; 51 are here\r\n"]
    joined = [event for event in returned[0].read() if isinstance(event, Joined)]
    assert joined == [Joined(people(f"ann{number}"), NOW) for number in range(1, 20)]


@pytest.mark.parametrize("here", [FEW, MANY])
def test_who_takes_another_name_reads_it_once_in_a_crowd_too(
    broadcast: Broadcast, here: int
) -> None:
    reader, other = listener(broadcast, TEXT), listener(broadcast, TEXT)
    broadcast.tell_move(Renamed(Person("7", "b"), "a", NOW), here, by=reader)
    broadcast.write(NOW)
    assert reader.writes == [b"* a is now known as b\r\n"]
    assert len(other.writes) == (1 if here == FEW else 0)


def test_program_that_takes_another_name_in_a_crowd_is_told_as_all_programs_are(
    broadcast: Broadcast,
) -> None:
    program, stranger = listener(broadcast), Listener(TEXT)
    broadcast.tell_move(Renamed(Person("7", "b"), "a", NOW), MANY, by=program)
    broadcast.tell_move(Renamed(Person("7", "c"), "b", NOW), MANY, by=stranger)
    broadcast.write(NOW)
    assert program.read() == [Renamed(Person("7", "c"), "a", NOW)]
    assert stranger.writes == []


def test_own_events_stand_after_the_sum_that_came_before_them(broadcast: Broadcast) -> None:
    reader = listener(broadcast, TEXT)
    broadcast.tell_move(Joined(people("a"), NOW), MANY)
    broadcast.sum_up_crowd(10.0, MANY)
    broadcast.tell(reader, Ok(code="reported", data={"name": "bob"}))
    broadcast.tell_everyone(said("hi"))
    broadcast.write(NOW)
    ok = Ok(code="reported", data={"name": "bob"})
    told: list[Event] = [Crowd(1, 0, 0, MANY), ok, said("hi")]
    assert reader.writes == [render(TEXT, told, NOW)]


def test_messages_are_told_to_a_crowd_as_ever(broadcast: Broadcast) -> None:
    reader = listener(broadcast, TEXT)
    broadcast.tell_move(Joined([BOB], NOW), MANY)
    broadcast.tell_everyone(said("hi"))
    broadcast.write(NOW)
    assert reader.writes == [render(TEXT, [said("hi")], NOW)]


def test_writing_that_tells_something_new_leaves_it_for_the_next_turn(broadcast: Broadcast) -> None:
    class Chatterbox(Listener):
        def write(self, lines: bytes) -> None:
            super().write(lines)
            if len(self.writes) < 2:
                broadcast.tell(self, Ok(id="again"))

    chatterbox = Chatterbox()
    broadcast.tell(chatterbox, Ok())
    broadcast.write(NOW)
    assert len(chatterbox.writes) == 1
    broadcast.write(NOW)
    assert len(chatterbox.writes) == 2


# Faults


class Broken(Listener):
    """A receiver whose transport is at an end, as it says when something is written."""

    def write(self, lines: bytes) -> None:
        raise OSError(107, "Transport endpoint is not connected")


def test_receiver_that_cannot_be_written_to_fails_alone(broadcast: Broadcast) -> None:
    alice, broken, bob = listener(broadcast), Broken(), listener(broadcast)
    broadcast.tell(broken, WELCOME)
    broadcast.write(NOW)
    broadcast.tell_everyone(said("to all"))
    broadcast.write(NOW)
    assert alice.read() == bob.read() == [said("to all")]
    assert [str(fault) for fault in broken.faults] == [
        "[Errno 107] Transport endpoint is not connected"
    ] * 2


UNTELLABLE = said("half a letter: \ud800")


def test_receiver_whose_own_event_cannot_be_told_fails_alone(broadcast: Broadcast) -> None:
    alice, bob = listener(broadcast), listener(broadcast)
    broadcast.tell(bob, UNTELLABLE)
    broadcast.tell(alice, Ok())
    broadcast.tell_everyone(said("to all"))
    broadcast.write(NOW)
    assert alice.read() == [Ok(), said("to all")]
    assert ([type(fault) for fault in bob.faults], bob.writes) == ([UnicodeEncodeError], [])


@pytest.mark.parametrize(
    "untellable", [UNTELLABLE, Joined(people("\ud800"), NOW), Renamed(BOB, "\ud800", NOW)]
)
def test_what_cannot_be_told_to_everyone_is_left_out_and_logged(
    broadcast: Broadcast, untellable: Event, caplog: pytest.LogCaptureFixture
) -> None:
    reader, program = listener(broadcast, TEXT), listener(broadcast)
    broadcast.tell_everyone(said("before"))
    broadcast.tell_move(untellable, FEW)
    broadcast.tell(program, Ok())
    broadcast.tell_everyone(said("after"))
    broadcast.write(NOW)
    assert program.read() == [said("before"), Ok(), said("after")]
    assert reader.writes == [render(TEXT, [said("before"), said("after")], NOW)]
    assert sorted(line[:38] for line in caplog.messages) == [
        "left out what could not be told in jso",
        "left out what could not be told in tex",
    ]
