"""The question before one leaves with something unsaid, or to be said later."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.layout.lines import clean, drawn, outgoing_text
from chat_tui.session.outbox import Outgoing

LOST = "What has not been sent is lost then."
SHOWN = 5
"""Lines that are shown of what has not been sent, where there is room for them."""
_OTHERS, _OTHERS_SCHEDULED = 9, 2
"""Rows of the question and its frame, and rows about scheduled messages."""
_WIDTH = 54


class UnsentScreen(ModalScreen[bool]):
    """Ask whether to leave all the same; the result says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,n", "dismiss(False)", "Stay", show=False),
        Binding("y,q", "dismiss(True)", "Quit", show=False),
    ]

    def __init__(
        self, unsent: Sequence[Outgoing], begun: Sequence[str] = (), scheduled: int = 0
    ) -> None:
        """Ask about what waits for its answer, what was `begun` in the input, and so many messages
        that are `scheduled` and end with us; say what becomes of each.
        """
        super().__init__()
        self._unsent = unsent
        self._begun = begun
        self._scheduled = scheduled

    def show(self, unsent: Sequence[Outgoing], begun: Sequence[str], scheduled: int) -> None:
        """Ask about what there is now: lines are sent, and messages due, while one thinks."""
        if (unsent, begun, scheduled) != (self._unsent, self._begun, self._scheduled):
            self._unsent, self._begun, self._scheduled = unsent, begun, scheduled
            for shown in self.query(Static):
                shown.update(self._question())

    def compose(self) -> ComposeResult:
        yield Static(self._question(), id="unsent")

    def _question(self) -> Content:
        asked = "Quit all the same?"
        parts = [f"{self._not_sent()} {asked}", "", *self._lines(), "", LOST]
        if not self._unsent and not self._begun:
            parts = [asked]
        if self._scheduled:
            parts += ["", self._to_come()]
        return Content("\n".join([*parts, "", "Escape: stay    y: quit"]))

    def _not_sent(self) -> str:
        what = "message" if all(each.said for each in self._unsent) else "line"
        number = len(self._unsent) + len(self._begun)
        return (
            f"1 {what} has not been sent."
            if number == 1
            else f"{number} {what}s have not been sent."
        )

    def _to_come(self) -> str:
        if self._scheduled == 1:
            return "1 scheduled message ends with you: it is not sent."
        return f"{self._scheduled} scheduled messages end with you: they are not sent."

    def _lines(self) -> list[str]:
        """Show what it is, a row each."""
        texts = [outgoing_text(each) for each in self._unsent]
        texts += [f"begun: {text}" for text in self._begun]
        room = self.app.size.height - _OTHERS - (_OTHERS_SCHEDULED if self._scheduled else 0)
        most = max(1, min(SHOWN, room))
        lines = [_cut(drawn(clean(text))) for text in texts[:most]]
        more = len(texts) - most
        return [*lines, f"and {more} more"] if more > 0 else lines


def _cut(text: str) -> str:
    return Content(text).truncate(_WIDTH, ellipsis=True).plain
