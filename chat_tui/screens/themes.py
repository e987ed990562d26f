"""The colours to choose from, each shown while it is highlighted."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.theme import Theme
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_tui.screens.room import has_room

_KINDS = {"ansi": "your terminal's own", "dark": "dark", "light": "light"}


class ThemeScreen(ModalScreen[str]):
    """A list of themes beside the chat; the result is the chosen one, "" where none was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,f2", "leave", "Leave as it was", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="theme-screen")
        self._before = ""
        self._names: list[str] = []

    def compose(self) -> ComposeResult:
        self._before = self.app.theme
        themes = sorted(self.app.available_themes.values(), key=_order)
        self._names = [theme.name for theme in themes]
        options = OptionList(*map(_option, themes), id="themes", markup=False, compact=True)
        options.border_title = "colours"
        options.border_subtitle = "Enter takes · Esc leaves"
        yield options

    def on_resize(self, event: Resize) -> None:
        if self.is_current and not has_room(event.size):
            self.action_leave()

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._names.index(self._before)

    @on(OptionList.OptionHighlighted)
    def _show(self, event: OptionList.OptionHighlighted) -> None:
        """Show the theme, unless another one is highlighted by then."""
        self.call_after_refresh(self._try, self._names[event.option_index])

    def _try(self, name: str) -> None:
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None and self._names[highlighted] == name != self.app.theme:
            self.app.theme = name

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self.app.theme = self._names[event.option_index]
        self.dismiss(self.app.theme)

    def action_leave(self) -> None:
        self.app.theme = self._before
        self.dismiss("")


def _order(theme: Theme) -> tuple[int, str]:
    return list(_KINDS).index(_kind(theme)), theme.name


def _kind(theme: Theme) -> str:
    return "ansi" if theme.ansi else "dark" if theme.dark else "light"


def _option(theme: Theme) -> Option:
    colours = [theme.primary, theme.secondary, theme.accent, theme.success, theme.warning]
    swatch = [("■", colour) for colour in colours if colour]
    return Option(Content.assemble(f"{theme.name:22}", *swatch, " ", (_KINDS[_kind(theme)], "dim")))
