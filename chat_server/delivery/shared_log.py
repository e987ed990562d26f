"""What one audience is told in one turn of the loop, rendered once in each format it is heard in.

Each who hears it is given a slice of the same bytes, or several with its own events in between.
"""

import logging
from collections.abc import Sequence

from chat_server.doors import Part, each, join, line, part
from chat_server.protocol.events import Event, Format

log = logging.getLogger("chat_server")


class SharedLog:
    """Events in their places, from 0 up; some are for those of one format alone."""

    __slots__ = ("_events", "_has_moves", "_lines", "_only", "_parts")

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._only: dict[int, Format] = {}
        """The one format of the events that are told in one alone, by their places."""
        self._has_moves = False
        self._lines: dict[Format, Sequence[bytes]] = {}
        self._parts: dict[Format, Sequence[Part]] = {}

    def __len__(self) -> int:
        return len(self._events)

    def add(self, event: Event, only: Format | None = None) -> None:
        """Tell an event to who hears this log, or only to those of one format."""
        if event.role == "move":
            self._has_moves = True
        if only is not None:
            self._only[len(self._events)] = only
        self._events.append(event)

    def between(self, start: int, end: int | None, format_: Format, now: float) -> bytes:
        """Render the events from one place up to another; what cannot be rendered is left out."""
        try:
            return self._between(start, end, format_, now)
        except Exception:
            self._render_one_by_one(format_, now)
            return self._between(start, end, format_, now)

    def _between(self, start: int, end: int | None, format_: Format, now: float) -> bytes:
        if self._has_moves:
            if format_ not in self._parts:
                parts = [part(event, format_, now) for event in self._events]
                self._leave_out(parts, format_)
                self._parts[format_] = parts
            return join(self._parts[format_][start:end], format_)
        if format_ not in self._lines:
            lines = each(self._events, format_, now)
            self._leave_out(lines, format_)
            self._lines[format_] = lines
        return b"".join(self._lines[format_][start:end])

    def _render_one_by_one(self, format_: Format, now: float) -> None:
        lines = [self._line_or_nothing(event, format_, now) for event in self._events]
        self._leave_out(lines, format_)
        self._lines[format_] = self._parts[format_] = lines

    def _line_or_nothing(self, event: Event, format_: Format, now: float) -> bytes:
        try:
            return line(event, format_, now)
        except Exception as fault:
            log.error("left out what could not be told in %s: %r", format_, fault)
            return b""

    def _leave_out(self, parts: list[bytes] | list[Part], format_: Format) -> None:
        """Put nothing in the places of what is not told in a format."""
        for place, only in self._only.items():
            if only != format_:
                parts[place] = b""
