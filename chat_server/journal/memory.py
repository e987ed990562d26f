"""A journal that lasts as long as the server: for a chat that forgets, and for tests."""

import secrets
from collections.abc import AsyncGenerator, Sequence

from chat_server.clock import Clock
from chat_server.journal.tail import Tail
from chat_server.rules.entries import Entry, Proposal, Snapshot


class MemoryJournal:
    """Entries that are forgotten once they were read."""

    place = ""
    size = 0
    is_shared = False

    def __init__(self, clock: Clock) -> None:
        self.chat = secrets.token_urlsafe(9)
        self._clock = clock
        self._tail = Tail()
        self.last = 0
        self._at = 0.0
        self._snapshot: Snapshot | None = None

    async def open(self) -> Snapshot | None:
        return self._snapshot

    async def append(self, batch: Sequence[Proposal]) -> None:
        first, self._at = self.last + 1, max(self._clock.now(), self._at)
        self.last += len(batch)
        self._tail.append(
            [Entry(first + n, self._at, proposal) for n, proposal in enumerate(batch)]
        )

    def read(self, after: int) -> AsyncGenerator[list[Entry], None]:
        return self._tail.read(after)

    async def gone(self, nodes: tuple[str, ...]) -> tuple[str, ...]:
        return nodes

    async def save(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    async def close(self) -> None:
        self._tail.close()
