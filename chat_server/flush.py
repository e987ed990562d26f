"""What everybody is told next, gathered over one turn of the loop and written once to each.

Events for everyone are kept once. What only one receiver is told remembers its place among
them, so each receiver's bytes are slices of the common ones and its own in between; receivers
who are told the same get the same bytes.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

from chat_server.events import Bye, Crowd, Event, Format, Joined, Left, Renamed, Welcome
from chat_server.wire import render
from chat_server.wire.text import CROWD

CROWD_SECONDS = 1.0
"""The least time between two lines that sum up a crowd's comings and goings."""


class _Told(NamedTuple):
    """An event for one receiver: its place among the common ones, and how it was heard."""

    place: int
    format: Format
    was_listening: bool
    event: Event


class Receiver(ABC):
    """Where one connection's events gather until the next flush.

    It listens to what everyone is told from its welcome to its goodbye.
    """

    def __init__(self) -> None:
        self.format: Format = "text"
        self.is_listening = False
        self.told: list[_Told] = []

    @abstractmethod
    def write(self, lines: bytes) -> None:
        """Write what has gathered."""


class Flush:
    """The events since the last flush."""

    def __init__(self) -> None:
        self._common: dict[Format, list[Event | None]] = {"text": [], "json": []}
        self._told: dict[Receiver, None] = {}
        self._rendered: dict[tuple[Format, int, int], bytes] = {}
        self._crowd = Crowd(0, 0, 0, 0)
        self._crowd_told_at = 0.0

    @property
    def is_empty(self) -> bool:
        return not self._told and not self._common["json"]

    def tell_everyone(self, event: Event, here: int) -> None:
        """Gather an event for all who listen; a crowd of readers is spared who comes and goes."""
        crowded = here > CROWD and isinstance(event, Joined | Left | Renamed)
        if crowded:
            self._count(event, here)
        self._common["json"].append(event)
        self._common["text"].append(None if crowded else event)

    def tell(self, receiver: Receiver, event: Event) -> None:
        """Gather an event for one receiver."""
        place = len(self._common["json"])
        receiver.told.append(_Told(place, receiver.format, receiver.is_listening, event))
        self._told[receiver] = None
        if isinstance(event, Welcome | Bye):
            receiver.is_listening = isinstance(event, Welcome)

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
        self._common["text"].append(Crowd(counts.joined, counts.left, counts.renamed, here))
        self._common["json"].append(None)

    def write(self, receivers: Iterable[Receiver], now: float) -> None:
        """Write to each receiver, in one piece, what it is told; then there is nothing to tell."""
        told, self._told = self._told, {}
        whole: dict[Format, bytes] = {}
        if self._common["json"]:
            whole = {"text": self._render("text", 0, None, now)}
            whole["json"] = self._render("json", 0, None, now)
        pieces = [(receiver, self._piece(receiver, now)) for receiver in told]
        if whole:
            pieces += [
                (receiver, whole[receiver.format])
                for receiver in receivers
                if receiver.is_listening and whole[receiver.format] and receiver not in told
            ]
        self._common = {"text": [], "json": []}
        self._rendered = {}
        for receiver, lines in pieces:
            receiver.write(lines)

    def _piece(self, receiver: Receiver, now: float) -> bytes:
        pieces, cursor = [], 0
        for told in receiver.told:
            if told.was_listening:
                pieces.append(self._render(told.format, cursor, told.place, now))
            cursor = told.place
            pieces.append(render([told.event], told.format, now))
        if receiver.is_listening:
            pieces.append(self._render(receiver.format, cursor, None, now))
        receiver.told = []
        return b"".join(pieces)

    def _render(self, format_: Format, start: int, end: int | None, now: float) -> bytes:
        events = self._common[format_]
        part = (format_, start, len(events) if end is None else end)
        if part not in self._rendered:
            told = [event for event in events[part[1] : part[2]] if event is not None]
            self._rendered[part] = render(told, format_, now) if told else b""
        return self._rendered[part]

    def _count(self, event: Event, here: int) -> None:
        counts = self._crowd
        match event:
            case Joined(names):
                self._crowd = Crowd(counts.joined + len(names), counts.left, counts.renamed, here)
            case Left(names):
                self._crowd = Crowd(counts.joined, counts.left + len(names), counts.renamed, here)
            case Renamed():
                self._crowd = Crowd(counts.joined, counts.left, counts.renamed + 1, here)
