"""Batches on their way into the journal and back."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

import pytest

from chat_server.clock import SystemClock
from chat_server.journal.errors import NotSaved
from chat_server.journal.memory import MemoryJournal
from chat_server.journal.sequencer import Pump
from chat_server.protocol.commands import Send
from chat_server.rules.entries import Entry, Leave, NodeHere, Proposal
from tests.support.client import PATIENCE


class ListedJournal(MemoryJournal):
    """A journal that lists its batches; it may be full, and be read only when it is let."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.batches: list[list[str]] = []
        self.asked = asyncio.Event()
        self.is_full = False
        self.is_read = asyncio.Event()
        self.is_read.set()

    async def append(self, batch: Sequence[Proposal]) -> None:
        self.batches.append([proposal.connection for proposal in batch])
        self.asked.set()
        if self.is_full:
            raise NotSaved("disk full")
        await super().append(batch)

    async def read(self, after: int) -> AsyncGenerator[list[Entry], None]:
        async for batch in super().read(after):
            await self.is_read.wait()
            yield batch


class Happened:
    """What came out of a pump, in order."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self._changed = asyncio.Event()

    def settle(self, entries: Sequence[Entry]) -> None:
        self.happened += [f"saved {entry.proposal.connection}" for entry in entries]
        self._changed.set()

    def refuse(self, proposal: Proposal) -> None:
        self.happened.append(f"refused {proposal.connection}")
        self._changed.set()

    async def until(self, last: str) -> list[str]:
        """Wait until something has happened, and return what did so far."""

        async def wait() -> None:
            while last not in self.happened:
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(wait(), PATIENCE)
        return self.happened


@contextlib.asynccontextmanager
async def pumping(
    journal: MemoryJournal, happened: Happened, is_full: Callable[[], bool] = lambda: False
) -> AsyncIterator[Pump]:
    pump = Pump(
        journal,
        happened.settle,
        happened.refuse,
        must_happen=lambda proposal: isinstance(proposal.command, Leave),
        is_full=is_full,
    )
    tasks = [asyncio.create_task(work) for work in (pump.append(), pump.read(0))]
    try:
        yield pump
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_what_comes_in_adjacent_turns_is_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is, unless the turns take long, as they do while others keep the machine busy."""
    monkeypatch.setattr("chat_server.journal.sequencer.GATHER_SECONDS", PATIENCE)
    journal, happened = ListedJournal(), Happened()
    async with pumping(journal, happened) as pump:
        for connection in "abc":
            pump.propose(Send("hi"), connection)
            await asyncio.sleep(0)
        assert await happened.until("saved c") == ["saved a", "saved b", "saved c"]
    assert journal.batches == [["a", "b", "c"]]


async def test_batch_does_not_wait_for_ever_for_more() -> None:
    journal, happened = ListedJournal(), Happened()
    async with pumping(journal, happened) as pump:

        def say_more() -> None:
            pump.propose(Send("more"), "b")
            if not happened.happened:
                asyncio.get_running_loop().call_soon(say_more)

        pump.propose(Send("first"), "a")
        say_more()
        await happened.until("saved a")


async def test_refusal_comes_after_what_was_saved_before_it() -> None:
    journal, happened = ListedJournal(), Happened()
    async with pumping(journal, happened) as pump:
        journal.is_read.clear()
        pump.propose(Send("one"), "a")
        await asyncio.wait_for(journal.asked.wait(), PATIENCE)
        journal.asked.clear()
        journal.is_full = True
        pump.propose(Send("two"), "b")
        await asyncio.wait_for(journal.asked.wait(), PATIENCE)
        for _ in range(10):
            await asyncio.sleep(0)
        assert happened.happened == []
        journal.is_read.set()
        assert await happened.until("refused b") == ["saved a", "refused b"]


async def test_what_must_happen_is_appended_to_a_full_journal_and_the_rest_is_refused() -> None:
    journal, happened = ListedJournal(), Happened()
    async with pumping(journal, happened, lambda: True) as pump:
        pump.propose(Send("hi"), "a")
        pump.propose(Leave(), "b")
        pump.propose(NodeHere())
        pump.propose(Send("hi"), "c")
        assert await happened.until("saved ") == ["refused a", "refused c", "saved b", "saved "]
        await asyncio.wait_for(pump.drain(), PATIENCE)
    assert journal.batches == [["b", ""]]


async def test_what_a_full_journal_refuses_comes_after_what_was_saved_before_it() -> None:
    journal, happened = ListedJournal(), Happened()
    async with pumping(journal, happened, lambda: bool(journal.batches)) as pump:
        journal.is_read.clear()
        pump.propose(Send("one"), "a")
        await asyncio.wait_for(journal.asked.wait(), PATIENCE)
        pump.propose(Send("two"), "b")
        for _ in range(10):
            await asyncio.sleep(0)
        assert happened.happened == []
        journal.is_read.set()
        assert await happened.until("refused b") == ["saved a", "refused b"]
        await asyncio.wait_for(pump.drain(), PATIENCE)


class UncertainJournal(ListedJournal):
    """A journal of whose first batch nobody knows whether it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.is_certain = asyncio.Event()

    async def append(self, batch: Sequence[Proposal]) -> None:
        await super().append(batch)
        if len(self.batches) == 1:
            raise OSError("the disk is gone")
        self.is_certain.set()


async def test_batch_that_may_be_there_is_appended_again_even_if_the_journal_is_full() -> None:
    journal, happened = UncertainJournal(), Happened()
    async with pumping(journal, happened, lambda: bool(journal.batches)) as pump:
        pump.propose(Send("one"), "a")
        await asyncio.wait_for(journal.is_certain.wait(), PATIENCE)
        pump.propose(Send("two"), "b")
        await happened.until("refused b")
    assert journal.batches == [["a"], ["a"]]
