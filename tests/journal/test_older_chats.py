"""A busy chat of an older program goes on: people are who they were, and no sentence was kept.

The files are what such a program's journal held while its server ran for the second time (`.dump`
of sqlite3). Of the four programs alice, bob, carol and eve, and dave on telnet: alice wrote to all,
to bob, to herself; sent lines with the keys once, same (her own name) and rep (a report of eve);
and scheduled for all, for bob and for dave. Then bob became robert, three reported eve, dave and
carol said exit, bob and eve were cut off, and what bob had scheduled for carol, and eve for all,
came due. After the start alice and eve came back, and alice wrote to all and to eve, cancelled
what she had scheduled once more, and reported eve again.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import NamedTuple

import pytest

from chat_server.connection.tokens import hashed
from chat_server.journal.sqlite import SqliteJournal
from chat_server.protocol.events import (
    Fired,
    History,
    Message,
    Ok,
    Person,
    Refused,
    Undelivered,
    Welcome,
)
from chat_server.rules.entries import Snapshot
from chat_server.rules.naming import NAME_HELD
from tests.support.client import Client
from tests.support.clock import DAWN, FakeClock
from tests.support.running import UNLIMITED, Running, run
from tests.support.story import Story

FILES = Path(__file__).parents[1] / "files"
WENT_ON = 30.0
"""Seconds after dawn at which the second server began."""


class Busy(NamedTuple):
    """Such a chat: its file, the id of the message "once", and the tokens."""

    file: str
    once: str
    alice: str
    bob: str
    eve: str


CHATS = [
    Busy(
        "busy-2.sql",
        "9-NQkW",
        "UbJ0yoElBQOWds8s2GV7ebEqWbIugAMF",
        "xJR7xdskFLNWXfV9361BTeyOxIppVeMd",
        "hexsH-6LOD7LOPf95BaHAzNN7SEQfHhG",
    ),
    Busy(
        "chat-3.sql",
        "9-8PMq",
        "U3gPH9b8OArc9UI8nhtnBrFpfgVpZmh5",
        "cs3CyWFXV5ltRQ-TSQcX1q5VC26iINFH",
        "23hPtu0KiZZLqGmfMTZ49AnAYVaMCarV",
    ),
    Busy(
        "busy-4.sql",
        "9-vge1",
        "15a3tl4I4wX6Kem-GNHiQ7QAJWFBUU-N",
        "pp_YBNFwbcFVkpL65oLN23j0aOu-0vUy",
        "mvHArIBInNhsGL9OL4GQ-hIeFKxaaXDG",
    ),
]


@pytest.fixture(params=CHATS, ids=lambda busy: str(busy.file))
def busy(request: pytest.FixtureRequest) -> Busy:
    assert isinstance(request.param, Busy)
    return request.param


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.advance(WENT_ON)
    return clock


@pytest.fixture
async def server(busy: Busy, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Running]:
    """Go on with the chat, and once more with what the first of two servers made of it."""
    path = tmp_path / "chat.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FILES / busy.file).read_text())
    async with run(UNLIMITED, SqliteJournal(path, clock), clock):
        pass
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(run(UNLIMITED, SqliteJournal(path, clock), clock))


async def back(server: Running, token: str) -> tuple[Client, Welcome]:
    client = await server.connect()
    await client.say("format json", f"@r resume {token}")
    welcome = await client.expect_event(Welcome)
    await client.until_answer("r")
    return client, welcome


async def history_of(client: Client) -> dict[str, tuple[Person, Person | None]]:
    history = await client.answer("history 100")
    assert isinstance(history, History)
    return {message.text: (message.sender, message.to) for message in history.messages}


async def test_who_wrote_and_to_whom_is_known_by_ids(server: Running, busy: Busy) -> None:
    alice, welcome = await back(server, busy.alice)
    _, eves = await back(server, busy.eve)
    _, bobs = await back(server, busy.bob)
    you = welcome.you
    assert (you.name, bobs.you.name, eves.you.name) == ("alice", "robert", "eve")
    assert len({you.id, bobs.you.id, eves.you.id}) == 3
    bob_then = Person(bobs.you.id, "bob")
    assert await history_of(alice) == {
        "hello, все": (you, None),
        "once": (you, None),
        "psst": (you, bob_then),
        "note": (you, you),
        "ten": (you, None),
        "twenty": (you, None),
        "after the start": (you, None),
        "hi, eve": (you, eves.you),
    }


async def test_what_is_scheduled_is_for_the_same_people(
    server: Running, busy: Busy, clock: FakeClock
) -> None:
    alice, welcome = await back(server, busy.alice)
    bob, bobs = await back(server, busy.bob)
    everyone, for_bob, for_dave = welcome.pending
    assert (everyone.to, for_bob.to) == (None, bobs.you)
    assert for_dave.to is not None
    assert for_dave.to.name == "dave"
    clock.advance(DAWN + 7200 - clock.now())
    message = await bob.expect_event(Message)
    assert (message.text, message.item) == ("good morning", everyone.id)
    message = await bob.expect_event(Message)
    assert (message.text, message.to, message.item) == ("just for you", bobs.you, for_bob.id)
    clock.advance(800)
    await alice.expect_event(Fired)
    undelivered = await alice.expect_event(Undelivered)
    assert (undelivered.to, undelivered.because) == (for_dave.to, "dave is not here")


async def test_lines_that_come_again_are_answered_as_they_were(server: Running, busy: Busy) -> None:
    alice, _ = await back(server, busy.alice)
    await alice.say("@once send once", "@same rename alice", "@rep report eve")
    before, once = await alice.until_answer("once")
    assert (before, once) == ([], Ok(id=busy.once, re="once"))
    for key, code, name in (("same", "same_name", "alice"), ("rep", "reported", "eve")):
        before, answer = await alice.until_answer(key)
        assert isinstance(answer, Ok)
        assert (before, answer.code, answer.data) == ([], code, {"name": name})


async def test_what_could_not_be_sent_is_told_in_the_next_welcome(
    server: Running, busy: Busy
) -> None:
    _, welcome = await back(server, busy.bob)
    [undelivered] = welcome.undelivered
    assert (undelivered.reason, undelivered.because) == ("not_here", "carol is not here")
    assert undelivered.to is not None
    assert undelivered.to.name == "carol"


def test_reason_that_was_a_sentence_is_a_code(busy: Busy) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript((FILES / busy.file).read_text())
        [(last, state)] = database.execute("SELECT last, state FROM snapshots")
    story = Story(Snapshot(last, state), node="next")
    [spam] = story.undelivered(story.resumes(hashed(busy.eve)))
    assert (spam.id, spam.reason, spam.to, spam.text) == ("5", "muted", None, "spam")


async def test_mutes_and_complaints_hold(server: Running, busy: Busy, clock: FakeClock) -> None:
    alice, _ = await back(server, busy.alice)
    eve, _ = await back(server, busy.eve)
    assert (await eve.refusal("send hi")).code == "muted"
    assert isinstance(await alice.answer("report =nobody"), Refused)
    assert (await alice.refusal("report eve")).code == "already_reported"
    clock.advance(600)
    assert isinstance(await eve.answer("send hi"), Ok)


async def test_people_whose_names_look_alike_keep_them_and_no_other_comes(
    clock: FakeClock, tmp_path: Path
) -> None:
    """In chat-4.sql alice and a1ice were there at once, and later Ian and lan."""
    path = tmp_path / "chat.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FILES / "chat-4.sql").read_text())
    async with run(UNLIMITED, SqliteJournal(path, clock), clock) as server:
        for name, token in {
            "alice": "7PNrsyaHhJPE0v6_177ntz0H2YLA2yT1",
            "a1ice": "Jw_mie4e9pDcZrJ6Fbkk57XqcEJgRiuj",
            "lan": "Q1DBocxHIB3xrX1F-k49KO8iJzZX3CUZ",
        }.items():
            _, welcome = await back(server, token)
            assert welcome.you.name == name
        clock.advance(NAME_HELD)
        newcomer = await server.connect()
        await newcomer.say("format json")
        assert (await newcomer.refusal("rename аӏісе")).code == "name_lookalike"
        assert (await newcomer.refusal("rename Ian")).code == "name_lookalike"
