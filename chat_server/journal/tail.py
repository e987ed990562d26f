"""The end of a journal: what was appended lately, for whoever is reading it."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from chat_server.rules.entries import Entry


class Tail:
    """Batches of entries between who appends and who reads."""

    def __init__(self) -> None:
        self._batches: deque[list[Entry]] = deque()
        self._changed = asyncio.Event()
        self._is_closed = False

    def append(self, batch: list[Entry]) -> None:
        self._batches.append(batch)
        self._changed.set()

    def close(self) -> None:
        """End `read`."""
        self._is_closed = True
        self._changed.set()

    async def read(self, after: int) -> AsyncGenerator[list[Entry], None]:
        """Yield what comes after an id, each batch once, until the end is closed."""
        while not self._is_closed:
            while self._batches:
                batch = self._batches.popleft()
                if batch[0].id <= after:
                    batch = [entry for entry in batch if entry.id > after]
                if batch:
                    yield batch
            self._changed.clear()
            await self._changed.wait()
