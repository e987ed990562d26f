"""Whom one ignores, as it is kept: read, written, and merged with what another client wrote. Pure.

In the file of preferences an entry is a name, of whoever has it in any chat, or a table with the
`id` of somebody in a `chat`, and the `name` that they had last.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from chat_server.protocol.names import name_key

if TYPE_CHECKING:
    from tomlkit.items import Array

ALLOWED = 'a list of names, or of {name = "…", id = "…", chat = "…"}'


class Entry(NamedTuple):
    """Somebody of whom nothing is shown.

    Without an `id` it is whoever has the name; without a `chat`, in every chat.
    """

    name: str
    id: str = ""
    chat: str = ""

    def is_for_the_same(self, other: "Entry") -> bool:
        """Say whether two entries are for the same person, whatever they are called."""
        if (self.chat, self.id) != (other.chat, other.id):
            return False
        return bool(self.id) or name_key(self.name) == name_key(other.name)


class Edit(NamedTuple):
    """What is done to the list, whatever else another client has done to it meanwhile."""

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()

    def of(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return a list as it is after this."""
        kept = [entry for entry in entries if not _is_among(entry, self.removed)]
        return kept + [entry for entry in self.added if not _is_among(entry, kept)]


def edit(before: Iterable[Entry], after: Iterable[Entry]) -> Edit:
    """Return the edit that makes one list into the other."""
    old, new = tuple(before), tuple(after)
    return Edit(
        tuple(entry for entry in new if entry not in old),
        tuple(entry for entry in old if entry not in new),
    )


def parse(value: object) -> tuple[Entry, ...] | None:
    """Read the list as it stands in the file; None where it is none."""
    if not isinstance(value, list):
        return None
    entries = [_entry(part) for part in value]
    read = tuple(entry for entry in entries if entry is not None)
    return read if len(read) == len(entries) else None


def listed(entries: Sequence[Entry]) -> "Array":
    """Write the list as it stands in the file: a name, or a table in a line of its own."""
    import tomlkit  # 40 ms, and only needed where the file is written

    array = tomlkit.array()
    for entry in entries:
        table = tomlkit.inline_table()
        table.update({name: value for name, value in entry._asdict().items() if value})
        array.append(entry.name if entry == Entry(entry.name) else table)
    return array.multiline(len(entries) > 1)


def _entry(part: object) -> Entry | None:
    if isinstance(part, str):
        return Entry(part) if part else None
    if not isinstance(part, dict) or not part.keys() <= set(Entry._fields):
        return None
    texts = {name: value for name, value in part.items() if isinstance(value, str)}
    return Entry(**texts) if len(texts) == len(part) and texts.get("name") else None


def _is_among(entry: Entry, entries: Iterable[Entry]) -> bool:
    return any(entry.is_for_the_same(other) for other in entries)
