"""Events as JSON lines, and back."""

import json

import msgspec
import pytest

from chat_server.protocol.events import (
    AllPending,
    Announced,
    Ask,
    Audit,
    Ban,
    Bans,
    Bye,
    Cancelled,
    Complaint,
    Crowd,
    Deed,
    Deleted,
    Device,
    Event,
    Fired,
    Help,
    HelpEntry,
    History,
    Ignored,
    Item,
    Joined,
    Kicked,
    Left,
    Message,
    Moderators,
    Muted,
    Notice,
    Ok,
    OwnedItem,
    Pending,
    Refused,
    Renamed,
    Reports,
    Scheduled,
    Token,
    Tokens,
    Undelivered,
    Unmuted,
    Users,
    Welcome,
    Whoami,
)
from chat_server.protocol.json_lines import parse_event, render
from tests.support.people import people

ALICE, BOB = people("alice", "bob")
ITEM = Item("7", 1.0, 61.5, BOB, "good morning")
MESSAGE = Message("5", 1.25, ALICE, None, 'hé "quoted"\\')
UNDELIVERED = Undelivered("7", "not_here", BOB, "hi", because="bob is not here")

EVERY = [
    Welcome(
        you=ALICE,
        server="s",
        version="1",
        chat="c",
        time=2.5,
        users=[ALICE, BOB],
        pending=[ITEM],
        undelivered=[UNDELIVERED],
        last="5",
        token="token",
    ),
    MESSAGE,
    Message("6", 1.5, ALICE, BOB, "late", due=1.0, left=True, item="7"),
    Joined([ALICE], 1.0),
    Left([ALICE], 1.0, [ALICE]),
    Renamed(BOB, "alice", 1.0),
    Scheduled(ITEM),
    Fired("7", "12"),
    Cancelled("7", "good morning"),
    UNDELIVERED,
    Muted(ALICE, 601.0),
    Users(people=[ALICE]),
    Pending(items=[ITEM]),
    Help(commands=[HelpEntry("exit", "exit", "leave", ["at once"])]),
    History(messages=[MESSAGE], missed=None),
    History(messages=[], missed=3, re="k"),
    Muted(ALICE, 601.0, BOB, "shouting"),
    Unmuted(ALICE, BOB),
    Kicked(ALICE, BOB, "shouting", banned=True),
    Deleted("12", ALICE, BOB),
    Announced(1.5, BOB, "tea"),
    Notice("appeal", {"name": "alice"}, "please"),
    Ignored(people=[BOB]),
    Moderators(people=[BOB]),
    Bans(bans=[Ban("7", "alice", 1.0, 601.0, BOB, "shouting"), Ban("8", "::1", 1.0, None, BOB)]),
    Reports(reports=[Complaint(1.5, BOB, ALICE, "loud", True, [MESSAGE])]),
    AllPending(scheduled=[OwnedItem(ALICE, ITEM)]),
    Audit(deeds=[Deed(1.5, BOB, "mute", "alice", "shouting")]),
    Ask("password", "alice", hidden=True, re="k"),
    Whoami(
        you=ALICE,
        member=True,
        connections=2,
        since=1.5,
        devices=[Device(None, this=True), Device("::1", here=False, program="backup")],
        rank="owner",
    ),
    Tokens(tokens=[Token("7", "backup", 1.5)]),
    Ok(),
    Ok(id="12", re="k"),
    Ok(code="reported", data={"name": "bob"}, text="Reported bob"),
    Refused("no_such", {"names": ["a"], "of": 7, "part": 0.5}, "No.", re="k"),
    Bye("exit", {"items": ["1"]}, "Goodbye. 1 scheduled message ends with you: 1."),
]


def encoded(event: Event) -> dict[str, object]:
    decoded: dict[str, object] = json.loads(render([event]))
    return decoded


def test_every_event_is_among_the_examples() -> None:
    assert {type(event) for event in EVERY} | {Crowd} == set(Event.__args__)


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_event_is_one_line_that_parses_back_to_itself(event: Event) -> None:
    line = render([event])
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert parse_event(line) == event


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (
            MESSAGE,
            {
                "type": "message",
                "id": "5",
                "at": 1.25,
                "sender": {"id": ALICE.id, "name": "alice"},
                "to": None,
                "text": 'hé "quoted"\\',
            },
        ),
        (
            Joined([ALICE], 1.0),
            {"type": "joined", "people": [{"id": ALICE.id, "name": "alice"}], "at": 1.0},
        ),
        (
            Left([ALICE], 1.0),
            {"type": "left", "people": [{"id": ALICE.id, "name": "alice"}], "at": 1.0},
        ),
        (
            Whoami(ALICE, member=True, since=1.0, devices=[Device(None, this=True)]),
            {
                "type": "whoami",
                "you": {"id": ALICE.id, "name": "alice"},
                "member": True,
                "since": 1.0,
                "devices": [{"address": None, "here": True, "this": True, "program": None}],
            },
        ),
        (
            Whoami(ALICE, member=False),
            {"type": "whoami", "you": {"id": ALICE.id, "name": "alice"}, "member": False},
        ),
        (
            Undelivered("7", "muted", None, "hi", until=9.0),
            {
                "type": "undelivered",
                "id": "7",
                "reason": "muted",
                "to": None,
                "text": "hi",
                "until": 9.0,
                "because": "you were muted",
            },
        ),
        (Fired("7", "12"), {"type": "fired", "id": "7", "message": "12"}),
        (History(messages=[], missed=None), {"type": "history", "messages": [], "missed": None}),
        (Ok(), {"type": "ok"}),
        (Ok(id="7", re="k"), {"type": "ok", "re": "k", "id": "7"}),
        (
            Ok(code="reported", data={"name": "bob"}),
            {"type": "ok", "code": "reported", "data": {"name": "bob"}, "text": "Reported bob"},
        ),
        (
            Refused("bad_format", {"format": "xml"}),
            {
                "type": "refused",
                "code": "bad_format",
                "data": {"format": "xml"},
                "text": "There is no format xml. Choose text or json.",
            },
        ),
        (Bye("exit"), {"type": "bye", "reason": "exit", "text": "Goodbye."}),
    ],
)
def test_fields_are_those_of_the_protocol(event: Event, fields: dict[str, object]) -> None:
    assert encoded(event) == fields


def test_adjacent_arrivals_are_one_event_and_so_are_departures() -> None:
    moves: list[Event] = [
        Joined([ALICE], 1.0),
        Joined([BOB], 2.0),
        Left([ALICE], 3.0),
        Left([BOB], 4.0, [BOB]),
        Left([ALICE], 5.0),
    ]
    merged: list[Event] = [Joined([ALICE, BOB], 2.0), Left([ALICE, BOB, ALICE], 5.0, [BOB])]
    assert render(moves) == b"".join(render([move]) for move in merged)


@pytest.mark.parametrize("between", [MESSAGE, Left([BOB], 1.5), Renamed(BOB, "x", 1.5)])
def test_what_comes_between_keeps_arrivals_apart(between: Event) -> None:
    events = [Joined([ALICE], 1.0), between, Joined([BOB], 2.0)]
    assert [parse_event(line) for line in render(events).splitlines()] == events


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"type":"nonsense"}', b'{"type":"users"}', b"* hello"]
)
def test_other_lines_are_not_parsed(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        parse_event(line)


def test_field_of_a_later_version_is_ignored() -> None:
    assert parse_event(b'{"type":"ok","id":"7","colour":"red"}') == Ok(id="7")
