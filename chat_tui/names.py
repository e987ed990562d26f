"""Names as they change: who is called what now, who spoke lately, and whether a text calls one."""

import re
from collections import deque
from collections.abc import Iterable

KEPT_RENAMES = 1000
"""Changes of names that are remembered, to know who said what came before them."""
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
        self._given_up.pop(name.casefold(), None)
        self._given_up[name.casefold()] = self._moves
        if len(self._given_up) > KEPT_RENAMES:
            del self._given_up[next(iter(self._given_up))]
            self._scheduled.clear()

    def lost_sight(self) -> None:
        """Be sure of nothing that was scheduled up to now."""
        self._scheduled.clear()

    def is_known(self, name: str, item: str) -> bool:
        """Say whether a name is sure to be of whom an item is for that was scheduled for it."""
        at = self._scheduled.get(item)
        return at is not None and self._given_up.get(name.casefold(), 0) <= at


def same(name: str, other: str) -> bool:
    """Say whether two names are the same to people."""
    return name.casefold() == other.casefold()


def calls(text: str, name: str) -> bool:
    """Say whether a text has a name in it as a word of its own."""
    folded, wanted = text.casefold(), name.casefold()
    if not wanted or wanted not in folded:
        return False
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", folded) is not None
