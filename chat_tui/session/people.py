"""Who is here and who was, by their ids, which nobody else ever has; and who spoke when. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from chat_server.protocol.events import Person
from chat_tui.session.heard import MOST_PEOPLE
from chat_tui.session.names import same
from chat_tui.session.newest import Newest

KEPT_GONE = 1000
"""People who left whose names are remembered."""
KEPT_VOICES = 500
"""People of whom is remembered when they spoke."""


class Recipient(NamedTuple):
    """With whom a conversation is; who has left hears nothing of it, and who `is_away`, a member,
    hears it when they come.
    """

    person: Person
    has_left: bool = False
    is_away: bool = False


class People:
    """What is known of people; times are the server's.

    `here` are those who are here, in the order in which they came, with the names that they have
    now; `changes` counts how often any of that changed.
    """

    def __init__(self) -> None:
        self.here: dict[str, Person] = {}
        self.changes = 0
        self._gone: dict[str, Person] = {}
        """Who has left, the last one last, with the names that they had then."""
        self._members: Newest[str, None] = Newest(KEPT_GONE)
        """The ids of those of whom the server has told that they are members."""
        self.moderators: frozenset[str] = frozenset()
        """The ids of those who keep order, as the server told last."""
        self._muted: Newest[str, float] = Newest(KEPT_GONE)
        self._spoke: Newest[str, float] = Newest(KEPT_VOICES)

    def find(self, id_: str) -> Person | None:
        """Return somebody with the name that they have, or had when they left."""
        return self.here.get(id_) or self._gone.get(id_)

    def here_as(self, name: str) -> Person | None:
        """Return who is here under a name."""
        return next((each for each in self.here.values() if same(each.name, name)), None)

    def known_as(self, name: str) -> Person | None:
        """Return who has a name, or of those who left the last who had it."""
        gone = (each for each in reversed(self._gone.values()) if same(each.name, name))
        return self.here_as(name) or next(gone, None)

    def are_here(self, people: Iterable[Person]) -> list[Person]:
        """Let these be here and nobody else; return those who were not here before."""
        before, self.here = self.here, {}
        self._came(people)
        self._went(person for id_, person in before.items() if id_ not in self.here)
        return [person for id_, person in self.here.items() if id_ not in before]

    def came(self, people: Iterable[Person]) -> None:
        self._came(people)

    def left(self, people: Iterable[Person], away: Iterable[Person] = ()) -> None:
        """Let these be here no more; those of them who are `away` are members, the others not."""
        for person in people:
            self.here.pop(person.id, None)
            self._members.pop(person.id, None)
        self._went(people)
        self.are_members(person.id for person in away)

    def are_members(self, ids: Iterable[str]) -> None:
        """Take note that these are members."""
        self.changes += 1
        for id_ in ids:
            self._members[id_] = None

    def keep_order(self, people: Iterable[Person]) -> None:
        """Take note that these are the moderators."""
        self.moderators = frozenset(person.id for person in people)
        self.are_members(self.moderators)

    def mute(self, person: Person, until: float) -> None:
        """Take note that somebody cannot speak until then."""
        self._muted[person.id] = until

    def unmute(self, person: Person) -> None:
        self._muted.pop(person.id, None)

    def muted_until(self, id_: str) -> float:
        """Return until when somebody cannot speak, as far as we were told; 0 where we were not."""
        return self._muted.get(id_, 0.0)

    def is_member(self, id_: str) -> bool:
        """Say whether somebody is known to be a member."""
        return id_ in self._members

    def is_away(self, id_: str) -> bool:
        """Say whether somebody is a member who is not here, and gets what is said to them later."""
        return id_ in self._members and id_ not in self.here

    def renamed(self, person: Person) -> None:
        """Let somebody have another name from now on."""
        self.changes += 1
        known = self.here if person.id in self.here else self._gone
        if person.id in known:
            known[person.id] = person

    def _came(self, people: Iterable[Person]) -> None:
        self.changes += 1
        for person in people:
            if len(self.here) < MOST_PEOPLE:
                self.here[person.id] = person
                self._gone.pop(person.id, None)

    def _went(self, people: Iterable[Person]) -> None:
        self.changes += 1
        for person in people:
            self._gone.pop(person.id, None)
            self._gone[person.id] = person
        for id_ in list(self._gone)[: max(0, len(self._gone) - KEPT_GONE)]:
            del self._gone[id_]

    # Who speaks

    @property
    def spoke(self) -> list[str]:
        """Return the ids of who has spoken, the last one first."""
        return list(reversed(self._spoke))

    def hear(self, person: Person, at: float) -> None:
        """Remember that somebody spoke."""
        self._spoke[person.id] = at

    def lately(self, people: Iterable[Person], since: float) -> list[Person]:
        """Return those of the people who have spoken since then."""
        return [person for person in people if self._spoke.get(person.id, -1.0) >= since]
