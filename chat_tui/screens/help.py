"""The keys and the commands, on one page."""

from collections.abc import Sequence
from itertools import groupby, zip_longest
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_server.protocol.commands import COMMANDS
from chat_tui.config.actions import ACTIONS, Action, Keys, Place, spelled
from chat_tui.session.state import NOT_HERE
from chat_tui.typing.local_commands import OWN_COMMANDS

_PLACES: dict[Place, str] = {
    "app": "Everywhere",
    "main": "Everywhere",
    "composer": "In the input",
    "messages": "In the messages",
    "people": "On a person",
    "schedule": "On a scheduled message",
}
_KEYS_WIDTH = 16
_USAGE_WIDTH = 37
_NARROW_USAGE_WIDTH = 20
_TWO_COLUMNS = 118
"""Columns from which on the commands stand beside the keys."""
_FRAME = 6
"""Columns that the page's border, padding and scroll bar take."""


class HelpScreen(ModalScreen[None]):
    """The help; most keys close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter,q", "dismiss", "Close", show=False),
    ]

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self._keys = keys
        self._page = Static(markup=False)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "help"
            scroll.border_subtitle = "Up, Down · Escape closes"
            yield self._page

    def on_resize(self, event: Resize) -> None:
        self._page.update(page(self._keys, event.size.width - _FRAME))


def page(keys: Keys, width: int) -> Content:
    """Write the help in so many columns; where there is room, the commands beside the keys."""
    if width < _TWO_COLUMNS:
        width = min(width, 78)
        return Content("\n").join([*_keys(keys, width), Content(""), *_commands(width)])
    left = 54
    pairs = zip_longest(_keys(keys, left), _commands(width - left - 4), fillvalue=Content(""))
    return Content("\n").join(
        Content.assemble(one, " " * (left + 4 - one.cell_length), other) for one, other in pairs
    )


def _keys(keys: Keys, width: int) -> list[Content]:
    lines: list[Content] = []
    for title, actions in groupby(ACTIONS, key=lambda action: _PLACES[action.place]):
        rows = _rows(list(actions), keys)
        lines += [Content(""), *_section(title, rows, _KEYS_WIDTH, width)]
    return lines[1:]


def _rows(actions: Sequence[Action], keys: Keys) -> list[tuple[str, str]]:
    """Write a row for each action, and one for all whose names differ by a number only."""
    rows: list[tuple[str, str]] = []
    for name, group in groupby(actions, key=lambda action: action.name.rstrip("0123456789")):
        first, *others = group
        if name.endswith("_") and others:
            between = f"{spelled(keys[first.name])} … {spelled(keys[others[-1].name])}"
            rows.append((between, f"{first.title} … {others[-1].title.rpartition(' ')[2]}"))
            continue
        rows += [(spelled(keys[one.name]) or "no key", one.title) for one in [first, *others]]
    return rows


def _commands(width: int) -> list[Content]:
    specs = [spec for spec in COMMANDS.values() if spec.name not in NOT_HERE]
    rows = [(spec.usage, spec.summary) for spec in specs if not spec.for_moderators]
    rows += [(own.usage, own.summary) for own in OWN_COMMANDS.values()]
    usage = _USAGE_WIDTH if width >= 2 * _USAGE_WIDTH else _NARROW_USAGE_WIDTH
    title = "Any line is said to everyone, unless it begins with a command"
    return _section(title, rows, usage, width)


def _section(title: str, rows: Sequence[tuple[str, str]], left: int, width: int) -> list[Content]:
    lines = [*Content.styled(title, "bold").wrap(width)]
    for name, text in rows:
        names = Content.styled(name, "$text-accent").wrap(left - 1)
        texts = Content(text).wrap(max(1, width - left - 1))
        for one, other in zip_longest(names, texts, fillvalue=Content("")):
            lines.append(Content.assemble(" ", one, " " * (left - one.cell_length), other))
    return lines
