"""The rules of the chat: a deterministic state machine over the journal's entries.

`apply` alone decides what depends on the state. No clock, no input or output, no chance: the
same entries give the same state and the same events on every node and after every restart.
Dicts are iterated in the order of insertion; nothing here iterates a set.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec

from chat_server import __version__
from chat_server.commands import Cancel, Rename, Report, Send
from chat_server.entries import (
    Command,
    Configure,
    Enter,
    Entry,
    Fire,
    IssueToken,
    Leave,
    NodeGone,
    Return,
    Snapshot,
)
from chat_server.events import (
    Bye,
    Cancelled,
    Event,
    Fired,
    History,
    Item,
    Joined,
    Left,
    Message,
    Muted,
    Ok,
    Refused,
    Renamed,
    Scheduled as ItemScheduled,
    Undelivered,
    Welcome,
    shortened,
)
from chat_server.names import Name
from chat_server.schedule import Schedule, Scheduled
from chat_server.state import KEPT_KEYS, KEPT_MESSAGES, Person, Record, State

MAX_PENDING = 20
"""Scheduled messages that one person may have pending."""
NAME_HELD = 120.0
"""Seconds for which a broken connection keeps its person's name."""
PERSON_KEPT = 24 * 3600.0
"""Seconds for which a person can be resumed after their connection broke."""
LATE = 5.0
"""Seconds after its time from which a scheduled message is shown as late."""
MAX_UNDELIVERED = 100
"""Undelivered messages kept for one person; the oldest go first."""


class Delivery(NamedTuple):
    """An event for these connections, or for everyone who is here (None)."""

    to: tuple[str, ...] | None
    event: Event


class Outcome(NamedTuple):
    """What an entry causes, in order, and then the answer to the line that it came from."""

    deliveries: list[Delivery]
    answer: Ok | Refused | Bye | None = None


C = TypeVar("C", bound=Command)


class Chat:
    """The chat as its entries made it. `name` identifies the journal that they came from."""

    def __init__(self, name: str, snapshot: Snapshot | None = None) -> None:
        self.name = name
        self._state = (
            State() if snapshot is None else msgspec.msgpack.decode(snapshot.state, type=State)
        )
        self.last = 0 if snapshot is None else snapshot.last
        self._schedule = Schedule(self._state.items)
""" """
