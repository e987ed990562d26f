"""The load generator, let loose on a server that is measured."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

import msgspec

from benchmarks.contenders.servers import LOAD_CORE, ROOT, Running, Server
from benchmarks.load.arrivals import Arrivals
from benchmarks.load.closed import Closed
from benchmarks.load.paced import Paced

Result = TypeVar("Result", Closed, Paced, Arrivals)


def closed(
    server: Server,
    up: Running,
    people: int,
    windows: Sequence[int],
    seconds: float,
    senders: int = 10,
) -> list[Closed]:
    """Measure how many deliveries a second a server can do, with each window.

    CalledProcessError where anything was wrong; the load generator has said what.
    """
    asked = [
        *("--mode", "closed", "--people", str(people), "--senders", str(senders)),
        *("--windows", *map(str, windows), "--seconds", str(seconds)),
    ]
    return _decoded(_run(server, up, asked), Closed)


def paced(server: Server, up: Running, people: int, rate: float, seconds: float) -> Paced:
    """Measure how late messages are heard at a fixed rate; CalledProcessError as above."""
    asked = [
        *("--mode", "paced", "--people", str(people)),
        *("--rate", str(rate), "--seconds", str(seconds)),
    ]
    [result] = _decoded(_run(server, up, asked), Paced)
    return result


@contextlib.contextmanager
def arrivals(server: Server, up: Running, people: int, rate: float) -> Iterator[Arrivals]:
    """Measure how fast people come in; they stay until the end of the block."""
    asked = ["--mode", "arrivals", "--people", str(people), "--rate", str(rate)]
    with subprocess.Popen(
        _command(server, up, asked), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise subprocess.CalledProcessError(process.wait(), "benchmarks.load")
        yield msgspec.json.decode(line, type=Arrivals)


@contextlib.contextmanager
def steady(
    server: Server, up: Running, people: int, window: int, rate: float, seconds: float
) -> Iterator["subprocess.Popen[bytes]"]:
    """Say so many messages a second, for so many seconds, while something else is measured."""
    asked = [
        *("--mode", "closed", "--people", str(people), "--windows", str(window)),
        *("--rate", str(rate), "--seconds", str(seconds)),
    ]
    with subprocess.Popen(_command(server, up, asked), cwd=ROOT, stdout=subprocess.PIPE) as process:
        yield process


def _run(server: Server, up: Running, asked: Sequence[str]) -> bytes:
    command = _command(server, up, asked)
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def _command(server: Server, up: Running, asked: Sequence[str]) -> list[str]:
    core = [] if LOAD_CORE is None else ["--core", str(LOAD_CORE)]
    return [
        *(sys.executable, "-m", "benchmarks.load", str(up.port), "--dialect", server.dialect),
        *("--server", str(up.process), *core, *asked),
    ]


def _decoded(lines: bytes, type_: type[Result]) -> list[Result]:
    return [msgspec.json.decode(line, type=type_) for line in lines.splitlines()]
