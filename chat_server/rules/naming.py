"""Who has which name, who may have it, and which names look alike."""

from math import ceil

from chat_server.protocol.events import Data, Person, Refused
from chat_server.protocol.names import Name
from chat_server.rules.state import Participant, State

NAME_HELD = 120.0
"""Seconds for which a broken connection keeps its person's name."""


class Naming:
    """The names of people, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._looks: dict[str, str] = {}
        """By what names look like, the ids of those who are in the state's `names`."""
        for person in map(state.people.__getitem__, state.names.values()):
            self._looks.update(dict.fromkeys(_looks_of(person), person.id))

    def check(self, name: Name, person: Participant | None, at: float) -> Refused | None:
        """Refuse a name that this person, or a newcomer (None), may not have."""
        own = f"guest{person.guest}" if person is not None and person.guest else None
        if name.reserved and name.key != own:
            return Refused("name_reserved", {"name": name.text})
        holder = self._holder(name.key, at)
        if holder is not None and holder is not person:
            if holder.account is not None:
                return Refused("name_owned", {"name": name.text})
            return Refused("name_taken", {"name": name.text, **self._kept(holder, at)})
        alike = None if name.reserved else self._alike(_looks(name), person, at)
        if alike is None:
            return None
        data: Data = {"name": name.text, "like": alike.name, **self._kept(alike, at)}
        return Refused("name_lookalike", data)

    def _kept(self, holder: Participant, at: float) -> Data:
        """Say for how long a name is kept, if for a guest who is away."""
        if holder.is_here or holder.account is not None:
            return {}
        return {"seconds": ceil(self._held_until(holder) - at)}

    def may_have_again(self, person: Participant, at: float) -> bool:
        """Say whether neither somebody's name nor a look-alike has become another's."""
        is_free = self._holder(person.key, at) in (None, person)
        return is_free and self._alike(_looks_of(person), person, at) is None

    def _holder(self, key: str, at: float) -> Participant | None:
        """Find who has a name, or still has it while away."""
        return self._present(self._state.names.get(key, ""), at)

    def _alike(
        self, looks: tuple[str, ...], person: Participant | None, at: float
    ) -> Participant | None:
        """Find somebody else whose name, which they have or still have, looks like this."""
        for one in looks:
            other = self._present(self._looks.get(one, ""), at)
            if other is not None and other is not person:
                return other
        return None

    def _present(self, id_: str, at: float) -> Participant | None:
        """Find a person who has their name: a member, or here, or away for little enough."""
        person = self._state.people.get(id_)
        if person is None or person.account is not None or person.is_here:
            return person
        return person if at < self._held_until(person) else None

    def _held_until(self, person: Participant) -> float:
        """Return until when somebody away keeps their name; nobody can come back before a start."""
        state, id_ = self._state, person.id
        gone_at = max(state.away.get(id_, 0.0), state.idle.get(id_, 0.0))
        return max(gone_at, state.started_at) + NAME_HELD

    def name(
        self, person: Participant, text: str, key: str, skeletons: tuple[str, ...] = ()
    ) -> None:
        """Give a name that is free to somebody; who was away too long to keep it loses it."""
        self.free(person)
        person.person, person.key, person.skeletons = Person(person.id, text), key, skeletons
        looks = _looks_of(person)
        others = [self._state.names.get(key), *map(self._looks.get, looks)]
        for other in filter(None, others):
            self.free(self._state.people[other])
        self._state.names[key] = person.id
        self._looks.update(dict.fromkeys(looks, person.id))

    def name_guest(self, person: Participant) -> None:
        person.guest = self._state.next_guest
        self._state.next_guest += 1
        name = f"guest{person.guest}"
        self.name(person, name, name)

    def free(self, person: Participant) -> None:
        if self._state.names.get(person.key) == person.id:
            del self._state.names[person.key]
            for one in _looks_of(person):
                self._looks.pop(one, None)


def _looks(name: Name | Participant) -> tuple[str, ...]:
    """Return what a name looks like; the key alone where nothing else was settled."""
    return name.skeletons or (name.key,)


def _looks_of(person: Participant) -> tuple[str, ...]:
    """Return what nobody else's name may look like; nothing for a guest, whose name's likes nobody
    may have anyhow, to save memory.
    """
    return () if person.has_guest_name else _looks(person)
