"""The journal in an SQLite file: its versions, its damages, and what keeps it from writing."""

import asyncio
import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from chat_server.journal.database import LOG_KEPT
from chat_server.journal.errors import CannotOpen, NotSaved
from chat_server.journal.sqlite import SLICE, SLOW, STEPS, SqliteJournal
from chat_server.protocol.events import History, Welcome
from chat_server.rules.entries import Snapshot
from tests.support.clock import FakeClock
from tests.support.journals import all_entries, entries, numbers, proposals
from tests.support.running import UNLIMITED, run

FILES = Path(__file__).parents[1] / "files"
NEWER = (*STEPS, "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('migrated')")


class Open(Protocol):
    """Open the journal in a file; it is closed at the end."""

    async def __call__(self, path: Path, steps: Sequence[str] = STEPS) -> SqliteJournal: ...


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def open_file(clock: FakeClock) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def open_one(path: Path, steps: Sequence[str] = STEPS) -> SqliteJournal:
            journal = SqliteJournal(path, clock, steps)
            stack.push_async_callback(journal.close)
            await journal.open()
            return journal

        yield open_one


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


@pytest.fixture
def failing_after(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """Return what the next commits raise after they were written, as when fsync fails."""
    errors: list[Exception] = []

    class Connection(sqlite3.Connection):
        def execute(self, statement: str, values: object = (), /) -> sqlite3.Cursor:
            assert isinstance(values, tuple)
            cursor = super().execute(statement, values)
            if statement == "COMMIT" and errors:
                raise errors.pop()
            return cursor

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))
    return errors


