"""What one audience is told in one turn of the loop, rendered once at each door it is heard at.

Each who hears it is given a slice of the same bytes, or several with its own events in between.
"""

import logging
from collections.abc import Sequence

from chat_server.doors import Door, Part, part
from chat_server.protocol.events import Event

log = logging.getLogger("chat_server")


class SharedLog:
    """Events in their places, from 0 up.

    Some are only for doors that want each move, some only for the other doors.
    """

    __slots__ = ("_has_moves", "_lines", "_only", "_parts", "append", "events")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.append = self.events.append
        """Tells an event that is no move to all who hear this log."""
        self._only: dict[int, bool] = {}
        """By place, for events that only some doors are told: the `each_move` of those doors."""
        self._has_moves = False
        self._lines: dict[Door, Sequence[bytes]] = {}
        self._parts: dict[Door, Sequence[Part]] = {}

    def add(self, event: Event, *, each_move: bool | None = None) -> None:
        """Tell an event to all who hear this log, or only at doors with this `each_move`."""
        if event.role == "move":
            self._has_moves = True
        if each_move is not None:
            self._only[len(self.events)] = each_move
        self.append(event)

    def between(self, start: int, end: int | None, door: Door, now: float) -> bytes:
        """Render the events from one place up to another; what cannot be rendered is left out."""
        if self._has_moves:
            return self._between_with_moves(start, end, door, now)
        lines = self._lines.get(door)
        if lines is None:
            lines = self._lines[door] = self._rendered(door, now)
        return b"".join(lines[start:end])

    def _rendered(self, door: Door, now: float) -> list[bytes]:
        try:
            lines = door.each(self.events, now)
        except Exception:
            lines = [self._line_or_nothing(event, door, now) for event in self.events]
        if self._only:
            self._leave_out(lines, door)
        return lines

    def _between_with_moves(self, start: int, end: int | None, door: Door, now: float) -> bytes:
        try:
            if door not in self._parts:
                parts = [part(door, event, now) for event in self.events]
                self._leave_out(parts, door)
                self._parts[door] = parts
            return door.join(self._parts[door][start:end])
        except Exception:
            lines = [self._line_or_nothing(event, door, now) for event in self.events]
            self._leave_out(lines, door)
            self._parts[door] = lines
            return door.join(lines[start:end])

    def _line_or_nothing(self, event: Event, door: Door, now: float) -> bytes:
        try:
            return door.line(event, now)
        except Exception as fault:
            log.error("left out what could not be told in %s: %r", door.name, fault)
            return b""

    def _leave_out(self, parts: list[bytes] | list[Part], door: Door) -> None:
        """Put nothing in the places of what is not told at a door."""
        for place, each_move in self._only.items():
            if each_move is not door.wants.each_move:
                parts[place] = b""
