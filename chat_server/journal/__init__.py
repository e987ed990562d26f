"""Journals: what makes a command durable, and gives it its place among all others.

`open_journal` knows which there are by the scheme of their address.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from chat_server.clock import Clock
from chat_server.entries import Entry, Proposal, Snapshot
from chat_server.journal.memory import MemoryJournal


class Journal(Protocol):
    """An ordered, durable list of entries, and the newest snapshot of what they made.

    Ids count up from 1. An entry's time is that of the clock when it was appended, and never
    before that of the entry before it.
    """

    chat: str
    """What tells this journal from every other one; known once it is open."""

    async def open(self) -> Snapshot | None:
        """Make the journal ready; return its newest snapshot. OSError where it cannot be."""

    async def append(self, batch: Sequence[Proposal]) -> None:
        """Append proposals, in their order; they are durable when this returns.

        OSError where they are not, or may not be: append the same batch again.
        """

    def read(self, after: int) -> AsyncIterator[list[Entry]]:
        """Yield the entries with ids above `after`, in order and in batches, for ever."""

    async def save(self, snapshot: Snapshot) -> None:
        """Keep a snapshot; the entries that it contains need not be kept any longer."""

    async def close(self) -> None:
        """End what `read` yields, and let go of everything."""


class UnknownScheme(ValueError):
    """The address of a journal names no kind that there is."""

    def __init__(self, url: str) -> None:
        known = ", ".join(f"{scheme}:" for scheme in _KINDS)
        super().__init__(f"there is no journal {url!r}; allowed: {known}")


def open_journal(url: str, clock: Clock) -> Journal:
    """Make the journal at an address such as `memory:`; UnknownScheme where there is no such."""
    scheme, colon, _ = url.partition(":")
    kind = _KINDS.get(scheme) if colon else None
    if kind is None:
        raise UnknownScheme(url)
    return kind(url, clock)


_KINDS: dict[str, Callable[[str, Clock], Journal]] = {
    "memory": lambda url, clock: MemoryJournal(clock),
}
