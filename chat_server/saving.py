"""Snapshots, now and then and at the end, so that the journal stays short and a start is quick.

And what happens where it does not stay short enough.
"""

import asyncio
import logging

from chat_server.clock import Clock
from chat_server.journal import Journal
from chat_server.journal.errors import NotSaved
from chat_server.protocol import wording
from chat_server.protocol.events import Refused
from chat_server.rules.chat import Chat
from chat_server.rules.entries import Snapshot

SNAPSHOT_EVERY = 10_000
"""Entries after which a snapshot makes those before it unnecessary."""
SAVE_AGAIN_SECONDS = 60.0
"""How long after a snapshot that made the journal no smaller than allowed the next one is tried."""

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

    def save_now(self) -> None:
        """Begin to save, unless that is under way."""
        if not self._tasks:
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


class JournalLimit:
    """From which size of the journal on nothing is added but what must be, until it is smaller."""

    def __init__(self, journal: Journal, most: int, saving: Saving, clock: Clock) -> None:
        """Allow `most` bytes; 0: any number."""
        self._journal = journal
        self._most = most
        self._saving = saving
        self._clock = clock
        self._save_at = 0.0
        self.refused: Refused | None = None
        """What those are told whose lines are not added; None while they are."""

    def is_reached(self) -> bool:
        """Look at the size; where it is too large, see to it that a snapshot makes it smaller."""
        is_reached = 0 < self._most <= self._journal.size
        if is_reached != (self.refused is not None):
            self._change(is_reached)
        if is_reached and self._clock.monotonic() >= self._save_at:
            self._save_at = self._clock.monotonic() + SAVE_AGAIN_SECONDS
            self._saving.save_now()
        return is_reached

    def _change(self, is_reached: bool) -> None:
        if is_reached:
            self.refused = Refused("journal_full", {"limit": self._most})
            self._save_at = self._clock.monotonic()
            log.error(
                "the chat's file has reached %s, which CHAT_JOURNAL_MAX allows: what is said is "
                "refused until it is smaller",
                wording.size(self._most),
            )
        else:
            self.refused = None
            log.warning("the chat's file is smaller than CHAT_JOURNAL_MAX again")
