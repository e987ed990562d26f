"""The question before one leaves with something unsaid."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static


class UnsentScreen(ModalScreen[bool]):
    """Ask whether to leave all the same; the result says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,n", "dismiss(False)", "Stay", show=False),
        Binding("y,q", "dismiss(True)", "Quit", show=False),
    ]

    def __init__(self, unsent: int) -> None:
        super().__init__()
        self._unsent = unsent

    def compose(self) -> ComposeResult:
        many = "1 message has" if self._unsent == 1 else f"{self._unsent} messages have"
        question = f"{many} not been sent. Quit all the same?\n\nEscape: stay    y: quit"
        yield Static(question, id="unsent", markup=False)
