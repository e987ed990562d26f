"""The pane of one's own scheduled messages, each with its countdown."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets.option_list import Option

from chat_server.events import Item
from chat_tui.bindings import bindings
from chat_tui.widgets.choice import ChoiceList


class ScheduleList(ChoiceList):
    """What is going to be sent, the soonest first; `c` cancels the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("schedule")

    class CancelRequested(Message):
        """A scheduled message is to be cancelled."""

        def __init__(self, item: str) -> None:
            super().__init__()
            self.item = item

    def __init__(self) -> None:
        super().__init__(id="schedule", compact=True, markup=False)
        self.border_title = "scheduled"
        self._items: Sequence[Item] = ()
        self._now = 0.0

    def show(self, items: Sequence[Item], now: float) -> None:
        """Show these messages as they stand at the server's time `now`."""
        self._now = now
        if list(items) == list(self._items) and self.option_count:
            self._count_down()
            return
        chosen = self._highlighted_id()
        self._items = tuple(items)
        self.border_title = f"scheduled ({len(items)})" if items else "scheduled"
        self.border_subtitle = "c cancels" if items else ""
        self.set_options(Option(self._prompt(item)) for item in items)
        if not items:
            empty = Content.styled("Nothing yet. Try:\nsend hello -t 60", "dim")
            self.add_option(Option(empty, disabled=True))
        ids = [item.id for item in items]
        if chosen in ids:
            self.highlighted = ids.index(chosen)

    @property
    def count(self) -> int:
        return len(self._items)

    def action_cancel(self) -> None:
        if item := self._highlighted_id():
            self.post_message(self.CancelRequested(item))

    def _count_down(self) -> None:
        for index, item in enumerate(self._items):
            self.replace_option_prompt_at_index(index, self._prompt(item))

    def on_focus(self) -> None:
        if self.highlighted is None:
            self.action_first()

    def _highlighted_id(self) -> str:
        chosen = self.highlighted
        return self._items[chosen].id if chosen is not None and chosen < len(self._items) else ""

    def _prompt(self, item: Item) -> Content:
        whom = "everyone" if item.to is None else item.to
        return Content.assemble(
            (countdown(item.due - self._now), "bold"),
            (f" to {whom}", "dim"),
            "\n",
            Content(item.text).truncate(200, ellipsis=True),
        )


def countdown(seconds: float) -> str:
    """Write the time left as 0:42, 1:02:03 or 3d 04:05:06."""
    left = max(0, round(seconds))
    days, left = divmod(left, 24 * 3600)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    if days:
        return f"{days}d {hours:02}:{minutes:02}:{left:02}"
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
