"""The keys and the commands, on one page."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_server.commands import COMMANDS
from chat_tui.state import NOT_HERE

_KEYS = (
    ("Enter", "do what the line under the input says"),
    ("Tab", "complete a command or a name; again: the next one"),
    ("Up, Down", "what was typed before"),
    ("PgUp, PgDn", "scroll the messages"),
    ("F6, Escape", "walk through the panes; back to the input"),
    ("Enter, c", "on a person: write to them; on a scheduled one: cancel it"),
    ("F7, F8", "fold away, or show, people and scheduled messages"),
    ("F3, F4", "a message in red: send it again; drop it"),
    ("Ctrl+R", "connect now, if the connection is broken"),
    ("Ctrl+P, Ctrl+Q", "choose other colours, and more; quit"),
)


class HelpScreen(ModalScreen[None]):
    """The help; most keys close it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,enter,q", "dismiss", "Close", show=False),
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as page:
            page.border_title = "help"
            page.border_subtitle = "Escape closes"
            yield Static(_page(), markup=False)


def _page() -> Content:
    commands = [
        (spec.usage, spec.summary) for spec in COMMANDS.values() if spec.name not in NOT_HERE
    ]
    return Content("\n").join(
        [
            *_rows(_KEYS, 14),
            Content(""),
            Content.styled(
                "Any line is said to everyone, unless it begins with a command:", "bold"
            ),
            *_rows(commands, 35),
        ]
    )


def _rows(rows: list[tuple[str, str]] | tuple[tuple[str, str], ...], width: int) -> list[Content]:
    return [
        Content.assemble((f"{left:{width}}  ", "$text-accent"), Content(right))
        for left, right in rows
    ]
