"""What does it cost that nothing is lost? `python -m benchmarks.journal [--rounds N]`

The same server with the SQLite journal and with the memory one, in turns: messages a second that
are answered `ok`, and how long one waits for that, with 1, 10 and 100 people who each say the
next thing when the last one is answered, and all of whom are told everything. Beside it what the
disk itself takes for an fdatasync, the limit of one lone message. Then how long a start takes.
Medians of all rounds, with the least and the most.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.load.serving import quantile, serving
from chat_server.clock import SystemClock
from chat_server.journal.sqlite import SqliteJournal
from chat_server.protocol.commands import Send
from chat_server.rules.entries import Enter, Proposal

CROWDS = ((1, 2000), (10, 500), (100, 60))
"""People, and how many messages each of them says."""
KINDS = ("memory", "sqlite")
MANY = 1_000_000
BATCH = 100


class Measured(NamedTuple):
    """One round of one crowd: messages a second, and milliseconds until `ok`."""

    rate: float
    p50: float
    p99: float


class Talker(asyncio.Protocol):
    """Somebody who says the next thing when the last one is answered."""

    def __init__(self, name: str, messages: int, waits: list[float]) -> None:
        self.entered = asyncio.Event()
        self.done = asyncio.Event()
        self._name = name
        self._left = messages
        self._waits = waits
        self._awaited = b'"re":"in"'
        self._tail = b""
        self._said_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(f"format json\n@in rename {self._name}\n".encode())

    def data_received(self, data: bytes) -> None:
        tail = self._tail + data
        self._tail = b"" if self._awaited in tail else tail[-32:]
        if self._awaited not in tail:
            return
        if not self.entered.is_set():
            self.entered.set()
            return
        self._waits.append(time.perf_counter() - self._said_at)
        self.say()

    def say(self) -> None:
        """Say the next thing, until nothing is left to say."""
        if not self._left:
            self.done.set()
            return
        self._left -= 1
        self._awaited = b'"re":"k%d"' % self._left
        self._said_at = time.perf_counter()
        self._transport.write(b"@k%d send something of the usual length\n" % self._left)

    def close(self) -> None:
        self._transport.close()


async def measure_crowd(port: int, people: int, messages: int) -> Measured:
    """Let so many people say so many messages each, all at once."""
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    talkers = [Talker(f"p{people}-{number}", messages, waits) for number in range(people)]
    for talker in talkers:
        await loop.create_connection(lambda talker=talker: talker, "127.0.0.1", port)  # type: ignore[misc]
        await talker.entered.wait()
    begin = time.perf_counter()
    for talker in talkers:
        talker.say()
    for talker in talkers:
        await talker.done.wait()
    seconds = time.perf_counter() - begin
    for talker in talkers:
        talker.close()
    return Measured(
        people * messages / seconds, quantile(waits, 0.5) * 1000, quantile(waits, 0.99) * 1000
    )


async def measure(rounds: int) -> dict[tuple[str, int], list[Measured]]:
    """Measure each crowd with each journal, turn about."""
    measured: dict[tuple[str, int], list[Measured]] = {}
    for _ in range(rounds):
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as folder:
                journal = "memory:" if kind == "memory" else f"sqlite:{folder}/chat.db"
                async with serving(journal) as port:
                    for people, messages in CROWDS:
                        result = await measure_crowd(port, people, messages)
                        measured.setdefault((kind, people), []).append(result)
    return measured


def measure_disk(tries: int = 300) -> float:
    """Return the median milliseconds of an fdatasync after a small write."""
    waits = []
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "file").open("wb", 0) as file:
        for _ in range(tries):
            file.write(b"x" * 300)
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            waits.append(time.perf_counter() - begin)
    return statistics.median(waits) * 1000


async def measure_start(entries: int) -> float:
    """Return the seconds that a start takes with so many entries after the last snapshot."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.db"
        await fill(path, entries)
        begin = time.perf_counter()
        async with serving(f"sqlite:{path}"):
            return time.perf_counter() - begin


async def fill(path: Path, entries: int) -> None:
    """Write a journal as a server would have left it that was killed."""
    journal = SqliteJournal(path, SystemClock())
    await journal.open()
    await journal.append([Proposal("node", 1, "node.1", "", Enter())])
    for first in range(2, entries + 1, BATCH):
        await journal.append(
            [
                Proposal("node", sequence, "node.1", "", Send("something of the usual length"))
                for sequence in range(first, min(first + BATCH, entries + 1))
            ]
        )
    await journal.close()


def spread(values: Sequence[float], digits: int) -> str:
    """Write a median with the least and the most."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def report(measured: dict[tuple[str, int], list[Measured]]) -> str:
    """Describe what was measured, in a table."""
    lines = [f"{'journal':8} {'people':>6} {'messages/s':>22} {'p50 ms':>20} {'p99 ms':>20}"]
    for (kind, people), rounds in sorted(measured.items(), key=lambda row: (row[0][1], row[0][0])):
        rates, p50s, p99s = zip(*rounds, strict=True)
        lines.append(
            f"{kind:8} {people:6} {spread(rates, 0):>22} {spread(p50s, 2):>20}"
            f" {spread(p99s, 2):>20}"
        )
    most = CROWDS[-1][0]
    memory, sqlite = (
        [statistics.median(column) for column in zip(*measured[kind, most], strict=True)]
        for kind in KINDS
    )
    lines.append(
        f"with {most} people sqlite has {sqlite[0] / memory[0]:.0%} of the rate of memory, "
        f"and {sqlite[2] / memory[2]:.2f} times its p99"
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.journal", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--entries", type=int, default=MANY, help="entries of the long start")
    arguments = parser.parse_args()
    sys.stdout.write(f"fdatasync: {measure_disk():.2f} ms\n")
    sys.stdout.write(report(asyncio.run(measure(arguments.rounds))))
    for entries in (1, arguments.entries):
        seconds = asyncio.run(measure_start(entries))
        sys.stdout.write(f"start with {entries} entries to read: {seconds:.2f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
