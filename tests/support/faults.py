"""For the tests of the client's connection: one that records, and servers that fail on demand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from chat_server.protocol.commands import Send, parse
from chat_server.protocol.events import Event, History, Message, Ok, Refused, Renamed, Welcome
from chat_server.protocol.json_lines import render
from chat_tui.session.connection import Connection
from chat_tui.session.outbox import Outbox, Outgoing
from chat_tui.session.protocol import Answered, Told
from chat_tui.session.spoken import ORDERS, Command
from chat_tui.session.state import Status
from tests.support.people import welcome
from tests.support.screen import PATIENCE, until


def command(line: str) -> Command:
    """Read a line that goes to a server."""
    parsed = parse(line)
    assert isinstance(parsed, (Send, *ORDERS))
    return parsed


class Recorder:
    """A connection of the client's, and everything that it told."""

    def __init__(self, port: int, name: str) -> None:
        self.heard: list[Told] = []
        self.statuses: list[Status] = []
        self.waited: list[float] = []
        self.outbox = Outbox()
        self.connection = Connection(
            "127.0.0.1",
            port,
            name,
            self.outbox,
            hear=self._hear,
            changed=self._changed,
        )
        self.listen: Callable[[Told], None] | None = None
        """Who is told besides."""

    def _hear(self, told: Told) -> None:
        self.heard.append(told)
        if self.listen is not None:
            self.listen(told)

    def _changed(self, status: Status) -> None:
        self.statuses.append(status)
        if status.state == "waiting":
            self.waited.append(status.retry_at - asyncio.get_running_loop().time())

    def says(self, line: str) -> Outgoing:
        """Say something, now or as soon as there is a server."""
        outgoing = self.outbox.add(command(line))
        self.connection.send_waiting()
        return outgoing

    @property
    def status(self) -> Status:
        return self.connection.status

    @property
    def welcomes(self) -> list[Welcome]:
        return [event for event in self.heard if isinstance(event, Welcome)]

    @property
    def histories(self) -> list[History]:
        return [event for event in self.heard if isinstance(event, History)]

    @property
    def renamed(self) -> list[tuple[str, str]]:
        return [
            (event.old, event.person.name) for event in self.heard if isinstance(event, Renamed)
        ]

    @property
    def texts(self) -> list[str]:
        """What was said and what was missed, as it was heard."""
        texts: list[str] = []
        for event in self.heard:
            if isinstance(event, Message):
                texts.append(event.text)
            elif isinstance(event, History):
                texts += [message.text for message in event.messages]
        return texts

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The lines that were answered, each with how."""
        return [
            (event.outgoing.line, event.event.code if isinstance(event.event, Refused) else "ok")
            for event in self.heard
            if isinstance(event, Answered)
        ]

    async def is_in(self, times: int = 1) -> None:
        """Wait until it has been welcomed so often, and knows what was said before."""
        await until(lambda: len(self.histories) == times, f"history number {times}")

    async def fails(self) -> None:
        await until(lambda: self.status.state == "waiting", "a broken connection")

    async def comes_back(self) -> None:
        """Notice that the connection broke, and connect again at once."""
        times = len(self.histories)
        await self.fails()
        self.connection.retry_now()
        await self.is_in(times + 1)


@contextlib.asynccontextmanager
async def connecting(port: int, name: str = "alice") -> AsyncIterator[Recorder]:
    client = Recorder(port, name)
    running = asyncio.create_task(client.connection.run())
    try:
        yield client
    finally:
        await client.connection.close()
        await asyncio.wait_for(running, PATIENCE)


class Scripted:
    """A server that says what the test tells it to."""

    def __init__(self) -> None:
        self.port = 0
        self.lines: list[str] = []
        self.ignores_goodbyes = False
        self._writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                self.lines.append(line.decode().rstrip())
                if line == b"exit\n" and not self.ignores_goodbyes:
                    break
        writer.close()

    async def hears(self, part: str) -> str:
        """Wait for a line with a part; return its key, and forget what came before it."""
        return (await self._line(part)).partition(" ")[0].removeprefix("@")

    async def hears_whole(self, part: str) -> str:
        """Wait for a line with a part; return it without its key."""
        return (await self._line(part)).partition(" ")[2]

    async def _line(self, part: str) -> str:
        def found() -> int:
            return next((n for n, line in enumerate(self.lines) if part in line), -1)

        await until(lambda: found() >= 0, f"{part!r} among {self.lines}")
        line = self.lines[found()]
        del self.lines[: found() + 1]
        return line

    def says(self, *events: Event) -> None:
        self.says_bytes(render(events))

    def says_bytes(self, said: bytes) -> None:
        assert self._writer is not None
        self._writer.write(said)

    def breaks(self) -> None:
        assert self._writer is not None
        self._writer.transport.abort()

    def hangs_up(self) -> None:
        assert self._writer is not None
        self._writer.close()

    async def welcomes(self, token: str = "secret", last: str = "5", chat: str = "c") -> None:
        """Let the client in, or in again."""
        await self.hears("format json")
        key = await self.hears("re")
        self.says(welcome("alice", chat=chat, last=last, token=token), Ok(re=key))


@contextlib.asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    script = Scripted()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    try:
        yield script
    finally:
        server.close()
        if script._writer is not None:
            script._writer.close()
        await server.wait_closed()


class Wire:
    """What lies between client and server: it may lose what the server says, or break."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.target = target
        self.is_deaf = False
        self.is_closed = False
        """Whether whoever connects is cut off at once."""
        self._ends: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_closed:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self._ends += [writer, back]
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(self._pass_on(reader, back), self._pass_back(there, writer))
        writer.close()
        back.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(4096):
            writer.write(said)
        writer.close()

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(4096):
            if not self.is_deaf:
                writer.write(said)
        writer.close()

    def breaks(self) -> None:
        """Break, and be whole again for who connects after that."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()
        self.is_deaf = False


@contextlib.asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    wire = Wire(port)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        wire.breaks()
        server.close()
        await server.wait_closed()
