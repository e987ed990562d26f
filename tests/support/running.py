"""A server that runs in a test's own loop, and the clients who join it."""

import contextlib
from collections.abc import AsyncIterator, Callable

from chat_server.clock import Clock, SystemClock, Timer
from chat_server.connection.silence import ENTRY_SECONDS
from chat_server.journal import Journal
from chat_server.protocol.events import Welcome
from chat_server.rules import addresses
from chat_server.server import Server
from chat_server.settings import Settings
from tests.support.client import PATIENCE, Client

UNLIMITED = Settings(port=0, rate=0)
"""Any free port, and lines as fast as they come."""


def own_addresses_too(host: str) -> str:
    """Count each address of this machine as one of others is counted."""
    return host


class UnhurriedClock(SystemClock):
    """The real time, in which nobody becomes a guest because a busy machine keeps them waiting."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return super().call_later(PATIENCE if seconds == ENTRY_SECONDS else seconds, callback)


class Running:
    """A server, where it listens, and who joined it."""

    def __init__(self, server: Server, host: str, port: int) -> None:
        self.server = server
        self.host = host
        self.port = port
        self._clients: list[Client] = []

    async def connect(self, source: str | None = None) -> Client:
        """Open a connection that says nothing yet, from an address of this machine."""
        client = await Client.open(self.host, self.port, source)
        self._clients.append(client)
        return client

    async def join(self, name: str, source: str | None = None) -> Client:
        """Join in text, and read the welcome."""
        client = await self.connect(source)
        await client.say(f"rename {name}")
        await client.expect(f"Welcome, {name}.")
        return client

    async def join_json(self, name: str) -> tuple[Client, Welcome]:
        """Join as a program, and read everything up to the answer to the first line."""
        client = await self.connect()
        await client.say("format json", f"@in rename {name}")
        welcome = await client.expect_event(Welcome)
        await client.until_answer("in")
        return client, welcome

    async def close_clients(self) -> None:
        for client in self._clients:
            await client.close()


@contextlib.asynccontextmanager
async def run(
    settings: Settings,
    journal: Journal,
    clock: Clock,
    counted: Callable[[str], str] = addresses.counted,
) -> AsyncIterator[Running]:
    server = Server(settings, journal, clock, counted)
    async with server.running() as (host, port):
        running = Running(server, host, port)
        yield running
        await running.close_clients()