def asked(path: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(question).fetchall()


def left_by_a_crash(path: Path, folder: Path) -> Path:
    """Copy the files of an open journal, as they are when its server is killed."""
    folder.mkdir()
    for file in (path, path.with_name(f"{path.name}-wal")):
        shutil.copy(file, folder)
    return folder / path.name


def contents(path: Path) -> dict[str, bytes]:
    """Return what the files of a journal hold, without what SQLite makes to share memory."""
    return {file: (path.parent / file).read_bytes() for file in (path.name, f"{path.name}-wal")}


def size(path: Path) -> int:
    return path.stat().st_size


def size_with_log(path: Path) -> int:
    return size(path) + size(path.with_name(f"{path.name}-wal"))


def mode(path: Path) -> int:
    return path.stat().st_mode


def delete(path: Path) -> None:
    path.unlink()


def list_of_files(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def damage(path: Path) -> None:
    """Overwrite what is in the middle of a big file."""
    assert size(path) > 200_000
    with path.open("r+b") as file:
        file.seek(size(path) // 2)
        file.write(b"damage! " * 1000)


# Versions


async def test_file_of_an_older_version_is_migrated(open_file: Open, path: Path) -> None:
    older = await open_file(path)
    await older.append(proposals(1, 3))
    await older.save(Snapshot(1, b"state"))
    await older.close()
    newer = await open_file(path, NEWER)
    assert newer.chat == older.chat
    await newer.append(proposals(4, 4))
    assert numbers(await entries(newer, 1, 3)) == [2, 3, 4]
    assert asked(path, "SELECT * FROM notes") == [("migrated",)]
    assert asked(path, "PRAGMA user_version") == [(len(NEWER),)]


async def test_file_is_migrated_once(open_file: Open, path: Path) -> None:
    for _ in range(2):
        await (await open_file(path, NEWER)).close()
    assert asked(path, "SELECT * FROM notes") == [("migrated",)]


async def test_migration_that_fails_leaves_the_older_version(open_file: Open, path: Path) -> None:
    older = await open_file(path)
    await older.append(proposals(1, 1))
    await older.close()
    newer = SqliteJournal(path, FakeClock(), (*NEWER, "NONSENSE"))
    with pytest.raises(CannotOpen):
        await newer.open()
    await newer.close()
    assert asked(path, "PRAGMA user_version") == [(len(STEPS),)]
    assert numbers(await all_entries(await open_file(path))) == [1]


async def test_file_of_a_newer_version_is_refused_and_left_as_it_is(
    open_file: Open, path: Path, tmp_path: Path
) -> None:
    newer = await open_file(path, NEWER)
    await newer.append(proposals(1, 3))
    crashed = left_by_a_crash(path, tmp_path / "crashed")
    before = contents(crashed)
    older = SqliteJournal(crashed, FakeClock())
    with pytest.raises(CannotOpen, match=r"newer program \(its version is 6, ours 5\)"):
        await older.open()
    await older.close()
    assert contents(crashed) == before
    assert numbers(await all_entries(await open_file(crashed, NEWER))) == [1, 2, 3]


class Earlier(NamedTuple):
    """What is known of a chat of an earlier version."""

    chat: str
    token: str
    messages: list[str]
    ids: list[str]
    pending: list[tuple[str | None, str]]


TWO_ITEMS = [(None, "good morning"), ("bob", "just for you")]

SAID_BEFORE = ["hello, все", "once", "psst", "note", "ten", "twenty"]
EARLIER = {
    1: Earlier(
        "YLAiAi2txHms",
        "n9QCz6K6ClWwvB2CJ745s71ndj6hiHmI",
        ["hello, все", "psst"],
        ["0"],
        TWO_ITEMS,
    ),
    2: Earlier(
        "srw2-KzUOKcZ",
        "owuC6Q9dMXLtQoyOHEo9QDX0F1r50iCt",
        ["hello, все", "once", "after the start", "psst"],
        ["6-jZYl", "29-aJ5P", "30-aJ5P"],
        TWO_ITEMS,
    ),
    3: Earlier(
        "j-v6-wyIC0cr",
        "U3gPH9b8OArc9UI8nhtnBrFpfgVpZmh5",
        [*SAID_BEFORE, "after the start", "hi, eve"],
        ["8-8PMq", "29-8PMq", "37-9cLl"],
        [(None, "good morning"), ("robert", "just for you"), ("dave", "see you, dave")],
    ),
    4: Earlier(
        "15EBjYMCvYs9",
        "7PNrsyaHhJPE0v6_177ntz0H2YLA2yT1",
        ["hello, все", "once", "psst", "after the start"],
        ["6-kozU", "19-5v_4"],
        [(None, "good morning"), ("robert", "just for you")],
    ),
}


@pytest.mark.parametrize("version", EARLIER)
async def test_chat_of_every_earlier_version_goes_on(path: Path, version: int) -> None:
    known = EARLIER[version]
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FILES / f"chat-{version}.sql").read_text())
    clock = FakeClock()
    async with run(UNLIMITED, SqliteJournal(path, clock), clock) as server:
        alice = await server.connect()
        await alice.say("format json", f"@r resume {known.token}")
        back = await alice.expect_event(Welcome)
        assert (back.you.name, back.chat) == ("alice", known.chat)
        assert [
            (None if item.to is None else item.to.name, item.text) for item in back.pending
        ] == known.pending
        history = await alice.answer("history")
        assert isinstance(history, History)
        assert [message.text for message in history.messages] == known.messages
        for id_ in known.ids:
            assert isinstance(await alice.answer(f"history --since {id_}"), History)


# Crashes and damages


async def test_what_a_crash_left_in_the_log_is_there(
    open_file: Open, path: Path, tmp_path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 3))
    again = await open_file(left_by_a_crash(path, tmp_path / "crashed"))
    assert numbers(await all_entries(again)) == [1, 2, 3]


async def test_damaged_file_is_refused_and_left_as_it_is(
    open_file: Open, path: Path, tmp_path: Path
) -> None:
    whole = await open_file(path)
    for first in range(1, 10_001, 500):
        await whole.append(proposals(first, first + 499))
    await whole.close()
    await (await open_file(path)).append(proposals(10_001, 10_002))
    damaged = left_by_a_crash(path, tmp_path / "crashed")
    damage(damaged)
    before = contents(damaged)
    journal = SqliteJournal(damaged, FakeClock())
    with pytest.raises(CannotOpen, match=r"is damaged .* docs/operations\.md"):
        await journal.open()
    await journal.close()
    assert contents(damaged) == before


async def test_entries_that_cannot_be_understood_are_a_damage_too(
    open_file: Open, path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 1))
    await journal.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE batches SET proposals = x'00'")
        database.commit()
    again = await open_file(path)
    with pytest.raises(CannotOpen, match="is damaged"):
        await entries(again, 0, 1)


