"""The rules of ignoring: who hears nothing of whom, whatever those are called by then."""

from chat_server.protocol.commands import Ignore, Unignore
from chat_server.protocol.events import Ok, Person, Refused
from chat_server.protocol.names import Name
from chat_server.rules.entries import Entry
from chat_server.rules.state import Outcome, Participant, State

MOST_IGNORED = 100
"""People whom one person can ignore."""


class Ignoring:
    """The rules of ignoring, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by: dict[str, dict[str, None]] = {}
        """By the id of who is ignored, the ids of those who do that."""
        for person in state.people.values():
            for id_ in person.ignored or ():
                self._by.setdefault(id_, {})[person.id] = None

    def check(self, person: Participant, command: Ignore, at: float) -> Refused | None:
        target = self._state.meant(command.who)
        if target is None:
            return _nobody(command.who)
        if target is person:
            return Refused("self_ignore")
        if target.id in (person.ignored or ()):
            return Refused("already_ignored", {"name": target.name})
        if len(person.ignored or ()) >= MOST_IGNORED:
            return Refused("too_many_ignored", {"limit": MOST_IGNORED})
        return None

    def ignore(self, person: Participant, command: Ignore, entry: Entry) -> Outcome:
        target = self._state.meant(command.who)
        assert target is not None
        person.ignored = {**(person.ignored or {}), target.id: (target.name, target.key)}
        self._by.setdefault(target.id, {})[person.id] = None
        return Outcome([], Ok(code="ignored", data={"name": target.name}))

    def check_end(self, person: Participant, command: Unignore, at: float) -> Refused | None:
        if self._ignored(person, command.who) is None:
            name = command.who.text if isinstance(command.who, Name) else f"={command.who}"
            return Refused("not_ignored", {"name": name})
        return None

    def end(self, person: Participant, command: Unignore, entry: Entry) -> Outcome:
        id_ = self._ignored(person, command.who)
        assert id_ is not None
        ignored = dict(person.ignored or {})
        name, _ = ignored.pop(id_)
        person.ignored = ignored or None
        self._end(person.id, id_)
        return Outcome([], Ok(code="unignored", data={"name": name}))

    def forget(self, person: Participant) -> None:
        """Let somebody ignore nobody, who is not known any more."""
        for id_ in person.ignored or ():
            self._end(person.id, id_)

    def people_of(self, person: Participant) -> list[Person]:
        """Return whom somebody ignores, under the names that they had then."""
        return [Person(id_, name) for id_, (name, _) in (person.ignored or {}).items()]

    def deaf_to(self, sender: str) -> tuple[str, ...]:
        """Return the connections at which nothing is heard of somebody."""
        by = self._by.get(sender)
        if by is None:  # as of most
            return ()
        people = map(self._state.people.__getitem__, by)
        return tuple([connection for person in people for connection in person.connections])

    def _ignored(self, person: Participant, who: Name | str) -> str | None:
        """Return the id of an ignored person, who is meant by an id, a name of now or of then."""
        ignored = person.ignored or {}
        target = self._state.meant(who)
        if target is not None and target.id in ignored:
            return target.id
        if isinstance(who, str):
            return who if who in ignored else None
        return next((id_ for id_, (_, key) in ignored.items() if key == who.key), None)

    def _end(self, person: str, ignored: str) -> None:
        by = self._by.get(ignored, {})
        by.pop(person, None)
        if not by:
            self._by.pop(ignored, None)


def _nobody(who: Name | str) -> Refused:
    if isinstance(who, Name):
        return Refused("nobody_of_that_name", {"name": who.text})
    return Refused("nobody_of_that_id", {"id": who})
