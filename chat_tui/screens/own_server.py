"""The question what becomes of our user's own server when they leave and others are on it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

NAMED = 5
"""People who are named; the others are counted."""


class OwnServerScreen(ModalScreen[bool | None]):
    """Ask whether the server goes on; None is to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,n", "dismiss(None)", "Stay", show=False),
        Binding("g", "dismiss(True)", "Let it go on", show=False),
        Binding("e", "dismiss(False)", "End it", show=False),
    ]

    def __init__(self, others: Sequence[str]) -> None:
        super().__init__()
        self._others = others

    def compose(self) -> ComposeResult:
        verb = "is" if len(self._others) == 1 else "are"
        question = (
            f"{_named(self._others)} {verb} here, and the chat runs on the server that was "
            "started with your client. What becomes of it when you leave?\n\n"
            "g: it goes on without you    e: it ends, for everybody\n"
            "Escape: stay\n\n"
            "make server runs one that belongs to nobody's client."
        )
        yield Static(question, id="own-server", markup=False)


def _named(names: Sequence[str]) -> str:
    """List people as one says them."""
    shown = list(names[:NAMED])
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