async def test_what_is_no_file_is_refused_and_left_as_it_is(open_file: Open, path: Path) -> None:
    os.mkfifo(path, 0o644)
    before = mode(path)
    with pytest.raises(CannotOpen, match="is no file"):
        await open_file(path)
    assert mode(path) == before


async def test_second_journal_on_one_file_is_refused(open_file: Open, path: Path) -> None:
    await open_file(path)
    with pytest.raises(CannotOpen, match="another server keeps its chat in"):
        await open_file(path)


async def test_journal_writes_only_after_its_own_last_entry(open_file: Open, path: Path) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    for statement in (
        "INSERT INTO batches SELECT 3, 3, at, proposals FROM batches WHERE first = 1",
        "DELETE FROM batches",
    ):
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute(statement)
        for _ in range(2):
            with pytest.raises(NotSaved, match="another server has written to it"):
                await journal.append(proposals(3, 3))
            with pytest.raises(NotSaved, match="another server has written to it"):
                await journal.save(Snapshot(2, b"state"))
        found = [(1,), (3,)] if statement.startswith("INSERT") else []
        assert asked(path, "SELECT first FROM batches") == found


@pytest.mark.parametrize("name", ["file:chat.db", "file:chat.db?mode=memory"])
async def test_name_that_looks_like_a_uri_is_a_name(
    open_file: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    journal = await open_file(Path(name))
    await journal.append(proposals(1, 2))
    assert numbers(await entries(journal, 0, 2)) == [1, 2]
    assert list_of_files(tmp_path / name) == [name, f"{name}-shm", f"{name}-wal"]


async def test_lock_that_cannot_be_had_for_another_reason_says_which(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(file: int, kind: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(CannotOpen, match=r"cannot lock .*: No locks available\. .*network drives"):
        await SqliteJournal(path, FakeClock()).open()


@pytest.mark.parametrize("size", [0, SLICE - 1, SLICE, SLICE + 1, 5 * SLICE + 7])
async def test_snapshot_is_whole_and_the_only_one(open_file: Open, path: Path, size: int) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 4))
    state = bytes(number % 251 for number in range(size))
    await asyncio.gather(*(journal.save(Snapshot(last, state[last:])) for last in (3, 1, 2)))
    await journal.save(Snapshot(4, state))
    await journal.close()
    again = SqliteJournal(path, FakeClock())
    assert await again.open() == Snapshot(4, state)
    await again.close()
    assert asked(path, "SELECT count(*) FROM snapshots") == [(1,)]
    assert asked(path, "SELECT count(*) FROM slices") == [(max(0, size - 1) // SLICE,)]


async def test_entries_are_kept_while_a_snapshot_is_written_slice_by_slice(
    open_file: Open, path: Path, tmp_path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    await journal.save(Snapshot(1, b"whole"))
    saving = asyncio.create_task(journal.save(Snapshot(2, b"x" * 4 * SLICE)))
    await asyncio.sleep(0)
    for number in (3, 4):
        await journal.append(proposals(number, number))
    assert len(asked(path, "SELECT * FROM slices")) == 1
    crashed = left_by_a_crash(path, tmp_path / "crashed")
    await saving
    again = SqliteJournal(crashed, FakeClock())
    assert await again.open() == Snapshot(1, b"whole")
    assert numbers(await all_entries(again, 2)) == [3, 4]
    await again.close()


SLICES = "SELECT count(*) FROM slices"


async def give_up_saving(journal: SqliteJournal, path: Path, turns: int) -> None:
    """Begin to save what takes many slices, and give it up some turns after the first of them."""
    saving = asyncio.create_task(journal.save(Snapshot(3, b"x" * SLICE * 20)))
    while asked(path, SLICES) == [(0,)]:  # noqa: ASYNC110 - a file tells of no event
        await asyncio.sleep(0)
    for _ in range(turns):
        await asyncio.sleep(0)
    saving.cancel()
    with suppress(asyncio.CancelledError):
        await saving


async def test_snapshot_that_is_given_up_costs_nothing(open_file: Open, path: Path) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 3))
    await journal.save(Snapshot(1, b"older"))
    await give_up_saving(journal, path, 0)
    await journal.append(proposals(4, 4))
    await journal.close()
    again = SqliteJournal(path, FakeClock())
    assert await again.open() == Snapshot(1, b"older")
    assert numbers(await all_entries(again, 1)) == [2, 3, 4]
    await again.save(Snapshot(3, b"newer"))
    assert asked(path, SLICES) == [(0,)]
    await again.close()


@pytest.mark.parametrize("turns", range(12))
async def test_nothing_is_written_of_a_snapshot_after_it_was_given_up(
    open_file: Open, path: Path, turns: int
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 3))
    await give_up_saving(journal, path, turns)
    written = asked(path, SLICES)
    await journal.close()
    assert asked(path, SLICES) == written


async def test_file_that_was_large_is_small_after_a_snapshot(open_file: Open, path: Path) -> None:
    journal = await open_file(path)
    await journal.save(Snapshot(0, b"x" * 20_000_000))
    assert journal.size == size_with_log(path) > 20_000_000
    await journal.save(Snapshot(0, b"small"))
    assert size(path) < 200_000
    await journal.append(proposals(1, 1))
    assert journal.size == size_with_log(path) < LOG_KEPT + 400_000
    again = await reopened(journal, open_file, path)
    assert again.size == size_with_log(path) < 200_000


async def test_file_that_was_made_before_files_shrank_shrinks(open_file: Open, path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FILES / "chat-3.sql").read_text())
    assert asked(path, "PRAGMA auto_vacuum") == [(0,)]
    journal = await open_file(path)
    await journal.save(Snapshot(journal.last, b"x" * 20_000_000))
    await journal.save(Snapshot(journal.last, b"small"))
    assert size(path) < 200_000


