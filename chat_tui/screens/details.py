"""Everything about one message."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.layout.lines import details, drawn, written
from chat_tui.session.state import Said


class DetailsScreen(ModalScreen[None]):
    """A message with its full date and its id; most keys close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,space", "dismiss", "Close", show=False),
    ]

    def __init__(self, said: Said) -> None:
        super().__init__()
        self._said = said

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="details") as page:
            page.border_title = "message"
            page.border_subtitle = "Escape closes"
            text = "\n".join([*details(self._said), "", written(self._said)])
            yield Static(Content(drawn(text)), markup=False)
