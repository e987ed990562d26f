"""Proposals on their way through the journal, and back as entries, in order and in batches.

What arrives in adjacent turns of the loop is one batch: it is journaled, and then told, at the
cost of one. One batch is appended at a time, and again while it is not known whether it is durable;
the chat counts a proposal once, however often it was appended.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence

from chat_server.journal import Journal
from chat_server.journal.errors import NotSaved
from chat_server.rules.entries import Command, Entry, Leave, Proposal

GATHER_SECONDS = 0.002
"""How long a batch may wait for more that is coming."""
RETRY_SECONDS = 0.2
"""How long to wait before a batch that could not be appended is tried again."""

log = logging.getLogger("chat_server")


class Pump:
    """Journal what is proposed, and hand the entries to `settle`, what is not saved to `refuse`.

    `begin_batch` may propose what has to stand before all else in a batch. What is not saved but
    `must_happen` is proposed again instead of being refused; only a `Leave` is both, as nobody
    who leaves is to wait. While the journal `is_full` all is refused but what must happen, and what
    the server itself proposes.
    """

    def __init__(
        self,
        journal: Journal,
        settle: Callable[[Sequence[Entry]], None],
        refuse: Callable[[Proposal], None],
        begin_batch: Callable[[], None] = lambda: None,
        must_happen: Callable[[Proposal], bool] = lambda _: False,
        is_full: Callable[[], bool] = lambda: False,
    ) -> None:
        self.node = secrets.token_urlsafe(6)
        self._journal = journal
        self._settle = settle
        self._refuse = refuse
        self._begin_batch = begin_batch
        self._must_happen = must_happen
        self._is_full = is_full
        self._batch: list[Proposal] = []
        self._proposed_up_to = 0
        """The sequence of the newest proposal; likewise for what follows."""
        self._appended_up_to = 0
        self._settled_up_to = 0
        self._is_uncertain = False
        """Whether what is appended next may be in the journal already."""
        self._failure, self._failures = "", 0
        """Why the journal cannot be written just now, and how often it could not be."""
        self._proposed = asyncio.Event()
        self._settled = asyncio.Event()

    def propose(self, command: Command, connection: str = "", key: str = "") -> None:
        """Journal a command of a connection, or ("") of the server itself."""
        if not self._batch and not self._proposed.is_set():
            self._proposed.set()
            self._begin_batch()
        self._proposed_up_to += 1
        self._batch.append(Proposal(self.node, self._proposed_up_to, connection, key, command))

    def is_gathering(self) -> bool:
        """Say whether proposals wait to be journaled."""
        return bool(self._batch)

    async def append_at_once(self) -> None:
        """Append what is proposed before `append` runs; NotSaved or OSError where it cannot be."""
        await self._journal.append(self._take_batch())

    async def append(self) -> None:
        """Append what is proposed, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await self._proposed.wait()
            await self._gather(loop)
            batch = await self._next_batch()
            if not batch:
                continue
            self._is_uncertain = False
            try:
                await self._journal.append(batch)
                self._appended_up_to = batch[-1].sequence
                self._note_success()
            except NotSaved as error:
                self._note_failure(str(error))
                await self._until_settled(self._appended_up_to)
                self._give_up(batch)
                await asyncio.sleep(RETRY_SECONDS)
            except OSError as error:
                self._note_failure(f"cannot write to the journal, trying again: {error}")
                self._say_goodbyes(batch)
                self._batch = batch + self._batch
                self._is_uncertain = True
                self._proposed.set()
                await asyncio.sleep(RETRY_SECONDS)

    def _note_failure(self, failure: str) -> None:
        """Log what goes wrong once, however often it does."""
        if failure != self._failure:
            log.error("%s", failure)
        self._failure = failure
        self._failures += 1

    def _note_success(self) -> None:
        if self._failures:
            log.warning("saved again, after %d failures", self._failures)
            self._failure, self._failures = "", 0

    def _say_goodbyes(self, batch: Sequence[Proposal]) -> None:
        """Let nobody who leaves wait: that they left will be saved later."""
        for proposal in batch:
            if isinstance(proposal.command, Leave):
                self._refuse(proposal)

    async def _gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for a turn of the loop that brings nothing more, or for two milliseconds."""
        until, gathered = loop.time() + GATHER_SECONDS, 0
        while gathered < len(self._batch) and loop.time() < until:
            gathered = len(self._batch)
            await asyncio.sleep(0)

    def _take_batch(self) -> list[Proposal]:
        self._proposed.clear()
        batch, self._batch = self._batch, []
        return batch

    async def _next_batch(self) -> list[Proposal]:
        """Take what is to be appended, which is nothing where all of it is refused."""
        if self._is_uncertain or not self._is_full():
            return self._take_batch()
        await self._until_settled(self._appended_up_to)
        refused: list[Proposal] = []
        batch = self._take_batch()
        for proposal in batch:  # what is not refused gets a later place, after what is
            if proposal.connection and not self._must_happen(proposal):
                refused.append(proposal)
            else:
                self.propose(proposal.command, proposal.connection, proposal.key)
        spared = self._take_batch()
        self._note_settled(batch[-1].sequence)
        for proposal in refused:
            self._refuse(proposal)
        return spared

    def _give_up(self, batch: list[Proposal]) -> None:
        """Refuse what people typed; propose anew what must not be lost."""
        for proposal in batch:
            if proposal.sequence <= self._settled_up_to:
                continue
            must_happen = self._must_happen(proposal)
            if must_happen:
                self.propose(proposal.command, proposal.connection, proposal.key)
            if not must_happen or isinstance(proposal.command, Leave):
                self._refuse(proposal)
        self._note_settled(batch[-1].sequence)

    async def read(self, after: int) -> None:
        """Settle the journal's entries after an id, for ever."""
        async for batch in self._journal.read(after):
            self._settle(batch)
            for entry in reversed(batch):
                if entry.proposal.node == self.node:
                    self._note_settled(entry.proposal.sequence)
                    break

    def _note_settled(self, sequence: int) -> None:
        self._settled_up_to = max(self._settled_up_to, sequence)
        self._settled.set()

    async def drain(self) -> None:
        """Wait until nothing that was proposed is on its way any more."""
        while self._settled_up_to < self._proposed_up_to:
            await self._until_settled(self._proposed_up_to)

    async def _until_settled(self, sequence: int) -> None:
        while self._settled_up_to < sequence:
            self._settled.clear()
            await self._settled.wait()
