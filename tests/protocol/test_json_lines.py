"""Events as JSON lines, and back."""

import json

import msgspec
import pytest

from chat_server.protocol.events import (
    Bye,
    Cancelled,
    Crowd,
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
    Refused,
    Renamed,
    Scheduled,
    Undelivered,
    Users,
    Welcome,
)
from chat_server.protocol.json_lines import parse_event, render

ITEM = Item("7", 1.0, 61.5, "bob", "good morning")
MESSAGE = Message("5", 1.25, "alice", None, 'hé "quoted"\\')
UNDELIVERED = Undelivered("7", "bob is not here", "bob", "hi")

EVERY = [
    Welcome("a", "s", "1", "c", 2.5, ["a", "b"], [ITEM], [UNDELIVERED], "5", "token"),
    MESSAGE,
    Message("6", 1.5, "alice", "bob", "late", due=1.0, left=True),
    Joined(["alice"], 1.0),
    Left(["alice"], 1.0),
    Renamed("alice", "bob", 1.0),
    Scheduled(ITEM),
    Fired("7", "12"),
    Cancelled("7", "good morning"),
    UNDELIVERED,
    Muted("dave", 601.0),
    Users(names=["alice"]),
    Pending(items=[ITEM]),
    Help(commands=[HelpEntry("exit", "exit", "leave", ["at once"])]),
    History(messages=[MESSAGE], missed=None),
    History(messages=[], missed=3, re="k"),
    Ok(),
    Ok(id="12", re="k"),
    Refused("no_such", "No.", re="k"),
    Bye(reason="Goodbye."),
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
                "sender": "alice",
                "to": None,
                "text": 'hé "quoted"\\',
                "due": None,
                "left": False,
            },
        ),
        (Joined(["a", "b"], 1.0), {"type": "joined", "names": ["a", "b"], "at": 1.0}),
        (Fired("7", "12"), {"type": "fired", "id": "7", "message": "12"}),
        (History(messages=[], missed=None), {"type": "history", "messages": [], "missed": None}),
        (Ok(), {"type": "ok"}),
        (Ok(id="7", re="k"), {"type": "ok", "re": "k", "id": "7"}),
        (Refused("muted", "No."), {"type": "refused", "code": "muted", "text": "No."}),
        (Bye(reason="x"), {"type": "bye", "reason": "x"}),
    ],
)
def test_fields_are_those_of_the_protocol(event: Event, fields: dict[str, object]) -> None:
    assert encoded(event) == fields


def test_adjacent_arrivals_are_one_event_and_so_are_departures() -> None:
    assert render([Joined(["a"], 1.0), Joined(["b"], 2.0), Left(["a"], 3.0), Left(["b"], 4.0)]) == (
        render([Joined(["a", "b"], 2.0)]) + render([Left(["a", "b"], 4.0)])
    )


@pytest.mark.parametrize("between", [MESSAGE, Left(["x"], 1.5), Renamed("x", "y", 1.5)])
def test_what_comes_between_keeps_arrivals_apart(between: Event) -> None:
    events = [Joined(["a"], 1.0), between, Joined(["b"], 2.0)]
    assert [parse_event(line) for line in render(events).splitlines()] == events


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"type":"nonsense"}', b'{"type":"users"}', b"* hello"]
)
def test_other_lines_are_not_parsed(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        parse_event(line)


def test_field_of_a_later_version_is_ignored() -> None:
    assert parse_event(b'{"type":"ok","id":"7","colour":"red"}') == Ok(id="7")
