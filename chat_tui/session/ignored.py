"""Whom our user ignores: people by their ids, and newcomers by ignored names. Pure."""

from collections.abc import Iterable

from chat_server.protocol.events import Person
from chat_server.protocol.names import name_key
from chat_tui.config.ignore_list import Entry
from chat_tui.session.names import same
from chat_tui.session.newest import Newest

KEPT_MET = 20_000
"""People of whom it is remembered under which name they were first met."""


class Ignored:
    """People of whom nothing is shown, whatever they are called.

    A newcomer under an ignored name may be the same person, or somebody else: nothing is shown of
    them either. Somebody who was met under another name, and takes an ignored one, is shown.
    """

    def __init__(self) -> None:
        self._entries: tuple[Entry, ...] = ()
        self._chat = ""
        self._ids: set[str] = set()
        self._keys: set[str] = set()
        """The names of all entries for this chat, as names are compared."""
        self._met: Newest[str, str] = Newest(KEPT_MET)
        """By ids, the ignored names under which people were first met, as names are compared; ""
        where it was another name.
        """
        self._told: set[str] = set()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries for this chat and all others."""
        return self._entries

    @entries.setter
    def entries(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._ids = {entry.id for entry in self._here if entry.id}
        self._keys = {name_key(entry.name) for entry in self._here}

    @property
    def names(self) -> list[str]:
        """What those who are ignored here are called."""
        return list(dict.fromkeys(entry.name for entry in self._here))

    def enter(self, chat: str) -> None:
        """Be in a chat: ids of another one mean nothing here."""
        if chat != self._chat:
            self._chat = chat
            self._met.clear()
            self.entries = self._entries

    def has(self, person: Person) -> bool:
        """Say whether nothing is shown of somebody."""
        if person.id in self._ids:
            return True
        met = self._met.get(person.id)
        return self._is_met(person) if met is None else met in self._keys

    def meet(self, people: Iterable[Person]) -> list[Person]:
        """Take note of who is here; return, once, who has an ignored name and may be another."""
        people = list(people)
        for person in people if self._ids else ():
            self._follow(person)
        unsure = [person for person in people if self.has(person) and person.id not in self._ids]
        told = {name_key(person.name): person for person in unsure}
        new = [person for key, person in told.items() if key not in self._told]
        self._told.update(told)
        return new

    def renamed(self, person: Person, old: str) -> None:
        """Follow somebody to another name."""
        if person.id in self._ids:
            self._follow(person)
        elif self.has(Person(person.id, old)):
            self.remove(old)
            self.add(person.name, person)

    def add(self, name: str, person: Person | None) -> None:
        """Show nothing of a person from now on; if None, of whoever comes under the name."""
        entry = Entry(name)
        if person is not None:
            entry = Entry(person.name, person.id, self._chat)
        if not any(entry.is_for_the_same(known) for known in self._entries):
            self.entries = (*self._entries, entry)
        self._told.add(name_key(entry.name))

    def remove(self, name: str) -> bool:
        """Show whoever is ignored by a name again; say whether anybody is."""
        before = self._entries
        named = [entry for entry in self._here if same(entry.name, name)]
        self.entries = [entry for entry in before if entry not in named]
        return bool(named)

    @property
    def _here(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.chat in ("", self._chat)]

    def _is_met(self, person: Person) -> bool:
        """Meet somebody for the first time; say whether that is under an ignored name."""
        is_ignored = bool(self._keys) and name_key(person.name) in self._keys
        self._met[person.id] = name_key(person.name) if is_ignored else ""
        return is_ignored

    def _follow(self, person: Person) -> None:
        """Write the name that an ignored person has now into their entry."""
        if person.id in self._ids:
            self.entries = [
                entry._replace(name=person.name)
                if entry in self._here and entry.id == person.id
                else entry
                for entry in self._entries
            ]
