"""The journal in Redis: shared by several servers, and by a Redis that fails or is put back."""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from chat_server.clock import SystemClock
from chat_server.journal import open_journal
from chat_server.journal import redis as redis_journal
from chat_server.journal.engine import parsed
from chat_server.journal.errors import CannotOpen, CutOff, NotSaved
from chat_server.journal.redis import RedisJournal
from chat_server.rules.entries import Entry, Snapshot
from tests.support.client import PATIENCE
from tests.support.clock import FakeClock
from tests.support.journals import entries, numbers, proposals
from tests.support.redis_server import RedisServer, redis_server
from tests.support.screen import until

Opened = Callable[[str], Awaitable[RedisJournal]]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Open journals, each as a server of its own does."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_one(address: str) -> RedisJournal:
            journal = RedisJournal(parsed(address), SystemClock())
            stack.push_async_callback(journal.close)
            await journal.open()
            return journal

        yield open_one


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RedisServer]:
    """Give a Redis that a test may break."""
    with redis_server(tmp_path) as server:
        yield server


class Reading:
    """All that a journal gave, read as a server does: without an end."""

    def __init__(self, journal: RedisJournal) -> None:
        self.read: list[Entry] = []
        self._changed = asyncio.Event()
        self.task = asyncio.create_task(self._read(journal))

    async def _read(self, journal: RedisJournal) -> None:
        async for batch in journal.read(0):
            self.read += batch
            self._changed.set()

    async def until(self, count: int) -> list[Entry]:
        """Wait until there are so many entries."""

        async def wait() -> None:
            while len(self.read) < count and not self.task.done():
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(wait(), PATIENCE)
        return self.read

    async def fault(self) -> BaseException | None:
        """Wait until reading ends, and return why."""
        await asyncio.wait([self.task], timeout=PATIENCE)
        return self.task.exception()


# Addresses


