"""What the client knows of the chat; only `ChatState.apply` changes it."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeVar

import msgspec

from chat_server.protocol import text
from chat_server.protocol.events import (
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
    shortened,
)
from chat_tui.session.folding import name_key
from chat_tui.session.heard import LONGEST_TEXT, MOST_PEOPLE
from chat_tui.session.ignored import Ignored
from chat_tui.session.people import Holders, Ids, Names, calls, departed
from chat_tui.session.server_clock import ServerClock

NOT_HERE = ("format", "resume")
"""Commands that this client gives by itself."""
KEPT_IDS = 4000
"""Ids of messages that are remembered, so that none is shown twice."""
KEPT = 1000
"""Of other things as many are remembered as no server of ours ever has for one person."""


_Value = TypeVar("_Value")

EVERYONE = ""
"""The key of the conversation with everyone; another's is the name that its person has now."""
SET_BACK = "The server was set back; some of what was said before is not known there."
LATELY = 30 * 60
"""Seconds for which somebody who spoke is told of when they come and go."""

Moves = Literal["all", "smart", "none"]
"""Whose coming and going is told: everybody's, that of who spoke lately, or nobody's."""


class Said(NamedTuple):
    """A message to show; `is_mine`: its sender is the one who reads it.

    `is_mention`: it names them, or is for them alone. `item` is the id of their scheduled
    message that was sent as this one; `is_replayed`: it came with a history, not as it was said.
    """

    message: Message
    is_mine: bool
    is_mention: bool = False
    item: str = ""
    is_replayed: bool = False


class Note(NamedTuple):
    """A line of the chat's own: a fact, a refusal, something new that begins, or who moves.

    A "day" is a date, which a conversation has above the first message of a day.
    """

    kind: Literal["fact", "refusal", "divider", "move", "day"]
    text: str
    at: float


Line = Said | Note


class Mark(NamedTuple):
    """A message shown before turns out to be the one that was scheduled as `item`."""

    message: str
    item: str


class Status(NamedTuple):
    """How the connection is; `retry_at` is in the loop's time, `reason` says what broke it.

    It has "stopped" where another try is of no use until somebody asks for it.
    """

    state: Literal["connecting", "connected", "waiting", "stopped", "closed"]
    reason: str = ""
    retry_at: float = 0.0


