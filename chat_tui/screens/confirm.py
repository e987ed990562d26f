"""The question before many lines are sent at once: it shows them all."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class ConfirmScreen(ModalScreen[bool]):
    """Show what will be sent, and ask; the result says whether to. Enter alone does not."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "Back", show=False),
        Binding("y", "dismiss(True)", "Send", show=False),
    ]

    def __init__(self, question: str, texts: Sequence[str]) -> None:
        super().__init__()
        self._question = question
        self._texts = texts

    def compose(self) -> ComposeResult:
        with Vertical(id="confirm"):
            yield Static(self._question, markup=False)
            with VerticalScroll():
                yield Static(Content("\n".join(self._numbered())))
            yield Static("y: send    Escape: back to writing", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _numbered(self) -> list[str]:
        width = len(str(len(self._texts)))
        return [f"{number:>{width}}  {text}" for number, text in enumerate(self._texts, 1)]
