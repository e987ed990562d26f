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

from benchmarks.audience import raise_limit

ROOT = Path(__file__).parent.parent
START_SECONDS = 120.0
"""How long a server may take to start, with a long journal to read."""
FILES = 20_000
"""Open files that a server is allowed, where this machine lets us."""
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVER_CORE, LOAD_CORE = (CORES[0], CORES[1]) if len(CORES) > 1 else (None, None)

IRC_SETTINGS = {
    "ngircd": """
[Global]
Name = irc.bench.local
Listen = 127.0.0.1
Ports = {port}
ServerUID = {user}
ServerGID = {group}
MotdPhrase = "hello"
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 86400
[Operator]
Name = bench
Password = bench
[Options]
DNS = no
Ident = no
PAM = no
""",
    "inspircd": """
<server name="irc.bench.local" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@bench.local">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" timeout="600" pingfreq="86400" hardsendq="1G" softsendq="1G" recvq="64M"
         localmax="100000" globalmax="100000" limit="100000" maxconnwarn="no"
         threshold="1000000000" commandrate="1000000000" fakelag="no"
         resolvehostnames="no" useident="no">
<performance softlimit="100000" somaxconn="1024" netbuffersize="65534">
<options casemapping="ascii">
""",
}
IRC_COMMANDS = {
    "ngircd": ("ngircd", "--nodaemon", "--config"),
    "inspircd": ("inspircd", "--nofork", "--nopid", "--nolog", "--runasroot", "--config"),
}


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
        "CHAT_JOURNAL": journal,
        "CHAT_LOOP": loop,
        "PYTHONPATH": str(tree.resolve()),
    }
    command = (sys.executable, "-m", "chat_server")
    return Server(name, dialect, lambda folder: _told_where(command, folder, settings))


def naive() -> Server:
    """A chat as one writes it first."""
    command = (sys.executable, "-m", "benchmarks.naive")
    return Server(
        "naive",
        "raw",
        lambda folder: _told_where(command, folder, {"PYTHONPATH": str(ROOT)}),
    )


def limit() -> Server:
    """As fast as it can be."""
    return Server("limit", "raw", _limit)


def irc(name: str) -> Server:
    """A server of IRC, if it is installed."""
    return Server(name, "ngircd" if name == "ngircd" else "irc", lambda folder: _irc(name, folder))


def _limit(folder: Path) -> contextlib.AbstractContextManager[Running]:
    compiler = shutil.which("cc")
    if compiler is None:
        raise Missing("there is no C compiler")
    program = folder / "limit"
    source = ROOT / "benchmarks" / "limit.c"
    subprocess.run([compiler, "-O2", "-o", program, source], check=True)
    return _told_where((str(program),), folder, {})


@contextlib.contextmanager
def _told_where(
    command: Sequence[str], folder: Path, settings: Mapping[str, str]
) -> Iterator[Running]:
    """Start a server that says where it listens."""
    begin = time.perf_counter()
    with _process(command, folder, settings) as process:
        assert process.stdout is not None
        said = process.stdout.readline().decode()
        seconds = time.perf_counter() - begin
        if not said.startswith("listening on "):
            raise Missing(f"it does not start: {said.strip() or process.wait()}")
        yield Running(process.pid, int(said.rpartition(":")[2]), seconds)


@contextlib.contextmanager
def _irc(name: str, folder: Path) -> Iterator[Running]:
    program = shutil.which(IRC_COMMANDS[name][0], path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise Missing("it is not installed")
    port = free_port()
    nobody = os.getuid() or 65534
    settings = IRC_SETTINGS[name].format(port=port, user=nobody, group=os.getgid() or 65534)
    file = folder / f"{name}.conf"
    file.write_text(settings)
    begin = time.perf_counter()
    with _process((program, *IRC_COMMANDS[name][1:], str(file)), folder, {}) as process:
        while time.perf_counter() < begin + START_SECONDS:
            if process.poll() is not None:
                raise Missing(f"it does not start: status {process.returncode}")
            with (
                contextlib.suppress(ConnectionError),
                socket.create_connection(("127.0.0.1", port)),
            ):
                break
            time.sleep(0.005)
        yield Running(process.pid, port, time.perf_counter() - begin)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def _process(
    command: Sequence[str], folder: Path, settings: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    raise_limit(FILES)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(), **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        if SERVER_CORE is not None:
            os.sched_setaffinity(process.pid, {SERVER_CORE})
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _environment() -> dict[str, str]:
    """Return our environment without what would change a server that is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
