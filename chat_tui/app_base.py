"""The part of the app that knows no chat: preferences, keys, colours, the palette and the help."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import Provider
from textual.dom import DOMNode
from textual.driver import Driver
from textual.screen import Screen
from textual.worker import WorkerFailed

from chat_tui.config.actions import ACTIONS, Action, Place, spelled
from chat_tui.config.preferences import Preferences
from chat_tui.config.remembered import Changes, Remembered
from chat_tui.overlays import Overlays
from chat_tui.widgets.bindings import bindings, keymap

NO_COLOUR_THEME = "ansi-dark"
"""The theme that changes none of the terminal's colours."""


def _palette() -> type[Provider]:
    from chat_tui.screens.palette import ActionProvider  # which the start has no use for

    return ActionProvider


class Looks(App[None]):
    """An app with the looks and habits that the file of preferences asks for.

    `config` is that file; with None the defaults hold, and nothing is remembered.
    """

    CSS_PATH = "chat.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}

    def __init__(self, config: Path | None, *, has_colour: bool, is_visitor: bool = False) -> None:
        super().__init__(ansi_color=None if has_colour else True)
        self.liked = Remembered(config, tuple(self.available_themes), is_visitor=is_visitor)
        self.fault: BaseException | None = None
        """The fault of our own by which we ended."""
        self._overlays = Overlays(self, self.warn, has_colour=has_colour)
        self.set_keymap(keymap(self.preferences.keys))
        self.theme = self.preferences.theme if has_colour else NO_COLOUR_THEME

    @property
    def preferences(self) -> Preferences:
        return self.liked.preferences

    def fail(self, fault: Exception) -> None:
        """End because of a fault of our own; whoever started us reports it (see `fault`)."""
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
        return self._overlays.are_open

    def remember(self, changes: Changes) -> None:
        """Write changed preferences to the file; warn our user, once, if that is not possible."""
        self.run_worker(self._remember(changes), exit_on_error=True)

    async def _remember(self, changes: Changes) -> None:
        if fault := await self.liked.write(changes):
            self.warn(fault)

    async def action_help(self) -> None:
        await self._overlays.show_help(self.preferences.keys)

    def action_command_palette(self) -> None:
        self._overlays.show_palette()

    def action_change_theme(self) -> None:
        """Let our user choose the colours."""
        self._overlays.show_themes(self._theme_chosen)

    def _theme_chosen(self, theme: str | None) -> None:
        if theme and theme != self.preferences.theme:
            self.remember(self.liked.like(theme=theme))

    @on(Driver.SignalResume)
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
