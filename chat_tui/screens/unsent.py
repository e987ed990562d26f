"""The question before one leaves with something unsaid."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_server.events import shortened
from chat_tui.outbox import Outgoing
from chat_tui.records import clean, drawn, outgoing_text

SHOWN = 5
"""Lines that are shown of what has not been sent."""


class UnsentScreen(ModalScreen[bool]):
    """Ask whether to leave all the same; the result says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,n", "dismiss(False)", "Stay", show=False),
        Binding("y,q", "dismiss(True)", "Quit", show=False),
    ]

    def __init__(self, unsent: Sequence[Outgoing], begun: Sequence[str] = ()) -> None:
        """Ask about what waits for its answer, and about what was `begun` in the input."""
        super().__init__()
        self._unsent = unsent
        self._begun = begun

    def compose(self) -> ComposeResult:
        what = "message" if all(each.said for each in self._unsent) else "line"
        number = len(self._unsent) + len(self._begun)
        many = f"1 {what} has" if number == 1 else f"{number} {what}s have"
        question = f"{many} not been sent. Quit all the same?"
        yield Static(
            Content("\n".join([question, "", *self._lines(), "", "Escape: stay    y: quit"])),
            id="unsent",
        )

    def _lines(self) -> list[str]:
        """Show what it is, a row each."""
        texts = [outgoing_text(each) for each in self._unsent]
        texts += [f"begun: {text}" for text in self._begun]
        lines = [shortened(drawn(clean(text)), 54) for text in texts[:SHOWN]]
        more = len(texts) - SHOWN
        return [*lines, f"and {more} more"] if more > 0 else lines