@pytest.mark.parametrize(
    ("url", "chat", "shown"),
    [
        ("redis://localhost", "chat", "redis://localhost?chat=chat"),
        ("redis://me:secret@host:6380/2?chat=dev", "dev", "redis://host:6380/2?chat=dev"),
        ("rediss://:secret@host/0?chat=a.b-c_1", "a.b-c_1", "rediss://host/0?chat=a.b-c_1"),
        ("unix://:secret@/run/redis.sock?chat=x&db=3", "x", "unix:///run/redis.sock?chat=x"),
    ],
)
def test_address_is_shown_without_its_password(url: str, chat: str, shown: str) -> None:
    address = parsed(url)
    assert (address.chat, address.shown) == (chat, shown)
    assert "chat=" not in address.url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis:", "needs an address"),
        ("unix:", "needs an address"),
        ("redis://host?chat=", "a name of at most 64 letters"),
        ("redis://host?chat=a%7Bb", "a name of at most 64 letters"),
        ("redis://host?timeout=3", "has no timeout="),
        ("redis://:secret@host:port", "redis://host:port"),
        ("redis://:secret@host/0?ssl_nothing=1", "redis://host/0"),
    ],
)
def test_address_that_is_none_is_refused_in_one_line(url: str, why: str) -> None:
    with pytest.raises(CannotOpen) as caught:
        open_journal(url, SystemClock())
    assert why in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_its_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("chat_server.journal.redis", "chat_server.journal.engine"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(CannotOpen, match=r"redis: needs the package redis.*pip install"):
        open_journal("redis://localhost", SystemClock())


# Opening


async def opened_with(redis: RedisServer, **settings: str) -> None:
    """Open a chat in a Redis that is set in some way."""
    before = {name: str(redis.asked.config_get(name)[name]) for name in settings}
    for name, value in settings.items():
        redis.asked.config_set(name, value)
    journal = RedisJournal(parsed(redis.address()), SystemClock())
    try:
        await journal.open()
    finally:
        await journal.close()
        for name, value in before.items():
            redis.asked.config_set(name, value)


@pytest.mark.parametrize(
    ("settings", "loss"),
    [
        ({"appendonly": "no"}, "only now and then (appendonly no)"),
        ({"appendfsync": "everysec"}, "in the last second or two"),
        ({"appendfsync": "no"}, "in the last half a minute"),
        ({}, ""),
    ],
)
async def test_log_says_what_redis_can_lose_as_it_is_set(
    own: RedisServer, caplog: pytest.LogCaptureFixture, settings: dict[str, str], loss: str
) -> None:
    await opened_with(own, **settings)
    assert len(caplog.messages) == (1 if loss else 0)
    assert loss in "".join(caplog.messages)


async def test_redis_that_may_throw_the_chat_away_is_refused(redis: RedisServer) -> None:
    with pytest.raises(CannotOpen, match="maxmemory-policy allkeys-lru"):
        await opened_with(redis, **{"maxmemory-policy": "allkeys-lru"})


async def test_log_says_where_it_could_not_look(
    redis: RedisServer, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    redis.asked.acl_setuser(
        "limited",
        enabled=True,
        passwords=["+secret"],
        keys=["chat:*"],
        categories=["+@all"],
        commands=["-config", "-info"],
    )
    address = redis.address().replace("unix://", "unix://limited:secret@")
    journal = await opened(address)
    [message] = caplog.messages
    assert message.startswith("Redis does not say how it is set (")
    await journal.append(proposals(1, 1))
    assert numbers(await entries(journal, 0, 1)) == [1]
    with pytest.raises(CannotOpen, match="cannot keep the chat in unix:///"):
        await opened(address.replace("secret", "wrong"))


async def test_redis_that_is_not_there_is_said_in_one_line(tmp_path: Path, opened: Opened) -> None:
    with pytest.raises(CannotOpen, match="cannot keep the chat in unix:///"):
        await opened(f"unix://{tmp_path}/nothing.sock")


async def test_chat_of_a_newer_program_is_refused(redis: RedisServer, opened: Opened) -> None:
    address = redis.address("newer")
    await opened(address)
    redis.asked.hset("chat:{newer}:about", "version", redis_journal.VERSION + 1)
    with pytest.raises(CannotOpen, match="of a newer program"):
        await opened(address)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("chat:{half}:about", "entries of one"),
        ("chat:{half}:journal", "its beginning is missing"),
    ],
)
async def test_chat_of_which_a_part_is_missing_is_left_as_it_is(
    own: RedisServer, opened: Opened, key: str, why: str
) -> None:
    address = own.address("half")
    await opened(address)
    own.asked.delete(key)
    with pytest.raises(CannotOpen, match=why):
        await opened(address)
    assert not own.asked.exists(key)


async def test_time_is_that_of_redis(redis: RedisServer) -> None:
    clock = FakeClock()
    journal = RedisJournal(parsed(redis.address()), clock)
    await journal.open()
    seconds, _ = redis.asked.time()
    assert abs(clock.now() - seconds) < PATIENCE
    assert clock.wall() == clock.now()
    clock.go_on_from(100.0)
    await journal.append(proposals(1, 1))
    [entry] = await entries(journal, 0, 1)
    assert abs(entry.at - seconds) < PATIENCE
    assert clock.now() == entry.at
    await journal.close()


@pytest.mark.parametrize(("silent", "gone"), [(0.0, ("a", "b")), (3600.0, ())])
async def test_servers_are_gone_at_a_start_after_a_long_silence(
    redis: RedisServer,
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
    silent: float,
    gone: tuple[str, ...],
) -> None:
    journal = await opened(redis.address())
    monkeypatch.setattr(redis_journal, "SILENT_SECONDS", silent)
    assert await journal.gone(("a", "b")) == gone


# Several servers


