"""What is left of people who only came and went? `python -m benchmarks.visits [--visits N]`

Programs come in with a token, are welcomed, and break the connection, a few hundred at a time:
resident memory after the first tenth, and after all; at the end, what is in the file.
"""

import asyncio
import contextlib
import sqlite3
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contenders import servers
from benchmarks.contenders.choice import Choice, options
from benchmarks.contenders.servers import Running
from benchmarks.load.processes import resident_kib
from benchmarks.report import Results

AT_ONCE = 200
"""How many visit at the same time."""


class Arguments(Choice):
    """What the command line says."""

    visits: int


def main() -> None:
    parser = options("benchmarks.visits", __doc__, (), rounds=1)
    parser.add_argument("--visits", type=int, default=1_000_000)
    arguments = parser.parse_args(namespace=Arguments())
    with TemporaryDirectory(prefix="bench-") as folder:
        server = servers.ours("text-sqlite", "json", "sqlite:chat.db", tree=arguments.tree)
        with server.start(Path(folder)) as up:
            values = asyncio.run(_visit(up, arguments.visits))
        values["file_mib"] = _kept(Path(folder) / "chat.db")
    Results("visits", arguments.out).add(server.name, arguments.visits, values)


async def _visit(up: Running, visits: int) -> dict[str, float]:
    """Let so many come and go; return how fast they did, and the memory in MiB."""
    first = visits // 10
    begin = time.perf_counter()
    await _some_visit(up.port, first)
    warm = _say("after the first tenth", up)
    await _some_visit(up.port, visits - first)
    seconds = time.perf_counter() - begin
    end = _say("after all", up)
    sys.stdout.write(f"{visits} visits, {visits / seconds:.0f} a second; grown by ")
    sys.stdout.write(f"{end - warm:.1f} MiB\n")
    return {"warm_mib": warm, "end_mib": end, "visits_a_second": visits / seconds}


async def _some_visit(port: int, visits: int) -> None:
    left = iter(range(visits))

    async def come_again() -> None:
        for _ in left:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"format json\nusers\n")
            while b'"welcome"' not in await reader.readline():
                pass
            writer.close()
            await writer.wait_closed()

    await asyncio.gather(*(come_again() for _ in range(AT_ONCE)))


def _say(when: str, up: Running) -> float:
    mib = resident_kib(up.process) / 1024
    sys.stdout.write(f"{when}: {mib:.1f} MiB\n")
    sys.stdout.flush()
    return mib


def _kept(file: Path) -> float:
    """Say how large the file is, and the newest snapshot in it; return the former, in MiB."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        [[snapshot]] = database.execute(
            "SELECT coalesce(sum(length(state)), 0)"
            " FROM (SELECT state FROM snapshots UNION ALL SELECT state FROM slices)"
        )
    size = file.stat().st_size / 2**20
    sys.stdout.write(f"the file: {size:.1f} MiB, its snapshot: {snapshot / 2**20:.1f} MiB\n")
    return size


if __name__ == "__main__":
    main()
