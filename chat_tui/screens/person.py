"""All about a person, and what may be done about them, over the chat."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.layout.colours import name_colour
from chat_tui.layout.lines import clean, drawn
from chat_tui.session.about import About
from chat_tui.session.membership import Entry
from chat_tui.widgets.choice import ChoiceList

_WIDTH, _FRAME = 66, 5
"""Columns of the page at most, and of its frame, padding and scroll bar."""
_NAME_WIDTH = 10


class EntryList(ChoiceList):
    """What may be done, each with the line that does it; all of it is seen, or scrolled by `page`.

    `page` is what it is on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Do it", show=False)]

    class Chosen(Message):
        """Something is to be done."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, page: VerticalScroll) -> None:
        super().__init__(id="entries")
        self._page = page
        self._entries: dict[str, Entry] = {}

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these, in their order."""
        self._entries = {entry.title: entry for entry in entries}
        self.styles.height = max(1, len(entries))
        self.show_keys(list(self._entries))
        if self.has_focus and not self.chosen:
            self.action_first()

    def choose(self, key: str) -> None:
        super().choose(key)
        row = self._keys.index(key)
        seen = Region(0, self.virtual_region.y + row, 1, 1)
        self._page.scroll_to_region(seen, animate=False, immediate=True, force=True)

    def action_page(self, pages: int) -> None:
        """Go over all that is on the page, which may be more than there is room for."""
        rows = pages * max(1, self._page.scrollable_content_region.height - 1)
        self._page.scroll_relative(y=rows, animate=False, immediate=True, force=True)

    def chose(self) -> None:
        self.action_select()

    def action_select(self) -> None:
        if entry := self._entries.get(self.chosen):
            self.post_message(self.Chosen(entry))

    def entry(self, key: str) -> Content:
        line = self._entries[key].line
        return Content.assemble(key, *([("  ", ""), (drawn(clean(line)), "dim")] if line else []))


class PersonScreen(ModalScreen[Entry | None]):
    """Shows a person; the result is what is to be done about them, None where that is nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "dismiss(None)", "Close", show=False),
    ]

    def __init__(self, shown: About) -> None:
        super().__init__()
        self._shown = shown
        self._page = VerticalScroll(id="person", can_focus=False)
        self._facts = Static(id="facts", markup=False)
        self._entries = EntryList(self._page)

    def compose(self) -> ComposeResult:
        with self._page:
            yield self._facts
            yield self._entries

    def on_mount(self) -> None:
        self._page.border_title = "you" if self._shown.is_you else "person"
        self._page.border_subtitle = "Enter does it · Escape closes"
        self._draw()
        self._entries.focus()

    def on_resize(self) -> None:
        self._draw()

    def show(self, shown: About) -> None:
        """Show what is known now."""
        if shown != self._shown:
            self._shown = shown
            self._draw()

    def _draw(self) -> None:
        width = max(1, min(_WIDTH, self.app.size.width) - _FRAME)
        self._facts.update(Content("\n").join([*self._lines(width), Content("")]))
        self._entries.show(self._shown.entries)

    def _lines(self, width: int) -> Iterator[Content]:
        person = self._shown.person
        colour = name_colour(person.name, self.app.theme_variables["surface"])
        name = Content.styled(drawn(clean(person.name)), "bold" if self._shown.is_you else colour)
        yield Content.assemble(name, (" (you)" if self._shown.is_you else "", "dim"))
        yield Content("")
        for fact in self._shown.facts:
            label = fact.name
            for line in fact.lines:
                for row in Content(drawn(clean(line))).wrap(max(1, width - _NAME_WIDTH)):
                    yield Content.assemble((label.ljust(_NAME_WIDTH), "dim"), row)
                    label = ""

    @on(EntryList.Chosen)
    def _chosen(self, event: EntryList.Chosen) -> None:
        event.stop()
        self.dismiss(event.entry)
