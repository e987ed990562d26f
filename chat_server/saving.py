"""Snapshots, now and then and at the end, so that the journal stays short and a start is quick."""

import asyncio
import logging

from chat_server.journal import Journal
from chat_server.journal.errors import NotSaved
from chat_server.rules.chat import Chat
from chat_server.rules.entries import Snapshot

SNAPSHOT_EVERY = 10_000
"""Entries after which a snapshot makes those before it unnecessary."""

log = logging.getLogger("chat_server")


class Saving:
    """Keeps snapshots of a chat; if one fails, nothing is lost: its entries are in the journal."""

    def __init__(self, chat: Chat, journal: Journal) -> None:
        self._chat = chat
        self._journal = journal
        self._saved = chat.last
        self._tasks: set[asyncio.Task[None]] = set()

    def save_if_due(self) -> None:
        """Begin to save where that is worth it; nobody waits for it."""
        if self._journal.place and self._chat.last >= self._saved + SNAPSHOT_EVERY:
            self._begin()

    async def save_in_time(self, seconds: float) -> None:
        """Save the state as it is now; give up after so many seconds."""
        self._begin()
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        if late:
            log.warning("no snapshot: it takes too long; the next start reads more of the journal")
            for task in late:
                task.cancel()
            await asyncio.wait(late)

    def _begin(self) -> None:
        self._saved = self._chat.last
        task = asyncio.get_running_loop().create_task(self._save())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _save(self) -> None:
        try:
            last, pieces = self._chat.last, []
            for piece in self._chat.pieces():
                pieces.append(piece)
                await asyncio.sleep(0)
            await self._journal.save(Snapshot(last, b"".join(pieces)))
        except NotSaved as error:
            log.error("no snapshot: %s", error)
