"""A journal that lasts as long as the server: for trying things, and for tests."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence

from chat_server.clock import Clock
from chat_server.entries import Entry, Proposal, Snapshot


class MemoryJournal:
    """Entries in a list, from the last snapshot or the last reading on."""

    def __init__(self, clock: Clock) -> None:
        self.chat = secrets.token_urlsafe(9)
        self._clock = clock
        self._entries: list[Entry] = []
        self._last = 0
        self._at = 0.0
        self._snapshot: Snapshot | None = None
        self._appended = asyncio.Event()
        self._is_open = False

    async def open(self) -> Snapshot | None:
        self._is_open = True
        return self._snapshot

    async def append(self, batch: Sequence[Proposal]) -> None:
        self._at = max(self._clock.now(), self._at)
        for proposal in batch:
            self._last += 1
            self._entries.append(Entry(self._last, self._at, proposal))
        self._appended.set()

    async def read(self, after: int) -> AsyncIterator[list[Entry]]:
        while self._is_open:
            self._appended.clear()
            batch = [entry for entry in self._entries if entry.id > after]
            if batch:
                after = batch[-1].id
                yield batch
                self._entries = [entry for entry in self._entries if entry.id > after]
            else:
                await self._appended.wait()

    async def save(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._entries = [entry for entry in self._entries if entry.id > snapshot.last]

    async def close(self) -> None:
        self._is_open = False
        self._appended.set()
