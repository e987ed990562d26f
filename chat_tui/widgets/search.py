"""The line in which one types what to search for; it says how often it was found."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static


class SearchBar(Horizontal):
    """Search as one types: Enter and Up to what is above, Down to what is below."""

    class Changed(Message):
        """Something else is searched for."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    class Stepped(Message):
        """The next place is to be shown; negative: above."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Ended(Message):
        """Nothing is searched for any more; `is_staying`: at what was found."""

        def __init__(self, *, is_staying: bool) -> None:
            super().__init__()
            self.is_staying = is_staying

    def __init__(self) -> None:
        super().__init__(id="search")
        self._line = SearchLine()
        self._count = Static("", id="hits", markup=False)

    def compose(self) -> ComposeResult:
        yield Static("Search: ", id="search-label", markup=False)
        yield self._line
        yield self._count

    def open(self) -> None:
        """Begin with what was searched for before, ready to be typed over."""
        self.add_class("-open")
        self._line.focus()
        self._line.select_all()
        self.post_message(self.Changed(self._line.value))

    def close(self) -> None:
        self.remove_class("-open")

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def show(self, count: int, current: int) -> None:
        """Show how many messages have it, and which of them (from 1, the oldest) is shown."""
        found = f"{current} of {count}" if count else "nothing found" if self._line.value else ""
        self._count.update(Content(found))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Changed(event.value))


class SearchLine(Input):
    """The line itself; its keys are done at once, so that keys typed fast keep their order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,up,ctrl+f", "step(-1)", "Above", show=False),
        Binding("down", "step(1)", "Below", show=False),
        Binding("escape", "leave(False)", "Back", show=False),
        Binding("tab,shift+tab,f6", "leave(True)", "Stay", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(
            id="search-line",
            compact=True,
            select_on_focus=False,
            placeholder="Enter, Up, Down: the next one · Esc: back · Tab: stay there",
        )
        self.cursor_blink = False  # a screen at rest writes nothing

    async def _on_key(self, event: events.Key) -> None:
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()

    def action_step(self, step: int) -> None:
        self.post_message(SearchBar.Stepped(step))

    def action_leave(self, is_staying: bool) -> None:
        self.post_message(SearchBar.Ended(is_staying=is_staying))
