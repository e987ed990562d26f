"""The pane of one's own scheduled messages, each with its countdown."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from chat_server.protocol.events import Item
from chat_server.protocol.wording import local_time
from chat_tui.layout.lines import drawn
from chat_tui.session.schedule_edits import Change, Kind
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.choice import ChoiceList

NARROWEST = 12
"""Columns that the first words have at least."""
DAY = 24 * 3600


class Times(NamedTuple):
    """What time it is: for us, for the server, and by the clock that no one sets."""

    here: float
    there: float
    steady: float


class ScheduleList(ChoiceList):
    """What is going to be sent, the soonest first, above it what can be undone for a moment."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("schedule")

    class Asked(Message):
        """Something is to be done to a scheduled message."""

        def __init__(self, kind: Kind, item: Item) -> None:
            super().__init__()
            self.kind: Kind = kind
            self.item = item

    class Counted(Message):
        """More messages are scheduled than before, or fewer."""

    ROWS = 2

    def __init__(self) -> None:
        super().__init__(id="schedule")
        self.border_title = "scheduled"
        self._items: dict[str, Item] = {}
        self._entries: dict[str, Content] = {}
        self._shown: tuple[Sequence[Item], Sequence[Change], Times] | None = None

    def show(self, items: Sequence[Item], changes: Sequence[Change], times: Times) -> None:
        """Show these messages, and what was done to them, as they stand now."""
        self._shown = (items, changes, times)
        width = max(NARROWEST, self.scrollable_content_region.width)
        if len(items) != len(self._items):
            self.post_message(self.Counted())
        self._items = {item.id: item for item in items}
        changed = {change.item.id: _undoable(change, times.steady, width) for change in changes}
        waiting = {item.id: _waiting(item, times, width) for item in items}
        gone = {item: entry for item, entry in changed.items() if item not in waiting}
        entries = gone | waiting | changed
        if entries != self._entries:
            self._entries = entries
            self.show_keys(list(entries))
        self._entitle(len(items), is_undoable=bool(changes))

    @property
    def count(self) -> int:
        return len(self._items)

    def action_ask(self, kind: Kind) -> None:
        """Have something done to the chosen message."""
        if item := self._items.get(self.chosen):
            self.post_message(self.Asked(kind, item))

    def on_resize(self) -> None:
        if self._shown is not None:
            self.show(*self._shown)

    def entry(self, key: str) -> Content:
        return self._entries[key]

    @property
    def rows(self) -> int:
        return super().rows or _EMPTY.plain.count("\n") + 1

    def beyond(self, row: int, width: int) -> Strip:
        return super().beyond(row, width) if self._entries else self.drawn(_EMPTY, row, width)

    def _entitle(self, number: int, *, is_undoable: bool) -> None:
        title = f"scheduled ({number})" if number else "scheduled"
        keys = "c)ancel e)dit s)end" if number else ""
        subtitle = "u undo" if is_undoable else keys
        if (title, subtitle) != (self.border_title, self.border_subtitle):
            self.border_title, self.border_subtitle = title, subtitle


_EMPTY = Content.styled("Nothing yet. Try:\nsend hello -t 60", "dim")


def _waiting(item: Item, times: Times, width: int) -> Content:
    whom = "everyone" if item.to is None else drawn(item.to.name)
    left = item.due - times.there
    when = f"{clock(times.here + left, times.here)} "
    return Content.assemble(
        (countdown(left), "bold"),
        (f" to {whom}", "dim"),
        "\n",
        (when, "dim"),
        _first_words(item.text, width - len(when)),
    )


def _undoable(change: Change, now: float, width: int) -> Content:
    """Say what was done, and for how long it can be undone."""
    left = max(0, round(change.until - now))
    if change.is_asked:
        return Content.assemble(
            ("cancelling …", "bold"), "\n", _first_words(change.item.text, width)
        )
    said = {
        "cancelled": f"cancelled · u undo · {left}",
        "edited": f"edited · u undo · {left}",
        "sending": f"sent in {left} s · u undo" if left else "sent once connected",
    }
    return Content.assemble(
        (said[change.kind], "bold"), "\n", _first_words(change.item.text, width)
    )


def _first_words(text: str, width: int) -> Content:
    return Content(drawn(text[:200])).truncate(max(NARROWEST, width), ellipsis=True)


def clock(at: float, now: float) -> str:
    """Write the local time of something to come, with the day where it is not today."""
    when, today = local_time(int(at)), local_time(int(now))
    if when.date() == today.date():
        return f"{when:%H:%M}"
    return f"{when:%a %H:%M}" if at - now < 6 * DAY else f"{when.day} {when:%b %H:%M}"


def countdown(seconds: float) -> str:
    """Write the time left as 0:42, 1:02:03 or 3d 04:05:06."""
    left = max(0, round(seconds))
    days, left = divmod(left, 24 * 3600)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    if days:
        return f"{days}d {hours:02}:{minutes:02}:{left:02}"
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
