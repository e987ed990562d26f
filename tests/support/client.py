"""Raw clients: they say lines, and wait for the ones that they expect."""

import asyncio
import itertools
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from chat_server.doors.telnet import ASK_BINARY
from chat_server.protocol.events import (
    Answer,
    Event,
    Joined,
    Left,
    Message,
    Refused,
    Renamed,
    Reply,
    Welcome,
)
from chat_server.protocol.json_lines import parse_event

PATIENCE = 60.0
"""Seconds to wait for what must come at once; only a failing test waits this long."""
LARGE = "🙂" * 2000
"""A message of 8000 bytes, the largest that there is."""

T = TypeVar("T")
E = TypeVar("E", bound=Event)


class Client:
    """One connection to a server, and all the lines that it was told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen: list[str] = []
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)

    @classmethod
    async def open(cls, host: str, port: int, source: str | None = None) -> "Client":
        local = None if source is None else (source, 0)
        return cls(*await asyncio.open_connection(host, port, limit=2**24, local_addr=local))

    # Saying

    async def say(self, *lines: str) -> None:
        """Say lines, all in one packet if they fit in one."""
        await self.say_bytes("".join(f"{line}\n" for line in lines).encode())

    async def say_bytes(self, chunk: bytes) -> None:
        self._writer.write(chunk)
        await self._writer.drain()

    def say_no_more(self) -> None:
        """Close this direction only, as `nc -N` does."""
        self._writer.write_eof()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return

    # Listening

    async def next_line(self) -> str:
        """Return the next line, without what is meant for telnet; fail where there is none."""
        line = await self._in_time(self._reader.readline(), "another line")
        if not line.endswith(b"\n"):
            pytest.fail(f"the connection ended; seen: {self.seen}, and {line!r}")
        self.seen.append(line.removeprefix(ASK_BINARY).decode().rstrip("\r\n"))
        return self.seen[-1]

    async def expect(self, text: str) -> str:
        """Wait for a line that contains a text; pass over the lines before it."""
        return await self._pass_over(lambda line: text in line, text)

    async def until(self, text: str) -> list[str]:
        """Return the lines up to the one that contains a text, which is the last of them."""
        start = len(self.seen)
        await self.expect(text)
        return self.seen[start:]

    async def bytes_until(self, end: bytes) -> bytes:
        return await self._in_time(self._reader.readuntil(end), repr(end))

    async def rest(self) -> list[str]:
        """Return the lines from here to the end of the connection."""
        rest = await self._in_time(self._reader.read(), "the end of the connection")
        self.seen += rest.decode().splitlines()
        return rest.decode().splitlines()

    async def _pass_over(self, is_it: Callable[[str], bool], wanted: str) -> str:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not is_it(line := await self.next_line()):
            if asyncio.get_running_loop().time() > deadline:
                pytest.fail(f"no {wanted}; seen: {self.seen}")
        return line

    async def _in_time(self, awaited: Awaitable[T], wanted: str) -> T:
        try:
            return await asyncio.wait_for(awaited, PATIENCE)
        except asyncio.TimeoutError:
            pytest.fail(f"no {wanted}; seen: {self.seen}")

    # Events

    async def next_event(self) -> Event:
        return parse_event((await self.next_line()).encode())

    async def expect_event(self, kind: type[E]) -> E:
        """Wait for an event of a type; pass over the ones before it."""
        return (await self.events_until(kind))[1]

    async def events_until(self, kind: type[E]) -> tuple[list[Event], E]:
        """Return the events before the next one of a type, and that one."""
        before: list[Event] = []
        while not isinstance(event := await self.next_event(), kind):
            before.append(event)
        return before, event

    async def ask(self, line: str) -> tuple[list[Event], Reply]:
        """Say a line with a fresh key; return the events before its answer, and the answer."""
        key = f"k{next(self._numbers)}"
        await self.say(f"@{key} {line}")
        return await self.until_answer(key)

    async def until_answer(self, key: str) -> tuple[list[Event], Reply]:
        before: list[Event] = []
        while not (isinstance(event := await self.next_event(), Answer) and event.re == key):
            before.append(event)
        return before, event

    async def answer(self, line: str) -> Reply:
        return (await self.ask(line))[1]

    async def refusal(self, line: str) -> Refused:
        answer = await self.answer(line)
        assert isinstance(answer, Refused), answer
        return answer


def told(event: Event) -> str:
    """Say an event in a word or two, so that a list of them is read at a glance."""
    match event:
        case Message(text=text):
            return f"message {text}"
        case Joined(people) | Left(people):
            names = ",".join(person.name for person in people)
            return f"{type(event).__name__.lower()} {names}"
        case Renamed(person, old):
            return f"renamed {old} {person.name}"
        case Welcome(you=you):
            return f"welcome {you.name}"
        case Refused(code=code):
            return f"refused {code}"
    return type(event).__name__.lower()


def open_socket(host: str, port: int, receive_buffer: int = 4096) -> socket.socket:
    """Connect a socket that nobody reads from."""
    deaf = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    deaf.connect((host, port))
    return deaf


def reset(connection: socket.socket) -> None:
    """Close a connection by RST, as a machine does that crashed and came back."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
