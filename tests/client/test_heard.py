"""What comes from a server is checked as what comes from people is; nothing in it is the end."""

import asyncio
import contextlib
import http.server
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from chat_server.protocol.events import (
    PROTOCOL,
    Event,
    Fired,
    Help,
    HelpEntry,
    History,
    Item,
    Joined,
    Message,
    Muted,
    Ok,
    Person,
    Refused,
    Scheduled,
    Undelivered,
    Users,
)
from chat_server.protocol.json_lines import line
from chat_tui.session import connection
from chat_tui.session.conversations import MOST_OPEN, Conversations
from chat_tui.session.heard import (
    LATEST,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST,
    MOST_PEOPLE,
    Heard,
    hear,
)
from chat_tui.session.state import KEPT, ChatState
from tests.programs.test_plain import plain
from tests.support.clock import DAWN
from tests.support.faults import Scripted, connecting, scripted
from tests.support.people import joined, people, person, says, welcome
from tests.support.screen import offline_at_screen, until

LINK = "http://a.b/c "


def message(number: int, text: str = "hi", sender: str = "боб", at: float = DAWN) -> Message:
    return says(Person("7", sender), text, number=number, at=at)


def said(event: Event, **fields: object) -> bytes:
    """A line with an event, of which fields are otherwise."""
    return json.dumps(json.loads(line(event)) | fields).encode() + b"\n"


OUT_OF_BOUNDS = [
    said(message(1), at=253_402_300_800_000.0),
    said(message(1), at=-62_000_000_000.0),
    line(message(1)).replace(b"1700000000.0", b"1e999"),
    line(message(1)).replace(b"1700000000.0", b"9" * 400),
    said(message(1), at=None),
    said(message(1), due=1e300),
    said(message(1), sender={"id": "7", "name": "я" * 1_000_000}),
    said(message(1), sender={"id": "7" * 1_000_000, "name": "боб"}),
    said(message(1), sender={"id": "", "name": "боб"}),
    said(message(1), sender="боб"),
    said(message(1), to={"id": "", "name": "боб"}),
    said(History([message(1)], None), messages=[{"id": "1"}]),
    said(message(1), id="1" * 1_000_000),
    said(message(1), to={"id": "7", "name": "боб" * 1000}),
    said(message(1), text=LINK * 400_000),
    said(message(1), more=0).replace(b'"more": 0', b'"more": ' + b"[" * 10_000 + b"]" * 10_000),
    b'{"type": "message"}\n',
    b'{"type": "message", "id": 5}\n',
    b'{"type": ["message"]}\n',
    b'{"type": "mess',
    b'{"type": "ok", "re": "\\ud800"}\n',
    said(Muted(person("боб"), DAWN), until=1e18),
    line(Refused("muted", {"seconds": 1e18})),
    line(Refused("muted", {"seconds": 0})).replace(b":0}", b":1" + b"0" * 5000 + b"}"),
    line(Refused("muted", {"command": "x" * (LONGEST_TEXT + 1)})),
    line(Refused("muted", {str(number): number for number in range(MOST)})),
    said(Scheduled(Item("1", DAWN, DAWN, None, "hi")), item={"id": "1", "at": 1e20, "due": 0}),
    line(Scheduled(Item("1", DAWN, 1e15, None, "hi"))),
    line(joined("боб", at=1e15)),
    said(joined("боб"), people=["боб", 5]),
]


@pytest.mark.parametrize("number", range(len(OUT_OF_BOUNDS)))
def test_what_is_out_of_bounds_is_told_in_a_sentence(number: int) -> None:
    event, left_out, _ = hear(OUT_OF_BOUNDS[number])
    assert event is None
    assert len(left_out) == 1 and len(left_out[0]) < 300
    assert left_out[0].startswith("Something that the server said is left out: ")


@pytest.mark.parametrize(
    "event",
    [
        message(1, "я" * LONGEST_TEXT, "я" * LONGEST_NAME, 0),
        message(1, at=LATEST),
        Users(people(*["алиса"] * MOST_PEOPLE), re="1"),
        History([message(number) for number in range(MOST)], None),
        Undelivered("7", "not_here", Person("", "боб"), "hi", because="боб is not here"),
        Refused("odd", {"name": "боб", "limit": 5, "items": ["1", "2"]}, "no"),
    ],
)
def test_what_is_within_its_bounds_is_taken_as_it_is(event: Event) -> None:
    assert hear(line(event)) == Heard(event, [])


