"""An older copy of the journal is put back while clients live on: no id is given twice."""

import shutil
import sqlite3
from contextlib import AbstractAsyncContextManager, AsyncExitStack, closing
from pathlib import Path

import pytest

from chat_server.clock import SystemClock
from chat_server.journal.sqlite import SqliteJournal
from chat_server.protocol.events import History
from chat_server.settings import Settings
from chat_tui.session.protocol import Answered
from chat_tui.session.state import SET_BACK, ChatState, Said
from tests.support.client import Client
from tests.support.clock import DAWN
from tests.support.faults import Recorder, connecting
from tests.support.running import Running, run
from tests.support.screen import until


def serving(path: Path, port: int = 0) -> AbstractAsyncContextManager[Running]:
    clock = SystemClock()
    return run(Settings(port=port, rate=0), SqliteJournal(path, clock), clock)


async def ids_of(client: Client) -> list[str]:
    history = await client.answer("history 1000")
    assert isinstance(history, History)
    return [message.id for message in history.messages]


async def test_no_id_is_given_twice_when_a_backup_is_restored(tmp_path: Path) -> None:
    path, backup = tmp_path / "chat.db", tmp_path / "backup.db"
    async with serving(path) as server:
        ann, _ = await server.join_json("ann")
        await ann.answer("send before")
    shutil.copy(path, backup)
    async with serving(path) as server:
        ann, _ = await server.join_json("bob")
        for number in range(5):
            await ann.answer(f"send lost {number}")
        [kept, *lost] = await ids_of(ann)
    shutil.copy(backup, path)
    async with serving(path) as server:
        ann, _ = await server.join_json("carol")
        for number in range(10):
            await ann.answer(f"send new {number}")
        ids = await ids_of(ann)
        assert (ids[0], len(ids), len(set(ids) & set(lost))) == (kept, 11, 0)
        for gone in lost:
            assert (await ann.refusal(f"history --since {gone}")).code == "bad_id"
        since = await ann.answer(f"history --since {kept}")
        assert isinstance(since, History)
        assert ([message.id for message in since.messages], since.missed) == (ids[1:], 0)


@pytest.mark.parametrize("new", [0, 1, 9])
async def test_client_that_knows_more_than_the_backup_begins_anew_and_says_so(
    tmp_path: Path, new: int
) -> None:
    path, backup = tmp_path / "chat.db", tmp_path / "backup.db"
    async with AsyncExitStack() as stack:
        async with serving(path) as server:
            port = server.port
            client = await stack.enter_async_context(connecting(port))
            await client.is_in()
            client.says("send before")
            await until(lambda: client.texts == ["before"])
            copy(path, backup)
            for number in range(5):
                client.says(f"send lost {number}")
            await until(lambda: client.texts[-1:] == ["lost 4"])
        await client.fails()
        shutil.copy(backup, path)
        async with serving(path, port) as server:
            bob, _ = await server.join_json("bob")
            for number in range(new):
                await bob.answer(f"send new {number}")
            await client.comes_back()
            await bob.answer("send and on")
            await until(lambda: client.texts[-1:] == ["and on"])
    assert shown(client) == [
        *("before", "lost 0", "lost 1", "lost 2", "lost 3", "lost 4", SET_BACK, "before"),
        *(f"new {number}" for number in range(new)),
        "and on",
    ]


def copy(path: Path, to: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def shown(client: Recorder) -> list[str]:
    """Return the messages and dividers that a screen has shown."""
    state = ChatState()
    for event in client.heard:
        if not isinstance(event, Answered):
            state.apply(event, DAWN)
    lines = [line for _, line in state.take_lines()]
    return [
        line.message.text if isinstance(line, Said) else line.text
        for line in lines
        if isinstance(line, Said) or line.kind == "divider"
    ]
