"""Proposals on their way through the journal, and back as entries, in order and in batches.

One batch is appended at a time, and again until it is known to be durable; the chat counts
a proposal once, however often it was appended.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Protocol

from chat_server.entries import Command, Entry, IssueToken, Leave, Proposal
from chat_server.journal import Journal
from chat_server.journal.errors import NotSaved

RETRY_SECONDS = 0.2
"""How long to wait before a batch that could not be appended is tried again."""

MUST_HAPPEN = (Leave, IssueToken)
"""What is proposed for somebody and cannot be refused."""

log = logging.getLogger("chat_server")


class Proposer(Protocol):
    """Who waits for the entry of its proposal."""

    connection: str


Settled = Sequence[tuple[Entry, Proposer | None]]
"""Entries, in order, each with who waits for it: somebody of this node, or nobody."""


class Pump:
    """Journal what is proposed, and hand the entries to `settle`, each with who waits for it."""

    def __init__(
        self,
        journal: Journal,
        settle: Callable[[Settled], None],
        refuse: Callable[[Proposal, Proposer], None],
    ) -> None:
        self.node = secrets.token_urlsafe(6)
        self._journal = journal
        self._settle = settle
        self._refuse = refuse
        self._sequence = 0
        self._waiting: dict[int, Proposer | None] = {}
        self._batch: list[Proposal] = []
        self._proposed = asyncio.Event()
        self._settled = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()

    def propose(self, command: Command, proposer: Proposer | None = None, key: str = "") -> None:
        """Journal a command; whoever proposed it hears of it when it is an entry."""
        self._sequence += 1
        self._waiting[self._sequence] = proposer
        connection = "" if proposer is None else proposer.connection
        if not self._batch:
            self._proposed.set()
            self._drained.clear()
        self._batch.append(Proposal(self.node, self._sequence, connection, key, command))

    async def append_at_once(self) -> None:
        """Append what is proposed before `append` runs; NotSaved or OSError where it cannot be."""
        await self._journal.append(self._take_batch())

    async def append(self) -> None:
        """Append what is proposed, for ever."""
        while True:
            await self._proposed.wait()
            batch = self._take_batch()
            try:
                await self._journal.append(batch)
            except NotSaved as error:
                log.error("%s", error)
                await self._settled_before(batch[0])
                self._give_up(batch)
                await asyncio.sleep(RETRY_SECONDS)
            except OSError as error:
                log.error("cannot write to the journal, trying again: %s", error)
                self._batch = batch + self._batch
                self._proposed.set()
                await asyncio.sleep(RETRY_SECONDS)

    def _take_batch(self) -> list[Proposal]:
        self._proposed.clear()
        batch, self._batch = self._batch, []
        return batch

    async def _settled_before(self, proposal: Proposal) -> None:
        """Wait for what was appended earlier: answers leave in the order of the lines."""
        while next(iter(self._waiting), proposal.sequence) < proposal.sequence:
            self._settled.clear()
            await self._settled.wait()

    def _give_up(self, batch: list[Proposal]) -> None:
        """Refuse what people typed; propose anew what must happen whether they like it or not."""
        for proposal in batch:
            if proposal.sequence not in self._waiting:
                continue
            proposer = self._waiting.pop(proposal.sequence)
            if isinstance(proposal.command, MUST_HAPPEN) or proposer is None:
                self.propose(proposal.command, proposer, proposal.key)
            else:
                self._refuse(proposal, proposer)
        if not self._waiting:
            self._drained.set()

    async def read(self, after: int) -> None:
        """Settle the journal's entries after an id, for ever."""
        async for batch in self._journal.read(after):
            waiting, node = self._waiting, self.node
            self._settle(
                [
                    (entry, waiting.pop(entry.proposal.sequence, None))
                    if entry.proposal.node == node
                    else (entry, None)
                    for entry in batch
                ]
            )
            self._settled.set()
            if not self._waiting:
                self._drained.set()

    async def drain(self) -> None:
        """Wait until everything proposed so far is settled."""
        await self._drained.wait()
