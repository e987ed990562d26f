"""What is the same whatever is said: preferences, keys, colours, the palette and the help."""

import asyncio
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import WorkerFailed

from chat_tui.config import ignore_list
from chat_tui.config.actions import ACTIONS, Action, Place, spelled
from chat_tui.config.ignore_list import Edit, Entry
from chat_tui.config.preferences import Moves, Preferences, load, save
from chat_tui.screens.room import COLUMNS, ROWS, has_room
from chat_tui.widgets.bindings import bindings, keymap

NO_COLOUR_THEME = "ansi-dark"
"""The theme that changes none of the terminal's colours."""


def _palette() -> type[Provider]:
    from chat_tui.screens.palette import ActionProvider  # which the start has no use for

    return ActionProvider


class Looks(App[None]):
    """An app with the looks and habits that the file of preferences asks for.

    `config` is that file; without one everything is as usual, and nothing is remembered. What a
    visitor likes is not remembered either: the file is of who lets them in.
    """

    CSS_PATH = "chat.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}

    def __init__(self, config: Path | None, *, has_colour: bool, is_visitor: bool = False) -> None:
        super().__init__(ansi_color=None if has_colour else True)
        self.preferences = Preferences()
        self.faults: list[str] = []
        """What is wrong with the file of preferences, in sentences."""
        self.fault: BaseException | None = None
        """The fault of our own by which we ended."""
        self._config = None if is_visitor else config
        self._has_colour = has_colour
        self._is_hindered = False
        self._saving = asyncio.Lock()
        if config and (self._config or os.path.exists(config)):
            self.preferences, self.faults = load(config, tuple(self.available_themes))
            self._is_hindered = not os.path.exists(config)
        self.set_keymap(keymap(self.preferences.keys))
        self.theme = self.preferences.theme if has_colour else NO_COLOUR_THEME

    def fail(self, fault: Exception) -> None:
        """End by a fault of our own; who has started us tells of it."""
        self._handle_exception(fault)

    def _handle_exception(self, error: Exception) -> None:
        if self.fault is None:
            self.fault = error.error if isinstance(error, WorkerFailed) else error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End, without the pages that Textual would print."""
        self._close_messages_no_wait()

    def warn(self, text: str) -> None:
        """Tell our user that something does not work."""
        raise NotImplementedError

    def at(self, place: Place) -> DOMNode:
        """Go to where an action works, and return it."""
        raise NotImplementedError

    @property
    def is_covered(self) -> bool:
        """Say whether something lies over the chat that has to be answered or closed first."""
        return len(self.screen_stack) > 1

    def like(
        self,
        *,
        theme: str | None = None,
        moves: Moves | None = None,
        ignored: tuple[Entry, ...] | None = None,
    ) -> None:
        """Change preferences, and remember them."""
        before = self.preferences
        self.preferences = before._replace(
            theme=before.theme if theme is None else theme,
            moves=before.moves if moves is None else moves,
            ignored=before.ignored if ignored is None else ignored,
        )
        given = {"theme": theme, "moves": moves}
        changes: dict[str, str | Edit] = {
            name: value for name, value in given.items() if value is not None
        }
        if ignored is not None:
            changes["ignored"] = ignore_list.edit(before.ignored, ignored)
        if self._config:
            self.run_worker(self._remember(self._config, changes), exit_on_error=True)

    async def _remember(self, config: Path, changes: dict[str, str | Edit]) -> None:
        """Write changes, one after the other, and tell once if that is not possible."""
        async with self._saving:
            fault = await asyncio.to_thread(save, config, changes, tuple(self.available_themes))
        if fault and not self._is_hindered:
            self._is_hindered = True
            self.warn(fault)

    async def action_help(self) -> None:
        if not self.is_covered:
            from chat_tui.screens.help import HelpScreen  # which the start has no use for

            await self.push_screen(HelpScreen(self.preferences.keys))

    def action_command_palette(self) -> None:
        if not self.is_covered and self._has_room():
            from chat_tui.screens.palette import Palette  # which the start has no use for

            self.push_screen(Palette(id="--command-palette"))

    def action_change_theme(self) -> None:
        """Let our user choose the colours."""
        if self.is_covered:
            return
        if not self._has_colour:
            self.warn("NO_COLOR is set, so there are no colours to choose.")
            return
        if not self._has_room():
            return
        from chat_tui.screens.themes import ThemeScreen  # which the start has no use for

        self.push_screen(ThemeScreen(), self._theme_chosen)

    def _has_room(self) -> bool:
        """Say whether a list can be shown; tell our user if not."""
        is_roomy = has_room(self.size)
        if not is_roomy:
            self.warn(f"This window is too small: {COLUMNS} columns, {ROWS} rows are needed.")
        return is_roomy

    def _theme_chosen(self, theme: str | None) -> None:
        if theme and theme != self.preferences.theme:
            self.like(theme=theme)

    def action_redraw(self) -> None:
        """Write every cell anew, for a terminal on which something else has written."""
        self.refresh(repaint=True, layout=True)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """List every action for the palette, with its key."""
        for action in ACTIONS:
            title = action.title[0].upper() + action.title[1:]
            keys = spelled(self.preferences.keys[action.name])
            yield SystemCommand(title, keys or "no key", partial(self._do, action))

    async def _do(self, action: Action) -> None:
        await self.run_action(action.run, self.at(action.place))
