"""One process that attacks: thousands of connections, each of which does the same."""

import contextlib
import select
import socket
import struct
import time
from collections import deque

import msgspec

from benchmarks.attacks.attacks import Attack, Moment
from benchmarks.load.audience import raise_limit

NETWORK = "127.0.1"
"""Where attackers come from; those who chat are at 127.0.0."""
AT_ONCE = 64
"""Connections that are opened before the others have their turn."""
AGAIN_SECONDS = 0.5
"""After this time, one that was hung up on connects again."""
PORTS = 20_000
"""Connections from one address of this machine: its ports would run out."""
IN_TURN = 256
"""Connections that say something before it is looked who can connect, and what has come."""
BREAK = struct.pack("ii", 1, 0)
"""For SO_LINGER: end at once, and keep no port waiting."""


class Done(msgspec.Struct, frozen=True):
    """What an attacker did: connections opened, and hung up on by the server; MiB of each way."""

    opened: int
    hung_up: int
    said_mib: float
    read_mib: float


class Connection:
    """One connection of an attacker."""

    __slots__ = ("begin", "due", "order", "rest", "socket", "times")

    def __init__(self, order: int, connected: socket.socket, opening: bytes, now: float) -> None:
        self.order = order
        self.socket = connected
        self.rest = opening
        """What was to be said and is not taken yet."""
        self.begin = self.due = now
        self.times = 0


class Attacker:
    """All connections of an attack."""

    def __init__(self, attack: Attack, port: int, connections: int, addresses: int) -> None:
        count = min(attack.most, connections)
        raise_limit(count + 100)
        self._attack = attack
        self._port = port
        self._addresses = max(addresses, 1 + count // PORTS)
        self._epoll = select.epoll()
        self._here: dict[int, Connection] = {}
        self._turns: deque[Connection] = deque()
        """Those who are here, and some who are gone, in the order in which they have their turn."""
        self._outside: deque[tuple[float, int]] = deque((0.0, order) for order in range(count))
        """Who is to connect, from when on."""
        self._visits = [0] * count
        self._end = self._opened = self._hung_up = self._said = self._read = 0.0

    def attack(self, seconds: float) -> Done:
        """Attack for so many seconds; then go, without a word."""
        self._end = time.perf_counter() + seconds
        while (now := time.perf_counter()) < self._end:
            self._open(now)
            self._hear()
            self._talk()
        for connection in list(self._here.values()):
            self._break(connection)
        mib = 1 << 20
        return Done(int(self._opened), int(self._hung_up), self._said / mib, self._read / mib)

    def _open(self, now: float) -> None:
        for _ in range(AT_ONCE):
            if not self._outside or self._outside[0][0] > now:
                return
            _, order = self._outside.popleft()
            try:
                self._connect(order, now)
            except OSError:  # no files or ports are left
                self._outside.append((now + AGAIN_SECONDS, order))
                return

    def _connect(self, order: int, now: float) -> None:
        connected = socket.socket()
        try:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, BREAK)
            connected.bind((f"{NETWORK}.{1 + order % self._addresses}", 0))
            connected.setblocking(False)
            connected.connect_ex(("127.0.0.1", self._port))
        except OSError:
            connected.close()
            raise
        self._opened += 1
        visits = self._visits[order]
        self._visits[order] += 1
        opening = self._attack.opening(Moment(order, visits, self._end - now))
        connection = Connection(order, connected, opening, now)
        self._here[connected.fileno()] = connection
        self._turns.append(connection)
        self._epoll.register(connected, select.EPOLLIN if self._attack.reads else 0)

    def _hear(self) -> None:
        """Read what has come; wait for a moment where nothing has."""
        for number, events in self._epoll.poll(0.001, 512):
            connection = self._here[number]
            try:
                if events & (select.EPOLLHUP | select.EPOLLERR):
                    raise ConnectionResetError
                chunk = connection.socket.recv(1 << 18)
                if not chunk:
                    raise ConnectionResetError
                self._read += len(chunk)
            except ConnectionError:
                self._hung_up += 1
                self._break(connection, AGAIN_SECONDS)
            except BlockingIOError:
                continue

    def _talk(self) -> None:
        stays = self._attack.stays
        now = time.perf_counter()
        for _ in range(min(IN_TURN, len(self._turns))):
            connection = self._turns.popleft()
            if connection.socket.fileno() < 0:
                continue
            if connection.begin + stays < now:
                self._break(connection)
                continue
            self._turns.append(connection)
            with contextlib.suppress(BlockingIOError, ConnectionError):  # which `_hear` notices
                self._say(connection, now)

    def _say(self, connection: Connection, now: float) -> None:
        """Say what is left to say, or else something new."""
        attack = self._attack
        if not connection.rest and attack.piece is not None and connection.due <= now:
            moment = Moment(connection.order, connection.times, self._end - now)
            connection.rest = attack.piece(moment)
            connection.times += 1
            connection.due = now + attack.pause
        if connection.rest:
            sent = connection.socket.send(connection.rest)
            self._said += sent
            connection.rest = connection.rest[sent:]

    def _break(self, connection: Connection, again: float = 0.0) -> None:
        del self._here[connection.socket.fileno()]
        connection.socket.close()
        self._outside.append((time.perf_counter() + again, connection.order))