def test_of_a_list_only_what_is_out_of_bounds_is_left_out() -> None:
    good, worse = message(1), message(2, "x" * (LONGEST_TEXT + 1))
    assert hear(line(History([good, worse, message(3, at=LATEST * 2)], None, re="1"))) == Heard(
        History([good], None, re="1"),
        ["Something that the server said is left out: 2 of 3 messages."],
    )
    many = people(*(f"алиса{number}" for number in range(200_000)))
    event, left_out, _ = hear(line(Joined(many, DAWN)))
    assert event == Joined(many[:MOST_PEOPLE], DAWN)
    assert left_out == ["Something that the server said is left out: 190000 of 200000 people."]
    endless = HelpEntry("help", "help", "helps", ["more"] * (MOST + 1))
    assert hear(line(Help([endless, HelpEntry("a", "b", "c")]))).event == Help(
        [HelpEntry("a", "b", "c")]
    )


@pytest.mark.parametrize("answer", [said(Ok("1", re="7"), id=5), said(Ok("x" * 9999, re="7"))])
def test_a_line_whose_answer_is_out_of_bounds_is_answered(answer: bytes) -> None:
    event, left_out, _ = hear(answer)
    assert isinstance(event, Refused) and event.re == "7"
    assert len(left_out) == 1


def test_what_a_newer_server_says_is_passed_over() -> None:
    assert hear(b'{"type": "typing", "name": "bob"}\n') == Heard(None)
    assert hear(b'{"type": "counted", "re": "7"}\n') == Heard(Ok(re="7"))
    assert hear(said(message(1), reactions=["+1"])) == Heard(message(1), [])


def test_a_server_that_speaks_another_protocol_is_known_by_its_welcome() -> None:
    """A server of the first protocol does not say so, and has names where we have people."""
    first = said(welcome("alice"), you="alice", users=["alice", "bob"])
    first = json.dumps({k: v for k, v in json.loads(first).items() if k != "protocol"}).encode()
    assert hear(first) == Heard(None, protocol=1)
    assert hear(said(welcome("alice"), protocol=PROTOCOL + 1)).protocol == PROTOCOL + 1
    assert hear(line(welcome("alice"))).protocol == PROTOCOL


@pytest.mark.parametrize("rubbish", [b"HTTP/1.1 400 Bad Request\r\n", b"\n", b"\xff\n", b"[]\n"])
def test_what_is_no_object_is_no_event(rubbish: bytes) -> None:
    assert hear(rubbish) == Heard(
        None,
        ["Something that the server said is left out: a line that is no event."],
    )


def test_what_is_remembered_has_its_bounds() -> None:
    state, conversations = ChatState(), Conversations()
    for number in range(MOST_OPEN + 500):
        state.apply(says(f"боб{number}", "hi", "алиса", number), DAWN)
    conversations.take(state)
    assert len(conversations.opened) == MOST_OPEN
    assert conversations.opened[-1].name == f"боб{MOST_OPEN + 499}"
    for number in range(2):
        state.apply(joined(*(f"{number}-{each}" for each in range(MOST_PEOPLE))), DAWN)
    assert len(state.people.here) == MOST_PEOPLE
    for number in range(KEPT + 1):
        state.apply(Scheduled(Item(str(number), DAWN, DAWN, None, "hi")), DAWN)
        state.apply(Fired(f"of {number}", f"unheard {number}"), DAWN)
    assert len(state.pending) == KEPT


# As it is met


BAD = [*OUT_OF_BOUNDS[:12], b'{"type": "typing"}\n', b"no event\n", b"\n"]
TOLD = len(BAD) - 1


async def lets_in(script: Scripted, bad: Sequence[bytes] = BAD) -> None:
    """Let alice in, and say all that is bad, and one thing that is not."""
    await script.welcomes()
    key = await script.hears("history")
    script.says_bytes(b"".join(bad))
    script.says(History([message(7, "before")], None, re=key), message(8, "привет, alice"))


async def test_nothing_that_a_server_says_ends_a_connection() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await lets_in(script)
        await client.is_in()
        assert client.status.state == "connected"
        left_out = [event for event in client.heard if isinstance(event, Refused)]
        assert len(left_out) == TOLD


