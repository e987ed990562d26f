"""What the server's clock shows, told by a clock of ours that nobody sets. Pure."""

from chat_server.protocol.events import (
    Cancelled,
    Event,
    Fired,
    Item,
    Joined,
    Left,
    Message,
    Renamed,
    Scheduled,
    Undelivered,
    Welcome,
)

LATE = 5.0
"""Seconds that an event may be under way; one that seems older shows that a clock was set."""
KEPT = 1000
"""Scheduled messages of which is remembered when they are due."""


class ServerClock:
    """Learns from what comes; `ahead` is by how much the server's clock is ahead of ours."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead
        self._is_told = False
        self._due: dict[str, float] = {}
        """When scheduled messages are due by our clock, by their ids."""

    def hear(self, event: Event, now: float) -> None:
        """Learn what the server's clock shows now.

        A late event shows too little, so only one that shows more counts. Such a one comes after
        our machine slept, if its clock stood still meanwhile.
        """
        match event:
            case Message() | Joined() | Left() | Renamed() if self._is_told:
                self.ahead = max(self.ahead, event.at - now)
            case Scheduled(item):
                self._scheduled(item, now)
            case Fired() | Cancelled() | Undelivered():
                self._due.pop(event.id, None)
            case Welcome():
                self._is_told = True
                self.ahead = event.time - now
                self._due = {item.id: item.due - self.ahead for item in event.pending}

    def _scheduled(self, item: Item, now: float) -> None:
        """Learn from a scheduled message; from one that we know, that the server's clock was set.

        When it is due by our clock stays as it was then.
        """
        if (due := self._due.get(item.id)) is not None:
            self.ahead = item.due - due
        elif not -LATE < item.at - now - self.ahead <= 0:
            self.ahead = item.at - now
        if len(self._due) < KEPT:
            self._due[item.id] = item.due - self.ahead
