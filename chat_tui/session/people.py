"""Names as they change: who is called what now, who spoke lately, and whether a text calls one."""

import re
import unicodedata
from collections import deque
from collections.abc import Iterable

from chat_tui.session.folding import folded, name_key
from chat_tui.session.scripts import HANGUL, KATAKANA, UNSPACED

KEPT_RENAMES = 1000
"""Changes of names that are remembered, to know who said what came before them."""
_LEFT = " (left)"
KEPT_VOICES = 500
"""People of whom is remembered when they spoke."""


class Names:
    """What is known of the people here beside that they are here; times are the server's."""

    def __init__(self) -> None:
        self._renames: deque[tuple[float, str, str]] = deque(maxlen=KEPT_RENAMES)
        self._spoke: dict[str, float] = {}

    @property
    def spoke(self) -> list[str]:
        """Name who has spoken, the last one first."""
        return list(reversed(self._spoke))

    def hear(self, name: str, at: float) -> None:
        """Remember that somebody spoke."""
        self._spoke.pop(name, None)
        self._spoke[name] = at
        if len(self._spoke) > KEPT_VOICES:
            del self._spoke[next(iter(self._spoke))]

    def rename(self, old: str, new: str, at: float) -> None:
        """Remember that somebody has another name now."""
        self._renames.append((at, old, new))
        if old in self._spoke:
            spoke = self._spoke.items()
            self._spoke = {new if name == old else name: when for name, when in spoke}

    def now(self, name: str, at: float) -> str:
        """Return what somebody is called now who had a name at a time."""
        for when, old, new in self._renames:
            if when >= at and old == name:
                name = new
        return name

    def lately(self, names: Iterable[str], since: float) -> list[str]:
        """Return those of the names who have spoken since then."""
        return [name for name in names if self._spoke.get(name, float("-inf")) >= since]


class Ids:
    """What people keep while they are here, whatever they are called."""

    def __init__(self) -> None:
        self.changes = 0
        """How often anybody came, left, or took another name."""
        self._ids: dict[str, str] = {}
        self._given = 0

    def __getitem__(self, name: str) -> str:
        """Return the id of somebody by their name; of who is not known, the name."""
        return self._ids.get(name, name)

    def are_here(self, names: Iterable[str]) -> None:
        """Let these be here; whoever has a name that there was is taken for the same."""
        self.changes += 1
        self._ids = {name: self._ids.get(name) or self._next() for name in names}

    def came(self, names: Iterable[str]) -> None:
        self.changes += 1
        for name in names:
            self._ids[name] = self._next()

    def left(self, names: Iterable[str]) -> None:
        self.changes += 1
        for name in names:
            self._ids.pop(name, None)

    def renamed(self, old: str, new: str) -> None:
        self.changes += 1
        if known := self._ids.pop(old, ""):
            self._ids[new] = known

    def _next(self) -> str:
        self._given += 1
        return f"{self._given} "


class Holders:
    """Whether a name is still of whom it was when something was scheduled for it."""

    def __init__(self) -> None:
        self._given_up: dict[str, int] = {}
        self._scheduled: dict[str, int] = {}
        self._moves = 0

    def scheduled(self, item: str) -> None:
        """Remember that an item was scheduled now."""
        self._scheduled[item] = self._moves
        if len(self._scheduled) > KEPT_RENAMES:
            del self._scheduled[next(iter(self._scheduled))]

    def gave_up(self, name: str) -> None:
        """Remember that somebody has a name no more."""
        self._moves += 1
        self._given_up.pop(name_key(name), None)
        self._given_up[name_key(name)] = self._moves
        if len(self._given_up) > KEPT_RENAMES:
            del self._given_up[next(iter(self._given_up))]
            self._scheduled.clear()

    def lost_sight(self) -> None:
        """Be sure of nothing that was scheduled up to now."""
        self._scheduled.clear()

    def is_known(self, name: str, item: str) -> bool:
        """Say whether a name is sure to be of whom an item is for that was scheduled for it."""
        at = self._scheduled.get(item)
        return at is not None and self._given_up.get(name_key(name), 0) <= at


def departed(name: str, number: int) -> str:
    """Return the key of the conversation with somebody who has left; nobody can have it as name."""
    return f"{name}{_LEFT} {number}"


def is_departed(key: str) -> bool:
    """Say whether this is the key of a conversation with somebody who has left."""
    return _LEFT in key


def titled(key: str) -> str:
    """Return what a conversation is called: by its person, and that they have left."""
    name, left, _ = key.partition(_LEFT)
    return name + left


def called(key: str) -> str:
    """Return the name that the person of a conversation has, or had when they left."""
    return key.partition(_LEFT)[0]


def same(name: str, other: str) -> bool:
    """Say whether two names are the same to people."""
    return name_key(name) == name_key(other)


def calls(text: str, name: str) -> bool:
    """Say whether a text has a name in it as a word of its own (UAX 29).

    What may be part of a name belongs to the word: bob-2 is somebody else than bob.
    """
    wanted = folded(name)
    if not wanted:
        return False
    said = folded(text)
    if not said.isascii():
        said = _INVISIBLE.sub("", said.replace(_ZERO_WIDTH_SPACE, " "))
    start = said.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (_goes_on_before(said, start) or _goes_on_after(said, end)):
            return True
        start = said.find(wanted, start + 1)
    return False


_ZERO_WIDTH_SPACE = "\u200b"
_INVISIBLE = re.compile("[\u00ad\u200c-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_JOINER = "-._"
"""What may stand within a name, beside letters and digits."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_KATAKANA = re.compile(f"[{KATAKANA}]")
_HANGUL = re.compile(f"[{HANGUL}]")


def _goes_on_before(text: str, start: int) -> bool:
    """Say whether the word that begins at a place is part of one that began before it."""
    before = start - 1
    if before > 0 and text[before] in _JOINER:
        before -= 1
        return _is_letter(text[before]) and not _UNSPACED.match(text[before])
    while before > 0 and _is_mark(text[before]):
        before -= 1
    return before >= 0 and _are_one(text[before], text[start])


def _goes_on_after(text: str, end: int) -> bool:
    """Say whether the word that ends at a place goes on."""
    if end >= len(text):
        return False
    after = text[end]
    if after == "_" or _is_mark(after):
        return True
    if after in _JOINER:
        beyond = text[end + 1 : end + 2]
        return bool(beyond) and _is_letter(beyond) and not _UNSPACED.match(beyond)
    return _are_one(text[end - 1], after)


def _are_one(left: str, right: str) -> bool:
    """Say whether no word ends between two characters."""
    if not (_is_letter(left) and _is_letter(right)):
        return False
    if _UNSPACED.match(left) or _UNSPACED.match(right):
        return bool(_KATAKANA.match(left) and _KATAKANA.match(right))
    return bool(_HANGUL.match(left)) == bool(_HANGUL.match(right)) or right.isdecimal()


def _is_letter(character: str) -> bool:
    return character.isalnum() or _is_mark(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
