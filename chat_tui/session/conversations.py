"""The conversations: which are open, what each has to show, and what in it is new.

What was said stays here also while no pane shows it, so a tab that was closed can be opened again.
"""

from collections.abc import Iterable
from typing import NamedTuple

from chat_server.protocol.commands import Send
from chat_tui.session.people import called, is_departed, same, titled
from chat_tui.session.state import EVERYONE, ChatState, Line, Mark, Note, Said
from chat_tui.session.transcript import Transcript, told_at
from chat_tui.session.typed import Draft

KEPT_CLOSED = 50
"""Conversations that are kept after they were closed."""
MOST_OPEN = 200
"""Conversations that are open; where ever more people write to one, the first are closed."""
MARKS_SOUGHT = 500
"""Lines among which a message is sought that turned out to be a scheduled one."""


class Tab(NamedTuple):
    """A conversation as its tab shows it."""

    name: str
    unread: int = 0
    mentions: int = 0
    is_unsent: bool = False
    is_active: bool = False


class Taken(NamedTuple):
    """What came: lines, and how many older ones turned out to be scheduled messages."""

    lines: list[Line]
    marked: int


class Conversation:
    """What is said with everyone, or with the person who is called `key`."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.unread = 0
        self.mentions = 0
        self.draft = Draft()
        self.stashed: Draft | None = None
        """What was being written before something else was put into the input."""
        self.transcript = Transcript()
        """What was said; it is another one after two conversations became one."""
        self._marked: list[Said] = []

    @property
    def title(self) -> str:
        """What it is called, "" for everyone's."""
        return titled(self.key)

    @property
    def is_departed(self) -> bool:
        """Say whether its person has left, so that nobody hears what is said in it."""
        return is_departed(self.key)

    @property
    def is_new(self) -> bool:
        return self.unread > 0

    def add(self, line: Line, *, is_seen: bool) -> None:
        self.transcript.add(line)
        if isinstance(line, Said) and not line.is_mine and not is_seen:
            self.unread += 1
            self.mentions += line.is_mention

    def read(self) -> None:
        """Take all that is here as seen."""
        self.unread = self.mentions = 0

    def take_marked(self) -> list[Said]:
        """Return the messages that turned out to be scheduled ones since this was last asked."""
        marked, self._marked = self._marked, []
        return marked

    def mark(self, mark: Mark) -> bool:
        """Find a message that was a scheduled one; say whether it is here."""
        transcript = self.transcript
        oldest = max(transcript.first, transcript.end - MARKS_SOUGHT)
        for sequence in range(transcript.end - 1, oldest - 1, -1):
            line = transcript[sequence]
            if isinstance(line, Said) and line.message.id == mark.message:
                marked = line._replace(item=mark.item)
                transcript.replace(sequence, marked)
                self._marked.append(marked)
                return True
        return False

    @property
    def is_idle(self) -> bool:
        """Say whether nothing is being written in it."""
        return not self.draft.text and self.stashed is None

    @property
    def ended(self) -> float:
        """When the last of its lines was told."""
        return told_at(self.transcript[self.transcript.end - 1]) if self.transcript else 0.0

    def join(self, other: "Conversation") -> None:
        """Take in another conversation with somebody of the same name."""
        self.transcript = self.transcript.joined(other.transcript)
        self.unread += other.unread
        self.mentions += other.mentions
        self.draft = self.draft if self.draft.text else other.draft


