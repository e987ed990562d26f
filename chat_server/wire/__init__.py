"""Bytes and lines, lines and events: what goes over a connection, without the connection."""

from collections.abc import Sequence

from chat_server.events import Event, Format
from chat_server.wire import json, text
from chat_server.wire.lines import ASK_BINARY, LineReader

__all__ = ["ASK_BINARY", "LineReader", "render"]


def render(events: Sequence[Event], format_: Format, now: float) -> bytes:
    """Render what one receiver is told next; adjacent comings and goings become one event."""
    return json.render(events) if format_ == "json" else text.render(events, now)
