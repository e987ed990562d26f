"""The other servers of a chat that is shared: each says again and again that it is here.

One that is not heard of is proposed as gone by any other; the first who does so counts.
"""

from collections.abc import Callable

from chat_server.clock import Clock
from chat_server.rules.entries import Entry
from chat_server.timers import Alarm

RENEW_SECONDS = 3.0
"""How often a server says that it is here."""
GONE_SECONDS = 10.0
"""After how long one that is not heard of is gone, in the journal's time."""
LONGEST_GAP = 2 * RENEW_SECONDS
"""What counts at most of the time between two entries: more is a journal that was away, in which
nobody could be heard."""


class Neighbours:
    """Notes which servers are heard of, and calls `renew` when it is time to be heard oneself."""

    def __init__(self, node: str, clock: Clock, renew: Callable[[], None]) -> None:
        self._node = node
        self._is_renewing = False
        """Whether what was said last is not heard yet, as the journal is away perhaps."""
        self._heard: dict[str, float] = {}
        """When each was heard of last, in seconds of what was heard."""
        self._passed = 0.0
        self._at = 0.0
        self._renew = renew
        self._alarm = Alarm(clock, self._ring)

    def start(self) -> None:
        self._alarm.set(RENEW_SECONDS)

    def stop(self) -> None:
        self._alarm.cancel()

    def hear(self, entry: Entry) -> None:
        """Note whose an entry is, and that time has passed."""
        if self._at:
            self._passed += min(entry.at - self._at, LONGEST_GAP)
        self._at = entry.at
        self._heard[entry.proposal.node] = self._passed
        if entry.proposal.node == self._node:
            self._is_renewing = False

    def silent(self, nodes: tuple[str, ...]) -> tuple[str, ...]:
        """Name the others that were not heard of for too long; all are `nodes`."""
        self._heard = {node: self._heard.get(node, self._passed) for node in nodes}
        lately = self._passed - GONE_SECONDS
        return tuple(
            [node for node, at in self._heard.items() if at <= lately and node != self._node]
        )

    def _ring(self) -> None:
        self._alarm.set(RENEW_SECONDS)
        if not self._is_renewing:
            self._is_renewing = True
            self._renew()
