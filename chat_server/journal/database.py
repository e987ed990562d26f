"""The database of a journal's file: durable, how much it takes on the disk, and made smaller."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

LOG_KEPT = 8 * 1024 * 1024
"""Bytes of the log beside the file that are kept for what comes; more are given back."""
PAGES = 256
"""Pages that are given back to the system in one commit."""
INCREMENTAL = 2


def connected(path: Path) -> sqlite3.Connection:
    """Connect to the file; what begins with `file:` would be a URI to SQLite."""
    return sqlite3.connect(
        path.absolute(), timeout=0.0, isolation_level=None, check_same_thread=False
    )


def make_durable(database: sqlite3.Connection) -> None:
    """Let a commit be on the disk when it returns (https://sqlite.org/wal.html)."""
    database.execute(f"PRAGMA auto_vacuum = {INCREMENTAL}")  # of a file that is empty yet
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(f"PRAGMA journal_size_limit = {LOG_KEPT}")


def let_shrink(database: sqlite3.Connection) -> None:
    """Have a file give back what it does not need, also one that did not when it was made.

    Where there is no room to write it anew, it stays as it is.
    """
    if _number(database, "PRAGMA auto_vacuum") != INCREMENTAL:
        with contextlib.suppress(sqlite3.OperationalError):
            database.execute("VACUUM")


def shrink(database: sqlite3.Connection) -> bool:
    """Give some of what the file does not need back to the system; say whether there is more."""
    before = _number(database, "PRAGMA freelist_count")
    if before:
        database.executescript(f"PRAGMA incremental_vacuum({PAGES})")
    left = _number(database, "PRAGMA freelist_count")
    if before and not left:
        database.execute("PRAGMA wal_checkpoint")  # which cuts the file off
    return 0 < left < before


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def size(path: Path) -> int:
    """Count the bytes of a file and of the log beside it; `path` is no symbolic link."""
    bytes_ = 0
    for file in (path, f"{path}-wal"):
        with contextlib.suppress(FileNotFoundError):
            bytes_ += os.stat(file).st_size
    return bytes_


def _number(database: sqlite3.Connection, question: str) -> int:
    return int(database.execute(question).fetchone()[0])
