"""What the journal could not save: it is refused, or proposed anew, and nothing is half done."""

import asyncio

import pytest

from chat_server.clock import SystemClock
from chat_server.journal.errors import NotSaved
from chat_server.protocol.commands import Send
from chat_server.protocol.events import Bye, Left, Message, Ok, Pending, Refused, Users, Welcome
from chat_server.rules.entries import Command, Fire, Leave, Proposal
from tests.conftest import Serve
from tests.support.clock import DAWN, FakeClock
from tests.support.faulty_journal import FaultyJournal, GatedJournal
from tests.support.people import names
from tests.support.running import Running

FULL = NotSaved("cannot write to chat.db: disk full")


@pytest.fixture
def journal() -> FaultyJournal:
    return FaultyJournal(SystemClock())


@pytest.fixture
async def running(serve: Serve, journal: FaultyJournal) -> Running:
    return await serve(journal=journal)


def appended(journal: FaultyJournal, kind: type[Command]) -> list[Proposal]:
    return [proposal for proposal in journal.appended if isinstance(proposal.command, kind)]


@pytest.mark.both_loops
async def test_line_is_refused_with_its_key_and_a_later_one_works(
    running: Running, journal: FaultyJournal
) -> None:
    ann, _ = await running.join_json("ann")
    bob, _ = await running.join_json("bob")
    journal.failing_before += [FULL]
    refused = await ann.refusal("send lost")
    assert refused.code == "not_saved"
    assert isinstance(await ann.answer("send kept"), Ok)
    assert (await bob.expect_event(Message)).text == "kept"
    assert [proposal.command for proposal in appended(journal, Send)] == [Send("kept")]


async def test_refused_line_can_be_sent_again_with_its_key(
    running: Running, journal: FaultyJournal
) -> None:
    ann, _ = await running.join_json("ann")
    journal.failing_before += [FULL]
    await ann.say("@same send hello")
    assert isinstance((await ann.until_answer("same"))[1], Refused)
    await ann.say("@same send hello")
    assert isinstance((await ann.until_answer("same"))[1], Ok)
    assert len(appended(journal, Send)) == 1


async def test_answers_of_a_refused_batch_come_in_the_order_of_the_lines(
    running: Running, journal: FaultyJournal
) -> None:
    ann, _ = await running.join_json("ann")
    journal.failing_before += [FULL]
    await ann.say("@a send one", "@b send two -t 900", "@c rename ann2", "@d pending")
    for key in "ab":
        before, answer = await ann.until_answer(key)
        assert (before, isinstance(answer, Refused)) == ([], True)
    assert isinstance((await ann.until_answer("c"))[1], Ok)
    before, answer = await ann.until_answer("d")
    assert (before, isinstance(answer, Pending)) == ([], True)


async def test_who_leaves_while_nothing_can_be_saved_is_gone_afterwards(
    running: Running, journal: FaultyJournal
) -> None:
    ann, _ = await running.join_json("ann")
    bob, _ = await running.join_json("bob")
    journal.failing_before += [FULL, FULL]
    await bob.close()
    assert names((await ann.expect_event(Left)).people) == ["bob"]
    users = await ann.answer("users")
    assert isinstance(users, Users)
    assert names(users.people) == ["ann"]
    assert len(appended(journal, Leave)) == 1


async def test_exit_is_carried_out_and_answered_in_the_end(
    running: Running, journal: FaultyJournal
) -> None:
    bob = await running.join("bob")
    alice = await running.join("alice")
    journal.failing_before += [FULL]
    await alice.say("exit")
    assert await alice.rest() == ["* Goodbye."]
    await bob.expect("alice left")
    assert [proposal.command for proposal in appended(journal, Leave)] == [Leave(goodbye=True)]


async def test_entering_that_was_not_saved_can_be_tried_again(
    running: Running, journal: FaultyJournal
) -> None:
    journal.failing_before += [FULL]
    client = await running.connect()
    await client.say("format json", "@a rename ann")
    before, answer = await client.until_answer("a")
    assert isinstance(answer, Refused)
    assert answer.code == "not_saved"
    assert not [event for event in before if isinstance(event, Welcome)]
    await client.say("@b rename ann")
    before, answer = await client.until_answer("b")
    assert isinstance(answer, Ok)
    assert [event.you.name for event in before if isinstance(event, Welcome)] == ["ann"]


async def test_first_line_that_was_not_saved_enters_when_it_is_said_again(
    running: Running, journal: FaultyJournal
) -> None:
    journal.failing_before += [FULL]
    client = await running.connect()
    await client.say("send hello")
    assert (await client.next_line()).startswith("! This could not be saved")
    await client.say("send hello")
    assert (await client.next_line()).startswith("* Welcome, guest1.")
    await client.expect("guest1: hello")


