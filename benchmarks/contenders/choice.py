"""Which servers are measured, and that they take turns."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from subprocess import CalledProcessError

from benchmarks.contenders import irc, servers
from benchmarks.contenders.servers import ROOT, Missing, Running, Server, running

OUT = ROOT / "build" / "bench.jsonl"


class Choice(argparse.Namespace):
    """What the command line says."""

    servers: list[str]
    rounds: int
    tree: Path
    out: Path

    def chosen(self) -> list[Server]:
        """Return the servers that are named."""
        every = contenders(self.tree)
        return [every[name] for name in self.servers]


def contenders(tree: Path) -> dict[str, Server]:
    """Return all servers that can be measured, by name; our own are those of a source tree."""
    ours = servers.ours
    every = [
        ours("text", "text", "memory:", tree=tree),
        ours("json", "json", "memory:", tree=tree),
        ours("text-sqlite", "text", "sqlite:chat.db", tree=tree),
        ours("text-asyncio", "text", "memory:", "asyncio", tree=tree),
        servers.naive(),
        servers.limit(),
        irc.ngircd(),
        irc.inspircd(),
    ]
    return {server.name: server for server in every}


NAMES = tuple(contenders(ROOT))


def options(
    module: str, description: str | None, names: Sequence[str] = NAMES, rounds: int = 3
) -> argparse.ArgumentParser:
    """Begin a command line that names servers."""
    parser = argparse.ArgumentParser(
        prog=module, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "servers",
        nargs="*",
        metavar="NAME",
        type=known_name,
        default=list(names),
        help=f"of: {', '.join(NAMES)}",
    )
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--tree", type=Path, default=ROOT, help="the sources of our server")
    parser.add_argument("--out", type=Path, default=OUT, help="lines of JSON are added here")
    return parser


def known_name(name: str) -> str:
    """Return the name of a server that can be measured; ArgumentTypeError for any other."""
    if name not in NAMES:
        raise argparse.ArgumentTypeError(f"there is no {name}; choose of {', '.join(NAMES)}")
    return name


def take_turns(
    choice: Choice, people: Iterable[int], measure: Callable[[Server, Running, int], None]
) -> None:
    """Measure one server after another with so many people, then with more, and all of it again.

    Each time a server is started anew; one that cannot be run here is left out.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that no server is left
    counts = list(people)
    left = choice.chosen()
    for _ in range(choice.rounds):
        for count in counts:
            left = [server for server in left if _ran(server, count, measure)]


def _ran(server: Server, people: int, measure: Callable[[Server, Running, int], None]) -> bool:
    try:
        with running(server) as up:
            measure(server, up, people)
    except Missing as error:
        sys.stdout.write(f"{server.name} is left out: {error}\n")
        return False
    except CalledProcessError:
        sys.exit(f"{server.name} with {people} people: the load generator has said what is wrong")
    return True
