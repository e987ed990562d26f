"""Where the server listens: the sockets for its hosts, and how many may come in.

Sockets are made here and not by asyncio, so that an address has the same meaning on both loops,
several hosts share one port, and no more connections are taken up in one turn than there are file
descriptors to spare.
"""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

QUEUE = 1024
"""Connections that the system keeps until they are taken up."""
TRIES = 20
"""How many ports are tried to find one that is free at every host."""
BREAK_NOTICED = 120
"""Seconds after which a peer whose network has vanished is taken as gone."""

EVERY = ("0.0.0.0", "::")
"""Hosts that stand for every address of their family."""

_NOT_HERE = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


class CannotListen(OSError):
    """An address cannot be had; the message says which, why, and what to do."""

    def __init__(self, address: str, error: OSError | ValueError) -> None:
        number = error.errno if isinstance(error, OSError) else None
        reason = error.strerror if isinstance(error, OSError) else str(error)
        super().__init__(
            f"cannot listen on {address}: {reason}. "
            "Set CHAT_HOST and CHAT_PORT to an address that is free."
        )
        self.errno = number


class Address(NamedTuple):
    """One address, which was asked for as part of hosts."""

    family: socket.AddressFamily
    place: tuple[object, ...]


@contextlib.asynccontextmanager
async def listening(
    new_protocol: Callable[[], asyncio.BaseProtocol], hosts: str, port: int, *, at_once: int
) -> AsyncIterator[list[tuple[str, int]]]:
    """Listen until the end of the block; give the host and port of each listener.

    `hosts` are one or several, with commas between them; at most `at_once` connections are taken
    up in one turn of the loop. Raises CannotListen.
    """
    loop = asyncio.get_running_loop()
    sockets = _bound(await _addresses(hosts, port), port)
    servers: list[asyncio.Server] = []
    try:
        for each in sockets:
            servers.append(await loop.create_server(new_protocol, sock=each, backlog=at_once))
            each.listen(QUEUE)  # again, as asyncio takes its backlog for both
        yield [each.getsockname()[:2] for each in sockets]
    finally:
        for server in servers:
            server.close()
        for each in sockets:
            each.close()


def names(hosts: str) -> list[str]:
    """Take apart what may be several hosts; brackets are for addresses of IPv6."""
    parts = [part.strip() for part in hosts.split(",")]
    return [part.removeprefix("[").removesuffix("]") for part in parts if part]


def shown(host: str, port: int) -> str:
    """Write an address as people do."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _addresses(hosts: str, port: int) -> dict[Address, set[str]]:
    """Look up every host; give each address once, with the hosts that it is for.

    `::` is every address of either family. What a host for every address covers is not listened
    on besides: the system gives a port only once.
    """
    found = [
        (address, name)
        for name in names(hosts)
        for host in (("::", "0.0.0.0") if name == "::" else (name,))
        for address in await _looked_up(host, port)
    ]
    every = {address.family: address for address, _ in found if address.place[0] in EVERY}
    addresses: dict[Address, set[str]] = {}
    for address, name in found:
        addresses.setdefault(every.get(address.family, address), set()).add(name)
    return addresses


async def _looked_up(host: str, port: int) -> list[Address]:
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, ValueError) as error:  # the latter for what is no name at all
        raise CannotListen(shown(host, port), error) from None
    return [Address(family, place) for family, _, _, _, place in infos]


def _bound(addresses: dict[Address, set[str]], port: int) -> list[socket.socket]:
    """Have a socket listen at each address, all at the same port."""
    for _ in range(1 if port else TRIES):
        tried = _Bound(addresses, port)
        if tried.fault is None or tried.fault.errno != errno.EADDRINUSE:
            break
    if tried.fault is not None:
        raise tried.fault
    return tried.sockets


class _Bound:
    """A socket for each address; of each host at least one must be had.

    The others may be of a family that this system does not have.
    """

    def __init__(self, addresses: dict[Address, set[str]], port: int) -> None:
        self.sockets: list[socket.socket] = []
        self.fault: CannotListen | None = None
        self._port = port
        missing: dict[str, CannotListen] = {}
        had: set[str] = set()
        for address, asked in addresses.items():
            fault = self._add(address)
            if fault is None:
                had |= asked
            elif fault.errno in _NOT_HERE:
                missing |= dict.fromkeys(asked, fault)
            else:
                self.fault = self.fault or fault
        lacking = [fault for asked, fault in missing.items() if asked not in had]
        self.fault = next(iter(lacking), self.fault)
        if self.fault is not None:
            for each in self.sockets:
                each.close()

    def _add(self, address: Address) -> CannotListen | None:
        try:
            made = _socket(address, self._port)
        except OSError as error:
            return CannotListen(shown(str(address.place[0]), self._port), error)
        self.sockets.append(made)
        self._port = made.getsockname()[1]
        return None


def _socket(address: Address, port: int) -> socket.socket:
    made = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _notice_breaks(made)
        made.bind((address.place[0], port, *address.place[2:]))
        made.listen(QUEUE)  # which can fail as binding can, where others bound it, too
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def _notice_breaks(listener: socket.socket) -> None:
    """Have connections notice a dead peer, and hear urgent bytes in line; they inherit it.

    A peer is noticed as dead while nothing is said (RFC 1122, 4.2.3.6), and while what is said is
    not taken (RFC 5482). Not every system has all of these options.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", BREAK_NOTICED // 2),
        ("TCP_KEEPALIVE", BREAK_NOTICED // 2),  # as macOS calls the one before
        ("TCP_KEEPINTVL", BREAK_NOTICED // 6),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", BREAK_NOTICED * 1000),
    ):
        if (number := getattr(socket, option, None)) is not None:
            listener.setsockopt(socket.IPPROTO_TCP, number, value)
