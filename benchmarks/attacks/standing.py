"""How a server stands: what it holds, and whether it answers who comes now."""

import contextlib
import math
import os
import re
import socket
import time
from pathlib import Path

import msgspec

from benchmarks.load.processes import resident_kib

FROM = "127.0.2.1"
"""Where who asks comes from: neither where those who chat do, nor where attackers do."""
PATIENCE = 10.0
ASKED = {
    "irc": (b"NICK probe\r\nUSER probe 0 * :probe\r\n", b" 001 "),
    "": (b"format json\nrename probe\n", b'"here":'),
}
"""What a newcomer says, and what comes of it; the latter for all that are no servers of IRC."""


class Answer(msgspec.Struct, frozen=True):
    """After how many milliseconds a newcomer was let in, and how many people are there by then."""

    milliseconds: float
    people: int


class Holding(msgspec.Struct, frozen=True):
    """What the process of a server holds: connections, and memory in MiB."""

    connections: int
    mib: float


def holding(process: int) -> Holding:
    return Holding(connections(process), resident_kib(process) / 1024)


def connections(process: int) -> int:
    """Count the sockets that a process has open."""
    count = 0
    for file in os.scandir(f"/proc/{process}/fd"):
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(file.path).startswith("socket:")
    return count


def waited_seconds(process: int) -> float:
    """Return how long the first thread of a process had work, and waited for a core to do it."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9


def peak_mib(process: int) -> float:
    """Return the most memory that a process has had so far."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def answer(port: int, dialect: str) -> Answer:
    """Come in, and go again; infinity where one is not let in."""
    said, awaited = ASKED.get(dialect, ASKED[""])
    begin = time.perf_counter()
    heard = b""
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE, (FROM, 0)) as connected:
            connected.sendall(said)
            while awaited not in heard or b"\n" not in heard.partition(awaited)[2]:
                chunk = connected.recv(1 << 16)
                if not chunk or time.perf_counter() > begin + PATIENCE:
                    return Answer(math.inf, 0)
                heard += chunk
    except OSError:
        return Answer(math.inf, 0)
    here = re.search(rb'"here":(\d+)', heard)
    return Answer((time.perf_counter() - begin) * 1000, int(here[1]) if here else 0)
