"""People on raw sockets: they enter the chat, and one loop hears for all of them."""

import contextlib
import resource
import select
import socket
import time
from collections.abc import Callable, Sequence

from benchmarks.dialects import Dialect

BUFFER = 1 << 20
EVENTS = 512
"""Connections that are heard of at a time."""
PER_ADDRESS = 5000
"""Connections from one address of this machine: its ports would run out."""
PATIENCE = 20.0
"""Seconds after which a server that does nothing is given up."""
_LATE_PORT = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)


Receive = Callable[[memoryview], int]
"""How to read what has come to somebody; 0 bytes mean that the server has hung up."""


class GivenUp(Exception):
    """The server has hung up on somebody, or does nothing any more."""


class Audience:
    """Everybody in the chat; `sockets` are in the order in which they came."""

    def __init__(self, port: int, dialect: Dialect) -> None:
        self.sockets: list[socket.socket] = []
        self.buffer = memoryview(bytearray(BUFFER))
        self._port = port
        self._dialect = dialect
        self._epoll = select.epoll()
        self.receivers: dict[int, Receive] = {}

    def enter(self, people: int) -> float:
        """Let so many people in, and wait until nobody is told of it any more; give the seconds.

        The seconds are from the first connection to the last welcome.
        """
        raise_limit(people + 100)
        begin = time.perf_counter()
        waiting: dict[int, Newcomer] = {}
        for _ in range(people):
            while len(waiting) >= self._dialect.newcomers:
                self._welcome(waiting)
            newcomer = Newcomer(self._connect(), len(self.sockets) - 1, self._dialect)
            waiting[newcomer.number] = newcomer
        while waiting:
            self._welcome(waiting)
        seconds = time.perf_counter() - begin
        self.fall_silent()
        return seconds

    def hear(self, timeout: float) -> list[tuple[int, int]]:
        """Wait until something comes; return whom it comes to, as `receive` wants them."""
        return self._epoll.poll(timeout, EVENTS)

    def receive(self, number: int) -> memoryview:
        """Read what has come to somebody."""
        count = self.receivers[number](self.buffer)
        if not count:
            raise GivenUp("the server has hung up on somebody")
        return self.buffer[:count]

    def fall_silent(self) -> None:
        """Wait until nothing has come to anybody for a while."""
        while heard := self.hear(self._dialect.quiet):
            for number, _ in heard:
                self.receive(number)

    def numbers(self) -> Sequence[int]:
        """Return what `hear` calls everybody, in the order in which they came."""
        return [connected.fileno() for connected in self.sockets]

    def close(self) -> None:
        """Leave, all at once."""
        self._epoll.close()
        for connected in self.sockets:
            connected.close()

    def _connect(self) -> socket.socket:
        order = len(self.sockets)
        connected = socket.socket()
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.IPPROTO_IP, _LATE_PORT, 1)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.bind((f"127.0.0.{1 + order // PER_ADDRESS}", 0))
        connected.settimeout(PATIENCE)
        connected.connect(("127.0.0.1", self._port))
        connected.setblocking(False)
        self.sockets.append(connected)
        number = connected.fileno()
        self.receivers[number] = (
            acknowledging(connected) if self._dialect.acknowledged else connected.recv_into
        )
        self._epoll.register(number, select.EPOLLIN)
        return connected

    def _welcome(self, waiting: dict[int, "Newcomer"]) -> None:
        """Read what comes; who is in, waits no more."""
        heard = self.hear(PATIENCE)
        if not heard:
            raise GivenUp(
                f"{len(waiting)} people wait in vain for their welcome; one was told "
                f"{next(iter(waiting.values())).tail!r} last"
            )
        for number, _ in heard:
            chunk = self.receive(number)
            if number in waiting and waiting[number].hear(bytes(chunk)):
                del waiting[number]


class Newcomer:
    """Somebody who enters, step by step."""

    def __init__(self, connected: socket.socket, order: int, dialect: Dialect) -> None:
        self.number = connected.fileno()
        self._socket = connected
        self._name = f"p{order:05}"
        self._steps = iter(dialect.enter)
        self._awaited = b""
        self.tail = b""
        self._next()

    def hear(self, chunk: bytes) -> bool:
        """Take what comes, and say the next thing if it is time; say whether that was all."""
        tail = self.tail + chunk
        if self._awaited not in tail:
            self.tail = tail[-64:]
            return False
        self.tail = b""
        return not self._next()

    def _next(self) -> bool:
        for said, awaited in self._steps:
            self._awaited = awaited.replace(b"{name}", self._name.encode())
            self._socket.send(said.format(name=self._name).encode())
            return True
        return False


def raise_limit(files: int) -> None:
    """Allow this process so many open files, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= files:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, max(files, hard)))
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def send_all(connected: socket.socket, lines: bytes) -> None:
    """Send at once; GivenUp where the server leaves so much unread that it cannot be."""
    if connected.send(lines) != len(lines):
        raise GivenUp("the server does not read what it is sent")


def acknowledging(connected: socket.socket) -> Receive:
    """Read from a connection, and acknowledge at once what was read."""
    option: int | None = getattr(socket, "TCP_QUICKACK", None)
    if option is None:
        return connected.recv_into
    quick = option

    def receive(buffer: memoryview) -> int:
        count = connected.recv_into(buffer)
        connected.setsockopt(socket.IPPROTO_TCP, quick, 1)
        return count

    return receive
