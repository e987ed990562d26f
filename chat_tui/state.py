"""What the client knows of the chat; only `ChatState.apply` changes it."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from chat_server.events import (
    CROWD,
    Bye,
    Cancelled,
    Event,
    Fired,
    Help,
    History,
    Item,
    Joined,
    Left,
    Message,
    Muted,
    Refused,
    Renamed,
    Scheduled,
    Undelivered,
    Users,
    Welcome,
)
from chat_server.wire import text

NOT_HERE = ("format", "resume")
"""Commands that this client gives by itself."""
KEPT_IDS = 4000
"""Ids of messages that are remembered, so that none is shown twice."""


class Said(NamedTuple):
    """A message to show; `is_mine`: its sender is the one who reads it."""

    message: Message
    is_mine: bool


class Note(NamedTuple):
    """A line of the chat's own: a fact, a refusal, or the beginning of something new."""

    kind: Literal["fact", "refusal", "divider"]
    text: str
    at: float


Line = Said | Note


class Status(NamedTuple):
    """How the connection is; `retry_at` is in the loop's time, `reason` says what broke it."""

    state: Literal["connecting", "connected", "waiting", "closed"]
    reason: str = ""
    retry_at: float = 0.0


class ChatState:
    """The chat as its events so far made it.

    `users` are in the order in which they came, `pending` the soonest first, and `lines` what
    is new to show since `take_lines` was last called.
    """

    def __init__(self) -> None:
        self.you = ""
        self.users: list[str] = []
        self.pending: list[Item] = []
        self.clock_offset = 0.0
        """Seconds that the server's clock is ahead of ours."""
        self._chat = ""
        self._lines: list[Line] = []
        self._held: list[Message] | None = None
        self._shown: dict[str, None] = {}
        self._told_undelivered: dict[str, None] = {}

    def take_lines(self) -> list[Line]:
        """Return what there is to show that has not been taken yet."""
        lines, self._lines = self._lines, []
        return lines

    def apply(self, event: Event, now: float) -> None:
        """Take in what the server says to everyone or to us, at the time `now`."""
        match event:
            case Message():
                self._hear(event)
            case Welcome():
                self._welcome(event, now)
            case History():
                self._catch_up(event, now)
            case Joined() | Left() | Renamed():
                self._move(event, now)
            case Scheduled(item):
                self.pending = sorted([*self.pending, item], key=lambda item: item.due)
                self._tell(event, now)
            case Fired(item_id) | Cancelled(item_id) | Undelivered(item_id):
                self._end_item(event, item_id, now)
            case Users(names):
                self.users = names
            case Muted() | Refused() | Bye():
                self._tell(event, now)

    def note(self, event: Event, now: float) -> None:
        """Show an answer to what was typed, in the words that telnet shows."""
        kind: Literal["fact", "refusal"] = "fact"
        if isinstance(event, Refused | Undelivered):
            kind = "refusal"
        for line in _told(event, now):
            self._lines.append(Note(kind, line.removeprefix("* ").removeprefix("! "), now))

    def warn(self, text: str, now: float) -> None:
        """Show something that our user should know."""
        self._lines.append(Note("refusal", text, now))

    _tell = note

    def _hear(self, message: Message) -> None:
        if self._held is not None:
            self._held.append(message)
        elif message.id not in self._shown:
            self._shown[message.id] = None
            if len(self._shown) > KEPT_IDS:
                del self._shown[next(iter(self._shown))]
            self._lines.append(Said(message, message.sender == self.you))

    def _welcome(self, welcome: Welcome, now: float) -> None:
        """Begin, or begin again; messages wait until the ones before them have come."""
        if self._chat and self._chat != welcome.chat:
            self._shown = {}
            self._told_undelivered = {}
            self._divide("The server has started anew and does not know what was said before.", now)
        self._chat = welcome.chat
        self.clock_offset = welcome.time - now
        self.you = welcome.you
        self.users = list(welcome.users)
        self.pending = list(welcome.pending)
        self._held = []
        for undelivered in welcome.undelivered:
            self._end_item(undelivered, undelivered.id, now)

    def _catch_up(self, history: History, now: float) -> None:
        held, self._held = self._held or [], None
        if history.missed:
            self._divide(f"{history.missed} earlier messages are not shown here.", now)
        for message in [*history.messages, *held]:
            self._hear(message)

    def _move(self, event: Joined | Left | Renamed, now: float) -> None:
        match event:
            case Joined(names):
                self.users += names
            case Left(names):
                gone = set(names)
                self.users = [name for name in self.users if name not in gone]
            case Renamed(old, new):
                self.users = [new if name == old else name for name in self.users]
                self.you = new if self.you == old else self.you
        if len(self.users) <= CROWD:
            self._tell(event, now)

    def _end_item(self, event: Fired | Cancelled | Undelivered, item: str, now: float) -> None:
        self.pending = [pending for pending in self.pending if pending.id != item]
        if isinstance(event, Undelivered):
            if item in self._told_undelivered:
                return
            self._told_undelivered[item] = None
        self._tell(event, now)

    def _divide(self, text: str, now: float) -> None:
        self._lines.append(Note("divider", text, now))


def _told(event: Event, now: float) -> Iterable[str]:
    """Word an answer as telnet does; a pane is narrow, so the list of commands has no columns."""
    if isinstance(event, Help) and len(event.commands) > 1:
        commands = [command for command in event.commands if command.name not in NOT_HERE]
        return ["The commands:", *(f"  {known.usage}: {known.summary}" for known in commands)]
    return text.lines([event], now)
