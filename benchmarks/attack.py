"""What do fifty people notice of an attack? `python -m benchmarks.attack [--only NAME ...]`

Fifty people chat, a line a second and more of all together, while thousands of connections attack
their server, which has its default limits. One attack after the other, each on a new server:

nothing    nobody attacks: what this machine does by itself
deaf       connections that come in and never read
drip       a byte a second, and no line
endless    one line without an end, as fast as it is taken
garbage    bytes of chance
telnet     NOPs without end, or a sub-negotiation without end
reconnect  come in, break the connection, and come again
rename     a new name, again and again
history    `history 1000`, again and again
schedule   twenty messages of each, for the same second
talk       lines for everybody, as fast as they are taken
disk       long lines, until no file can grow any more (8 MiB, by RLIMIT_FSIZE, of the server)
journal    long lines, until CHAT_JOURNAL_MAX (here 32 MiB) is reached
report     complaints about each of the fifty
login      wrong passwords, for a new name each time

`here` attacks from this machine, for which no limit by address holds; `elsewhere` from ten
addresses that count as those of another machine do (each of the fifty has one of their own).

`wait %` is the part of the time for which the server had work and no core, because others had it.
"""

import argparse
import contextlib
import math
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from benchmarks.attacks import standing
from benchmarks.attacks.attacker import Done
from benchmarks.attacks.attacks import NAMES, Attack, attacks_on
from benchmarks.contenders import irc, servers
from benchmarks.contenders.choice import OUT
from benchmarks.contenders.servers import LOAD_CORE, ROOT, Missing, Running, Server, running
from benchmarks.load.company import Kept, Ready
from benchmarks.load.processes import processor_seconds
from benchmarks.report import Results, table

LOOK_SECONDS = 0.5
"""How often the server's connections are counted."""
MODULES = {"here": "chat_server", "elsewhere": "benchmarks.attacks.elsewhere"}
"""Where attackers are, and what runs our server so that they are there."""
Result = TypeVar("Result", Ready, Kept, Done)
COLUMNS = {
    "conns": ("connections", 0),
    "opened": ("opened", 0),
    "lost": ("lost", 0),
    "refused": ("refused", 0),
    "cut off": ("cut_off", 0),
    "echo p50": ("echo_p50", 1),
    "p99": ("echo_p99", 1),
    "heard p50": ("heard_p50", 1),
    "p99 ": ("heard_p99", 1),
    "CPU %": ("processor_percent", 0),
    "wait %": ("waiting_percent", 0),
    "peak MiB": ("peak_mib", 0),
    "left: conns": ("connections_left", 0),
    "people": ("people_left", 0),
    "MiB": ("mib_left", 1),
    "answers in ms": ("answered", 0),
}


class Arguments(argparse.Namespace):
    """What the command line says."""

    seconds: float
    settle: float
    only: list[str]
    attackers: list[str]
    beside: list[str]
    dialect: str
    people: int
    rate: float
    connections: int
    addresses: int
    out: Path


class Victim(NamedTuple):
    """A server under one attack, and what the row of the table is called."""

    server: Server
    attack: Attack
    row: str


def main() -> None:
    arguments = parsed()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # so that no server is left
    results = Results("attack", arguments.out)
    rows: list[list[str]] = []
    for victim in victims(arguments):
        try:
            with running(victim.server) as up:
                values = suffered(victim, up, arguments)
        except Missing as error:
            sys.stdout.write(f"{victim.row} is left out: {error}\n")
            continue
        results.add(victim.row, arguments.people, values)
        rows.append([victim.row, *(f"{values[name]:.{d}f}" for name, d in COLUMNS.values())])
        sys.stdout.write(table(["", *COLUMNS], rows[-1:]))
        sys.stdout.flush()
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    sys.stdout.write(
        f"\n{arguments.people} people, {arguments.rate:g} lines a second of all; "
        f"{arguments.seconds:g} s each; {arguments.connections} connections attack where the "
        f"limits of this machine ({allowed} open files) and of the server allow so many; times in "
        "ms\n" + table(["", *COLUMNS], rows)
    )


def parsed() -> Arguments:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.attack",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=20, help="of each attack")
    parser.add_argument("--settle", type=float, default=3, help="seconds from its end to a look")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME")
    parser.add_argument(
        "--from", dest="attackers", nargs="*", choices=MODULES, default=list(MODULES)
    )
    parser.add_argument("--beside", nargs="*", choices=("inspircd",), default=[])
    parser.add_argument("--dialect", choices=("text", "json"), default="text")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--rate", type=float, default=20, help="lines a second of all people")
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--addresses", type=int, default=10, help="of attackers")
    parser.add_argument("--out", type=Path, default=OUT, help="lines of JSON are added here")
    return parser.parse_args(namespace=Arguments())


