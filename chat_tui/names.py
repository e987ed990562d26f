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


def same(name: str, other: str) -> bool:
    """Say whether two names are the same to people."""
    return name.casefold() == other.casefold()


def calls(text: str, name: str) -> bool:
    """Say whether a text has a name in it as a word of its own."""
    folded, wanted = text.casefold(), name.casefold()
    if not wanted or wanted not in folded:
        return False
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", folded) is not None
