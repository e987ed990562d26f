"""What the client knows of the chat; only `ChatState.apply` changes it."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from chat_server.protocol.events import (
    CROWD,
    Announced,
    Bye,
    Cancelled,
    Deleted,
    Event,
    Fired,
    Help,
    History,
    Item,
    Joined,
    Kicked,
    Left,
    Message,
    Moderators,
    Muted,
    Notice,
    Ok,
    Person,
    Refused,
    Renamed,
    Scheduled,
    Undelivered,
    Unmuted,
    Users,
    Welcome,
    shortened,
)
from chat_server.protocol.names import name_key
from chat_server.protocol.wording import Statement, moved, statements
from chat_tui.session.heard import LONGEST_TEXT
from chat_tui.session.ignored import Ignored
from chat_tui.session.membership import Membership
from chat_tui.session.names import calls
from chat_tui.session.newest import Newest
from chat_tui.session.people import People
from chat_tui.session.server_clock import ServerClock

NOT_HERE = ("format", "resume", "secret", "ignore", "unignore", "ignores")
"""Commands that this client gives by itself."""
KEPT_IDS = 4000
"""Ids of messages that are remembered, so that none is shown twice."""
KEPT = 1000
"""How many of each other thing are remembered: more than a server ever has for one person."""


EVERYONE = ""
"""The key of the conversation with everyone; another's is the id of its person."""
SET_BACK = "The server was set back; some of what was said before is not known there."
LATELY = 30 * 60
"""Seconds after somebody spoke for which "smart" tells of their coming and going."""

Moves = Literal["all", "smart", "none"]
"""Whose coming and going is told: everybody's, that of who spoke lately, or nobody's."""


class Said(NamedTuple):
    """A message to show; `is_mine`: its sender is the one who reads it.

    `is_mention`: it names them, or is for them alone; `is_replayed`: it came with a history, not
    as it was said; `is_past`: with the history of whom we have just become, which is nothing new.
    `has_waited`: it was said while we were away, and is told only now.
    """

    message: Message
    is_mine: bool
    is_mention: bool = False
    is_replayed: bool = False
    is_past: bool = False
    has_waited: bool = False

    @property
    def item(self) -> str:
        """Return the id of our user's scheduled message that was sent as this one, or ""."""
        return (self.message.item or "") if self.is_mine else ""

    @property
    def other(self) -> Person | None:
        """Return with whom this is said; None is everyone."""
        if self.message.to is None:
            return None
        return self.message.to if self.is_mine else self.message.sender


NoteKind = Literal["fact", "refusal", "divider", "move", "day"]


class Note(NamedTuple):
    """A line of the chat's own: a fact, a refusal, something new that begins, or who moves.

    A "day" is a date, which a conversation has above the first message of a day. `is_more`: it
    belongs to the line above it.
    """

    kind: NoteKind
    text: str
    at: float
    is_more: bool = False


Line = Said | Note


class Status(NamedTuple):
    """How the connection is; `retry_at` is in the loop's time, `reason` says what broke it.

    It has "stopped" where another try is of no use until somebody asks for it.
    """

    state: Literal["connecting", "connected", "waiting", "stopped", "closed"]
    reason: str = ""
    retry_at: float = 0.0


