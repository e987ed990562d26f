"""A server whose machine shows a wrong time: at its start, and while it runs."""

import glob
import os
import signal
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from chat_server.journal.sqlite import SqliteJournal
from chat_server.protocol.events import Fired, History, Message, Ok, Scheduled, Welcome
from tests.support.client import Client
from tests.support.clock import DAWN, FakeClock
from tests.support.processes import listening
from tests.support.running import UNLIMITED, Running, run
from tests.support.torture import SETTINGS

HOUR = 3600
YEAR = 365 * 24 * HOUR
AHEAD = "the journal is ahead of this machine's clock by"


def libfaketime() -> str:
    """Find the library; without it, skip the test, and under CI fail it."""
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if found:
        return found[0]
    if os.environ.get("CI"):
        pytest.fail("libfaketime is not installed")
    pytest.skip("libfaketime is not installed")


def serving(folder: Path, clock: FakeClock) -> AbstractAsyncContextManager[Running]:
    return run(UNLIMITED, SqliteJournal(folder / "chat.db", clock), clock)


@pytest.mark.parametrize("ahead", [HOUR, YEAR, 12 * YEAR])
async def test_start_with_a_journal_ahead_of_the_clock_says_so_and_goes_on_from_now(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, ahead: int
) -> None:
    wrong, right = FakeClock(), FakeClock()
    wrong.set_by(ahead)
    async with serving(tmp_path, wrong) as server:
        ann, welcome = await server.join_json("ann")
        await ann.answer("send -t 600 tea")
        wrong.advance(100)
        await ann.answer("send too early")
    async with serving(tmp_path, right) as server:
        assert len([text for text in caplog.messages if text.startswith(AHEAD)]) == 1
        again = await server.connect()
        await again.say("format json", f"@r resume {welcome.token}")
        back = await again.expect_event(Welcome)
        assert (back.time, back.pending[0].due) == (DAWN, DAWN + 500)
        await again.say("send now")
        assert (await again.expect_event(Message)).at == DAWN
        right.advance(499)
        await again.say("send fence")
        before, _ = await again.events_until(Message)
        assert [event for event in before if isinstance(event, Fired)] == []
        right.advance(1)
        assert (await again.expect_event(Message)).at == DAWN + 500
        history = await again.answer("history")
    assert isinstance(history, History)
    assert [message.text for message in history.messages] == ["too early", "now", "fence", "tea"]


async def test_start_with_a_clock_that_was_right_says_nothing_and_time_has_passed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    early, late = FakeClock(), FakeClock()
    early.set_by(-HOUR)
    async with serving(tmp_path, early) as server:
        ann, welcome = await server.join_json("ann")
        early.set_by(-YEAR)
        await ann.answer(f"send -t {HOUR + 60} tea")
        early.set_by(YEAR)
        await ann.answer("send and right again")
    async with serving(tmp_path, late) as server:
        assert [text for text in caplog.messages if text.startswith(AHEAD)] == []
        again = await server.connect()
        await again.say("format json", f"@r resume {welcome.token}")
        assert (await again.expect_event(Welcome)).pending[0].due == DAWN + 60
        late.advance(60)
        assert (await again.expect_event(Message)).text == "tea"


async def test_clock_of_the_machine_is_set_while_the_server_runs(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("+0")
    faked = {
        "LD_PRELOAD": libfaketime(),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    async with listening("module", tmp_path, **SETTINGS, **faked) as server:
        ann = await Client.open(server.host, server.port)
        await ann.say("format json", "@in rename ann")
        begin = (await ann.expect_event(Welcome)).time
        await ann.answer("send -t 100 later")
        await ann.answer("send -t 1 soon")
        for hours in (1, -1, 24 * 365, -24 * 365 * 12):
            offset.write_text(f"{hours * HOUR:+d}")
            before, answer = await ann.ask("send now")
            assert isinstance(answer, Ok)
            [said] = [
                event for event in before if isinstance(event, Message) and event.text == "now"
            ]
            shown = next(event.item for event in before if isinstance(event, Scheduled))
            assert abs(said.at - begin - hours * HOUR) < HOUR / 2
            assert abs(shown.due - said.at) < HOUR / 2
        while not any('"type":"message"' in line and '"soon"' in line for line in ann.seen):
            await ann.next_line()
        await ann.close()
        ended = await server.ended(signal.SIGTERM)
    assert ended.stderr.count("the machine's clock was set") == 4
    offset.write_text(f"{-24 * 365 * 13 * HOUR:+d}")
    async with listening("module", tmp_path, **SETTINGS, **faked) as server:
        assert (await server.ended(signal.SIGTERM)).stderr.count(AHEAD) == 1
