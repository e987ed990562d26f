"""The preferences as they are now, and their file, in which changes are remembered."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from chat_tui.config import ignore_list
from chat_tui.config.ignore_list import Edit, Entry
from chat_tui.config.preferences import Moves, Preferences, load, save

Changes = dict[str, str | Edit]
"""What is to be written, by the names of the preferences."""


class Remembered:
    """What our user likes; `config` is the file, without which nothing is remembered.

    What a visitor likes is not remembered either: the file belongs to whoever lets them in.
    """

    def __init__(
        self, config: Path | None, themes: Sequence[str], *, is_visitor: bool = False
    ) -> None:
        self.preferences = Preferences()
        self.faults: list[str] = []
        """What is wrong with the file, in sentences."""
        self._config = None if is_visitor else config
        self._themes = tuple(themes)
        self._is_hindered = False
        self._saving = asyncio.Lock()
        if config and (self._config or os.path.exists(config)):
            self.preferences, self.faults = load(config, self._themes)
            self._is_hindered = not os.path.exists(config)

    def like(
        self,
        *,
        theme: str | None = None,
        moves: Moves | None = None,
        ignored: tuple[Entry, ...] | None = None,
    ) -> Changes:
        """Change preferences; return what is to be written of that."""
        before = self.preferences
        self.preferences = before._replace(
            theme=before.theme if theme is None else theme,
            moves=before.moves if moves is None else moves,
            ignored=before.ignored if ignored is None else ignored,
        )
        changes: Changes = {}
        if theme is not None:
            changes["theme"] = theme
        if moves is not None:
            changes["moves"] = moves
        if ignored is not None:
            changes["ignored"] = ignore_list.edit(before.ignored, ignored)
        return changes

    async def write(self, changes: Changes) -> str:
        """Write changes, one after the other; return why that failed, the first time, or ""."""
        if self._config is None:
            return ""
        async with self._saving:
            fault = await asyncio.to_thread(save, self._config, changes, self._themes)
        if not fault or self._is_hindered:
            return ""
        self._is_hindered = True
        return fault