async def test_of_a_line_without_an_end_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LONGEST_LINE", 5000)
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes()
        key = await script.hears("history")
        script.says_bytes(b'{"type": "message", "text": "' + b"x" * 100_000)
        script.says_bytes(b'"}\n' + line(History([message(7, "before")], None, re=key)))
        script.says(message(8, "after"))
        await until(lambda: client.texts[-1:] == ["after"])
        [left_out] = [event for event in client.heard if isinstance(event, Refused)]
        assert left_out.text.endswith("a line of more than 5000 bytes.")


async def test_the_screen_shows_a_line_for_what_is_out_of_bounds() -> None:
    async with scripted() as script, offline_at_screen(script.port, "alice", (100, 60)) as alice:
        many = people(*(f"person{number}" for number in range(200_000)))
        await script.hears("format json")
        key = await script.hears("rename alice")
        everybody = [person("alice"), *many]
        script.says(welcome("alice", everybody, last="5", token="token"), Ok(re=key))
        key = await script.hears("history")
        script.says_bytes(b"".join(BAD))
        script.says(History([message(7, "before")], None, re=key), message(8, "привет, alice"))
        await alice.hears("привет, alice")
        left_out = [text for text in alice.said() if "is left out" in text]
        assert len(left_out) == TOLD + 1
        await alice.enters("still here")
        await script.hears("send -- still here")


async def test_lines_show_a_line_for_what_is_out_of_bounds(tmp_path: Path) -> None:
    async with scripted() as script, plain(script.port, tmp_path) as alice:
        await lets_in(script)
        assert "alice" in await alice.hears("привет")
        assert sum("is left out" in heard for heard in alice.heard) == TOLD
        assert alice.process.returncode is None


# What is no chat


@contextlib.asynccontextmanager
async def web_server() -> AsyncIterator[int]:
    """Run a web server as people have them for their work."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Silent) as server:
        serving = asyncio.create_task(asyncio.to_thread(server.serve_forever, 0.01))
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            await serving


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


async def test_the_screen_says_what_to_do_where_no_chat_answers() -> None:
    async with web_server() as port, offline_at_screen(port, "alice", (100, 24)) as alice:
        await alice.hears(f"What answers at 127.0.0.1:{port} is no chat server.")
        await alice.hears("CHAT_PORT")
        await alice.sees("Ctrl+R tries again")
        await alice.press("ctrl+r")
        await until(
            lambda: sum("is no chat" in text for text in alice.said()) == 2,
            lambda: "\n".join(["the second answer on", *alice.shown()]),
        )


async def test_lines_say_what_to_do_where_no_chat_answers_and_end(tmp_path: Path) -> None:
    async with web_server() as port, plain(port, tmp_path) as alice:
        told = await alice.hears("! ")
        assert told.startswith(f"! What answers at 127.0.0.1:{port} is no chat server.")
        assert "CHAT_PORT" in told
        assert (await alice.ends()).status == 1


# What speaks another protocol

FIRST = (
    b'{"type":"welcome","you":"alice","server":"chat-server","version":"1","chat":"c","time":0.0,'
    b'"users":["alice","bob"],"pending":[],"undelivered":[],"last":"5","token":"t","here":2}\n'
)
"""The welcome of a server of the first protocol, which does not name it."""


async def test_the_screen_says_in_a_line_that_a_server_is_older_and_tries_no_more() -> None:
    async with scripted() as script, offline_at_screen(script.port, "alice", (100, 24)) as alice:
        await script.hears("rename alice")
        script.says_bytes(FIRST)
        told = f"The server at 127.0.0.1:{script.port} speaks an older protocol than this client."
        await alice.hears(told)
        await alice.sees("the server speaks an older protocol")
        assert alice.said() == [f"! {told} Update the server."]
        await alice.sees("offline, Ctrl+R tries again")


async def test_lines_say_that_a_server_is_newer_and_end(tmp_path: Path) -> None:
    async with scripted() as script, plain(script.port, tmp_path) as alice:
        await script.hears("rename alice")
        script.says_bytes(said(welcome("alice"), protocol=PROTOCOL + 1))
        told = await alice.hears("! ")
        assert told.endswith("speaks a newer protocol than this client. Update the client.")
        assert (await alice.ends()).status == 1
