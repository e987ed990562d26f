"""Journals: what makes a command durable, and gives it its place among all others.

`open_journal` knows which there are by the scheme of their address.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Protocol

from chat_server.clock import Clock
from chat_server.journal.errors import CannotOpen, UnknownScheme
from chat_server.journal.memory import MemoryJournal
from chat_server.journal.sqlite import SqliteJournal
from chat_server.rules.entries import Entry, Proposal, Snapshot


class Journal(Protocol):
    """An ordered, durable list of entries, and the newest snapshot of what they made.

    Ids count up from 1. An entry's time is what the clock's `now` was when it was appended, and
    never before that of the entry before it. One that is shared has a clock of its own, which ours
    follows.
    """

    chat: str
    """What tells this journal from every other one; known once it is open."""
    place: str
    """Where the chat is kept, for people; "" where it ends with the server."""
    is_shared: bool
    """Whether other servers may append to it at the same time, and read what this one appends."""

    @property
    def last(self) -> int:
        """The id of the newest entry; 0 where there is none.

        Where others append as well, the newest as far as is known: of what was there when it was
        opened, and of what was read and appended since.
        """

    @property
    def size(self) -> int:
        """The bytes that it takes on the disk; 0 where it is on none. A snapshot makes it small."""

    async def open(self) -> Snapshot | None:
        """Make the journal ready; return its newest snapshot. CannotOpen where it cannot be."""

    async def append(self, batch: Sequence[Proposal]) -> None:
        """Append proposals, in their order; they are durable when this returns.

        NotSaved where they are certainly not in the journal, also not from an earlier attempt.
        OSError where that is not known: append the same batch again.
        """

    def read(self, after: int) -> AsyncGenerator[list[Entry], None]:
        """Yield the entries with ids above `after`, in order and in batches, for ever.

        CutOff where it does not go on from what was read.
        """

    async def gone(self, nodes: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of some nodes that append nothing any more."""

    async def save(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; the entries that it contains need not be kept any longer.

        NotSaved where it cannot be kept.
        """

    async def close(self) -> None:
        """End what `read` yields, and let go of everything."""


def open_journal(url: str, clock: Clock) -> Journal:
    """Make the journal of an address such as `memory:`; do not open it yet.

    Raises UnknownScheme, and CannotOpen for an address that names no file.
    """
    scheme, colon, _ = url.partition(":")
    kind = _KINDS.get(scheme) if colon else None
    if kind is None:
        raise UnknownScheme(url, ", ".join(f"{known}:" for known in _KINDS))
    return kind(url, clock)


def _sqlite(url: str, clock: Clock) -> Journal:
    path = url.removeprefix("sqlite:")
    if not path:
        raise CannotOpen("sqlite: needs the name of a file, as in sqlite:chat.db")
    if path == ":memory:":
        raise CannotOpen("sqlite::memory: is no file; memory: is a chat that is forgotten")
    try:
        return SqliteJournal(Path(path).expanduser(), clock)
    except RuntimeError as error:
        raise CannotOpen(f"sqlite:{path}: there is no home folder that ~ could mean") from error


def _redis(url: str, clock: Clock) -> Journal:
    try:
        from chat_server.journal.engine import parsed
        from chat_server.journal.redis import RedisJournal
    except ImportError as error:
        raise CannotOpen(
            f"{url.partition(':')[0]}: needs the package redis, which is not installed here; "
            "pip install 'redis[hiredis]'"
        ) from error
    return RedisJournal(parsed(url), clock)


_KINDS: dict[str, Callable[[str, Clock], Journal]] = {
    "memory": lambda url, clock: MemoryJournal(clock),
    "sqlite": _sqlite,
    "redis": _redis,
    "rediss": _redis,
    "unix": _redis,
}
