"""The contract of every journal; each address in JOURNALS is held to all of it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chat_server.clock import SystemClock
from chat_server.journal import Journal, open_journal
from chat_server.journal.errors import UnknownScheme
from chat_server.rules.entries import Snapshot
from tests.support.clock import FakeClock
from tests.support.journals import all_entries, entries, numbers, proposals
from tests.support.redis_server import RedisServer

LASTING = ["sqlite:", "redis:"]
"""The kinds of journals that outlive the server."""
JOURNALS = ["memory:", *LASTING]
BY_OUR_CLOCK = ["memory:", "sqlite:"]
"""Those that have no clock of their own."""


class Opener:
    """Opens a journal, and another one at the same address when the first is closed."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        self.url = url
        self.snapshot: Snapshot | None = None
        self._clock = clock
        self._journal: Journal | None = None

    async def open(self) -> Journal:
        await self.close()
        self._journal = open_journal(self.url, self._clock)
        self.snapshot = await self._journal.open()
        return self._journal

    async def close(self) -> None:
        if self._journal is not None:
            await self._journal.close()


@pytest.fixture
def clock() -> FakeClock:
    clock = FakeClock()
    clock.go_on_from(100.0)
    return clock


NewAddress = Callable[[str], str]


@pytest.fixture
def new_address(request: pytest.FixtureRequest, tmp_path: Path) -> NewAddress:
    """Make addresses of a kind at which there is no chat yet."""
    numbers = itertools.count(1)

    def address(kind: str) -> str:
        if kind == "redis:":
            redis: RedisServer = request.getfixturevalue("redis")
            return redis.address()
        return kind if kind == "memory:" else f"{kind}{tmp_path}/{next(numbers)}.db"

    return address


@pytest.fixture(params=JOURNALS)
async def opener(
    request: pytest.FixtureRequest, new_address: NewAddress, clock: FakeClock
) -> AsyncIterator[Opener]:
    opener = Opener(new_address(str(request.param)), clock)
    yield opener
    await opener.close()


@pytest.fixture
async def journal(opener: Opener) -> Journal:
    journal = await opener.open()
    assert opener.snapshot is None
    return journal


lasting = pytest.mark.parametrize("opener", LASTING, indirect=True)
by_our_clock = pytest.mark.parametrize("opener", BY_OUR_CLOCK, indirect=True)


# Appending and reading


async def test_entries_are_the_proposals_in_their_order(journal: Journal) -> None:
    await journal.append(proposals(1, 2))
    await journal.append(proposals(3, 5))
    read = await entries(journal, 0, 5)
    assert [entry.proposal for entry in read] == proposals(1, 5)


async def test_ids_count_up_from_one(journal: Journal) -> None:
    await journal.append(proposals(1, 3))
    assert [entry.id for entry in await entries(journal, 0, 3)] == [1, 2, 3]


@by_our_clock
async def test_time_is_that_of_the_clock(journal: Journal, clock: FakeClock) -> None:
    clock.go_on_from(123.5)
    await journal.append(proposals(1, 1))
    [entry] = await entries(journal, 0, 1)
    assert entry.at == 123.5


async def test_time_never_goes_back(journal: Journal, clock: FakeClock) -> None:
    for time in (100.0, 40.0, 99.0, 101.0):
        clock.go_on_from(time)
        await journal.append(proposals(1, 1))
    times = [entry.at for entry in await entries(journal, 0, 4)]
    assert times == sorted(times)


@by_our_clock
async def test_no_time_passes_where_the_clock_goes_back(journal: Journal, clock: FakeClock) -> None:
    for time in (100.0, 40.0, 99.0, 101.0):
        clock.go_on_from(time)
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


# What lasts