class ChatState:
    """The chat as its events so far made it.

    `users` are in the order in which they came, `pending` the soonest first. What is new to
    show since it was last taken stands in conversations: answers in the `active` one, private
    messages in that of the other person, the rest in that of everyone.

    What it is told as `now` may be of any clock, best of one that nobody sets.
    """

    def __init__(self, clock_offset: float = 0.0) -> None:
        self.you = ""
        self.users: list[str] = []
        self.ids = Ids()
        self.pending: list[Item] = []
        self._clock = ServerClock(clock_offset)
        self.active = EVERYONE
        self.moves: Moves = "all"
        self._ignored = Ignored(self.ids)
        self._chat = ""
        self._names = Names()
        self._holders = Holders()
        self._lines: list[tuple[str, Line]] = []
        self._renames: list[tuple[str, str]] = []
        self._marks: list[Mark] = []
        self._written: dict[str, None] = {}
        self._held: list[Message] | None = None
        self._shown: dict[str, None] = {}
        self._newest = ""
        self._fired: dict[str, str] = {}
        self._gone: list[Item] = []
        self._departures = 0
        self._departed: dict[str, str] = {}
        """Names of people who left, in the form in which names are compared, and as they were."""
        self._here: set[str] = set()
        """Who was here when we came, or came back."""
        self._told_undelivered: dict[str, None] = {}

    @property
    def spoke(self) -> list[str]:
        """Name who has spoken, the last one first."""
        return self._names.spoke

    def take_renames(self) -> list[tuple[str, str]]:
        """Return who got which other name since this was last asked.

        They come before the lines to be taken, which are in conversations of the new names.
        """
        renames, self._renames = self._renames, []
        return renames

    @property
    def clock_offset(self) -> float:
        """Seconds that the server's clock is ahead of the one of which `now` is."""
        return self._clock.ahead

    @property
    def ignored(self) -> list[str]:
        """Names of people of whom nothing is shown."""
        return self._ignored.names

    @ignored.setter
    def ignored(self, names: list[str]) -> None:
        self._ignored.names = names

    def ignore(self, name: str) -> None:
        """Show nothing of somebody from now on, whatever they are called later."""
        self._ignored.add(name)

    def take_lines(self) -> list[tuple[str, Line]]:
        """Return what there is to show that has not been taken yet, each with its conversation."""
        lines, self._lines = self._lines, []
        return lines

    def take_marks(self) -> list[Mark]:
        """Return which of the lines that were taken turned out to be scheduled messages."""
        marks, self._marks = self._marks, []
        return marks

    def apply(self, event: Event, now: float) -> None:
        """Take in what the server says to everyone or to us, at the time `now`."""
        self._clock.hear(event, now)
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
                self._holders.scheduled(item.id)
                self._schedule(item)
                self.note(event, now)
            case Fired() | Cancelled() | Undelivered():
                self._end_item(event, now)
            case Users(names):
                self.ids.are_here(names)
                self.users = names
            case Refused(code="bad_id") if self._held is not None:
                pending = self.pending
                self._begin_anew(SET_BACK, now)
                self.pending = pending
            case Muted() | Refused() | Bye():
                self.note(event, now, EVERYONE)

    def _schedule(self, item: Item) -> None:
        """Take in a scheduled message, or what has become of its time."""
        others = [known for known in self.pending if known.id != item.id]
        if len(others) < KEPT:
            self.pending = sorted([*others, item], key=lambda item: item.due)

    def note(self, event: Event, now: float, key: str | None = None) -> None:
        """Show an answer to what was typed, in the words that telnet shows.

        Without a key it stands in the active conversation.
        """
        kind: Literal["fact", "refusal"] = "fact"
        if isinstance(event, Refused | Undelivered):
            kind = "refusal"
        for line in _told(event, now + self.clock_offset):
            self.say(kind, line.removeprefix("* ").removeprefix("! "), now, key)

    def warn(self, text: str, now: float) -> None:
        """Show something that our user should know."""
        self.say("refusal", text, now)

    def say(
        self,
        kind: Literal["fact", "refusal", "divider", "move"],
        text: str,
        now: float,
        key: str | None = None,
    ) -> None:
        """Show a line of the chat's own; without a key in the active conversation."""
        note = Note(kind, shortened(text, LONGEST_TEXT), now + self.clock_offset)
        self._lines.append((self.active if key is None else key, note))

    def is_for_the_same(self, item: Item) -> bool:
        """Say whether the name that an item is for is sure to be of whom it was made for."""
        return item.to is None or self._holders.is_known(item.to, item.id)

    def _hear(self, message: Message, *, is_replayed: bool = False) -> None:
        if self._held is not None:
            if len(self._held) < KEPT_IDS:
                self._held.append(message)
            return
        if message.id in self._shown:
            return
        _remember(self._shown, message.id, None, KEPT_IDS)
        self._newest = message.id
        sender = self._names.now(message.sender, message.at) if is_replayed else message.sender
        if not self._ignored.has(sender):
            self._show(message, sender, is_replayed=is_replayed)

    def _show(self, message: Message, sender: str, *, is_replayed: bool) -> None:
        is_mine = sender == self.you
        self._names.hear(sender, message.at)
        item = self._fired.pop(message.id, "")
        if is_replayed and is_mine and not item:
            item = self._sent_meanwhile(message)
        key = self._key(message, sender, is_mine=is_mine, is_replayed=is_replayed)
        is_mention = not is_mine and (message.to is not None or calls(message.text, self.you))
        self._lines.append((key, Said(message, is_mine, is_mention, item, is_replayed)))

    def _key(self, message: Message, sender: str, *, is_mine: bool, is_replayed: bool) -> str:
        if message.to is None:
            return EVERYONE
        key = sender
        if is_mine:
            key = self._names.now(message.to, message.at) if is_replayed else message.to
        _remember(self._written, key, None)
        return key

    def _sent_meanwhile(self, message: Message) -> str:
        """Return the id of the scheduled message that this is, if it was sent unseen by us."""
        for number, item in enumerate(self._gone):
            if item.text == message.text and message.at >= item.due:
                return self._gone.pop(number).id
        return ""

    def _welcome(self, welcome: Welcome, now: float) -> None:
        """Begin, or begin again; messages wait until the ones before them have come."""
        if self._chat and self._chat != welcome.chat:
            text = "The server has started anew and does not know what was said before."
            self._begin_anew(text, now)
        elif is_before(welcome.last, self._newest):
            self._begin_anew(SET_BACK, now)
        self._chat = welcome.chat
        self.you = welcome.you
        self._arrive(welcome.users, welcome.time)
        self._left({*self.users, *self._written}.difference(welcome.users))
        self.users = list(welcome.users)
        self.ids.are_here(self.users)
        self._here = set(welcome.users)
        self._holders.lost_sight()
        left = {item.id for item in welcome.pending}
        self._gone = [item for item in self.pending if item.id not in left]
        self.pending = list(welcome.pending)
        self._held = []
        for undelivered in welcome.undelivered:
            self._end_item(undelivered, now)

    def _begin_anew(self, text: str, now: float) -> None:
        """Let nothing that was known count any more: ids may mean something else from now on."""
        self._shown = {}
        self._newest = ""
        self._told_undelivered = {}
        self.pending = []
        self.say("divider", text, now, EVERYONE)

    def _catch_up(self, history: History, now: float) -> None:
        held, self._held = self._held or [], None
        self._tell_gap(history, now)
        for message in history.messages:
            self._hear(message, is_replayed=True)
        self._left(set(self._written) - self._here)
        for message in held:
            self._hear(message)
        self._gone = []

    def _tell_gap(self, history: History, now: float) -> None:
        """Say where messages are missing, in every conversation; how many, if that is known."""
        is_gap = bool(history.missed)
        if history.missed is None and self._shown:
            is_gap = not any(message.id in self._shown for message in history.messages)
        if not is_gap:
            return
        text = "Messages are missing here; how many is not known."
        if history.missed:
            many = "message is" if history.missed == 1 else "messages are"
            text = f"{history.missed} earlier {many} not shown here."
        self.say("divider", text, now, EVERYONE)
        for key in self._written:
            self.say("divider", "Messages may be missing here.", now, key)

    def _move(self, event: Joined | Left | Renamed, now: float) -> None:
        told: list[str] = []
        match event:
            case Joined(names):
                self._arrive(names, event.at)
                kept = names[: max(0, MOST_PEOPLE - len(self.users))]
                self.ids.came(kept)
                self.users += kept
                for name in self._ignored.untold(kept):
                    text = f"{name} is here, a name that you ignore; /unignore {name} shows them."
                    self.say("fact", text, now, EVERYONE)
                told = names
            case Left(names):
                gone = set(names)
                self._ignored.left(names)
                self.ids.left(names)
                for name in names:
                    self._holders.gave_up(name)
                self._left(names)
                self.users = [name for name in self.users if name not in gone]
                told = names
            case Renamed(old, new):
                self._arrive([new], event.at)
                self._rename(old, new, event.at)
                told = [new]
        told = [name for name in told if not self._ignored.has(name)]
        self._tell_moves(event, told, now)

    def _rename(self, old: str, new: str, at: float) -> None:
        """Let everything that is called by an old name be called by the new one."""
        self.users = [new if name == old else name for name in self.users]
        was_ignored = self._ignored.has(old)
        self.ids.renamed(old, new)
        self.you = new if self.you == old else self.you
        self.active = new if self.active == old else self.active
        self._ignored.renamed(old, new, was_ignored=was_ignored)
        self.pending = [
            msgspec.structs.replace(item, to=new)
            if item.to == old and self.is_for_the_same(item)
            else item
            for item in self.pending
        ]
        self._holders.gave_up(old)
        self._names.rename(old, new, at)
        self._renames.append((old, new))
        self._lines = [(new if key == old else key, line) for key, line in self._lines]
        if self._written.pop(old, EVERYONE) is None:
            self._written[new] = None

    def _left(self, names: Iterable[str]) -> None:
        """Remember who has left: whoever has such a name next may be somebody else."""
        self._departed |= {name_key(name): name for name in names if name != self.you}
        too_many = len(self._departed) - KEPT
        if too_many > 0:
            self._part([self._departed.pop(key) for key in list(self._departed)[:too_many]])

    def _arrive(self, names: Iterable[str], at: float) -> None:
        """Let who has left keep their conversations: who has a name of theirs has a new one."""
        before = [self._departed.pop(name_key(name), "") for name in names]
        for name, key in self._part(filter(None, before)).items():
            text = f"{name} is here: somebody else of that name, or the same."
            self._lines.append((key, Note("move", text, at)))

    def _part(self, names: Iterable[str]) -> dict[str, str]:
        """Have the conversations of who has left be theirs for good; return their keys, by name,
        where something was written in them.
        """
        keys: dict[str, str] = {}
        for name in names:
            self._departures += 1
            keys[name] = departed(name, self._departures)
        if keys:
            self._renames += keys.items()
            self.active = keys.get(self.active, self.active)
            self._lines = [(keys.get(key, key), line) for key, line in self._lines]
        return {name: key for name, key in keys.items() if self._written.pop(name, name) is None}

    def _tell_moves(self, event: Joined | Left | Renamed, names: list[str], now: float) -> None:
        """Tell of moves with everyone as far as it is wanted, and with whom one writes to."""
        told = names
        if self.you in names:
            pass
        elif self.moves == "smart":
            told = self._names.lately(names, event.at - LATELY)
        elif self.moves == "none" or len(self.users) > CROWD:
            told = []
        if told:
            self._tell_move(event, told, now, EVERYONE)
        for name in names:
            if name in self._written:
                self._tell_move(event, [name], now, name)

    def _tell_move(
        self, event: Joined | Left | Renamed, names: list[str], now: float, key: str
    ) -> None:
        if not isinstance(event, Renamed):
            event = type(event)(names, event.at)
        for line in _told(event, now + self.clock_offset):
            self._lines.append((key, Note("move", line.removeprefix("* "), event.at)))

    def _end_item(self, event: Fired | Cancelled | Undelivered, now: float) -> None:
        self.pending = [pending for pending in self.pending if pending.id != event.id]
        match event:
            case Fired(item, message):
                self._mark(message, item)
            case Undelivered(item):
                if item not in self._told_undelivered:
                    _remember(self._told_undelivered, item, None)
                    self.note(event, now, EVERYONE)
            case _:
                self.note(event, now)

    def _mark(self, message: str, item: str) -> None:
        """Mark the message that a scheduled one has become; the server tells of it just before."""
        if message not in self._shown:
            _remember(self._fired, message, item)
            return
        for number in range(len(self._lines) - 1, -1, -1):
            key, line = self._lines[number]
            if isinstance(line, Said) and line.message.id == message:
                self._lines[number] = (key, line._replace(item=item))
                return
        self._marks.append(Mark(message, item))


def is_before(one: str, other: str) -> bool:
    """Say whether a server that gives one id as its newest cannot have given the other yet."""
    (one, *_), (other, *_) = one.split("-"), other.split("-")
    return one.isdecimal() and other.isdecimal() and 0 < int(one) < int(other)


def _remember(known: dict[str, _Value], key: str, value: _Value, most: int = KEPT) -> None:
    """Put something into a dictionary that forgets what came first."""
    known[key] = value
    if len(known) > most:
        del known[next(iter(known))]


def _told(event: Event, now: float) -> Iterable[str]:
    """Word an answer as telnet does, and say for whom a scheduled message is, whoever that is.

    A pane is narrow, so the list of commands has no columns.
    """
    if isinstance(event, Help) and len(event.commands) > 1:
        commands = [command for command in event.commands if command.name not in NOT_HERE]
        return ["The commands:", *(f"  {known.usage}: {known.summary}" for known in commands)]
    if isinstance(event, Scheduled) and event.item.to is None:
        item = msgspec.structs.replace(event.item, to="everyone")
        event = msgspec.structs.replace(event, item=item)
    return text.lines([event], now)