class Conversations:
    """Those that are open, in the order of their tabs, everyone's first; `active` is seen.

    `is_watched` is False while nobody looks: what comes then is new in the active one, too.
    """

    def __init__(self) -> None:
        everyone = Conversation(EVERYONE)
        self.opened = [everyone]
        self.active = everyone
        self.is_watched = True
        self._closed: dict[str, Conversation] = {}

    @property
    def everyone(self) -> Conversation:
        return self.opened[0]

    def tabs(self, unsent: Iterable[Conversation] = ()) -> list[Tab]:
        """Return the tabs, in their order; `unsent`: where something could not be sent."""
        waiting = list(unsent)
        return [
            Tab(each.title, each.unread, each.mentions, each in waiting, each is self.active)
            for each in self.opened
        ]

    def take(self, state: ChatState) -> Taken:
        """Take from the state what is new, and return it."""
        for old, new in state.take_renames():
            self._rename(old, new)
        lines = state.take_lines()
        for key, line in lines:
            self._add(key, line)
        marked = 0
        for mark in state.take_marks():
            marked += any(each.mark(mark) for each in [*self.opened, *self._closed.values()])
        return Taken([line for _, line in lines], marked)

    def home(self, said: Send | None, users: Iterable[str]) -> Conversation:
        """Say where a line that is sent belongs: with its recipient, or where one is.

        A conversation is opened for what is said at once to somebody who is here.
        """
        if said is None or (said.to is None and said.delay):
            return self.active
        name = EVERYONE if said.to is None else said.to.text
        if found := self.find(name):
            return found
        here = next((user for user in users if same(user, name)), None)
        return self.active if here is None or said.delay else self.open(here)

    def find(self, name: str) -> Conversation | None:
        """Return the open conversation with somebody."""
        return next((each for each in self.opened if same(each.key, name)), None)

    def titled(self, title: str) -> Conversation | None:
        """Return the open conversation whose tab has a title."""
        return next((each for each in self.opened if each.title == title), None)

    def open(self, key: str) -> Conversation:
        """Return a conversation; open it if it is not."""
        conversation = self.find(key)
        if conversation is None:
            conversation = self._closed.pop(key, None) or self._begun(key)
            self.opened.append(conversation)
            self._make_room()
        return conversation

    def _begun(self, key: str) -> Conversation:
        """Begin a conversation; say so if there was one with somebody of that name before."""
        conversation = Conversation(key)
        before = self._with_departed(key)
        if key and before is not None:
            text = f"Another {key} than before, or {key} again: see {before.title}."
            conversation.add(Note("divider", text, before.ended), is_seen=True)
        return conversation

    def _with_departed(self, name: str) -> Conversation | None:
        """Return the last conversation with somebody of a name who has left."""
        kept = [*self._closed.values(), *self.opened]
        found = [each for each in kept if each.is_departed and same(called(each.key), name)]
        return found[-1] if found else None

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
        if len(self._closed) > KEPT_CLOSED:
            del self._closed[next(iter(self._closed))]

    def _make_room(self) -> None:
        """Close what was opened first, unless one is there, or has begun to write there."""
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
        """Return where something is new: what is for our user alone first, then by the tabs."""
        place = self.opened.index(self.active)
        ahead = [*self.opened[place + 1 :], *self.opened[:place]]
        new = [each for each in ahead if each.is_new]
        return next((each for each in new if each.mentions), new[0] if new else None)

    def _add(self, key: str, line: Line) -> None:
        if isinstance(line, Note):
            found = self.find(key)
            if found is None and line.kind in ("move", "divider"):
                return
            conversation = found or self.everyone
        else:
            conversation = self.open(key)
        conversation.add(line, is_seen=self.is_watched and conversation is self.active)

    def _rename(self, old: str, new: str) -> None:
        """Let a conversation follow its person, and become one with one of that name."""
        renamed = self._pop(old)
        if renamed is None:
            return
        conversation, place = renamed
        if is_departed(new):
            place = self._joined_to_departed(conversation, new, place)
        elif other := self._pop(new):
            conversation.join(other[0])
            place = max(place, other[1])
            if self.active is other[0]:
                self.active = conversation
        conversation.key = new
        if place > 0:
            self.opened.insert(place, conversation)
        else:
            self._closed[new] = conversation

    def _joined_to_departed(self, conversation: Conversation, new: str, place: int) -> int:
        """Put what was said with those who left before under a name into one tab, if nothing is
        being written there; return its place.
        """
        before = self._with_departed(called(new))
        if before is None or before is self.active or not before.is_idle:
            return place
        popped = self._pop(before.key)
        conversation.join(before)
        return max(place, popped[1]) if popped else place

    def _pop(self, key: str) -> tuple[Conversation, int] | None:
        """Take a conversation out, and say at which place it was open; 0: it was closed."""
        for place, each in enumerate(self.opened):
            if each.key == key and key != EVERYONE:
                return self.opened.pop(place), place
        closed = self._closed.pop(key, None)
        return (closed, 0) if closed is not None else None
