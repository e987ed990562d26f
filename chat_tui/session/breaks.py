"""Lines from a server, until the connection is over, and why it is."""

import asyncio
import os
import re
import socket

BREAK_NOTICED = 30
"""Seconds after which a connection that has gone dead is taken as broken."""


class Over(Exception):
    """The connection has ended; the message says why."""


async def next_line(reader: asyncio.StreamReader) -> bytes | None:
    """Read a line; None in place of one that is too long. Raises Over where the server closed."""
    line = await _piece(reader)
    if line.endswith(b"\n"):
        return line
    while not (await _piece(reader)).endswith(b"\n"):
        pass
    return None


async def _piece(reader: asyncio.StreamReader) -> bytes:
    """Read a line; where it is too long, skip what has come of it, and return nothing."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as overrun:
        await reader.readexactly(overrun.consumed)
        return b""
    except asyncio.IncompleteReadError as end:
        raise Over("the server has closed the connection") from end


def reason_of(error: OSError) -> str:
    """Say why there is no connection; asyncio puts all that it tried into the message."""
    numbers = [error.errno] if error.errno else map(int, re.findall(r"\[Errno (\d+)\]", str(error)))
    words = [os.strerror(number).lower() for number in numbers if number > 0]
    return ", ".join(dict.fromkeys(words)) or error.strerror or str(error)


def notice_breaks(writer: asyncio.StreamWriter) -> None:
    """Have the system find out when the other end is gone without a word (RFC 1122, RFC 5482)."""
    connected: socket.socket = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", BREAK_NOTICED // 2),
        ("TCP_KEEPINTVL", BREAK_NOTICED // 6),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", BREAK_NOTICED * 1000),
    ):
        if (number := getattr(socket, option, None)) is not None:
            connected.setsockopt(socket.IPPROTO_TCP, number, value)
