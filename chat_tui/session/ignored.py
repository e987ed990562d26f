"""Whom one ignores: known by name, and by more than that only while they are here. Pure."""

from collections.abc import Iterable

from chat_tui.session.folding import name_key
from chat_tui.session.people import Ids, same


class Ignored:
    """Names of people of whom nothing is shown; they follow who has them to another name.

    Who takes such a name while we look on is somebody else, and is shown.
    """

    def __init__(self, ids: Ids) -> None:
        self.names: list[str] = []
        self._ids = ids
        self._others: set[str] = set()
        """Ids of people who took an ignored name, and are not who is ignored."""
        self._told: set[str] = set()

    def has(self, name: str) -> bool:
        """Say whether nothing is shown of who has a name now."""
        is_named = bool(self.names) and any(same(name, ignored) for ignored in self.names)
        return is_named and self._ids[name] not in self._others

    def add(self, name: str) -> None:
        """Show nothing of somebody from now on, whatever they are called later."""
        self._others.discard(self._ids[name])
        if not self.has(name):
            self.names = [*self.names, name]
        self._told.add(name_key(name))

    def renamed(self, old: str, new: str, *, was_ignored: bool) -> None:
        """Follow somebody who was, or was not, ignored by the old name."""
        if was_ignored:
            self.names = [new if same(name, old) else name for name in self.names]
        elif self.has(new):
            self._others.add(self._ids[new])

    def left(self, names: Iterable[str]) -> None:
        """Forget who is leaving, while their ids are known still."""
        self._others.difference_update(self._ids[name] for name in names)

    def untold(self, names: Iterable[str]) -> list[str]:
        """Return, once, which of those who came have an ignored name: each may be somebody else."""
        told = [name for name in names if self.has(name) and name_key(name) not in self._told]
        self._told.update(map(name_key, told))
        return told
