"""The chat's file has reached the size that it may have: what is refused, and what goes on."""

import asyncio
from pathlib import Path

import pytest

from chat_server.journal.sqlite import SqliteJournal
from chat_server.protocol.commands import Send
from chat_server.protocol.events import Message, Refused
from chat_server.rules.entries import Leave, Proposal, Snapshot
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import LARGE, PATIENCE, Client
from tests.support.clock import FakeClock
from tests.support.faulty_journal import FaultyJournal

pytestmark = pytest.mark.both_loops

LIMIT = 1 << 20
SMALL = Settings(port=0, rate=0, journal_max=LIMIT)


class FilledJournal(FaultyJournal):
    """A journal on a disk of which a test says how much it takes; a snapshot may help."""

    does_shrink = False
    saves = 0

    async def save(self, snapshot: Snapshot) -> None:
        self.saves += 1
        await super().save(snapshot)
        if self.does_shrink:
            self.size = 0


async def refused_until_it_goes_on(client: Client) -> int:
    """Talk until that is not refused; return how often it was."""

    async def talk() -> int:
        refusals = 0
        while isinstance(await client.answer("send hello"), Refused):
            refusals += 1
        return refusals

    return await asyncio.wait_for(talk(), PATIENCE)


@pytest.fixture
def journal(clock: FakeClock) -> FilledJournal:
    return FilledJournal(clock)


async def test_lines_are_refused_while_people_may_ask_and_leave(
    serve: Serve, clock: FakeClock, journal: FilledJournal
) -> None:
    running = await serve(SMALL, clock=clock, journal=journal)
    ann, _ = await running.join_json("ann")
    bob, _ = await running.join_json("bob")
    journal.size = LIMIT
    refusal = await ann.refusal("send hello")
    assert (refusal.code, refusal.data) == ("journal_full", {"limit": LIMIT})
    assert (await ann.refusal("rename anna")).code == "journal_full"
    assert (await ann.refusal("send -t 900 later")).code == "journal_full"
    assert not isinstance(await bob.answer("users"), Refused)
    await ann.say("exit")
    assert await ann.rest() != []
    await bob.expect("left")
    assert isinstance(journal.appended[-1].command, Leave)


async def test_what_was_scheduled_is_still_sent(
    serve: Serve, clock: FakeClock, journal: FilledJournal
) -> None:
    running = await serve(SMALL, clock=clock, journal=journal)
    ann, _ = await running.join_json("ann")
    await ann.answer("send -t 10 later")
    journal.size = LIMIT
    clock.advance(10)
    assert (await ann.expect_event(Message)).text == "later"


async def test_who_comes_is_told_and_enters_when_there_is_room(
    serve: Serve, clock: FakeClock, journal: FilledJournal
) -> None:
    running = await serve(SMALL, clock=clock, journal=journal)
    await running.join("alice")
    journal.size = LIMIT
    talker = await running.connect()
    await talker.say("rename bob")
    assert (await talker.next_line()).startswith("! The chat's file has reached its limit of 1 MiB")
    silent = await running.connect()
    await silent.say_bytes(b"half a line")
    await talker.say("rename bob")
    await talker.next_line()
    clock.advance(0.3)
    assert (await silent.next_line()).startswith("! You are not in the chat yet, because its file")
    journal.size = 0
    await talker.say("rename bob")
    await talker.expect("Welcome, bob")
    clock.advance(1)
    await silent.expect("Welcome, guest")


async def test_talk_goes_on_by_itself_when_a_snapshot_has_made_it_smaller(
    serve: Serve, clock: FakeClock, journal: FilledJournal, caplog: pytest.LogCaptureFixture
) -> None:
    running = await serve(SMALL, clock=clock, journal=journal)
    ann, _ = await running.join_json("ann")
    journal.size, journal.does_shrink = LIMIT, True
    assert await refused_until_it_goes_on(ann)
    assert journal.saves == 1
    assert [line.partition(",")[0] for line in caplog.messages if "chat's file" in line] == [
        "the chat's file has reached 1 MiB",
        "the chat's file is smaller than CHAT_JOURNAL_MAX again",
    ]


async def test_snapshot_that_does_not_help_is_tried_again_after_a_minute(
    serve: Serve, clock: FakeClock, journal: FilledJournal, caplog: pytest.LogCaptureFixture
) -> None:
    running = await serve(SMALL, clock=clock, journal=journal)
    ann, _ = await running.join_json("ann")
    journal.size = LIMIT
    for _ in range(20):
        await ann.refusal("send hello")
    assert journal.saves == 1
    clock.advance(60)
    for _ in range(20):
        await ann.refusal("send hello")
    assert journal.saves == 2
    assert len([line for line in caplog.messages if "chat's file" in line]) == 1


async def test_without_a_limit_the_file_may_have_any_size(
    serve: Serve, clock: FakeClock, journal: FilledJournal
) -> None:
    running = await serve(Settings(port=0, rate=0, journal_max=0), clock=clock, journal=journal)
    ann, _ = await running.join_json("ann")
    journal.size = 1 << 50
    assert not isinstance(await ann.answer("send hello"), Refused)


async def test_file_on_the_disk_is_made_smaller(
    serve: Serve, clock: FakeClock, tmp_path: Path
) -> None:
    path, large = tmp_path / "chat.db", 20 << 20
    await fill(SqliteJournal(path, clock), 2 * large)
    journal = SqliteJournal(path, clock)
    running = await serve(Settings(port=0, rate=0, journal_max=large), clock=clock, journal=journal)
    ann = await running.connect()
    await ann.say("format json")
    assert (await ann.refusal("rename ann")).code == "journal_full"
    assert await refused_until_it_goes_on(ann)
    assert journal.size < large


async def fill(journal: SqliteJournal, size: int) -> None:
    """Write what nobody said into a journal, which is nothing to remember."""
    await journal.open()
    number = 0
    while journal.size < size:
        batch = range(number, number + 100)
        await journal.append([Proposal("gone", n, "gone.1", "", Send(LARGE)) for n in batch])
        number += 100
    await journal.close()
