"""A journal in an SQLite file: what it has taken survives a crash and a power cut.

All that was proposed while a commit ran is one batch, one row and one commit. The commit runs
in the loop while the disk is fast, which costs least; once one was slow, in a thread, so that a
slow disk does not freeze everyone.
"""

import asyncio
import contextlib
import fcntl
import os
import secrets
import sqlite3
import stat
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import msgspec

from chat_server.clock import Clock
from chat_server.journal.database import (
    connected,
    let_shrink,
    make_durable,
    shrink,
    size,
    transaction,
)
from chat_server.journal.errors import CannotOpen, NotSaved
from chat_server.journal.tail import Tail
from chat_server.rules.entries import Entry, Proposal, Snapshot

APPLICATION = 0x43484154
"""What marks a file as a chat's: "CHAT" (PRAGMA application_id)."""
STEPS = (
    """
    CREATE TABLE chat (name TEXT NOT NULL);
    CREATE TABLE batches (
        first INTEGER PRIMARY KEY, last INTEGER NOT NULL, at REAL NOT NULL, proposals BLOB NOT NULL
    );
    CREATE TABLE snapshots (last INTEGER PRIMARY KEY, at REAL NOT NULL, state BLOB NOT NULL);
    """,
    """
    CREATE TABLE slices (
        last INTEGER NOT NULL, number INTEGER NOT NULL, state BLOB NOT NULL,
        PRIMARY KEY (last, number)
    );
    """,
    "-- entries that say which nodes are here, and a state that knows them",
    "-- commands that mean people by ids, and a state that has no names for keys, nor sentences",
    "-- accounts, several connections of a person, and names with what they look like",
)
"""SQL that makes a file of each version from one of the version before; the first, a new file.

Whatever an older program could not read needs a new version, also other entries or states.
"""
SLOW = 0.005
"""Seconds of a commit from which on the next one runs in a thread."""
SLICE = 256 * 1024
"""Bytes of a snapshot that are written in one commit; the last ones make it count."""
READ_AT_ONCE = 200
"""Batches that are read from the file at once."""

T = TypeVar("T")

_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(list[Proposal])


_APPEND = "INSERT INTO batches VALUES (?, ?, ?, ?)"
_LAST = """
    SELECT coalesce(
        (SELECT last FROM batches ORDER BY first DESC LIMIT 1),
        (SELECT max(last) FROM snapshots),
        0
    )
"""


