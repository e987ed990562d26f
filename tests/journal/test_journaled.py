"""What cannot succeed is not journaled, also while earlier lines are on their way."""

import pytest

from chat_server.clock import SystemClock
from chat_server.protocol.commands import Cancel, Rename, Report, Send
from chat_server.protocol.events import Ok, Refused, Welcome
from chat_server.rules.entries import Command, Enter, Return
from tests.conftest import Serve
from tests.support.faulty_journal import FaultyJournal
from tests.support.running import Running


@pytest.fixture
def journal() -> FaultyJournal:
    return FaultyJournal(SystemClock())


@pytest.fixture
async def server(serve: Serve, journal: FaultyJournal) -> Running:
    return await serve(journal=journal)


TYPED = (Send, Rename, Cancel, Report, Return)


def typed(journal: FaultyJournal) -> list[Command]:
    """Return what people typed of all that was journaled, but for their names at the start."""
    commands = [proposal.command for proposal in journal.appended]
    return [command for command in commands if isinstance(command, TYPED)]


@pytest.mark.parametrize(
    ("lines", "succeeding", "codes"),
    [
        (["send hi"] + ["send hi -u nobody"] * 50, 1, {"nobody_of_that_name"}),
        (["send hi -t 900"] * 60, 20, {"too_many_pending"}),
        (["send hi -t 900"] + ["cancel"] * 60, 2, {"nothing_pending"}),
        (["send hi -t 900"] + ["cancel 1"] * 60, 2, {"nothing_pending"}),
        (["report bob"] * 60, 1, {"already_reported"}),
        (["send hi"] + ["rename bob"] * 60, 1, {"name_taken"}),
        (["rename carol"] + ["send hi -u ann"] * 60, 1, {"nobody_of_that_name"}),
        (["send hi"] + ["resume unknown"] * 60, 1, {"bad_token"}),
    ],
)
async def test_what_is_refused_is_not_journaled(
    server: Running, journal: FaultyJournal, lines: list[str], succeeding: int, codes: set[str]
) -> None:
    ann, _ = await server.join_json("ann")
    await server.join("bob")
    before = len(typed(journal))
    await ann.say(*(f"@l{number} {line}" for number, line in enumerate(lines)))
    answers = [(await ann.until_answer(f"l{number}"))[1] for number in range(len(lines))]
    assert {answer.code for answer in answers if isinstance(answer, Refused)} == codes
    assert len([answer for answer in answers if isinstance(answer, Ok)]) == succeeding
    assert len(typed(journal)) - before == succeeding


async def test_who_is_only_entering_journals_no_more(
    server: Running, journal: FaultyJournal
) -> None:
    for number in range(3):
        guest = await server.connect()
        await guest.say("send hello", *["send " + "x" * 1900 + " -u nobody"] * 50, "send fence")
        await guest.expect(f"guest{number + 1}: fence")
    assert typed(journal) == [Send("hello"), Send("fence")] * 3


async def test_refused_resumes_leave_ones_token_as_it_is(server: Running) -> None:
    ann, welcome = await server.join_json("ann")
    for number in range(300):
        await ann.say(f"@r{number} resume unknown{number}")
    for number in range(300):
        assert isinstance((await ann.until_answer(f"r{number}"))[1], Refused)
    await ann.say("format json")
    assert (await ann.expect_event(Welcome)).token == welcome.token


async def test_each_line_has_its_answer_in_order_where_some_wait(
    server: Running, journal: FaultyJournal
) -> None:
    lines = ["send a", "rename ann", "users", "send b -u nobody", "send c", "cancel", "exit"]
    ann = await server.connect()
    await ann.say("format json", *(f"@{number} {line}" for number, line in enumerate(lines)))
    keys: list[str] = []
    while len(keys) < len(lines):
        event = await ann.next_event()
        if re := getattr(event, "re", ""):
            keys.append(re)
    assert keys == [str(number) for number in range(len(lines))]
    assert len([one for one in journal.appended if isinstance(one.command, Enter)]) == 1
