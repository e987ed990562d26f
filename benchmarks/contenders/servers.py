"""The servers that are measured: ours in its variants, and others to compare it with.

Each runs as a process of its own in a folder of its own, on a core of its own where there are two.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.load.audience import raise_limit

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
"""How long a server may take to start, with a long journal to read."""
FILES = 20_000
"""Open files that a server is allowed, where this machine lets us."""
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVER_CORE, LOAD_CORE = (CORES[0], CORES[1]) if len(CORES) > 1 else (None, None)


class Missing(Exception):
    """A server cannot be measured here, for the reason that stands in the message."""


class Running(NamedTuple):
    """A server that listens on a port of this machine."""

    process: int
    port: int
    start_seconds: float


Start = Callable[[Path], contextlib.AbstractContextManager[Running]]


class Server(NamedTuple):
    """A server that can be measured: what it is called, how it is spoken to, how it starts."""

    name: str
    dialect: str
    start: Start


@contextlib.contextmanager
def running(server: Server) -> Iterator[Running]:
    """Run a server in a new folder; Missing where it cannot be."""
    with TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)
        with server.start(Path(folder)) as up:
            yield up


def ours(name: str, dialect: str, journal: str, loop: str = "uvloop", tree: Path = ROOT) -> Server:
    """Our server, from the sources in `tree`; a journal in a file is made in the folder."""
    settings = {
        "CHAT_HOST": "127.0.0.1",
        "CHAT_PORT": "0",
        "CHAT_RATE": "0",
        "CHAT_CONNECTIONS": "0",
        "CHAT_JOURNAL": journal,
        "CHAT_LOOP": loop,
        "PYTHONPATH": str(tree.resolve()),
    }
    command = (sys.executable, "-m", "chat_server")
    return Server(name, dialect, lambda folder: _told_where(command, folder, settings))


def guarded(name: str, dialect: str, module: str, settings: Mapping[str, str]) -> Server:
    """Our server with all of its limits as they are by default, run by a module, in a file."""
    every = {"CHAT_HOST": "127.0.0.1", "CHAT_PORT": "0", "PYTHONPATH": str(ROOT), **settings}
    command = (sys.executable, "-m", module)
    return Server(name, dialect, lambda folder: _told_where(command, folder, every))


def naive() -> Server:
    """A chat as one writes it first."""
    command = (sys.executable, "-m", "benchmarks.contenders.naive")
    return Server(
        "naive",
        "raw",
        lambda folder: _told_where(command, folder, {"PYTHONPATH": str(ROOT)}),
    )


def limit() -> Server:
    """As fast as it can be."""
    return Server("limit", "raw", _limit)


def _limit(folder: Path) -> contextlib.AbstractContextManager[Running]:
    compiler = shutil.which("cc")
    if compiler is None:
        raise Missing("there is no C compiler")
    program = folder / "limit"
    source = Path(__file__).parent / "limit.c"
    if subprocess.run([compiler, "-O2", "-o", program, source], check=False).returncode:
        raise Missing("it cannot be compiled")
    return _told_where((str(program),), folder, {})


@contextlib.contextmanager
def _told_where(
    command: Sequence[str], folder: Path, settings: Mapping[str, str]
) -> Iterator[Running]:
    """Start a server that says where it listens."""
    begin = time.perf_counter()
    with process(command, folder, settings) as started:
        assert started.stdout is not None
        said = started.stdout.readline().decode()
        seconds = time.perf_counter() - begin
        if not said.startswith("listening on "):
            raise Missing(f"it does not start: {said.strip() or started.wait()}")
        yield Running(started.pid, int(said.rpartition(":")[2]), seconds)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def process(
    command: Sequence[str],
    folder: Path,
    settings: Mapping[str, str],
    stdout: int = subprocess.PIPE,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a folder, on the core for servers."""
    raise_limit(FILES)
    started = subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(), **settings},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
    )
    try:
        if SERVER_CORE is not None:
            os.sched_setaffinity(started.pid, {SERVER_CORE})
        yield started
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
        if started.stdout is not None:
            started.stdout.close()


def _environment() -> dict[str, str]:
    """Return our environment without what would change a server that is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