class SqliteJournal:
    """Entries in a file that only one server has open."""

    is_shared = False

    def __init__(self, path: Path, clock: Clock, steps: Sequence[str] = STEPS) -> None:
        self.chat = ""
        self.place = str(path)
        self._steps = steps
        self._path = path
        self._real_path = path.resolve()
        """Beside which SQLite keeps its other files."""
        self._clock = clock
        self._tail = Tail()
        self.last = 0
        self.size = 0
        self._at = 0.0
        self._saved = 0
        """The last entry in the snapshot that counts."""
        self._uncertain: Sequence[object] = (0, 0, 0.0, b"")
        """The batch that was written last; if it was refused, it must not be in the file."""
        self._inode = 0
        self._lock_file = -1
        self._database: sqlite3.Connection | None = None
        self._one_at_a_time = asyncio.Lock()
        self._one_snapshot = asyncio.Lock()
        self._is_slow = False
        self._thread = ThreadPoolExecutor(1)

    async def open(self) -> Snapshot | None:
        """Lock and check the file, or make it; CannotOpen says what is in the way."""
        self._lock_file = _locked(self._path)
        self._inode = os.fstat(self._lock_file).st_ino
        with _cannot_open(self._path):
            _check(self._path, len(self._steps))
            _close_to_others(self._path)
            self._database = connected(self._path)
            make_durable(self._database)
            _bring_up_to_date(self._database, self._steps)
            let_shrink(self._database)
            self.size = size(self._real_path)
            [(self.chat,)] = self._database.execute("SELECT name FROM chat")
            snapshot = _newest_snapshot(self._database)
            newest = self._database.execute(
                "SELECT last, at FROM batches ORDER BY first DESC LIMIT 1"
            ).fetchone()
        if snapshot is not None:
            self.last, self._at, _ = snapshot
            self._saved = self.last
        if newest is not None:
            self.last, self._at = newest
        return None if snapshot is None else Snapshot(snapshot[0], snapshot[2])

    async def append(self, batch: Sequence[Proposal]) -> None:
        at = max(self._clock.now(), self._at)
        first, last = self.last + 1, self.last + len(batch)
        await self._commit(self._is_slow, (_APPEND, (first, last, at, _encode(batch))))
        self.last, self._at = last, at
        self._tail.append([Entry(first + n, at, proposal) for n, proposal in enumerate(batch)])

    async def read(self, after: int) -> AsyncGenerator[list[Entry], None]:
        with contextlib.closing(connected(self._path)) as database:
            while self._is_open and (entries := self._stored(database, after)):
                after = entries[-1].id
                yield entries
        async for batch in self._tail.read(after):
            yield batch

    def _stored(self, database: sqlite3.Connection, after: int) -> list[Entry]:
        try:
            return list(_stored(database, after, self.last))
        except msgspec.DecodeError as error:
            raise _damaged(self._path, error) from error

    async def gone(self, nodes: tuple[str, ...]) -> tuple[str, ...]:
        return nodes  # the file is locked by us

    async def save(self, snapshot: Snapshot) -> None:
        async with self._one_snapshot:
            await self._save(snapshot.last, self._at, memoryview(snapshot.state))

    async def _save(self, last: int, at: float, state: memoryview) -> None:
        await self._commit(True, ("DELETE FROM slices WHERE last <> ?", (self._saved,)))
        number = 0
        while len(state) > SLICE:
            row = (last, number, state[:SLICE])
            await self._commit(True, ("INSERT OR REPLACE INTO slices VALUES (?, ?, ?)", row))
            state, number = state[SLICE:], number + 1
        await self._commit(
            True,
            ("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)", (last, at, state)),
            ("DELETE FROM snapshots WHERE last <> ?", (last,)),
            ("DELETE FROM slices WHERE last <> ? OR number >= ?", (last, number)),
            ("DELETE FROM batches WHERE last <= ?", (last,)),
        )
        self._saved = last
        while await self._shrink_a_little():
            continue

    async def close(self) -> None:
        self._tail.close()
        self._thread.shutdown()
        self._close_database()
        if self._is_open:
            os.close(self._lock_file)
            self._lock_file = -1

    @property
    def _is_open(self) -> bool:
        return self._lock_file >= 0

    async def _commit(self, in_thread: bool, *statements: tuple[str, Sequence[object]]) -> None:
        """Carry out statements in one transaction, durably; NotSaved where that cannot be."""
        async with self._one_at_a_time:
            begin = self._clock.monotonic()
            if in_thread:
                loop = asyncio.get_running_loop()
                await _to_its_end(loop.run_in_executor(self._thread, self._transact, statements))
            else:
                self._transact(statements)
            self._is_slow = self._clock.monotonic() - begin > SLOW

    async def _shrink_a_little(self) -> bool:
        """Make the file smaller, if it is larger than it has to be; say whether there is more."""
        async with self._one_at_a_time:
            loop = asyncio.get_running_loop()
            return await _to_its_end(loop.run_in_executor(self._thread, self._shrink))

    def _shrink(self) -> bool:
        try:
            return self._database is not None and shrink(self._database)
        except sqlite3.Error:  # which the next commit tells of, if it meets it, too
            self._close_database()
            return False
        finally:
            self.size = size(self._real_path)

    def _transact(self, statements: Sequence[tuple[str, Sequence[object]]]) -> None:
        try:
            self._check_file()
            database = self._database or self._open_again()
            with transaction(database):
                [(last,)] = database.execute(_LAST)
                if last != self.last:
                    raise OSError("another server has written to it")
                for statement, values in statements:
                    if statement is _APPEND:
                        self._uncertain = values
                    database.execute(statement, values)
            self.size = size(self._real_path)
        except (sqlite3.Error, OSError) as error:
            self._close_database()
            self._remove_refused()
            raise NotSaved(f"cannot write to {self._path}: {error}") from error

    def _check_file(self) -> None:
        if self._path.stat().st_ino != self._inode:
            raise OSError("it is not the file any more that was opened")

    def _remove_refused(self) -> None:
        """Remove it at once if that can be: a crash may come before the next batch."""
        try:
            self._check_file()
            self._open_again()
        except (sqlite3.Error, OSError):
            self._close_database()

    def _open_again(self) -> sqlite3.Connection:
        """Open the file after a failure; what was refused then must not be in it."""
        self._database = database = connected(self._path)
        make_durable(database)
        refused = "first = ? AND last = ? AND at = ? AND proposals = ? AND first > ?"
        database.execute(f"DELETE FROM batches WHERE {refused}", (*self._uncertain, self.last))
        return database

    def _close_database(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None


async def _to_its_end(work: asyncio.Future[T]) -> T:
    """Wait until a thread is done, even if cancelled: it uses what the next caller needs."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


def _locked(path: Path) -> int:
    """Make the file, for nobody else's eyes, and lock it while it is open: one server writes it.

    The lock is of another kind than SQLite's, and neither sees the other. Close its descriptor
    last: closing any descriptor of a file lets go of the process's locks of SQLite's kind.
    """
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotOpen(
            f"cannot keep the chat in {path}: {error.strerror}. "
            "Set CHAT_JOURNAL to a file in a folder where you may write."
        ) from error
    state = os.fstat(lock)
    if not stat.S_ISREG(state.st_mode):
        os.close(lock)
        raise CannotOpen(f"{path} is no file; choose another one with CHAT_JOURNAL")
    if not state.st_size:
        os.fchmod(lock, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if not isinstance(error, BlockingIOError):
            raise CannotOpen(
                f"cannot lock {path}: {error.strerror}. Choose a file on a disk of this machine "
                "with CHAT_JOURNAL: some network drives have no locks."
            ) from error
        raise CannotOpen(
            f"another server keeps its chat in {path} already. "
            "Stop that one, or choose another file with CHAT_JOURNAL."
        ) from error
    return lock


def _close_to_others(path: Path) -> None:
    """Let nobody else read what is there already; SQLite makes what it adds like the file.

    Where the path is a symbolic link, SQLite keeps its other files beside what the link means.
    """
    real = path.resolve()
    for file in (real, Path(f"{real}-wal"), Path(f"{real}-shm")):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            file.chmod(0o600)


def _newest_snapshot(database: sqlite3.Connection) -> tuple[int, float, bytes] | None:
    """Return the last entry of the newest snapshot, its time, and the state."""
    newest = database.execute("SELECT last, at, state FROM snapshots ORDER BY last DESC LIMIT 1")
    for last, at, rest in newest.fetchall():
        slices = database.execute(
            "SELECT state FROM slices WHERE last = ? ORDER BY number", (last,)
        ).fetchall()
        return last, at, b"".join([state for (state,) in slices] + [rest])
    return None


def _stored(database: sqlite3.Connection, after: int, last: int) -> Iterator[Entry]:
    """Yield the next entries with ids above `after` and up to `last`, some batches of them."""
    rows = database.execute(
        "SELECT first, at, proposals FROM batches "
        "WHERE last > ? AND last <= ? ORDER BY first LIMIT ?",
        (after, last, READ_AT_ONCE),
    ).fetchall()
    for first, at, proposals in rows:
        for id_, proposal in enumerate(_decoder.decode(proposals), start=first):
            if id_ > after:
                yield Entry(id_, at, proposal)


def _check(path: Path, ours: int) -> None:
    """Check whose file it is, if there is one, and that it is whole.

    The connection can only read: any other would, on closing, move what a crash left in the log
    beside the file into it.
    """
    if not path.is_file():
        return
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, timeout=0.0, uri=True)) as database:
        _check_whose_it_is(database, path, ours)
        faults = database.execute("PRAGMA quick_check(1)").fetchall()
    if faults != [("ok",)]:
        raise sqlite3.DatabaseError(faults[0][0].splitlines()[-1])


def _check_whose_it_is(database: sqlite3.Connection, path: Path, ours: int) -> None:
    [(application,)] = database.execute("PRAGMA application_id")
    [(version,)] = database.execute("PRAGMA user_version")
    [(tables,)] = database.execute("SELECT count(*) FROM sqlite_master")
    if application != APPLICATION and tables:
        raise CannotOpen(f"{path} is not a chat's file; choose another one with CHAT_JOURNAL")
    if version > ours:
        raise CannotOpen(
            f"{path} is of a newer program (its version is {version}, ours {ours}); "
            "use that one, or choose another file with CHAT_JOURNAL"
        )


def _bring_up_to_date(database: sqlite3.Connection, steps: Sequence[str]) -> None:
    """Bring a new file, or one of an older version, to this version."""
    [(version,)] = database.execute("PRAGMA user_version")
    if version == len(steps):
        return
    with transaction(database):
        for step in steps[version:]:
            for statement in step.split(";"):
                database.execute(statement)
        if not version:
            database.execute("INSERT INTO chat VALUES (?)", (secrets.token_urlsafe(9),))
            database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {len(steps)}")


@contextlib.contextmanager
def _cannot_open(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a CannotOpen that says what to do; the file is left as it is."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise CannotOpen(f"cannot keep the chat in {path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CannotOpen:
    return CannotOpen(
        f"{path} is damaged ({error}) and was left as it is; "
        "docs/operations.md says how to restore it, or to start anew"
    )
