"""What everybody is told next, gathered over one turn of the loop and written once to each.

What an audience is told stands in a log that all who hear it share. What one receiver is told
remembers its place in that log, so each receiver's bytes are slices of the common ones and its
own in between; receivers who are told the same get the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import msgspec

from chat_server.delivery.crowd import CrowdSums
from chat_server.delivery.shared_log import SharedLog
from chat_server.doors import Door
from chat_server.protocol.events import Event, Renamed


class _Told(msgspec.Struct, frozen=True, gc=False):
    """An event for one receiver: its place among the common ones, and how they were heard."""

    place: int
    door: Door
    heard_at: Door | None
    """The door at which it heard the common ones before it; None: it did not hear them."""
    event: Event | None
    """None: it is not told the common event of that place."""


class Receiver(Protocol):
    """Where one connection's events gather until they are written.

    It listens to what everyone is told from its welcome to its goodbye.
    """

    door: Door
    listens_in: Door | None
    """The door in which it is told what everyone is told; None: it is not."""

    def write(self, lines: bytes) -> None:
        """Write what has gathered."""

    def write_parts(self, parts: Iterable[bytes | Iterator[bytes]]) -> None:
        """Write what has gathered, with answers so long that they are made as they are read."""

    def fail(self, fault: Exception) -> None:
        """End this receiver, whom something could not be told; nobody else is to notice."""


class Broadcast:
    """The events since they were last written, and who listens to what everyone is told."""

    def __init__(self) -> None:
        self._log = SharedLog()
        self._told: dict[Receiver, list[_Told]] = {}
        self._listeners: dict[Door, dict[Receiver, None]] = {}
        self.crowd = CrowdSums()

    @property
    def is_empty(self) -> bool:
        return not self._told and not self._log.events

    def tell_everyone(self, event: Event, deaf: Iterable[Receiver] = ()) -> None:
        """Gather an event that is no move for all who listen, but those who are deaf to it."""
        for one in deaf:
            self._leave_out(one)
        self._log.append(event)

    def _leave_out(self, receiver: Receiver) -> None:
        """Let a receiver not be told the next common event."""
        if receiver.listens_in is not None:
            told = _Told(len(self._log.events), receiver.door, receiver.listens_in, None)
            self._told.setdefault(receiver, []).append(told)

    def tell_move(
        self, move: Event, here: int, *, but: Receiver | None = None, by: Receiver | None = None
    ) -> None:
        """Gather who came, went or took another name, for all who listen `but` one.

        In a crowd people are spared it, except that one who renamed (`by`) sees their new name.
        """
        is_spared = self.crowd.spare(move, here)
        if but is not None:
            self._leave_out(but)
        if is_spared and by is not None and isinstance(move, Renamed):
            self._tell_own_name(by, move)
        self._log.add(move, each_move=True if is_spared else None)

    def _tell_own_name(self, receiver: Receiver, renamed: Renamed) -> None:
        if receiver.listens_in is not None and not receiver.listens_in.wants.each_move:
            self.tell(receiver, renamed)

    def tell(self, receiver: Receiver, event: Event) -> None:
        """Gather an event for one receiver."""
        heard_at, door = receiver.listens_in, receiver.door
        told = _Told(len(self._log.events), door, heard_at, event)
        self._told.setdefault(receiver, []).append(told)
        if event.role == "goodbye":
            self.forget(receiver)
        elif heard_at is not door and (heard_at is not None or event.role == "welcome"):
            self._listen(receiver)

    def _listen(self, receiver: Receiver) -> None:
        self.forget(receiver)
        self._listeners.setdefault(receiver.door, {})[receiver] = None
        receiver.listens_in = receiver.door

    def forget(self, receiver: Receiver) -> None:
        """Tell a receiver no more of what everyone is told."""
        if receiver.listens_in is not None:
            del self._listeners[receiver.listens_in][receiver]
            receiver.listens_in = None

    def sum_up_crowd(self, now: float, here: int) -> None:
        """Tell people how many came and went since they were last told."""
        self._log.add(self.crowd.sum_up(now, here), each_move=False)

    def write(self, now: float) -> None:
        """Write to each receiver, in one piece, what it is told; then there is nothing to tell.

        A receiver that cannot be written to fails alone.
        """
        turn, self._log = self._log, SharedLog()
        told, self._told = self._told, {}
        others = self._who_hears_all_of(turn, told, now)
        for receiver, own in told.items():
            try:
                receiver.write_parts(_parts(receiver, own, turn, now))
            except Exception as fault:  # noqa: PERF203 - each receiver fails alone
                receiver.fail(fault)
        for lines, receivers in others:
            for receiver in receivers:
                try:
                    receiver.write(lines)
                except Exception as fault:  # noqa: PERF203 - each receiver fails alone
                    receiver.fail(fault)

    def _who_hears_all_of(
        self, turn: SharedLog, told: dict[Receiver, list[_Told]], now: float
    ) -> list[tuple[bytes, list[Receiver]]]:
        """Render a log for each door, and list those there who are told nothing else."""
        if not turn.events:
            return []
        return [
            (lines, [one for one in listeners if one not in told] if told else list(listeners))
            for door, listeners in self._listeners.items()
            if listeners and (lines := turn.between(0, None, door, now))
        ]


def _parts(
    receiver: Receiver, told: Sequence[_Told], turn: SharedLog, now: float
) -> list[bytes | Iterator[bytes]]:
    """Render what one receiver is told, its own events in their places."""
    parts: list[bytes | Iterator[bytes]] = []
    cursor = 0
    for own in told:
        if own.heard_at is not None and own.place > cursor:
            parts.append(turn.between(cursor, own.place, own.heard_at, now))
        cursor = own.place
        if own.event is None:
            cursor += 1
        else:
            render = own.door.pages if own.event.role == "long" else own.door.line
            parts.append(render(own.event, now))
    if receiver.listens_in is not None:
        parts.append(turn.between(cursor, None, receiver.door, now))
    return parts
