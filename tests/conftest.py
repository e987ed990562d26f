"""The few things that tests begin with: a clock, a server, and people who are there."""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Protocol

import pytest
import uvloop
from hypothesis import HealthCheck, settings

from chat_server.clock import Clock
from chat_server.journal import Journal
from chat_server.journal.memory import MemoryJournal
from chat_server.rules import addresses
from chat_server.settings import Settings
from tests.support.client import Client
from tests.support.clock import FakeClock
from tests.support.redis_server import RedisServer, redis_server
from tests.support.running import UNLIMITED, Running, UnhurriedClock, run

# How long an example takes tells of the machine, not of the chat.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("patient"), max_examples=1_000_000)
settings.load_profile("patient")


class Serve(Protocol):
    """Start a server; what is not given is real, and forgets."""

    async def __call__(
        self,
        settings: Settings = UNLIMITED,
        *,
        clock: Clock | None = None,
        journal: Journal | None = None,
        counted: Callable[[str], str] = addresses.counted,
    ) -> Running: ...


Join = Callable[[str], Awaitable[Client]]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run what is marked `both_loops` on uvloop's transports too, which the server prefers."""
    if item.get_closest_marker("both_loops") is None:
        return {"asyncio": asyncio.SelectorEventLoop}
    return {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}


def pytest_xdist_auto_num_workers() -> int:
    """Use the cores while tests wait, which they do for half of their time."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_finish() -> None:
    """Let what is there for good, all that was imported, not be searched for garbage ever again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def what_is_compiled_is_kept() -> None:
    """Let the programs that tests start, a hundred and more, not each compile all of themselves."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True, scope="session")
def signals_mean_something() -> None:
    """Let what tests start not inherit from `nohup` or a shell's `&` that signals are ignored."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One for all tests, each of which has a chat of its own in it."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with contextlib.AsyncExitStack() as stack:

        async def start(
            settings: Settings = UNLIMITED,
            *,
            clock: Clock | None = None,
            journal: Journal | None = None,
            counted: Callable[[str], str] = addresses.counted,
        ) -> Running:
            clock = clock or UnhurriedClock()
            journal = journal or MemoryJournal(clock)
            return await stack.enter_async_context(run(settings, journal, clock, counted))

        yield start


@pytest.fixture
async def server(serve: Serve) -> Running:
    return await serve()


@pytest.fixture
def join(server: Running) -> Join:
    return server.join


@pytest.fixture
async def alice(join: Join) -> Client:
    return await join("alice")


@pytest.fixture
async def bob(alice: Client, join: Join) -> Client:
    """Bob comes after Alice, who has been told so."""
    bob = await join("bob")
    await alice.expect("bob joined")
    return bob
