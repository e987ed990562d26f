"""How many deliveries a second? Servers side by side: `python -m benchmarks.fanout [NAME ...]`

Each measures the same: ten people of a chat each say so many lines in one write, and go on when
everybody has them all. The servers take turns; medians of all rounds, with the least and the most.
A rate with a star was limited by the load generator and not by the server.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks import servers
from benchmarks.closed import Closed
from benchmarks.report import Measured, Results
from benchmarks.servers import LOAD_CORE, ROOT, Missing, Running, Server, running

PEOPLE = (10, 100, 1000)
WINDOWS = (1, 64)
OUT = ROOT / "build" / "bench.jsonl"


def contenders(tree: Path) -> dict[str, Server]:
    """Return all servers that can be measured, by name."""
    ours = servers.ours
    every = [
        ours("text", "text", "memory:", tree=tree),
        ours("json", "json", "memory:", tree=tree),
        ours("text-sqlite", "text", "sqlite:chat.db", tree=tree),
        ours("text-asyncio", "text", "memory:", "asyncio", tree=tree),
        servers.naive(),
        servers.limit(),
        servers.irc("ngircd"),
        servers.irc("inspircd"),
    ]
    return {server.name: server for server in every}


def load(
    server: Server, up: Running, people: int, windows: Sequence[int], seconds: float
) -> list[Closed]:
    """Let the load generator loose on a server; CalledProcessError where anything was wrong."""
    core = [] if LOAD_CORE is None else ["--core", str(LOAD_CORE)]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.load", str(up.port), "--dialect", server.dialect),
            *("--people", str(people), "--windows", *map(str, windows)),
            *("--seconds", str(seconds), "--server", str(up.process), *core),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return [msgspec.json.decode(line, type=Closed) for line in done.stdout.splitlines()]


def measure(
    chosen: Sequence[Server],
    people: Sequence[int],
    windows: Sequence[int],
    rounds: int,
    seconds: float,
    results: Results,
) -> None:
    """Measure every server with every number of people and every window, turn about."""
    missing: set[str] = set()
    for _ in range(rounds):
        for count in people:
            for server in chosen:
                if server.name in missing:
                    continue
                try:
                    with running(server) as up:
                        closed = load(server, up, count, windows, seconds)
                except Missing as error:
                    missing.add(server.name)
                    sys.stdout.write(f"{server.name} is left out: {error}\n")
                    continue
                for window, one in zip(windows, closed, strict=True):
                    results.add(Measured(server.name, count, window, one))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.fanout", description=__doc__)
    names = list(contenders(ROOT))
    parser.add_argument("servers", nargs="*", metavar="NAME", help=f"of: {', '.join(names)}")
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    parser.add_argument("--windows", type=int, nargs="+", default=WINDOWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--tree", type=Path, default=ROOT, help="sources of our server")
    parser.add_argument("--out", type=Path, default=OUT, help="lines of JSON are added here")
    arguments = parser.parse_args()
    if unknown := set(arguments.servers) - set(names):
        parser.error(f"there is no {', '.join(unknown)}; choose of {', '.join(names)}")
    every = contenders(arguments.tree)
    chosen = [every[name] for name in arguments.servers or names]
    results = Results(arguments.out)
    measure(
        chosen, arguments.people, arguments.windows, arguments.rounds, arguments.seconds, results
    )
    for window in arguments.windows:
        sys.stdout.write(results.table(window))
        sys.stdout.write(results.ratios(window, ("limit", "inspircd")) + "\n")


if __name__ == "__main__":
    main()
