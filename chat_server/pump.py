"""Proposals on their way through the journal, and back as entries, in order.

One batch is appended at a time, and again until it is known to be durable; the chat counts
a proposal once, however often it was appended.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import Protocol

from chat_server.entries import Command, Entry, Proposal
from chat_server.journal import Journal

RETRY_SECONDS = 0.2
"""How long to wait before a batch that could not be appended is tried again."""

log = logging.getLogger("chat_server")


class Proposer(Protocol):
    """Who waits for the entry of its proposal."""

    connection: str


class Pump:
    """Journal what is proposed, and hand every entry to `settle` with who waits for it."""

    def __init__(self, journal: Journal, settle: Callable[[Entry, Proposer | None], None]) -> None:
        self.node = secrets.token_hex(6)
        self._journal = journal
        self._settle = settle
        self._sequence = 0
        self._waiting: dict[int, Proposer | None] = {}
        self._batch: list[Proposal] = []
        self._proposed = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    def propose(self, command: Command, proposer: Proposer | None = None, key: str = "") -> None:
        """Journal a command; whoever proposed it hears of it when it is an entry."""
        self._sequence += 1
        self._waiting[self._sequence] = proposer
        connection = "" if proposer is None else proposer.connection
        self._batch.append(Proposal(self.node, self._sequence, connection, key, command))
        self._proposed.set()
        self._drained.clear()

    async def append(self) -> None:
        """Append what is proposed, for ever."""
        while True:
            await self._proposed.wait()
            self._proposed.clear()
            batch, self._batch = self._batch, []
            try:
                await self._journal.append(batch)
            except OSError as error:
                log.error("cannot write to the journal, trying again: %s", error)
                self._batch = batch + self._batch
                self._proposed.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def read(self, after: int) -> None:
        """Settle the journal's entries after an id, for ever."""
        async for batch in self._journal.read(after):
            for entry in batch:
                self._settle(entry, self._proposer(entry))

    def _proposer(self, entry: Entry) -> Proposer | None:
        if entry.proposal.node != self.node:
            return None
        proposer = self._waiting.pop(entry.proposal.sequence, None)
        if not self._waiting:
            self._drained.set()
        return proposer

    async def drain(self) -> None:
        """Wait until everything proposed so far is settled."""
        await self._drained.wait()
