"""What everybody is told next, gathered over one turn of the loop and written once to each.

Events for everyone are kept, and rendered, once. What only one receiver is told remembers its
place among them, so each receiver's bytes are slices of the common ones and its own in between;
receivers who are told the same get the same bytes.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chat_server.doors import Part, each, join, line, pages, part
from chat_server.protocol.events import CROWD, Crowd, Event, Format, Joined, Left, Renamed

CROWD_SECONDS = 1.0
"""The least time between two lines that sum up a crowd's comings and goings."""

log = logging.getLogger("chat_server")


class _Told(NamedTuple):
    """An event for one receiver: its place among the common ones, and how it was heard."""

    place: int
    format: Format
    was_listening: bool
    event: Event | None
    """None: it is not told the common event of that place."""


class Receiver(ABC):
    """Where one connection's events gather until the next flush.

    It listens to what everyone is told from its welcome to its goodbye.
    """

    __slots__ = ("format", "listens_in")

    def __init__(self) -> None:
        self.format: Format = "text"
        self.listens_in: Format | None = None

    @abstractmethod
    def write(self, lines: bytes) -> None:
        """Write what has gathered."""

    def write_parts(self, parts: Iterable[bytes | Iterator[bytes]]) -> None:
        """Write what has gathered, with answers so long that they are made as they are read."""
        lines = b"".join([part if isinstance(part, bytes) else b"".join(part) for part in parts])
        if lines:
            self.write(lines)

    def fail(self, fault: Exception) -> None:
        """End this receiver, whom something could not be told; nobody else is to notice."""
        log.error("could not tell somebody something: %r", fault)


class Flush:
    """The events since the last flush."""

    def __init__(self) -> None:
        self._common: list[Event] = []
        self._told: dict[Receiver, list[_Told]] = {}
        self._listeners: dict[Format, int] = {"text": 0, "json": 0}
        self._spared: list[int] = []
        """Places of the common events that readers are not told of."""
        self._has_moves = False
        self._crowd = Crowd(0, 0, 0, 0)
        self._crowd_told_at = 0.0

    @property
    def is_empty(self) -> bool:
        return not self._told and not self._common

    def tell_everyone(self, event: Event) -> None:
        """Gather an event for all who listen."""
        self._common.append(event)

    def tell_move(self, event: Event, here: int, but: Receiver | None = None) -> None:
        """Gather who came or went for all who listen `but` one; a crowd of readers is spared it."""
        self._has_moves = True
        if but is not None and but.listens_in is not None:
            self._told.setdefault(but, []).append(_Told(len(self._common), but.format, True, None))
        if here > CROWD:
            self._spared.append(len(self._common))
            self._count(event, here)
        self._common.append(event)

    def tell(self, receiver: Receiver, event: Event) -> None:
        """Gather an event for one receiver."""
        was_listening = receiver.listens_in is not None
        told = _Told(len(self._common), receiver.format, was_listening, event)
        self._told.setdefault(receiver, []).append(told)
        if event.role == "goodbye":
            self.forget(receiver)
        elif was_listening or event.role == "welcome":
            self._listen(receiver)

    def _listen(self, receiver: Receiver) -> None:
        if receiver.listens_in != receiver.format:
            self.forget(receiver)
            self._listeners[receiver.format] += 1
            receiver.listens_in = receiver.format

    def forget(self, receiver: Receiver) -> None:
        """Tell a receiver no more of what everyone is told."""
        if receiver.listens_in is not None:
            self._listeners[receiver.listens_in] -= 1
            receiver.listens_in = None

    def crowd_due(self, now: float) -> float | None:
        """Return in how many seconds a crowd is to be summed up; None with nothing to sum up."""
        if self._crowd == Crowd(0, 0, 0, 0):
            return None
        return max(0.0, self._crowd_told_at + CROWD_SECONDS - now)

    def sum_up_crowd(self, now: float, here: int) -> None:
        """Tell the readers how many came and went since they were last told."""
        counts = self._crowd
        self._crowd = Crowd(0, 0, 0, 0)
        self._crowd_told_at = now
        self._common.append(Crowd(counts.joined, counts.left, counts.renamed, here))

    def write(self, receivers: Iterable[Receiver], now: float) -> None:
        """Write to each receiver, in one piece, what it is told; then there is nothing to tell.

        A receiver that cannot be written to fails alone.
        """
        told, self._told = self._told, {}
        common = _Common(self._common, self._spared, now, has_moves=self._has_moves)
        self._common, self._spared, self._has_moves = [], [], False
        whole = self._whole(common)
        others = [
            receiver
            for receiver in (receivers if whole else ())
            if receiver.listens_in in whole and receiver not in told
        ]
        for receiver, own in told.items():
            try:
                receiver.write_parts(_parts(receiver, own, common))
            except Exception as fault:  # noqa: PERF203 - each receiver fails alone
                receiver.fail(fault)
        for receiver in others:
            try:
                receiver.write(whole[receiver.listens_in])
            except Exception as fault:  # noqa: PERF203 - each receiver fails alone
                receiver.fail(fault)

    def _whole(self, common: "_Common") -> dict[Format | None, bytes]:
        """Render all that everyone is told, in each format in which somebody hears of it."""
        if not common.events:
            return {}
        heard = [format_ for format_, count in self._listeners.items() if count]
        return {format_: lines for format_ in heard if (lines := common.between(0, None, format_))}

    def _count(self, event: Event, here: int) -> None:
        counts = self._crowd
        match event:
            case Joined(names):
                self._crowd = Crowd(counts.joined + len(names), counts.left, counts.renamed, here)
            case Left(names):
                self._crowd = Crowd(counts.joined, counts.left + len(names), counts.renamed, here)
            case Renamed():
                self._crowd = Crowd(counts.joined, counts.left, counts.renamed + 1, here)