class ChatState:
    """The chat as its events so far made it.

    `pending` is sorted, the soonest first. What is new to show since it was last taken stands in
    conversations: answers in the `active` one, private messages in that of the other person, the
    rest in that of everyone.

    What it is told as `now` may be of any clock, best of one that nobody sets.
    """

    def __init__(self, clock_offset: float = 0.0) -> None:
        self.you = Person("", "")
        self.membership = Membership()
        self.people = People()
        self.ignored = Ignored()
        self.pending: list[Item] = []
        self._clock = ServerClock(clock_offset)
        self.active = EVERYONE
        self.moves: Moves = "all"
        self._chat = ""
        self._lines: list[tuple[str, Line]] = []
        self._deleted: list[tuple[str, str]] = []
        self._written: Newest[str, None] = Newest(KEPT)
        self._held: list[Message] | None = None
        self._shown: Newest[str, str] = Newest(KEPT_IDS)
        """The conversations in which messages are shown, by the ids of the messages."""
        self._newest = self._oldest = ""
        self._welcomed_at = 0.0
        """When we came, or became somebody else, by the server's clock."""
        self._is_another = False
        """Whether we have become somebody else, and their history has not come yet."""
        self._told_undelivered: Newest[str, None] = Newest(KEPT)

    @property
    def clock_offset(self) -> float:
        """Seconds that the server's clock is ahead of the one of which `now` is."""
        return self._clock.ahead

    def take_lines(self) -> list[tuple[str, Line]]:
        """Return what there is to show that has not been taken yet, each with its conversation."""
        lines, self._lines = self._lines, []
        return lines

    def apply(self, event: Event, now: float) -> None:
        """Take in what the server says to everyone or to us, at the time `now`."""
        self._clock.hear(event, now)
        self.membership.hear(event)
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
                self._schedule(item)
                self.note(event, now)
            case Fired() | Cancelled() | Undelivered():
                self._end_item(event, now)
            case Users(people):
                self.people.are_here(people)
            case Refused(code="bad_id") if self._held is not None:
                pending = self.pending
                self._begin_anew(SET_BACK, now)
                self.pending = pending
            case _:
                self._keep_order(event, now)

    def _keep_order(self, event: Event, now: float) -> None:
        """Show what moderators do, and why something was refused or ends."""
        match event:
            case Deleted(id=message):
                key = self._shown.get(message, EVERYONE)
                if self._held is not None:
                    self._held = [each for each in self._held if each.id != message]
                self._deleted.append((key, message))
                self.note(event, now, key)
            case Muted(person, until):
                self.people.mute(person, until)
                self.note(event, now, EVERYONE)
            case Unmuted(person):
                self.people.unmute(person)
                self.note(event, now, EVERYONE)
            case Kicked() | Announced() | Notice() | Refused() | Bye():
                self.note(event, now, EVERYONE)

    def learn(self, event: Event) -> None:
        """Learn from an answer, also from one that is not shown."""
        self.membership.hear(event)
        match event:
            case Ok(code="waits", id=message):
                self.people.are_members(filter(None, [self._shown.get(message)]))
            case Moderators(people=people):
                self.people.keep_order(people)

    def take_deleted(self) -> list[tuple[str, str]]:
        """Return what is to be shown no more: keys of conversations, with ids of messages."""
        deleted, self._deleted = self._deleted, []
        return deleted

    def _schedule(self, item: Item) -> None:
        """Take in a scheduled message, or what has become of its time."""
        others = [known for known in self.pending if known.id != item.id]
        if len(others) < KEPT:
            self.pending = sorted([*others, item], key=lambda item: item.due)

    def note(self, event: Event, now: float, key: str | None = None) -> None:
        """Show an answer to what was typed; without a key in the active conversation."""
        self.learn(event)
        for kind, text, more in _told(event, now + self.clock_offset):
            self.say(kind, text, now, key)
            for line in more:
                self.say(kind, line, now, key, is_more=True)

    def warn(self, text: str, now: float) -> None:
        """Show something that our user should know."""
        self.say("refusal", text, now)

    def say(
        self,
        kind: NoteKind,
        text: str,
        now: float,
        key: str | None = None,
        *,
        is_more: bool = False,
    ) -> None:
        """Show a line of the chat's own; without a key in the active conversation."""
        note = Note(kind, shortened(text, LONGEST_TEXT), now + self.clock_offset, is_more)
        self._lines.append((self.active if key is None else key, note))

    def shown_in(self, message: str) -> str | None:
        """Return the key of the conversation in which a message of an id is shown, if it is."""
        return self._shown.get(message)

    def _hear(self, message: Message) -> None:
        if self._held is None:
            self._take(self._said(message))
        elif len(self._held) < KEPT_IDS:
            self._held.append(message)

    def _take(self, said: Said) -> None:
        """Show a message, unless it is shown already."""
        message = said.message
        if message.id in self._shown:
            return
        key = EVERYONE if said.other is None else said.other.id
        self._shown[message.id] = key
        if not (said.is_past or said.has_waited):
            self._newest = message.id
            self._oldest = self._oldest or message.id
        if message.away and not said.is_replayed:
            self.people.are_members([message.sender.id])
        if self.ignored.has(message.sender):
            return
        if not said.is_past:
            self.people.hear(message.sender, message.at)
        if key:
            self._written[key] = None
        self._lines.append((key, said))

    def _said(self, message: Message) -> Said:
        is_mine = message.sender.id == self.you.id
        is_mention = not is_mine and (message.to is not None or calls(message.text, self.you.name))
        has_waited = message.at < self._welcomed_at
        return Said(message, is_mine, is_mention, has_waited=has_waited)

    def _welcome(self, welcome: Welcome, now: float) -> None:
        """Begin, or begin again; messages wait until the ones before them have come."""
        self._is_another = self.you.id not in ("", welcome.you.id)
        if self._chat and self._chat != welcome.chat:
            text = "The server has started anew and does not know what was said before."
            self._begin_anew(text, now)
        elif is_before(welcome.last, self._newest):
            self._begin_anew(SET_BACK, now)
        self._chat = welcome.chat
        self._welcomed_at = welcome.time
        self.you = welcome.you
        self.ignored.enter(welcome.chat)
        self._arrive(self.people.are_here(welcome.users), now)
        self._meet(welcome.users, now)
        self.people.are_members(person.id for person in welcome.away)
        self.pending = list(welcome.pending)
        self._held = []
        for undelivered in welcome.undelivered:
            self._end_item(undelivered, now)

    def _begin_anew(self, text: str, now: float) -> None:
        """Let nothing that was known count any more: ids may mean something else from now on."""
        self._shown.clear()
        self._newest = self._oldest = ""
        self._is_another = False
        self._told_undelivered.clear()
        self.pending = []
        self.say("divider", text, now, EVERYONE)

    def _catch_up(self, history: History, now: float) -> None:
        """Show what was said before, and then what came while that was under way.

        What waited for us comes both ways, and is told as what waited.
        """
        held, self._held = self._held or [], None
        is_past = self._is_another and history.missed is None
        self._is_another = False
        if not is_past:
            self._tell_gap(history, now)
        waited = {message.id for message in held if self._said(message).has_waited}
        for message in history.messages:
            if is_past and message.to is None and is_before(message.id, self._oldest):
                continue  # what is older than all that is shown stays so
            said = self._said(message)._replace(is_replayed=True, has_waited=message.id in waited)
            self._take(said._replace(is_past=is_past and not said.has_waited))
        for message in held:
            self._take(self._said(message))

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
        match event:
            case Joined(people):
                self.people.came(people)
                self._arrive(people, event.at)
                self._meet(people, now)
            case Left(people, away=away):
                self.people.left(people, away)
            case Renamed(person, old):
                self._rename(person, old, event.at)
                people = [person]
        told = [person for person in people if not self.ignored.has(person)]
        self._tell_moves(event, told)

    def _rename(self, person: Person, old: str, at: float) -> None:
        """Let somebody be called by another name, wherever they are named."""
        self.people.renamed(person)
        self.ignored.renamed(person, old)
        if person.id == self.you.id:
            self.you = person
            self.membership.called(person)
        self.pending = [
            msgspec.structs.replace(item, to=person)
            if item.to is not None and item.to.id == person.id
            else item
            for item in self.pending
        ]
        self._arrive([person], at)

    def _arrive(self, people: Iterable[Person], at: float) -> None:
        """Tell, in conversations with people who have left, that somebody has their name now."""
        left = [known for key in self._written if (known := self._who_left(key)) is not None]
        keys = {name_key(person.name): person.id for person in left}
        for person in people if keys else ():
            if key := keys.get(name_key(person.name)):
                text = f"{person.name} is here: somebody else of that name, or the same."
                self._lines.append((key, Note("move", text, at)))

    def _who_left(self, key: str) -> Person | None:
        return None if key in self.people.here else self.people.find(key)

    def _meet(self, people: Iterable[Person], now: float) -> None:
        """Tell who is here under a name that is ignored, and may be somebody else."""
        for name in [person.name for person in self.ignored.meet(people)]:
            text = f"{name} is here, a name that you ignore; /unignore {name} shows them."
            self.say("fact", text, now, EVERYONE)

    def _tell_moves(self, event: Joined | Left | Renamed, people: list[Person]) -> None:
        """Tell moves in everyone's conversation, as far as wanted, and in those with the people."""
        told = people
        if any(person.id == self.you.id for person in people):
            pass
        elif self.moves == "smart":
            told = self.people.lately(people, event.at - LATELY)
        elif self.moves == "none" or len(self.people.here) > CROWD:
            told = []
        if told:
            self._tell_move(event, told, EVERYONE)
        for person in people:
            if person.id in self._written:
                self._tell_move(event, [person], person.id)

    def _tell_move(self, event: Joined | Left | Renamed, people: list[Person], key: str) -> None:
        if not isinstance(event, Renamed):
            event = type(event)(people, event.at)
        self._lines.append((key, Note("move", moved([event]), event.at)))

    def _end_item(self, event: Fired | Cancelled | Undelivered, now: float) -> None:
        self.pending = [pending for pending in self.pending if pending.id != event.id]
        match event:
            case Undelivered(item):
                if item not in self._told_undelivered:
                    self._told_undelivered[item] = None
                    self.note(event, now, EVERYONE)
            case Cancelled():
                self.note(event, now)


def is_before(one: str, other: str) -> bool:
    """Say whether a server that gives one id as its newest cannot have given the other yet."""
    (one, *_), (other, *_) = one.split("-"), other.split("-")
    return one.isdecimal() and other.isdecimal() and 0 < int(one) < int(other)


def _told(event: Event, now: float) -> Iterable[Statement]:
    """Word an answer, and say for whom a scheduled message is, whoever that is.

    A pane is narrow, so the list of commands has no columns.
    """
    if isinstance(event, Help) and len(event.commands) > 1:
        commands = [command for command in event.commands if command.name not in NOT_HERE]
        lines = [f"{known.usage}: {known.summary}" for known in commands]
        return [Statement("fact", "The commands:", lines)]
    if isinstance(event, Scheduled) and event.item.to is None:
        item = msgspec.structs.replace(event.item, to=Person("", "everyone"))
        event = msgspec.structs.replace(event, item=item)
    return statements(event, now)
