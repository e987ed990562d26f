"""The conversations: which are open, what each has to show, and what in it is new.

Each is with everyone or with one person, whatever they are called. What was said stays here also
while no pane shows it, so a tab that was closed can be opened again.
"""

from collections.abc import Iterable
from typing import NamedTuple

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Person
from chat_tui.session.names import same
from chat_tui.session.newest import Newest
from chat_tui.session.people import People, Recipient
from chat_tui.session.state import EVERYONE, ChatState, Line, Note, Said
from chat_tui.session.transcript import Transcript, told_at
from chat_tui.session.typed import Draft

KEPT_CLOSED = 50
"""Conversations that are kept after they were closed."""
MOST_OPEN = 200
"""Conversations that are open; where ever more people write to one, the first are closed."""
_LEFT, _AWAY = " (left)", " (away)"


class Tab(NamedTuple):
    """A conversation as its tab shows it; `name` is "" for everyone's."""

    key: str
    name: str
    unread: int = 0
    mentions: int = 0
    is_unsent: bool = False
    is_active: bool = False


class Conversation:
    """What is said with everyone, or (whose id is the `key`) with a person.

    `person` has the name that they have now, or had when they left; None is everyone.
    """

    def __init__(self, person: Person | None = None) -> None:
        self.key = EVERYONE if person is None else person.id
        self.person = person
        self.has_left = False
        """Whether its person has left, so that nobody hears what is said in it."""
        self.is_away = False
        """Whether its person is a member who is not here, and hears it when they come."""
        self.unread = 0
        self.mentions = 0
        self.draft = Draft()
        self.stashed: Draft | None = None
        """What was being written before something else was put into the input."""
        self.transcript = Transcript()
        """What was said."""

    @property
    def name(self) -> str:
        """What its person is called, "" for everyone's."""
        return "" if self.person is None else self.person.name

    @property
    def title(self) -> str:
        """What it is called, "" for everyone's."""
        return self.name + (_LEFT if self.has_left else _AWAY if self.is_away else "")

    @property
    def recipient(self) -> Recipient | None:
        """For whom what is said in it is; None is everyone."""
        if self.person is None:
            return None
        return Recipient(self.person, self.has_left, self.is_away)

    @property
    def is_new(self) -> bool:
        return self.unread > 0

    def follow(self, people: People) -> None:
        """Take note of what its person is called now, and whether they are here."""
        if self.person is not None:
            self.person = people.find(self.key) or self.person
            self.is_away = people.is_away(self.key)
            self.has_left = self.key not in people.here and not self.is_away

    def add(self, line: Line, *, is_seen: bool) -> None:
        self.transcript.add(line)
        if isinstance(line, Said) and not (line.is_mine or line.is_past or is_seen):
            self.unread += 1
            self.mentions += line.is_mention

    def read(self) -> None:
        """Take all that is here as seen."""
        self.unread = self.mentions = 0

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is being written in it."""
        return not self.draft.text and self.stashed is None

    @property
    def ended(self) -> float:
        """When the last of its lines was told."""
        return told_at(self.transcript[self.transcript.end - 1]) if self.transcript else 0.0


class Conversations:
    """Those that are open, in the order of their tabs, everyone's first; `active` is seen.

    `is_watched` is False while nobody looks: what comes then is new in the active one, too.
    """

    def __init__(self) -> None:
        everyone = Conversation()
        self.opened = [everyone]
        self.active = everyone
        self.is_watched = True
        self._closed: Newest[str, Conversation] = Newest(KEPT_CLOSED)
        self._followed: int | None = None
        """`People.changes` when conversations last followed it; None: they have to follow anew."""

    @property
    def everyone(self) -> Conversation:
        return self.opened[0]

    def tabs(self, unsent: Iterable[Conversation] = ()) -> list[Tab]:
        """Return the tabs, in their order; `unsent`: where something could not be sent."""
        waiting = list(unsent)
        return [
            Tab(
                each.key,
                each.title,
                each.unread,
                each.mentions,
                each in waiting,
                each is self.active,
            )
            for each in self.opened
        ]

    def take(self, state: ChatState) -> list[Line]:
        """Take from the state what is new, and return it."""
        self._follow(state.people)
        lines = state.take_lines()
        for key, line in lines:
            self._add(key, line, state.people)
        for key, message in state.take_deleted():
            if (conversation := self.find(key)) is not None:
                conversation.transcript.delete(message)
        return [line for _, line in lines]

    def _follow(self, people: People) -> None:
        """Tell conversations of their people, if anything has changed about people."""
        if people.changes != self._followed:
            self._followed = people.changes
            for each in [*self.opened, *self._closed.values()]:
                each.follow(people)

    def home(self, said: Send | None, to: Person | None) -> Conversation:
        """Return where a line that is sent belongs: with its recipient, or in the active one.

        A conversation is opened for what is said at once to somebody.
        """
        if said is None or (said.to is None and said.delay):
            return self.active
        if said.to is None:
            return self.everyone
        if to is None:
            return self.active
        found = self.find(to.id)
        return found or (self.active if said.delay else self.open(to))

    def find(self, key: str) -> Conversation | None:
        """Return the open conversation with the person of an id."""
        return next((each for each in self.opened if each.key == key), None)

    def with_(self, person: Person | None) -> Conversation:
        """Return the conversation with somebody, which is opened if it is not, or with everyone."""
        return self.everyone if person is None else self.open(person)

    def open(self, person: Person) -> Conversation:
        """Return the conversation with somebody; open it if it is not."""
        conversation = self.find(person.id)
        if conversation is None:
            conversation = self._closed.pop(person.id, None) or self._begun(person)
            self.opened.append(conversation)
            self._followed = None
            self._make_room()
        return conversation

    def _begun(self, person: Person) -> Conversation:
        """Begin a conversation; say so if there was one with somebody of that name before."""
        conversation = Conversation(person)
        others = [*self._closed.values(), *self.opened]
        before = [each for each in others if each.person and same(each.name, person.name)]
        if before:
            name = person.name
            text = f"Another {name} than before, or {name} again: see {before[-1].title}."
            conversation.add(Note("divider", text, before[-1].ended), is_seen=True)
        return conversation

    def close(self) -> Conversation | None:
        """Close the active conversation, unless it is everyone's, and return it."""
        closed = self.active
        if closed is self.everyone:
            return None
        self.go(self.opened[self.opened.index(closed) - 1])
        self._put_away(closed)
        return closed

    def _put_away(self, closed: Conversation) -> None:
        self.opened.remove(closed)
        closed.read()
        self._closed[closed.key] = closed

    def _make_room(self) -> None:
        """If too many are open, close the first that is neither active nor being written in."""
        for each in self.opened[1:-1] if len(self.opened) > MOST_OPEN else []:
            if each is not self.active and each.is_idle:
                return self._put_away(each)

    def go(self, conversation: Conversation) -> None:
        """Look at a conversation."""
        self.active = conversation
        if self.is_watched:
            conversation.read()

    def watch(self, *, is_watched: bool) -> None:
        """Look, or look away."""
        self.is_watched = is_watched
        if is_watched:
            self.active.read()

    def read_all(self) -> None:
        """Take all that is here as seen."""
        for each in self.opened:
            each.read()

    def at(self, place: int) -> Conversation | None:
        """Return the conversation of a tab, from 1 on."""
        return self.opened[place - 1] if 0 < place <= len(self.opened) else None

    def beside(self, step: int) -> Conversation:
        """Return the conversation some tabs to the right, round the end."""
        return self.opened[(self.opened.index(self.active) + step) % len(self.opened)]

    def next_new(self) -> Conversation | None:
        """Return the next tab with something new, one with a mention first; None without any."""
        place = self.opened.index(self.active)
        ahead = [*self.opened[place + 1 :], *self.opened[:place]]
        new = [each for each in ahead if each.is_new]
        return next((each for each in new if each.mentions), new[0] if new else None)

    def _add(self, key: str, line: Line, people: People) -> None:
        conversation = self.find(key)
        if conversation is None and isinstance(line, Said) and line.other is not None:
            conversation = self.open(people.find(key) or line.other)
            conversation.follow(people)
        elif conversation is None:
            if isinstance(line, Note) and line.kind in ("move", "divider"):
                return
            conversation = self.everyone
        conversation.add(line, is_seen=self.is_watched and conversation is self.active)
