"""A server that only talks, to measure clients: `python -m benchmarks.client.feed chat|irc`.

It says where it listens, lets anybody in and shows them GREETING. Then it takes orders, one a
line, and answers each with `fed COUNT`, the messages of which the system has taken the last byte:

    rate LINES SECONDS      so many lines a second, for so long
    flood COUNT WORD        as fast as they are taken, the last one saying WORD
"""

import asyncio
import itertools
import random
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from chat_server.protocol.events import History, Message, Ok, Person, Welcome
from chat_server.protocol.json_lines import line

GREETING = "ЭЭЭ"
"""What the first message says; its letters are in nothing else that a client shows."""
TICK = 0.005
"""Seconds between two writes of a rate."""
SPEAKERS = [f"speaker{number}" for number in range(20)]
WORDS = ("some", "words", "that", "people", "write", "while", "others", "are", "busy", "typing")

Say = Callable[[str, str], bytes]
"""How a message is written: who says what."""


def main() -> None:
    dialects = {"chat": ChatFeed, "irc": IrcFeed}
    asyncio.run(dialects[sys.argv[1]]().run())


class Feed(ABC):
    """What both dialects share: one listener, and texts without end."""

    def __init__(self) -> None:
        self._clients: list[asyncio.StreamWriter] = []
        self._chance = random.Random(7)
        self._speakers = itertools.cycle(SPEAKERS)

    async def run(self) -> None:
        """Listen, and carry out orders until there are no more."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        sys.stdout.write(f"listening on {server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        loop = asyncio.get_running_loop()
        while order := await loop.run_in_executor(None, sys.stdin.readline):
            sys.stdout.write(f"fed {await self._obey(order.split())}\n")
            sys.stdout.flush()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while said := await reader.readline():
                for answer in self.answers(said.decode().strip()):
                    writer.write(answer)
                    if GREETING.encode() in answer:
                        self._clients = [writer]
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _obey(self, order: list[str]) -> int:
        if order[0] == "rate":
            return await self._rate(int(order[1]), float(order[2]))
        return await self._flood(int(order[1]), order[2])

    async def _rate(self, lines: int, seconds: float) -> int:
        loop = asyncio.get_running_loop()
        start, fed = loop.time(), 0
        while fed < lines * seconds:
            due = int((loop.time() - start) * lines) + 1
            await self._say([self._text() for _ in range(due - fed)])
            fed = due
            await asyncio.sleep(TICK)
            if loop.time() > start + 1.2 * seconds:
                break
        return fed

    async def _flood(self, count: int, word: str) -> int:
        for _ in range(0, count - 1, 100):
            await self._say([self._text() for _ in range(100)])
            await asyncio.sleep(0)
        await self._say([word])
        return count

    async def _say(self, texts: list[str]) -> None:
        said = b"".join([self.message(next(self._speakers), text) for text in texts])
        for client in self._clients:
            client.write(said)
            await client.drain()

    def _text(self) -> str:
        """Make up what somebody says, 10 to 120 characters of it."""
        return " ".join(self._chance.choices(WORDS, k=self._chance.randint(2, 20)))

    @abstractmethod
    def answers(self, said: str) -> Iterator[bytes]:
        """Yield what a line of the client is answered."""

    @abstractmethod
    def message(self, speaker: str, text: str) -> bytes:
        """Write a message as the client reads it."""


class ChatFeed(Feed):
    """Speaks as our server does to a client of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._ids = itertools.count(1)

    def answers(self, said: str) -> Iterator[bytes]:
        key, _, command = said.removeprefix("@").partition(" ")
        if command.startswith("rename "):
            yield line(self._welcome())
            yield line(Ok(re=key))
        elif command.startswith("history"):
            yield line(History([self._event("speaker0", GREETING)], None, re=key))
        elif said.startswith("@"):
            yield line(Ok(re=key))

    def _welcome(self) -> Welcome:
        return Welcome(
            you=_person("bench"),
            server="feed",
            version="1",
            chat="bench",
            time=time.time(),  # noqa: TID251 - it plays the server
            users=[_person(name) for name in (*SPEAKERS, "bench")],
            pending=[],
            undelivered=[],
            last="",
            token="token",
        )

    def message(self, speaker: str, text: str) -> bytes:
        return line(self._event(speaker, text))

    def _event(self, speaker: str, text: str) -> Message:
        now = time.time()  # noqa: TID251 - it plays the server
        return Message(str(next(self._ids)), now, _person(speaker), None, text)


def _person(name: str) -> Person:
    return Person(f"1-{name}", name)


class IrcFeed(Feed):
    """Speaks as much of RFC 2812 as WeeChat and irssi need to show a channel."""

    def answers(self, said: str) -> Iterator[bytes]:
        command, _, rest = said.partition(" ")
        match command.upper():
            case "CAP" if rest.startswith("LS"):
                yield b":feed CAP * LS :\r\n"
            case "USER":
                for number in ("001", "002", "003", "004", "422"):
                    yield f":feed {number} bench :welcome\r\n".encode()
            case "PING":
                yield f":feed PONG feed {rest}\r\n".encode()
            case "JOIN":
                yield b":bench!bench@here JOIN #chat\r\n"
                yield f":feed 353 bench = #chat :bench {' '.join(SPEAKERS)}\r\n".encode()
                yield b":feed 366 bench #chat :End of names\r\n"
                yield self.message("speaker0", GREETING)

    def message(self, speaker: str, text: str) -> bytes:
        return f":{speaker}!{speaker}@there PRIVMSG #chat :{text}\r\n".encode()


if __name__ == "__main__":
    main()
