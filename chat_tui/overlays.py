"""What is laid over the chat, where nothing lies over it yet: help, palette, themes."""

from collections.abc import Callable, Mapping

from textual.app import App

from chat_tui.screens.room import COLUMNS, ROWS, has_room


class Overlays:
    """Opens overlays, each imported when it is; `warn` tells our user why one cannot be opened."""

    def __init__(self, app: App[None], warn: Callable[[str], None], *, has_colour: bool) -> None:
        self._app = app
        self._warn = warn
        self._has_colour = has_colour

    @property
    def are_open(self) -> bool:
        """Say whether something lies over the chat that has to be answered or closed first."""
        return len(self._app.screen_stack) > 1

    async def show_help(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        if not self.are_open:
            from chat_tui.screens.help import HelpScreen

            await self._app.push_screen(HelpScreen(keys))

    def show_palette(self) -> None:
        if not self.are_open and self._has_room():
            from chat_tui.screens.palette import Palette

            self._app.push_screen(Palette(id="--command-palette"))

    def show_themes(self, chosen: Callable[[str | None], None]) -> None:
        """Let our user choose the colours; `chosen` is given None or "" where they choose none."""
        if self.are_open:
            return
        if not self._has_colour:
            self._warn("NO_COLOR is set, so there are no colours to choose.")
        elif self._has_room():
            from chat_tui.screens.themes import ThemeScreen

            self._app.push_screen(ThemeScreen(), chosen)

    def _has_room(self) -> bool:
        """Say whether a list can be shown; tell our user if not."""
        is_roomy = has_room(self._app.size)
        if not is_roomy:
            self._warn(f"This window is too small: {COLUMNS} columns, {ROWS} rows are needed.")
        return is_roomy