class _Common:
    """What everyone is told, in each format that somebody has chosen."""

    def __init__(
        self, events: Sequence[Event], spared: Sequence[int], now: float, *, has_moves: bool
    ) -> None:
        self.events = events
        self.now = now
        self._spared = spared
        self._has_moves = has_moves
        self._lines: dict[Format, list[bytes]] = {}
        self._parts: dict[Format, list[Part]] = {}

    def between(self, start: int, end: int | None, format_: Format) -> bytes:
        """Render the events from one place up to another; what cannot be rendered is left out."""
        try:
            return self._between(start, end, format_)
        except Exception:
            self._render_one_by_one(format_)
            return self._between(start, end, format_)

    def _between(self, start: int, end: int | None, format_: Format) -> bytes:
        if self._has_moves:
            if format_ not in self._parts:
                parts = [part(event, format_, self.now) for event in self.events]
                self._parts[format_] = self._without_spared(parts, format_)
            return join(self._parts[format_][start:end], format_)
        if format_ not in self._lines:
            self._lines[format_] = each(self.events, format_, self.now)
        return b"".join(self._lines[format_][start:end])

    def _render_one_by_one(self, format_: Format) -> None:
        lines = self._lines[format_] = [
            self._line_or_nothing(event, format_) for event in self.events
        ]
        self._parts[format_] = self._without_spared([*lines], format_)

    def _line_or_nothing(self, event: Event, format_: Format) -> bytes:
        try:
            return line(event, format_, self.now)
        except Exception as fault:
            log.error("left out what could not be told in %s: %r", format_, fault)
            return b""

    def _without_spared(self, parts: list[Part], format_: Format) -> list[Part]:
        if format_ == "text":
            for place in self._spared:
                parts[place] = b""
        return parts


def _parts(
    receiver: Receiver, told: Sequence[_Told], common: _Common
) -> Iterator[bytes | Iterator[bytes]]:
    """Render what one receiver is told, its own events in their places."""
    cursor = 0
    for own in told:
        if own.was_listening:
            yield common.between(cursor, own.place, own.format)
        cursor = own.place
        if own.event is None:
            cursor += 1
        else:
            render = pages if own.event.role == "long" else line
            yield render(own.event, own.format, common.now)
    if receiver.listens_in is not None:
        yield common.between(cursor, None, receiver.format)
