"""Bytes and lines, lines and events: what goes over a connection, without the connection."""

from collections.abc import Iterable, Iterator, Sequence

from chat_server.doors.lines import LineReader
from chat_server.doors.telnet import ASK_BINARY
from chat_server.protocol import json_lines, text
from chat_server.protocol.events import Event, Format
from chat_server.protocol.moves import Move, is_move, runs

__all__ = [
    "ASK_BINARY",
    "LineReader",
    "Move",
    "Part",
    "each",
    "join",
    "line",
    "pages",
    "part",
    "render",
]

Part = bytes | Move
"""Lines as they are written, or a move, which becomes one line with its neighbours."""


def render(events: Sequence[Event], format_: Format, now: float) -> bytes:
    """Render what one receiver is told next; adjacent comings and goings become one event."""
    return join([part(event, format_, now) for event in events], format_)


def part(event: Event, format_: Format, now: float) -> Part:
    """Render an event by itself, as far as that is possible."""
    return event if is_move(event) else line(event, format_, now)


def line(event: Event, format_: Format, now: float) -> bytes:
    """Render an event whatever its neighbours are."""
    return json_lines.line(event) if format_ == "json" else text.line(event, now)


def pages(event: Event, format_: Format, now: float) -> Iterator[bytes]:
    """Render a long answer piece by piece, each when it is asked for."""
    return json_lines.pages(event) if format_ == "json" else text.pages(event, now)


def each(events: Iterable[Event], format_: Format, now: float) -> list[bytes]:
    """Render what everyone is told, in which there are no codes, whatever its neighbours are."""
    if format_ == "json":
        return json_lines.each(events)
    return [text.line(event, now) for event in events]


def join(parts: Sequence[Part], format_: Format) -> bytes:
    """Put rendered events together; moves that are adjacent now become one."""
    moved = json_lines.moved if format_ == "json" else text.moved
    return b"".join([moved(one) if isinstance(one, list) else one for one in runs(parts)])