def victims(arguments: Arguments) -> Iterator[Victim]:
    """Yield each server with each attack on it, those under the same attack side by side."""
    ours, others = attacks_on("text"), attacks_on("irc")
    for name in arguments.only:
        for where in arguments.attackers:
            attack = ours[name]
            server = servers.guarded(where, arguments.dialect, MODULES[where], attack.settings)
            yield Victim(server, attack, f"{name}, {where}")
        if arguments.beside and name in others:
            yield Victim(irc.guarded_inspircd(), others[name], f"{name}, inspircd")


def suffered(victim: Victim, up: Running, arguments: Arguments) -> dict[str, float]:
    """Let one attack happen; return what came of it."""
    attack, dialect, process = victim.attack, victim.server.dialect, up.process
    with _company(victim, up, arguments) as company, _attacker(victim, up, arguments) as attacker:
        _answered(company, Ready)
        before, spent = standing.holding(process), processor_seconds(process)
        waited = standing.waited_seconds(process)
        _limit_files(process, attack.file_bytes)
        begin = time.perf_counter()
        for started in (company, attacker):
            _begin(started)
        connections = _most_connections(process, attacker) - before.connections
        seconds = time.perf_counter() - begin
        spent = processor_seconds(process) - spent
        waited = standing.waited_seconds(process) - waited
        done, kept = _answered(attacker, Done), _answered(company, Kept)
        time.sleep(arguments.settle)
        _limit_files(process, None)
        peak, after = standing.peak_mib(process), standing.holding(process)
        newcomer = standing.answer(up.port, dialect)
    beyond = newcomer.people - arguments.people + kept.cut_off - 1
    return msgspec.structs.asdict(kept) | {
        "connections": connections,
        "opened": done.opened,
        "processor_percent": spent / seconds * 100,
        "waiting_percent": waited / seconds * 100,
        "peak_mib": peak,
        "connections_left": after.connections - before.connections + kept.cut_off,
        "people_left": beyond if newcomer.people else math.nan,
        "mib_left": after.mib - before.mib,
        "answered": newcomer.milliseconds,
    }


@contextlib.contextmanager
def _company(
    victim: Victim, up: Running, arguments: Arguments
) -> Iterator["subprocess.Popen[bytes]"]:
    """Let fifty people in, who talk once they are told to."""
    asked = [
        *("benchmarks.load", str(up.port), "--mode", "company"),
        *("--dialect", victim.server.dialect, "--people", str(arguments.people)),
        *("--rate", str(arguments.rate), "--seconds", str(arguments.seconds)),
    ]
    with _program(asked) as started:
        yield started


@contextlib.contextmanager
def _attacker(
    victim: Victim, up: Running, arguments: Arguments
) -> Iterator["subprocess.Popen[bytes]"]:
    asked = [
        *("benchmarks.attacks", str(up.port), victim.attack.name),
        *("--dialect", victim.server.dialect, "--connections", str(arguments.connections)),
        *("--addresses", str(arguments.addresses), "--seconds", str(arguments.seconds)),
    ]
    with _program(asked) as started:
        yield started


@contextlib.contextmanager
def _program(asked: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a module of ours until the end of the block."""
    core = [] if LOAD_CORE is None else ["--core", str(LOAD_CORE)]
    command = [sys.executable, "-m", *asked, *core]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        try:
            yield started
        except BaseException:
            started.kill()
            raise


def _answered(started: "subprocess.Popen[bytes]", result: type[Result]) -> Result:
    """Read what a program says next; CalledProcessError where it ended instead."""
    assert started.stdout is not None
    line = started.stdout.readline()
    if not line:
        raise subprocess.CalledProcessError(started.wait(), started.args)
    return msgspec.json.decode(line, type=result)


def _begin(started: "subprocess.Popen[bytes]") -> None:
    assert started.stdin is not None
    started.stdin.write(b"\n")
    started.stdin.flush()


def _most_connections(process: int, attacker: "subprocess.Popen[bytes]") -> int:
    """Count the server's connections until the attack is over; return the most."""
    most = standing.connections(process)
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            attacker.wait(LOOK_SECONDS)
            return most
        most = max(most, standing.connections(process))


def _limit_files(process: int, file_bytes: int | None) -> None:
    """Let no file of a process grow beyond so many bytes; None: any file may."""
    most = resource.RLIM_INFINITY if file_bytes is None else file_bytes
    resource.prlimit(process, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