@lasting
async def test_what_was_appended_is_there_after_opening_again(
    opener: Opener, clock: FakeClock
) -> None:
    journal = await opener.open()
    chat = journal.chat
    await journal.append(proposals(1, 2))
    clock.go_on_from(105.25)
    await journal.append(proposals(3, 5))
    read = await entries(journal, 0, 5)
    again = await opener.open()
    assert await entries(again, 0, 5) == read
    assert [entry.proposal for entry in read] == proposals(1, 5)
    assert [entry.id for entry in read] == [1, 2, 3, 4, 5]
    assert (again.chat, opener.snapshot) == (chat, None)


@lasting
async def test_ids_go_on_after_opening_again(opener: Opener) -> None:
    await (await opener.open()).append(proposals(1, 2))
    again = await opener.open()
    await again.append(proposals(3, 3))
    assert [entry.id for entry in await entries(again, 0, 3)] == [1, 2, 3]


@lasting
async def test_stored_batch_can_be_read_from_its_middle(opener: Opener) -> None:
    journal = await opener.open()
    await journal.append(proposals(1, 5))
    await journal.append(proposals(6, 7))
    again = await opener.open()
    assert numbers(await entries(again, 3, 4)) == [4, 5, 6, 7]


@lasting
async def test_many_batches_are_read_in_order_and_without_gaps(opener: Opener) -> None:
    journal = await opener.open()
    for number in range(1, 451):
        await journal.append(proposals(number, number))
    again = await opener.open()
    assert numbers(await entries(again, 0, 450)) == list(range(1, 451))


@lasting
async def test_opening_again_gives_the_newest_snapshot(opener: Opener) -> None:
    journal = await opener.open()
    await journal.append(proposals(1, 3))
    await journal.save(Snapshot(1, b"old"))
    await journal.save(Snapshot(2, b"new"))
    await opener.open()
    assert opener.snapshot == Snapshot(2, b"new")


@lasting
async def test_snapshot_lets_the_entries_before_it_go(opener: Opener) -> None:
    journal = await opener.open()
    await journal.append(proposals(1, 2))
    await journal.append(proposals(3, 4))
    await journal.save(Snapshot(2, b"state"))
    assert numbers(await all_entries(await opener.open())) == [3, 4]


@lasting
async def test_reading_waits_where_a_snapshot_has_let_everything_go(opener: Opener) -> None:
    journal = await opener.open()
    await journal.append(proposals(1, 2))
    await journal.save(Snapshot(2, b"state"))
    again = await opener.open()
    waiting = asyncio.create_task(entries(again, 0, 1))
    await asyncio.sleep(0)
    await again.append(proposals(3, 3))
    assert [entry.id for entry in await waiting] == [3]


@pytest.mark.parametrize("opener", ["sqlite:"], indirect=True)
@pytest.mark.parametrize("is_saved", [False, True])
async def test_time_does_not_go_back_although_the_clock_did_between_two_servers(
    opener: Opener, clock: FakeClock, is_saved: bool
) -> None:
    journal = await opener.open()
    await journal.append(proposals(1, 1))
    if is_saved:
        await journal.save(Snapshot(1, b"state"))
    clock.go_on_from(40.0)
    again = await opener.open()
    await again.append(proposals(2, 2))
    [entry] = await entries(again, 1, 1)
    assert entry.at == 100.0


# Addresses


@pytest.mark.parametrize("kind", JOURNALS)
async def test_two_journals_are_told_apart(kind: str, new_address: NewAddress) -> None:
    chats = []
    for _ in range(2):
        journal = open_journal(new_address(kind), SystemClock())
        await journal.open()
        chats.append(journal.chat)
        await journal.close()
    assert all(chats)
    assert chats[0] != chats[1]


@pytest.mark.parametrize("url", ["paper:", "memory", "", ":memory:", "MEMORY:"])
def test_unknown_scheme_names_what_is_known(url: str) -> None:
    with pytest.raises(UnknownScheme) as caught:
        open_journal(url, SystemClock())
    allowed = "memory:, sqlite:, redis:, rediss:, unix:"
    assert str(caught.value) == f"there is no journal {url!r}; allowed: {allowed}"