async def test_all_servers_know_each_entry_by_the_same_id_and_time(
    redis: RedisServer, opened: Opened
) -> None:
    address = redis.address()
    first, second = await opened(address), await opened(address)
    assert first.chat == second.chat

    async def append(journal: RedisJournal, first: int, last: int, step: int) -> None:
        for number in range(first, last, step):
            await journal.append(proposals(number, number + step - 1))

    await asyncio.gather(append(first, 1, 150, 3), append(second, 1001, 1100, 2))
    third = await opened(address)
    assert third.last == 250
    read = [await entries(journal, 0, 250) for journal in (first, second, third)]
    assert [entry.id for entry in read[0]] == list(range(1, 251))
    assert read[0] == read[1] == read[2]
    assert [n for n in numbers(read[0]) if n < 1000] == list(range(1, 151))


async def test_chat_is_founded_once(redis: RedisServer, opened: Opened) -> None:
    address = redis.address()
    journals = await asyncio.gather(*[opened(address) for _ in range(5)])
    assert len({journal.chat for journal in journals}) == 1


async def test_newer_snapshot_of_another_server_stays(redis: RedisServer, opened: Opened) -> None:
    address = redis.address("saved")
    first, second = await opened(address), await opened(address)
    await first.append(proposals(1, 5))
    await first.save(Snapshot(4, b"newer"))
    await second.save(Snapshot(3, b"older"))
    third = RedisJournal(parsed(address), SystemClock())
    assert await third.open() == Snapshot(4, b"newer")
    await third.close()
    assert sorted(redis.asked.keys("chat:{saved}:*")) == [
        b"chat:{saved}:about",
        b"chat:{saved}:journal",
        b"chat:{saved}:snapshot",
    ]


