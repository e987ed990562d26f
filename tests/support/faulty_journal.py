"""Journals whose disk fails, for a while or for good."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from chat_server.clock import Clock
from chat_server.journal.memory import MemoryJournal
from chat_server.rules.entries import Entry, Proposal, Snapshot
from tests.support.client import PATIENCE


class FaultyJournal:
    """A memory journal that can be made to fail before, or after, it has really appended."""

    def __init__(self, clock: Clock) -> None:
        self._journal = MemoryJournal(clock)
        self.chat = self._journal.chat
        self.place = self._journal.place
        self.size = 0
        self.is_shared = False
        self.failing_before: list[Exception] = []
        self.failing_after: list[Exception] = []
        self.appended: list[Proposal] = []
        self.saved: Snapshot | None = None

    @property
    def last(self) -> int:
        return self._journal.last

    async def open(self) -> Snapshot | None:
        return await self._journal.open()

    async def append(self, batch: Sequence[Proposal]) -> None:
        if self.failing_before:
            raise self.failing_before.pop()
        self.appended += batch
        await self._journal.append(batch)
        if self.failing_after:
            raise self.failing_after.pop()

    def read(self, after: int) -> AsyncGenerator[list[Entry], None]:
        return self._journal.read(after)

    async def gone(self, nodes: tuple[str, ...]) -> tuple[str, ...]:
        return await self._journal.gone(nodes)

    async def save(self, snapshot: Snapshot) -> None:
        self.saved = snapshot
        await self._journal.save(snapshot)

    async def close(self) -> None:
        await self._journal.close()


class GatedJournal(MemoryJournal):
    """A memory journal that appends a batch when it is let, or fails as it is told."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.gates: asyncio.Queue[asyncio.Future[None]] | None = None
        """What lets each batch be appended; None: nothing has to wait."""

    async def append(self, batch: Sequence[Proposal]) -> None:
        if self.gates is not None:
            gate = asyncio.get_running_loop().create_future()
            self.gates.put_nowait(gate)
            await gate
        await super().append(batch)

    async def next_gate(self) -> asyncio.Future[None]:
        """Wait until a batch is to be appended; return what lets it be."""
        assert self.gates is not None
        return await asyncio.wait_for(self.gates.get(), PATIENCE)
