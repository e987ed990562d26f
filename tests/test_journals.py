"""The contract of every journal; each address in JOURNALS is held to all of it."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from chat_server.clock import SystemClock, Timer
from chat_server.entries import Entry, Fire, Proposal, Snapshot
from chat_server.journal import Journal, UnknownScheme, open_journal

JOURNALS = ["memory:"]


class SetClock:
    """A clock that shows what it is set to."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=JOURNALS)
async def journal(request: pytest.FixtureRequest, clock: SetClock) -> AsyncIterator[Journal]:
    opened = open_journal(str(request.param), clock)
    assert await opened.open() is None
    yield opened
    await opened.close()


def proposals(first: int, last: int) -> list[Proposal]:
    return [
        Proposal("node", number, "connection", "key", Fire(number))
        for number in range(first, last + 1)
    ]


async def entries(journal: Journal, after: int, count: int) -> list[Entry]:
    """Read that many entries after an id."""
    read: list[Entry] = []
    async for batch in journal.read(after):
        assert batch
        read += batch
        if len(read) >= count:
            break
    return read


async def test_entries_are_the_proposals_in_their_order(journal: Journal) -> None:
    await journal.append(proposals(1, 2))
    await journal.append(proposals(3, 5))
    read = await entries(journal, 0, 5)
    assert [entry.proposal for entry in read] == proposals(1, 5)


async def test_ids_count_up_from_one(journal: Journal) -> None:
    await journal.append(proposals(1, 3))
    assert [entry.id for entry in await entries(journal, 0, 3)] == [1, 2, 3]


async def test_time_is_that_of_the_clock(journal: Journal, clock: SetClock) -> None:
    clock.time = 123.5
    await journal.append(proposals(1, 1))
    [entry] = await entries(journal, 0, 1)
    assert entry.at == 123.5


async def test_time_never_goes_back(journal: Journal, clock: SetClock) -> None:
    for time in (100.0, 40.0, 99.0, 101.0):
        clock.time = time
        await journal.append(proposals(1, 1))
    assert [entry.at for entry in await entries(journal, 0, 4)] == [100, 100, 100, 101]


async def test_reading_begins_after_an_id(journal: Journal) -> None:
    await journal.append(proposals(1, 5))
    assert [entry.id for entry in await entries(journal, 3, 2)] == [4, 5]


async def test_reading_goes_on_with_what_is_appended_later(journal: Journal) -> None:
    await journal.append(proposals(1, 1))
    batches = []
    async for batch in journal.read(0):
        batches.append([entry.id for entry in batch])
        if len(batches) == 2:
            break
        await journal.append(proposals(2, 3))
    assert batches == [[1], [2, 3]]


async def test_append_wakes_who_waits_to_read(journal: Journal) -> None:
    waiting = asyncio.create_task(entries(journal, 0, 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    await journal.append(proposals(1, 1))
    assert [entry.id for entry in await waiting] == [1]


async def test_opening_again_gives_the_newest_snapshot(journal: Journal) -> None:
    await journal.append(proposals(1, 3))
    await journal.save(Snapshot(1, b"old"))
    await journal.save(Snapshot(2, b"new"))
    assert await journal.open() == Snapshot(2, b"new")


async def test_entries_after_a_snapshot_are_kept(journal: Journal) -> None:
    await journal.append(proposals(1, 3))
    await journal.save(Snapshot(2, b"state"))
    assert [entry.id for entry in await entries(journal, 2, 1)] == [3]


async def test_ids_go_on_after_a_snapshot(journal: Journal) -> None:
    await journal.append(proposals(1, 3))
    await journal.save(Snapshot(3, b"state"))
    await journal.append(proposals(4, 4))
    assert [entry.id for entry in await entries(journal, 3, 1)] == [4]


async def test_close_ends_reading(journal: Journal) -> None:
    waiting = asyncio.create_task(entries(journal, 0, 1))
    await asyncio.sleep(0)
    await journal.close()
    assert await waiting == []


@pytest.mark.parametrize("url", JOURNALS)
def test_two_journals_are_told_apart(url: str) -> None:
    one, other = (open_journal(url, SystemClock()) for _ in range(2))
    assert one.chat
    assert one.chat != other.chat


@pytest.mark.parametrize("url", ["paper:", "memory", "", ":memory:", "MEMORY:"])
def test_unknown_scheme_names_what_is_known(url: str) -> None:
    with pytest.raises(UnknownScheme) as caught:
        open_journal(url, SystemClock())
    assert str(caught.value) == f"there is no journal {url!r}; allowed: memory:"