async def test_who_entered_between_two_batches_that_were_not_saved_leaves_as_everybody_does(
    serve: Serve,
) -> None:
    journal = GatedJournal(SystemClock())
    running = await serve(journal=journal)
    alice = await running.join("alice")
    client = await running.connect()

    async def says(line: str) -> None:
        """Say a line, and wait until the server has read it."""
        await client.say(line)
        await alice.say("users")
        await alice.expect("1 person is here")

    journal.gates = asyncio.Queue()
    await says("send one")
    first = await journal.next_gate()
    await says("send two")
    first.set_exception(FULL)
    second = await journal.next_gate()
    await says("send three")
    second.set_exception(FULL)
    third = await journal.next_gate()
    journal.gates = None
    third.set_result(None)
    await client.expect("guest1: three")
    await client.close()
    await alice.expect("guest1 left")


async def test_scheduled_message_that_could_not_be_saved_fires_once_it_can(
    serve: Serve, clock: FakeClock
) -> None:
    journal = FaultyJournal(clock)
    running = await serve(clock=clock, journal=journal)
    alice = await running.join("alice")
    await alice.say("send good morning -t 60")
    await alice.expect("Scheduled 1")
    journal.failing_before += [FULL, FULL]
    clock.advance(60)
    await alice.expect("alice: good morning")
    assert [proposal.command for proposal in appended(journal, Fire)] == [Fire(1)]
    await alice.say("users")
    await alice.expect("1 person is here")
    assert sum("good morning" in line for line in alice.seen) == 2


async def test_who_came_and_went_while_nothing_could_be_saved_leaves_nothing_to_save(
    running: Running, journal: FaultyJournal
) -> None:
    bob = await running.join("bob")
    journal.failing_before += [FULL] * 1000
    visitor = await running.connect()
    await visitor.say("users", "exit")
    assert (await visitor.rest())[-1] == "* Goodbye."
    journal.failing_before.clear()
    await bob.say("send fence")
    await bob.expect("bob: fence")
    assert appended(journal, Leave) == []


@pytest.mark.parametrize("set_again_by", [0, -3600])
async def test_time_is_right_after_the_clock_was_set_while_nothing_could_be_saved(
    serve: Serve, clock: FakeClock, caplog: pytest.LogCaptureFixture, set_again_by: int
) -> None:
    journal = GatedJournal(clock)
    running = await serve(clock=clock, journal=journal)
    ann, _ = await running.join_json("ann")
    journal.gates = asyncio.Queue()
    clock.set_by(3600)
    await ann.say("@a send lost")
    first = await journal.next_gate()
    first.set_exception(FULL)
    second = await journal.next_gate()
    clock.set_by(set_again_by)
    second.set_exception(FULL)
    await ann.until_answer("a")
    journal.gates = None
    await ann.say("@b send kept")
    assert (await ann.expect_event(Message)).at == DAWN + 3600 + set_again_by
    sets = [text for text in caplog.messages if "clock was set" in text]
    assert len(sets) == (2 if set_again_by else 1)


async def test_who_looks_on_is_told_and_enters_as_soon_as_that_can_be_saved(
    serve: Serve, clock: FakeClock
) -> None:
    journal = FaultyJournal(clock)
    running = await serve(clock=clock, journal=journal)
    alice = await running.join("alice")
    silent = await running.connect()
    await alice.say("users")
    await alice.expect("1 person is here")
    journal.failing_before += [FULL]
    clock.advance(0.3)
    assert (await silent.next_line()).startswith("! You are not in the chat yet, because nothing")
    await alice.say("users")
    await alice.expect("1 person is here")
    clock.advance(1)
    assert (await silent.next_line()).startswith("* Welcome, guest1.")
    await alice.expect("guest1 joined")


@pytest.mark.parametrize("failure", [FULL, OSError("the disk is gone")])
async def test_exit_is_answered_at_once_however_long_nothing_can_be_saved(
    running: Running, journal: FaultyJournal, failure: Exception
) -> None:
    ann, _ = await running.join_json("ann")
    journal.failing_before += [failure] * 1000
    await ann.say("@x exit")
    _, bye = await ann.events_until(Bye)
    assert bye.re == "x"
    assert await ann.rest() == []
    assert len(journal.failing_before) > 900
    journal.failing_before.clear()


async def test_repeated_failure_is_logged_once_with_a_count(
    running: Running, journal: FaultyJournal, caplog: pytest.LogCaptureFixture
) -> None:
    bob = await running.join("bob")
    alice = await running.join("alice")
    await bob.expect("alice joined")
    journal.failing_before += [FULL] * 4
    await alice.say("exit")
    await bob.expect("alice left")
    await bob.say("send fence")
    await bob.expect("bob: fence")
    assert [line for line in caplog.messages if "disk full" in line or "saved" in line] == [
        "cannot write to chat.db: disk full",
        "saved again, after 4 failures",
    ]
