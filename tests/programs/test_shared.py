"""Several servers that share one chat through a real Redis."""

import asyncio
import contextlib
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from chat_server import neighbours
from chat_server.clock import SystemClock
from chat_server.journal.engine import parsed
from chat_server.journal.redis import RedisJournal
from chat_server.protocol.events import History, Message, Ok, Refused
from chat_server.rules.entries import NodesGone, Proposal
from tests.support.client import PATIENCE, Client
from tests.support.losing import Losing, losing
from tests.support.processes import ServerProcess, end_of, listening
from tests.support.redis_server import RedisServer, redis_server
from tests.support.running import UNLIMITED, Running, UnhurriedClock, run
from tests.support.screen import until

TALKERS = 20
LINES = 40
RACES = 100


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RedisServer]:
    """Give a Redis that a test may break."""
    with redis_server(tmp_path) as server:
        yield server


Started = Callable[[str], Awaitable[ServerProcess]]


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[Started]:
    """Start servers as processes."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(address: str) -> ServerProcess:
            settings = {"CHAT_PORT": "0", "CHAT_RATE": "0", "CHAT_JOURNAL": address}
            return await stack.enter_async_context(listening("module", tmp_path, **settings))

        yield start


@pytest.fixture
async def proxy(redis: RedisServer) -> AsyncIterator[Losing]:
    async with losing(redis.socket) as proxy:
        yield proxy


Served = Callable[[str], Awaitable[Running]]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Start servers in the loop of the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(address: str) -> Running:
            clock = UnhurriedClock()
            journal = RedisJournal(parsed(address), clock)
            return await stack.enter_async_context(run(UNLIMITED, journal, clock))

        yield start


async def program_at(server: ServerProcess, name: str) -> Client:
    client = await Client.open(server.host, server.port)
    await client.say("format json", f"@in rename {name}")
    await client.until_answer("in")
    return client


async def said(client: Client) -> list[tuple[str, str]]:
    """Return the ids and texts of all messages, as a server knows them."""
    history = await client.answer("history 1000")
    assert isinstance(history, History)
    return [(message.id, message.text) for message in history.messages]


async def test_all_servers_tell_the_same_messages_in_the_same_order(
    redis: RedisServer, started: Started
) -> None:
    address = redis.address()
    servers = [await started(address), await started(address)]
    talkers = [await program_at(servers[n % 2], f"talker-{n}") for n in range(6)]
    listeners = [await program_at(server, f"ear-{n}") for n, server in enumerate(servers)]

    async def talk(talker: Client, name: str) -> None:
        for number in range(20):
            assert isinstance(await talker.answer(f"send {name} {number}"), Ok)

    await asyncio.gather(*[talk(talker, str(n)) for n, talker in enumerate(talkers)])
    heard = []
    for listener in listeners:
        messages = [await listener.expect_event(Message) for _ in range(120)]
        heard.append([(message.id, message.text) for message in messages])
    assert heard[0] == heard[1]
    assert await said(listeners[0]) == await said(listeners[1]) == heard[0]
    await close(*talkers, *listeners)


async def close(*clients: Client) -> None:
    for client in clients:
        await client.close()


async def test_one_of_two_who_want_a_name_at_different_servers_gets_it(
    redis: RedisServer, started: Started
) -> None:
    address = redis.address()
    ann = await program_at(await started(address), "ann")
    bob = await program_at(await started(address), "bob")
    for number in range(RACES):
        answers = await asyncio.gather(
            ann.answer(f"rename wanted-{number}"), bob.answer(f"rename wanted-{number}")
        )
        assert sorted(type(answer).__name__ for answer in answers) == ["Ok", "Refused"]
    await close(ann, bob)


async def test_third_complaint_mutes_from_wherever_it_comes(
    redis: RedisServer, served: Served
) -> None:
    address = redis.address()
    one, other = await served(address), await served(address)
    loud, _ = await one.join_json("loud")
    for server, name in ((one, "ann"), (one, "bob")):
        await (await server.join_json(name))[0].answer("report loud")
    assert isinstance(await loud.answer("send still here"), Ok)
    await (await other.join_json("carol"))[0].answer("report loud")
    await loud.expect("muted")
    assert (await loud.refusal("send anything")).code == "muted"


async def test_scheduled_message_is_sent_once(redis: RedisServer, served: Served) -> None:
    address = redis.address()
    one, other = await served(address), await served(address)
    ann, _ = await one.join_json("ann")
    bob, _ = await other.join_json("bob")
    assert isinstance(await ann.answer("send later -t 1"), Ok)
    assert (await bob.expect_event(Message)).text == "later"
    assert isinstance(await bob.answer("send after it"), Ok)
    await ann.answer("send fence")
    assert [text for _, text in await said(ann)] == ["later", "after it", "fence"]


async def test_crash_of_redis_loses_and_doubles_nothing(own: RedisServer, started: Started) -> None:
    address = own.address()
    servers = [await started(address), await started(address)]
    talkers = [await program_at(servers[n % 2], f"talker-{n}") for n in range(TALKERS)]
    acknowledged: dict[str, str] = {}
    changed = asyncio.Event()

    async def talk(talker: Client, name: str) -> None:
        for number in range(LINES):
            answer = await talker.answer(f"send {name} {number}")
            while isinstance(answer, Refused):
                assert answer.code == "not_saved"
                answer = await talker.answer(f"send {name} {number}")
            assert isinstance(answer, Ok)
            acknowledged[f"{name} {number}"] = answer.id or ""
            changed.set()

    talking = asyncio.gather(*[talk(talker, str(n)) for n, talker in enumerate(talkers)])
    for enough in (200, 400):
        while len(acknowledged) < enough:
            await changed.wait()
            changed.clear()
        own.kill()
        own.start()
    await asyncio.wait_for(talking, PATIENCE)
    ends = [await program_at(server, f"end-{n}") for n, server in enumerate(servers)]
    kept = await said(ends[0])
    assert kept == await said(ends[1])
    assert {text: id_ for id_, text in kept} == acknowledged
    assert len(kept) == TALKERS * LINES
    await close(*talkers, *ends)


async def test_what_redis_has_although_its_answer_was_lost_counts_once(
    redis: RedisServer, proxy: Losing, served: Served
) -> None:
    server = await served(f"redis://127.0.0.1:{proxy.port}?chat=doubled")
    ann, _ = await server.join_json("ann")
    before = redis.asked.xlen("chat:{doubled}:journal")
    proxy.to_lose = 3
    assert isinstance(await ann.answer("send hello"), Ok)
    await until(lambda: redis.asked.xlen("chat:{doubled}:journal") == before + 4)
    assert proxy.lost == 3
    assert isinstance(await ann.answer("send fence"), Ok)
    assert [text for _, text in await said(ann)] == ["hello", "fence"]


async def test_people_of_a_server_that_is_not_heard_of_leave(
    redis: RedisServer, started: Started, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = redis.address()
    monkeypatch.setattr(neighbours, "GONE_SECONDS", 1.5 * neighbours.RENEW_SECONDS)
    monkeypatch.setattr(neighbours, "RENEW_SECONDS", 0.1)
    one, other = await served(address), await started(address)
    bob = await program_at(other, "bob")
    ann = await one.join("ann")
    await ann.say("send so far")
    await ann.expect("ann: so far")
    await other.killed()
    await ann.expect("bob left")
    await bob.close()


async def test_server_that_was_taken_to_be_gone_begins_anew(
    redis: RedisServer, served: Served
) -> None:
    address = redis.address()
    one, other = await served(address), await served(address)
    ann = await one.join("ann")
    bob = await other.join("bob")
    await ann.expect("bob joined")
    journal = RedisJournal(parsed(address), SystemClock())
    await journal.open()
    [_, node] = one.server.chat.nodes()
    await journal.append([Proposal("judge", 1, "", "", NodesGone((node,)))])
    await journal.close()
    await ann.expect("bob left")
    assert await bob.rest() == []
    carol = await other.join("carol")
    await carol.say("send I am here")
    await ann.expect("carol: I am here")


async def test_server_whose_redis_was_put_back_stops_and_says_so_in_one_line(
    own: RedisServer, started: Started
) -> None:
    address = own.address()
    server = await started(address)
    ann = await program_at(server, "ann")
    await ann.answer("send before")
    shutil.copytree(own.folder / "appendonlydir", own.folder / "backup")
    await ann.answer("send lost")
    await ann.answer("send perhaps")  # which may be appended again, if its answer is cut off
    own.kill()
    shutil.rmtree(own.folder / "appendonlydir")
    shutil.move(own.folder / "backup", own.folder / "appendonlydir")
    own.start()
    ended = await end_of(server.process)
    assert ended.status == 1
    [line] = [line for line in ended.stderr.splitlines() if "cannot go on" in line]
    assert "is not what it was: it is an older copy" in line
    assert "Traceback" not in ended.stderr
    await ann.close()
    again = await started(address)
    bob = await program_at(again, "bob")
    assert [text for _, text in await said(bob) if text != "perhaps"] == ["before"]
    await bob.close()
    assert (await again.ended(signal.SIGTERM)).status == 0
