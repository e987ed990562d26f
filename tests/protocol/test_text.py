"""Events as people read them."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.doors.lines import LineReader
from chat_server.protocol.commands import COMMANDS, explain
from chat_server.protocol.events import (
    Bye,
    Cancelled,
    Crowd,
    Device,
    Event,
    Fired,
    Help,
    HelpEntry,
    History,
    Item,
    Joined,
    Left,
    Message,
    Muted,
    Ok,
    Pending,
    Person,
    Refused,
    Renamed,
    Scheduled,
    Undelivered,
    Users,
    Welcome,
    Whoami,
)
from chat_server.protocol.json_lines import render as render_json
from chat_server.protocol.text import line, lines, pages, render
from tests.support.people import people, person
from tests.support.zones import zone


def moment(day: int, hour: int, minute: int, second: float) -> float:
    """Return a moment of March 2021 in the time zone of these tests."""
    east = timezone(timedelta(hours=3))
    return datetime(2021, 3, day, hour, minute, tzinfo=east).timestamp() + second


NOW = moment(4, 14, 3, 7.9)
ITEM = Item("7", NOW, moment(4, 14, 5, 0), None, "good morning")
ALICE, BOB, DAVE, MALLORY = people("alice", "bob", "dave", "mallory")
PRIVATE_ITEM = Item("8", NOW, moment(5, 0, 0, 0), BOB, "happy birthday")


@pytest.fixture(autouse=True)
def _zone_of_these_tests() -> Iterator[None]:
    with zone("XYZ-3"):
        yield


def welcome(users: list[str], pending: list[Item], undelivered: list[Undelivered]) -> Welcome:
    return Welcome(
        you=person("guest1"),
        server="chat-server",
        version="1",
        chat="c",
        time=NOW,
        users=people(*users),
        pending=pending,
        undelivered=undelivered,
        last="5",
        here=len(users),
    )


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            welcome(["alice", "guest1"], [], []),
            "* Welcome, guest1. 2 people are here: alice, guest1. Type help for the commands.",
        ),
        (
            welcome(["guest1"], [], []),
            "* Welcome, guest1. 1 person is here: guest1. Type help for the commands.",
        ),
        (Message("5", NOW, ALICE, None, "hello, all"), "[14:03:07] alice: hello, all"),
        (Message("5", NOW, ALICE, BOB, "for you"), "[14:03:07] alice -> bob: for you"),
        (
            Message("5", NOW, ALICE, None, "late", due=moment(4, 8, 0, 0)),
            "[14:03:07] alice (due 08:00:00): late",
        ),
        (
            Message("5", NOW, ALICE, None, "late", due=moment(3, 8, 0, 0)),
            "[14:03:07] alice (due 2021-03-03 08:00:00): late",
        ),
        (Message("5", NOW, ALICE, None, "hi", left=True), "[14:03:07] alice (left): hi"),
        (
            Message("5", NOW, ALICE, BOB, "hi", due=moment(4, 8, 0, 0), left=True),
            "[14:03:07] alice -> bob (left, due 08:00:00): hi",
        ),
        (
            Message("5", moment(3, 23, 59, 59), ALICE, None, "hi"),
            "[2021-03-03 23:59:59] alice: hi",
        ),
        (Joined([BOB], NOW), "* bob joined"),
        (Joined(people("bob", "carol"), NOW), "* bob, carol joined"),
        (Left(people("robert"), NOW), "* robert left"),
        (Renamed(person("robert"), "bob", NOW), "* bob is now known as robert"),
        (Scheduled(ITEM), "* Scheduled 7 for 14:05:00: good morning"),
        (
            Scheduled(PRIVATE_ITEM),
            "* Scheduled 8 for 2021-03-05 00:00:00 (to bob): happy birthday",
        ),
        (Cancelled("7", "good morning"), "* Cancelled 7: good morning"),
        (
            Undelivered("7", "not_here", BOB, "hi"),
            "! Scheduled message 7 was not sent, because bob is not here: hi",
        ),
        (
            Undelivered("7", "muted", None, "hi", until=NOW + 570),
            "! Scheduled message 7 was not sent, because you are muted for another 9 min 30 s: hi",
        ),
        (
            Muted(DAVE, moment(4, 14, 13, 0)),
            "* dave is muted until 14:13:00, after several complaints",
        ),
        (Crowd(37, 4, 0, 1204), "* 37 joined, 4 left; 1204 are here"),
        (Crowd(0, 0, 2, 60), "* 2 renamed; 60 are here"),
        (Pending(items=[]), "* You have no scheduled messages."),
        (History(messages=[], missed=None), "* There are no messages."),
        (Ok(code="reported", data={"name": "dave"}), "* Reported dave"),
        (Refused("not_entered"), "! You have not entered the chat. Try again."),
        (Bye("exit"), "* Goodbye."),
    ],
)
def test_event_is_one_line(event: Event, told: str) -> None:
    assert list(lines([event], NOW)) == [told]


@pytest.mark.parametrize("event", [Fired("7", "12"), Ok(), Ok(id="5")])
def test_what_only_programs_need_is_not_told(event: Event) -> None:
    assert render([event], NOW) == b""


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Users(people=[ALICE, BOB]), ["* 2 people are here:", "  alice, bob"]),
        (
            Pending(items=[ITEM]),
            ["* You have 1 scheduled message:", "  7 for 14:05:00: good morning"],
        ),
        (
            Pending(items=[ITEM, PRIVATE_ITEM]),
            [
                "* You have 2 scheduled messages:",
                "  7 for 14:05:00: good morning",
                "  8 for 2021-03-05 00:00:00 (to bob): happy birthday",
            ],
        ),
        (
            History(messages=[Message("5", NOW, ALICE, None, "hi")], missed=0),
            ["* The last message:", "  [14:03:07] alice: hi"],
        ),
        (
            History(messages=[Message("5", NOW, ALICE, BOB, "hi")] * 2, missed=3),
            [
                "* The last 2 messages (3 more came before them):",
                "  [14:03:07] alice -> bob: hi",
                "  [14:03:07] alice -> bob: hi",
            ],
        ),
        (
            Help(commands=[HelpEntry("exit", "exit", "leave"), HelpEntry("send", "send X", "say")]),
            ["* The commands:", "  exit    leave", "  send X  say"],
        ),
        (
            Help(commands=[HelpEntry("send", "send X", "say", ["one", "two"])]),
            ["* send X: say", "  one", "  two"],
        ),
        (Help(commands=[HelpEntry("exit", "exit", "leave")]), ["* exit: leave"]),
        (Whoami(ALICE, False), ["* You are alice, a guest. register makes the name yours."]),
        (
            Whoami(ALICE, True, 1, NOW, [Device(None, this=True)]),
            [
                "* You are alice, a member since 14:03:07",
                "  from the server's machine (this connection)",
            ],
        ),
        (
            Whoami(
                ALICE,
                True,
                3,
                NOW,
                [
                    Device("203.0.113.5", this=True, program="backup"),
                    Device("2001:db8::/64", here=False),
                    Device(None, program=""),
                    Device(None),
                ],
                "owner",
            ),
            [
                "* You are alice, a member since 14:03:07 and an owner, over 3 connections",
                "  from 203.0.113.5 (this connection, the program backup)",
                "  from 2001:db8::/64 (broken, can be resumed)",
                "  from the server's machine (a program)",
                "  from the server's machine",
            ],
        ),
        (
            welcome(["guest1"], [ITEM], [Undelivered("6", "not_here", BOB, "hi")]),
            [
                "* Welcome, guest1. 1 person is here: guest1. Type help for the commands.",
                "! Scheduled message 6 was not sent, because bob is not here: hi",
                "* You have 1 scheduled message:",
                "  7 for 14:05:00: good morning",
            ],
        ),
    ],
)
def test_answer_of_several_lines_is_indented(event: Event, told: list[str]) -> None:
    assert list(lines([event], NOW)) == told


def test_lines_end_as_telnet_wants_them() -> None:
    reported = Ok(code="reported", data={"name": "я"})
    told = render([Joined([BOB], NOW), reported], NOW)
    assert told == "* bob joined\r\n* Reported я\r\n".encode()


def test_comings_goings_and_renames_in_a_row_are_one_line() -> None:
    moves: list[Event] = [
        Joined(people("a"), NOW),
        Joined(people("b"), NOW),
        Left(people("a"), NOW),
        Renamed(Person("1-b", "c"), "b", NOW),
        Renamed(Person("1-b", "d"), "c", NOW),
        Left([Person("1-b", "d")], NOW),
    ]
    assert list(lines(moves, NOW)) == ["* a, b joined; a left; b is now known as d; d left"]


def test_renames_of_two_people_in_a_row_stay_two() -> None:
    """One takes the name that the other has just given up."""
    moves: list[Event] = [
        Renamed(Person("1-b", "c"), "b", NOW),
        Renamed(Person("1-a", "b"), "a", NOW),
        Renamed(Person("1-c", "d"), "c", NOW),
    ]
    told = "* b is now known as c; a is now known as b; c is now known as d"
    assert list(lines(moves, NOW)) == [told]


def test_who_takes_another_name_and_the_old_one_again_has_not_moved() -> None:
    moves: list[Event] = [
        Renamed(Person("1-b", "c"), "b", NOW),
        Renamed(Person("1-b", "b"), "c", NOW),
        Joined(people("a"), NOW),
    ]
    assert list(lines(moves, NOW)) == ["* a joined"]


def test_what_is_said_between_keeps_them_apart() -> None:
    said = Message("5", NOW, ALICE, None, "hi")
    assert list(lines([Joined(people("a"), NOW), said, Joined(people("b"), NOW)], NOW)) == [
        "* a joined",
        "[14:03:07] alice: hi",
        "* b joined",
    ]


@pytest.mark.parametrize(
    ("count", "listed"), [(50, "50 people are here: n1, n2"), (51, "51 people are here. Type")]
)
def test_crowd_is_counted_but_not_listed_in_the_welcome(count: int, listed: str) -> None:
    [line] = lines([welcome([f"n{n + 1}" for n in range(count)], [], [])], NOW)
    assert listed in line


def test_many_users_are_wrapped_and_none_is_lost() -> None:
    names = [f"person-number-{number}" for number in range(100)]
    first, *listed = lines([Users(people=people(*names))], NOW)
    assert first == "* 100 people are here:"
    assert all(line.startswith("  ") and len(line) <= 78 for line in listed)
    assert " ".join(line.strip() for line in listed).split(", ") == names


def test_help_fits_a_terminal() -> None:
    for help_ in (explain(), *map(explain, COMMANDS)):
        assert max(len(line) for line in lines([help_], NOW)) <= 80


def test_what_was_written_in_one_zone_is_not_remembered_in_another() -> None:
    shown = []
    for east in (3, 4):
        with zone(f"XYZ-{east}"):
            shown.append(line(Message("1", NOW, ALICE, None, "hi"), NOW))
    assert shown == [b"[14:03:07] alice: hi\r\n", b"[15:03:07] alice: hi\r\n"]


def test_day_is_that_of_the_zone() -> None:
    midnight = moment(5, 0, 0, 0)
    said = [Message("5", midnight - 1, ALICE, None, "x"), Message("6", midnight, ALICE, None, "y")]
    assert list(lines(said, midnight)) == ["[2021-03-04 23:59:59] alice: x", "[00:00:00] alice: y"]


def said_by_somebody(text: str) -> list[Event]:
    return [
        Message("5", NOW, MALLORY, None, text),
        Scheduled(Item("7", NOW, NOW, None, text)),
        Cancelled("7", text),
        Undelivered("7", "not_here", BOB, text),
        Refused("unknown_command", {"command": text}),
    ]


IMITATIONS = [
    "\n* bob left",
    "\r\n! You are muted",
    "\u2028[14:00:00] bob: I quit",
    "\u0085* bob left",
    "\x1b[2J* bob left",
    "\u202e* bob left",
    "x\r* bob left",
]


def as_read(text: str) -> str:
    """Return what the server takes of text that somebody sends as one line."""
    reader = LineReader(8192)
    reader.feed(text.replace("\n", "").encode("utf-8", "replace") + b"\n")
    line = reader.next_line()
    assert isinstance(line, str)
    return line


@given(st.sampled_from(IMITATIONS) | st.text())
def test_text_of_people_cannot_imitate_another_line(text: str) -> None:
    events = said_by_somebody(as_read(text))
    told = "".join(render([event], NOW).decode() for event in events).splitlines()
    assert len(told) == len(events)
    assert [line[0] for line in told] == ["[", "*", "*", "!", "!"]
    assert told[0].startswith("[14:03:07] mallory: ")


BLANKS = [" ", "\t", "\u00a0", "\u2800", "\u3164", "\u3000", "\u115f", "\uffa0", "\u00ad", "\u200b"]
PADDINGS = [
    *(blank * 60 for blank in BLANKS),
    "".join(BLANKS) * 9,
    " \u200b\u034f" * 30,
    " \u200d" * 40,
]


@pytest.mark.parametrize("padding", PADDINGS)
def test_no_gap_lets_a_text_begin_a_row_of_the_terminal(padding: str) -> None:
    text = as_read(f"send oh{padding}[21:07:00] bob: I quit").removeprefix("send ")
    for event in said_by_somebody(text):
        [told] = render([event], NOW).decode().splitlines()
        assert "oh   [21:07:00] bob: I quit" in told
        assert text in render_json([event]).decode()
    said = History([Message("5", NOW, MALLORY, None, text)], None)
    assert b"".join(pages(said, NOW)).decode().endswith("oh   [21:07:00] bob: I quit\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "a   b",
        "a \u00a0 b",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f goal",
        "👩\u200d❤\ufe0f\u200d👨",
        "می\u200cخواهم",
        "привет, как дела",
    ],
)
def test_ordinary_text_is_told_to_the_letter(text: str) -> None:
    [told] = lines([Message("5", NOW, ALICE, None, text)], NOW)
    assert told == f"[14:03:07] alice: {text}"
