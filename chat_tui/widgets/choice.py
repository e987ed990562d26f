"""A list of which an entry is chosen: by its key, whatever comes and goes above or below it.

Only what is seen is drawn, so it costs the same with five entries and with five thousand.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

_REVERSE = Style(reverse=True)


class ChoiceList(ScrollView, can_focus=True):
    """Entries of so many `ROWS` each; the chosen one is reversed while the keys go to it.

    Reversed, a colour keeps the contrast that it has, in every theme and without colours. When the
    chosen entry goes, none is chosen until a key chooses one beside its place.
    """

    ROWS: ClassVar[int] = 1
    FOCUS_ON_CLICK: ClassVar[bool] = False  # so that what is typed next goes to the input
    DEFAULT_CSS = """
    ChoiceList {
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Above", show=False),
        Binding("down", "step(1)", "Below", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "last", "Last", show=False),
        Binding("pageup", "page(-1)", "A page up", show=False),
        Binding("pagedown", "page(1)", "A page down", show=False),
    ]

    def __init__(self, id: str) -> None:  # noqa: A002 - as all widgets have it
        super().__init__(id=id)
        self._keys: Sequence[str] = ()
        self._places: dict[str, int] = {}
        self._chosen = ""
        self._place = 0
        """Where the chosen entry is, or was."""

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all entries, from above."""
        return self._keys

    @property
    def chosen(self) -> str:
        """The key of the chosen entry, "" for none."""
        return self._chosen

    def entry(self, key: str) -> Content:
        """Say what is seen of an entry."""
        raise NotImplementedError

    def chose(self) -> None:
        """Take note that an entry was chosen with the mouse."""

    def show_keys(self, keys: Sequence[str]) -> None:
        """Show the entries of these keys; what is looked at stays where it is seen."""
        if list(keys) != self._keys:
            anchor, above = self._anchor()
            self._keys = list(keys)
            self._places = {key: place for place, key in enumerate(self._keys)}
            if self._chosen in self._places:
                self._place = self._places[self._chosen]
            else:
                self._chosen = ""
            self._fit()
            if anchor in self._places:
                y = max(0, self._places[anchor] * self.ROWS - above)
                self.scroll_to(y=y, animate=False, force=True, immediate=True)
        self.refresh()

    def choose(self, key: str) -> None:
        """Choose an entry, and bring it into view."""
        if key not in self._places:
            return
        self._chosen, self._place = key, self._places[key]
        top = self._place * self.ROWS
        row = Region(0, top, self.scrollable_content_region.width, self.ROWS)
        self.scroll_to_region(row, force=True, animate=False, immediate=True)
        self.refresh()

    def _anchor(self) -> tuple[str, int]:
        """Return an entry that stays where it is seen, and how many rows are seen above it."""
        top = self.scroll_offset.y
        above = self._place * self.ROWS - top
        if self._chosen and 0 <= above < self.scrollable_content_region.height:
            return self._chosen, above
        first = top // self.ROWS
        if top and first < len(self._keys):
            return self._keys[first], first * self.ROWS - top
        return "", 0

    # What keys and the mouse do

    def action_step(self, step: int) -> None:
        """Go up or down, round the end; from where the chosen one was, if that is gone."""
        if not self._keys:
            return
        if self._chosen:
            place = (self._place + step) % len(self._keys)
        else:
            place = min(self._place - (step < 0 < self._place), len(self._keys) - 1)
        self.choose(self._keys[place])

    def action_first(self) -> None:
        if self._keys:
            self.choose(self._keys[0])

    def action_last(self) -> None:
        if self._keys:
            self.choose(self._keys[-1])

    def action_page(self, pages: int) -> None:
        if self._keys:
            step = pages * max(1, self.scrollable_content_region.height // self.ROWS)
            self.choose(self._keys[min(max(0, self._place + step), len(self._keys) - 1)])

    def on_click(self, event: Click) -> None:
        at = event.get_content_offset(self)
        place = None if at is None else (at.y + self.scroll_offset.y) // self.ROWS
        if place is not None and place < len(self._keys):
            self.choose(self._keys[place])
            self.chose()

    def on_focus(self) -> None:
        if not self._chosen:
            self.action_first()
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # How it is drawn

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.rows)

    @property
    def rows(self) -> int:
        """How many rows all of it takes."""
        return len(self._keys) * self.ROWS

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place, row = divmod(y + self.scroll_offset.y, self.ROWS)
        if place >= len(self._keys):
            return self.beyond(y + self.scroll_offset.y - len(self._keys) * self.ROWS, width)
        key = self._keys[place]
        strip = self.drawn(self.entry(key), row, width)
        return strip.apply_style(_REVERSE) if self.has_focus and key == self._chosen else strip

    def beyond(self, row: int, width: int) -> Strip:
        """Draw a row below the last entry."""
        return Strip.blank(width, self.rich_style)

    def drawn(self, content: Content, row: int, width: int) -> Strip:
        """Draw a row of what is seen of an entry."""
        lines = content.split("\n", allow_blank=True)
        line = lines[row].truncate(width, ellipsis=True) if row < len(lines) else Content("")
        strips = Visual.to_strips(self, line, width, 1, self.visual_style) or [Strip.blank(0)]
        return strips[0].adjust_cell_length(width, self.rich_style)