async def test_file_that_cannot_be_written_anew_for_that_is_used_as_it_is(
    open_file: Open, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Connection(sqlite3.Connection):
        def execute(self, statement: str, values: object = (), /) -> sqlite3.Cursor:
            assert isinstance(values, tuple)
            if statement == "VACUUM":
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(statement, values)

    with closing(sqlite3.connect(path)) as database:
        database.executescript((FILES / "chat-3.sql").read_text())
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))
    journal = await open_file(path)
    before = journal.last
    await journal.append(proposals(1, 3))
    await journal.save(Snapshot(journal.last, b"small"))
    assert journal.last == before + 3


async def reopened(journal: SqliteJournal, open_file: Open, path: Path) -> SqliteJournal:
    await journal.close()
    return await open_file(path)


async def test_file_stays_bounded(open_file: Open, path: Path) -> None:
    journal = await open_file(path)
    for first in range(1, 10_001, 250):
        await journal.append(proposals(first, first + 249))
        await journal.save(Snapshot(first + 249, b"x" * 20_000))
    await journal.close()
    assert size(path) < 200_000


# What keeps it from writing


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def moved(path: Path) -> Iterator[None]:
    away = path.rename(path.with_name("away.db"))
    yield
    away.rename(path)


@contextmanager
def replaced(path: Path) -> Iterator[None]:
    away = path.rename(path.with_name("away.db"))
    path.write_bytes(b"")
    yield
    assert path.read_bytes() == b""
    away.replace(path)


Hindrance = Callable[[Path], AbstractContextManager[None]]
hindrances = pytest.mark.parametrize("hindrance", [locked, moved, replaced])