async def test_large_snapshot_comes_back_whole(redis: RedisServer, opened: Opened) -> None:
    address = redis.address()
    journal = await opened(address)
    await journal.append(proposals(1, 1))
    state = bytes(range(256)) * (redis_journal.SLICE // 100)
    await journal.save(Snapshot(1, state))
    again = RedisJournal(parsed(address), SystemClock())
    assert await again.open() == Snapshot(1, state)
    await again.close()


async def test_stream_is_trimmed_up_to_the_snapshot_before(
    redis: RedisServer, opened: Opened
) -> None:
    address = redis.address("trimmed")
    journal = await opened(address)
    for number in range(1, 7):
        await journal.append(proposals(number, number))
    await entries(journal, 0, 6)
    await journal.save(Snapshot(2, b"state"))
    assert redis.asked.xlen("chat:{trimmed}:journal") == 7
    await journal.save(Snapshot(5, b"state"))
    assert redis.asked.xlen("chat:{trimmed}:journal") == 5
    again = await opened(address)
    assert numbers(await entries(again, 0, 1)) == [6]


async def test_server_that_is_too_late_for_what_was_trimmed_is_cut_off(
    redis: RedisServer, opened: Opened
) -> None:
    address = redis.address()
    journal, late = await opened(address), await opened(address)
    for number in range(1, 7):
        await journal.append(proposals(number, number))
    await entries(journal, 0, 6)
    await journal.save(Snapshot(2, b"state"))
    await journal.save(Snapshot(5, b"state"))
    fault = await Reading(late).fault()
    assert isinstance(fault, CutOff)
    assert "has gone on for too long without this server" in str(fault)
    with pytest.raises(NotSaved):
        await late.append(proposals(7, 7))


# Redis away


async def heard() -> None:
    """Let the loop hear what has happened already."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_was_never_sent_is_not_saved(own: RedisServer, opened: Opened) -> None:
    journal = await opened(own.address())
    await journal.append(proposals(1, 1))
    own.kill()
    await heard()
    with pytest.raises(NotSaved):
        await journal.append(proposals(2, 2))
    own.start()
    await journal.append(proposals(3, 3))
    assert numbers(await entries(journal, 0, 2)) == [1, 3]


async def test_what_was_sent_and_not_answered_is_unknown_until_it_is_appended_again(
    own: RedisServer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_journal, "ANSWER_SECONDS", 0.2)
    journal = await opened(own.address())
    own.asked.client_pause(600_000, all=False)
    with pytest.raises(OSError, match="imeout"):
        await journal.append(proposals(1, 2))
    own.kill()
    with pytest.raises(OSError, match="onnect"):
        await journal.append(proposals(1, 2))
    own.start()
    await journal.append(proposals(1, 2))
    own.kill()
    await heard()
    with pytest.raises(NotSaved):
        await journal.append(proposals(3, 3))


async def test_full_redis_does_not_save(redis: RedisServer, opened: Opened) -> None:
    journal = await opened(redis.address())
    redis.asked.config_set("maxmemory", "1")
    try:
        with pytest.raises(NotSaved, match="maxmemory"):
            await journal.append(proposals(1, 1))
        with pytest.raises(NotSaved, match="maxmemory"):
            await journal.save(Snapshot(0, b"state"))
    finally:
        redis.asked.config_set("maxmemory", "0")
    await journal.append(proposals(2, 2))
    assert numbers(await entries(journal, 0, 1)) == [2]


async def test_reading_goes_on_by_itself_when_redis_is_back(
    own: RedisServer, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    journal = await opened(own.address())
    reading = Reading(journal)
    await journal.append(proposals(1, 1))
    await reading.until(1)
    own.kill()
    await until(lambda: bool(caplog.messages))
    own.start()
    await journal.append(proposals(2, 2))
    assert numbers(await reading.until(2)) == [1, 2]
    said = [message.split(":")[0] for message in caplog.messages]
    assert said[0].startswith("cannot read from unix")
    assert said[1].startswith("reading from unix")
    assert len(said) == 2


# Redis put back


async def put_back(own: RedisServer, journal: RedisJournal, reading: Reading) -> None:
    """Replace a Redis by a copy of what it was before the newest entry that was read."""
    await journal.append(proposals(1, 1))
    await reading.until(1)
    shutil.copytree(own.folder / "appendonlydir", own.folder / "backup")
    await journal.append(proposals(2, 2))
    await reading.until(2)
    own.kill()
    shutil.rmtree(own.folder / "appendonlydir")
    shutil.move(own.folder / "backup", own.folder / "appendonlydir")
    own.start()


async def test_older_copy_is_noticed_and_nothing_is_mixed(own: RedisServer, opened: Opened) -> None:
    address = own.address("restored")
    journal = await opened(address)
    reading = Reading(journal)
    await put_back(own, journal, reading)
    fault = await reading.fault()
    assert isinstance(fault, CutOff)
    assert "it is an older copy" in str(fault)
    with pytest.raises(NotSaved):
        await journal.append(proposals(3, 3))
    with pytest.raises(NotSaved):
        await journal.save(Snapshot(2, b"state"))
    assert own.asked.xlen("chat:{restored}:journal") == 2
    assert not own.asked.exists("chat:{restored}:snapshot")


async def test_older_copy_that_goes_on_is_noticed_all_the_same(
    own: RedisServer, opened: Opened
) -> None:
    address = own.address()
    journal = await opened(address)
    reading = Reading(journal)
    await put_back(own, journal, reading)
    other = await opened(address)
    for number in range(3, 9):
        await other.append(proposals(number, number))
    assert isinstance(await reading.fault(), CutOff)
    assert numbers(reading.read) == [1, 2]


async def test_snapshot_is_not_kept_in_an_older_copy(own: RedisServer, opened: Opened) -> None:
    """Also where nobody has noticed yet."""
    address = own.address("unnoticed")
    journal = await opened(address)
    await journal.append(proposals(1, 1))
    await entries(journal, 0, 1)
    own.asked.xtrim("chat:{unnoticed}:journal", maxlen=0)
    with pytest.raises(NotSaved, match="is not what it was"):
        await journal.save(Snapshot(1, b"state"))
    assert not own.asked.exists("chat:{unnoticed}:snapshot")


async def test_nothing_is_appended_where_the_chat_was_deleted(
    own: RedisServer, opened: Opened
) -> None:
    journal = await opened(own.address())
    reading = Reading(journal)
    own.asked.flushall()
    with pytest.raises(NotSaved, match="is not there any more"):
        await journal.append(proposals(1, 1))
    assert isinstance(await reading.fault(), CutOff)
    assert not [key for key in own.asked.scan_iter() if b"journal" in key]
