"""Kill the server while everybody talks, start it again, and count what was lost or doubled.

`python -m tests.support.torture [ROUNDS]`, or `make torture`. The test suite does it once.
"""

import asyncio
import itertools
import random
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from chat_server.protocol.events import History, Message, Ok, Welcome
from chat_server.protocol.json_lines import parse_event
from tests.support.processes import listening

TALKERS = 20
SETTINGS = {"CHAT_PORT": "0", "CHAT_RATE": "0", "CHAT_JOURNAL": "sqlite:chat.db"}
PATIENCE = 60.0
"""Seconds that a round may take to get enough answers."""
OUTSTANDING = 4
"""Lines that one talker says before it waits for answers."""
FEWEST, MOST = 100, 700
"""Acknowledged messages after which the server is killed; the history keeps 1000."""


class Result(NamedTuple):
    """What became of the messages of one round."""

    acknowledged: int
    seen: int
    lost: int
    doubled: int
    disordered: int


class Talker:
    """Somebody who says numbered messages, and remembers what was answered and heard."""

    def __init__(self, name: str) -> None:
        self.acknowledged: dict[str, str] = {}
        self.seen: list[tuple[str, str]] = []
        self._name = name

    async def talk(self, port: int, acknowledged: "Counter") -> None:
        """Talk until the connection breaks."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
            writer.write(f"format json\nrename {self._name}\n".encode())
            await self._read(reader, writer, acknowledged)
            writer.close()
        except ConnectionError:
            return

    async def _read(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, acknowledged: "Counter"
    ) -> None:
        numbers = itertools.count()

        def say() -> None:
            number = next(numbers)
            writer.write(f"@{number} send {self._name} says {number}\n".encode())

        while line := await reader.readline():
            match parse_event(line):
                case Welcome():
                    for _ in range(OUTSTANDING):
                        say()
                case Message(id=message, text=text):
                    self.seen.append((message, text))
                case Ok(id=message, re=key) if key:
                    self.acknowledged[f"{self._name} says {key}"] = message
                    acknowledged.count()
                    say()


class Counter:
    """Count up to a number, and say so."""

    def __init__(self, enough: int) -> None:
        self.reached = asyncio.Event()
        self._missing = enough

    def count(self) -> None:
        self._missing -= 1
        if self._missing <= 0:
            self.reached.set()


async def torture(folder: Path, enough: int) -> Result:
    """Kill a server after so many acknowledged messages, and compare what it knows afterwards."""
    counter = Counter(enough)
    talkers = [Talker(f"talker-{number}") for number in range(TALKERS)]
    async with listening("module", folder, **SETTINGS) as server:
        talking = [asyncio.create_task(talker.talk(server.port, counter)) for talker in talkers]
        await asyncio.wait_for(counter.reached.wait(), PATIENCE)
        await server.killed()
        await asyncio.gather(*talking)
    async with listening("module", folder, **SETTINGS) as server:
        kept = await _history(server.port)
    return _compared(talkers, kept)


async def _history(port: int) -> list[tuple[str, str]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.write(b"format json\nhistory 1000\n")
    while not isinstance(event := parse_event(await reader.readline()), History):
        pass
    writer.close()
    return [(message.id, message.text) for message in event.messages]


def _compared(talkers: list[Talker], kept: list[tuple[str, str]]) -> Result:
    acknowledged = [
        (message, text) for talker in talkers for text, message in talker.acknowledged.items()
    ]
    known = set(kept)
    told = {message for talker in talkers for message in talker.seen} | set(acknowledged)
    texts = [text for _, text in kept]
    order = {message: place for place, message in enumerate(kept)}
    disordered = 0
    for talker in talkers:
        places = [order[message] for message in talker.seen if message in order]
        disordered += sum(later <= earlier for earlier, later in itertools.pairwise(places))
    return Result(
        acknowledged=len(acknowledged),
        seen=len(told),
        lost=len(told - known),
        doubled=len(texts) - len(set(texts)),
        disordered=disordered,
    )


async def main(rounds: int) -> None:
    """Print what became of the messages of so many rounds; exit status 1 where any was lost."""
    total = Result(0, 0, 0, 0, 0)
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            result = await torture(Path(folder), random.randint(FEWEST, MOST))
        total = Result(*(sum(pair) for pair in zip(total, result, strict=True)))
        sys.stdout.write(f"round {number}: {_in_words(result)}\n")
    sys.stdout.write(f"in all: {_in_words(total)}\n")
    sys.exit(1 if total.lost or total.doubled or total.disordered else 0)


def _in_words(result: Result) -> str:
    return ", ".join(f"{count} {what}" for what, count in result._asdict().items())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