@hindrances
async def test_refused_batch_is_nowhere_when_the_cause_is_gone(
    open_file: Open, path: Path, hindrance: Hindrance
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    with hindrance(path):
        for _ in range(2):
            with pytest.raises(NotSaved, match="cannot write to"):
                await journal.append(proposals(3, 4))
        with pytest.raises(NotSaved):
            await journal.save(Snapshot(2, b"state"))
    await journal.append(proposals(5, 6))
    read = await entries(journal, 0, 4)
    assert numbers(read) == [1, 2, 5, 6]
    assert [entry.id for entry in read] == [1, 2, 3, 4]
    await journal.close()
    again = await open_file(path)
    assert await entries(again, 0, 4) == read


@hindrances
async def test_refused_batch_is_not_there_for_the_next_server(
    open_file: Open, path: Path, hindrance: Hindrance
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    with hindrance(path), pytest.raises(NotSaved):
        await journal.append(proposals(3, 4))
    await journal.close()
    assert numbers(await all_entries(await open_file(path))) == [1, 2]


async def test_batch_refused_after_it_was_written_is_nowhere(
    failing_after: list[Exception], open_file: Open, path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    failing_after.append(sqlite3.OperationalError("disk I/O error"))
    with pytest.raises(NotSaved, match="disk I/O error"):
        await journal.append(proposals(3, 4))
    await journal.append(proposals(5, 6))
    assert numbers(await entries(journal, 0, 4)) == [1, 2, 5, 6]
    await journal.close()
    assert numbers(await all_entries(await open_file(path))) == [1, 2, 5, 6]


async def test_batch_refused_after_it_was_written_is_removed_at_once(
    failing_after: list[Exception], open_file: Open, path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    failing_after.append(sqlite3.OperationalError("disk I/O error"))
    with pytest.raises(NotSaved, match="disk I/O error"):
        await journal.append(proposals(3, 4))
    assert asked(path, "SELECT first, last FROM batches") == [(1, 2)]


async def test_snapshot_that_cannot_be_saved_costs_nothing_that_was(
    open_file: Open, path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    await journal.append(proposals(3, 4))
    with locked(path), pytest.raises(NotSaved):
        await journal.save(Snapshot(2, b"state"))
    await journal.save(Snapshot(2, b"state"))
    await journal.close()
    again = await open_file(path)
    assert numbers(await all_entries(again, 2)) == [3, 4]


async def test_file_that_was_deleted_is_not_made_anew_behind_the_back(
    open_file: Open, path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    delete(path)
    for _ in range(2):
        with pytest.raises(NotSaved, match="No such file"):
            await journal.append(proposals(3, 4))
    assert "chat.db" not in list_of_files(path)
    await journal.close()
    again = await open_file(path)
    assert again.chat != journal.chat
    assert await all_entries(again) == []


async def test_what_waits_in_the_file_can_be_read_while_nothing_can_be_written(
    open_file: Open, path: Path
) -> None:
    journal = await open_file(path)
    await journal.append(proposals(1, 2))
    with locked(path):
        with pytest.raises(NotSaved):
            await journal.append(proposals(3, 4))
        assert numbers(await entries(journal, 0, 2)) == [1, 2]


# A slow disk


async def test_commit_after_a_slow_one_runs_in_a_thread_until_one_is_fast(
    open_file: Open, path: Path, clock: FakeClock
) -> None:
    journal = await open_file(path)
    in_thread = []
    for number, takes in enumerate((0.0, SLOW * 2, SLOW * 2, 0.0, 0.0), start=1):
        clock.takes = takes
        appending = asyncio.create_task(journal.append(proposals(number, number)))
        await asyncio.sleep(0)
        in_thread.append(not appending.done())
        await appending
    assert in_thread == [False, False, True, True, False]
    assert numbers(await entries(journal, 0, 5)) == [1, 2, 3, 4, 5]


async def test_order_is_kept_where_a_snapshot_comes_between_slow_commits(
    open_file: Open, path: Path, clock: FakeClock
) -> None:
    journal = await open_file(path)
    clock.takes = SLOW * 2
    await journal.append(proposals(1, 2))
    saving = asyncio.create_task(journal.save(Snapshot(2, b"state")))
    await asyncio.sleep(0)
    await journal.append(proposals(3, 4))
    await saving
    await journal.append(proposals(5, 6))
    await journal.close()
    again = SqliteJournal(path, clock)
    assert await again.open() == Snapshot(2, b"state")
    assert numbers(await entries(again, 0, 4)) == [3, 4, 5, 6]
    await again.close()


async def test_batch_refused_in_a_thread_is_nowhere(
    open_file: Open, path: Path, clock: FakeClock
) -> None:
    journal = await open_file(path)
    clock.takes = SLOW * 2
    await journal.append(proposals(1, 2))
    with locked(path), pytest.raises(NotSaved):
        await journal.append(proposals(3, 4))
    await journal.append(proposals(5, 6))
    assert numbers(await entries(journal, 0, 4)) == [1, 2, 5, 6]
