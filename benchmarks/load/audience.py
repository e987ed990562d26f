"""People of a chat on raw sockets, and one place to hear for all of them."""

import contextlib
import resource
import select
import socket
from collections.abc import Callable, Sequence

from benchmarks.load.dialects import CROWD, QUIET, Dialect

BUFFER = 1 << 20
EVENTS = 512
"""Connections that are heard of at a time."""
PER_ADDRESS = 5000
"""Connections from one address of this machine: its ports would run out."""
PATIENCE = 20.0
"""Seconds after which a server that does nothing is given up."""
_QUICK: int | None = getattr(socket, "TCP_QUICKACK", None)
_LATE_PORT = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)


Receive = Callable[[memoryview], int]
"""How to read what has come to somebody; 0 bytes mean that the server has hung up."""


class GivenUp(Exception):
    """The server has hung up on somebody, or does nothing any more."""


class Audience:
    """Everybody who is connected; `sockets` are in the order in which they came."""

    def __init__(
        self, port: int, dialect: Dialect, people: int, per_address: int = PER_ADDRESS
    ) -> None:
        self.dialect = dialect
        self.sockets: list[socket.socket] = []
        self.buffer = memoryview(bytearray(BUFFER))
        self.receivers: dict[int, Receive] = {}
        self._port = port
        self._per_address = per_address
        self._epoll = select.epoll()
        raise_limit(people + 100)

    def connect(self) -> socket.socket:
        """Connect one more."""
        order = len(self.sockets)
        connected = socket.socket()
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.IPPROTO_IP, _LATE_PORT, 1)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.bind((f"127.0.0.{1 + order // self._per_address}", 0))
        connected.settimeout(PATIENCE)
        connected.connect(("127.0.0.1", self._port))
        connected.setblocking(False)
        self.sockets.append(connected)
        number = connected.fileno()
        self.receivers[number] = (
            acknowledging(connected) if self.dialect.acknowledged else connected.recv_into
        )
        self._epoll.register(number, select.EPOLLIN)
        return connected

    def numbers(self) -> Sequence[int]:
        """Return what `hear` calls everybody, in the order in which they came."""
        return [connected.fileno() for connected in self.sockets]

    def hear(self, timeout: float) -> list[tuple[int, int]]:
        """Wait until something comes; return the numbers of those to whom it comes."""
        return self._epoll.poll(timeout, EVENTS)

    def receive(self, number: int) -> memoryview:
        """Read what has come to somebody."""
        count = self.receivers[number](self.buffer)
        if not count:
            raise GivenUp("the server has hung up on somebody")
        return self.buffer[:count]

    def fall_silent(self) -> None:
        """Wait until nothing has come to anybody for a while."""
        quiet = self.dialect.quiet if len(self.sockets) > CROWD else QUIET
        while heard := self.hear(quiet):
            for number, _ in heard:
                self.receive(number)

    def acknowledge_late(self) -> None:
        """Let acknowledgements wait, as in any conversation: each costs as much as a read.

        Not of servers that wait for them.
        """
        if _QUICK is not None and not self.dialect.acknowledged:
            for connected in self.sockets:
                connected.setsockopt(socket.IPPROTO_TCP, _QUICK, 0)

    def close(self) -> None:
        """Leave, all at once."""
        self._epoll.close()
        for connected in self.sockets:
            connected.close()


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
    try:
        sent = connected.send(lines)
    except BlockingIOError:
        sent = 0
    if sent != len(lines):
        raise GivenUp("the server does not read what it is sent")


def acknowledging(connected: socket.socket) -> Receive:
    """Read from a connection, and acknowledge at once what was read."""
    if _QUICK is None:
        return connected.recv_into
    quick, receive_into, set_option = _QUICK, connected.recv_into, connected.setsockopt

    def receive(buffer: memoryview) -> int:
        count = receive_into(buffer)
        set_option(socket.IPPROTO_TCP, quick, 1)
        return count

    return receive
