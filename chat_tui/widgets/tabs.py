"""The row of tabs: one for each conversation, with what is new in it."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from chat_tui.layout.lines import drawn
from chat_tui.session.conversations import Tab

EVERYONE = "everyone"


class ConversationTabs(Widget):
    """The tabs; it is not there while there is but one conversation.

    The active one stands in brackets; behind a name is how many messages are new, and how many
    of them are for our user.
    """

    class Chosen(Message):
        """The tab of a conversation was clicked, whichever place it has by now."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.display = False
        self._tabs: Sequence[Tab] = ()

    def show(self, tabs: Sequence[Tab]) -> None:
        """Show these tabs."""
        if list(tabs) != list(self._tabs):
            self._tabs = tuple(tabs)
            self.display = len(tabs) > 1
            self.refresh()

    def render(self) -> Content:
        row = _row(self._tabs, self.size.width)
        parts = [_label(number, self._tabs[number - 1]) for number in row.places]
        return Content.assemble(row.before, *parts, row.after)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        row = _row(self._tabs, self.size.width)
        left = cell_len(row.before)
        for number in row.places:
            left += _label(number, self._tabs[number - 1]).cell_length
            if event.x < left:
                self.post_message(self.Chosen(self._tabs[number - 1].key))
                return


class _Row(NamedTuple):
    """Which tabs are seen, and what stands for the others on both sides."""

    before: str
    places: range
    after: str


def _row(tabs: Sequence[Tab], width: int) -> _Row:
    """Choose as many tabs as there is room for, with the active one among them."""
    widths = [_label(number, tab).cell_length for number, tab in enumerate(tabs, 1)]
    if sum(widths) <= width:
        return _Row("", range(1, len(tabs) + 1), "")
    active = next((place for place, tab in enumerate(tabs) if tab.is_active), 0)
    room = width - 2 * len(_more("‹", tabs))
    first = active
    while first > 0 and sum(widths[first - 1 : active + 1]) <= room:
        first -= 1
    ends = accumulate(widths[first:])
    last = max(active + 1, first + sum(end <= room for end in ends))
    before = _more("‹", tabs[:first]) if first else ""
    after = _more("›", tabs[last:]) if last < len(tabs) else ""
    return _Row(before, range(first + 1, last + 1), after)


def _more(mark: str, tabs: Sequence[Tab]) -> str:
    """Say how much is new in tabs that are not seen."""
    unread = sum(tab.unread for tab in tabs)
    return f" {mark}{unread} new " if unread else f" {mark} "


def _label(number: int, tab: Tab) -> Content:
    left, right = "[]" if tab.is_active else "  "
    style = "bold" if tab.is_active or tab.mentions else ""
    name = drawn(tab.name) or EVERYONE
    key = f"{number} " if number <= 9 else ""
    return Content.assemble((f"{left}{key}{name}{_news(tab)}{right}", style))


def _news(tab: Tab) -> str:
    """Say what is new; in a conversation of two everything is for our user."""
    parts = []
    if tab.unread and tab.mentions and not tab.name:
        parts.append(f"{tab.unread}, {tab.mentions} for you")
    elif tab.unread:
        parts.append(str(tab.unread))
    if tab.is_unsent:
        parts.append("not sent")
    return f" ({'; '.join(parts)})" if parts else ""
