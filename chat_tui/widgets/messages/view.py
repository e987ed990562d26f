"""The pane of messages: what comes is painted at its pace, counted, marked, found and copied."""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.style import Style as RichStyle
from textual.binding import BindingType
from textual.color import Color
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.style import Style
from textual.timer import Timer

from chat_tui.layout.colours import name_colour
from chat_tui.layout.lines import outgoing_layouts
from chat_tui.layout.repaint import Pace
from chat_tui.session.outbox import Outgoing
from chat_tui.session.state import Line, Said
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.messages import scrollback
from chat_tui.widgets.messages.search import Finding

CHUNK = 1000
"""Lines that are taken in at once; between them keys are handled."""


class MessageView(Finding):
    """What was said in the conversation `key`, the newest at the bottom."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "messages--time",
        "messages--mine",
        "messages--mention",
        "messages--private",
        "messages--fact",
        "messages--refusal",
        "messages--divider",
        "messages--unread",
        "messages--waiting",
        "messages--link",
        "messages--hit",
        "messages--current",
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings("messages")

    class UnreadChanged(Message):
        """So many messages came that have not been seen, so many of them for oneself."""

        def __init__(self, key: str, unread: int, mentions: int) -> None:
            super().__init__()
            self.key = key
            self.unread = unread
            self.mentions = mentions

    def __init__(self, key: str = "") -> None:
        super().__init__(key)
        self.border_title = "messages"
        self._is_shown = False
        self._incoming: deque[Line] = deque()
        self._pace = Pace()
        self._due: Timer | None = None
        self._outbox: Sequence[Outgoing] = ()
        self._unread = 0
        self._unread_mentions = 0
        self._first_unread: int | None = None

    # What comes

    def extend(self, lines: Sequence[Line]) -> None:
        """Show further lines below the others, at once or when it is time to paint again."""
        self._incoming.extend(lines)
        if self.is_mounted:
            self._pace.came(len(lines), _now())
            self._paint_soon()

    def replace(self, said: Said) -> None:
        """Show a message as it turned out to be, in place of how it was shown before."""
        for number, line in enumerate(self._incoming):
            if isinstance(line, Said) and line.message.id == said.message.id:
                self._incoming[number] = said
                return
        if self._replace(said) and self._is_shown:
            self._settle()
            self.refresh()

    def key_came(self) -> None:
        """Let a key be handled and painted before what came."""
        self._pace.key(_now())

    def on_show(self) -> None:
        self._is_shown = True
        self._paint()

    def on_hide(self) -> None:
        self._is_shown = False

    def _paint_soon(self) -> None:
        if self._due is None:
            wait = self._pace.wait(_now())
            if wait > 0:
                self._due = self.set_timer(wait, self._paint_when_due)
            else:
                self._paint()

    def _paint_when_due(self) -> None:
        self._due = None
        self._paint_soon()

    def _paint(self) -> None:
        """Take in what came, and show it; what is scrolled away costs no picture."""
        self._pace.painted(_now())
        unread = (self._unread, self._unread_mentions)
        if self._is_following and self._is_shown:
            self._skip()
        lines = [self._incoming.popleft() for _ in range(min(CHUNK, len(self._incoming)))]
        if not (self._is_following and self._is_shown):
            unread = self._with_unread(lines, unread)
        self._add(lines)
        self._trim()
        if self._is_shown:
            self._settle()
            if self._is_following:
                self.refresh()
                unread = (0, 0)
        self._set_unread(*unread)
        if self._incoming and self._due is None:
            self._due = self.set_timer(0.001, self._paint_when_due)

    def _skip(self) -> None:
        """Leave out what would be dropped before it could be seen."""
        while len(self._incoming) > scrollback.KEPT_LINES:
            self._incoming.popleft()

    def _add(self, lines: Iterable[Line]) -> None:
        """Take lines in; who says something is there, and has read what is above."""
        lines = list(lines)
        first = lines[0] if lines and self._lead == self._end else None
        if isinstance(first, Said) and first.is_mine and not first.item:
            self._lead = None
        super()._add(lines)

    def show_outbox(self, outgoing: Sequence[Outgoing]) -> None:
        """Show below everything what is on its way, or could not be carried out."""
        if outgoing != self._outbox:
            self._outbox = outgoing
            self._draw_tail()
            self._settle()
            self.refresh()

    def _draw_tail(self) -> None:
        self._tail = outgoing_layouts(tuple(self._outbox), self._width) if self._width else []
        super()._draw_tail()

    # What has not been seen

    @property
    def unread(self) -> int:
        """How many messages came that have not been seen."""
        return self._unread

    def mark_unread_here(self) -> None:
        """Let the unread line follow the last line, if all that came has been seen."""
        if not self._unread:
            self._set_lead(self._end)
        elif self._lead is None and self._first_unread is not None:
            self._set_lead(self._first_unread)

    def _with_unread(self, lines: Sequence[Line], unread: tuple[int, int]) -> tuple[int, int]:
        said = [line for line in lines if isinstance(line, Said) and not line.is_mine]
        if said and not unread[0]:
            self._first_unread = self._end
        return unread[0] + len(said), unread[1] + sum(line.is_mention for line in said)

    def _set_unread(self, unread: int, mentions: int) -> None:
        if (unread, mentions) == (self._unread, self._unread_mentions):
            return
        self._unread, self._unread_mentions = unread, mentions
        for_you = f" ({mentions} for you)" if mentions else ""
        self.border_subtitle = Content(f"↓ {unread} new{for_you}" if unread else "")
        self.set_class(unread > 0, "-unread")
        self.post_message(self.UnreadChanged(self.key, unread, mentions))

    def _moved(self) -> None:
        if self._is_following and self._is_shown:
            self._set_unread(0, 0)

    def on_click(self, event: Click) -> None:
        """Go down where the number of new messages is clicked."""
        if self._unread and event.y >= self.size.height - 1:
            event.prevent_default()
            self.follow()
        else:
            super().on_click(event)

    # How it looks

    def _make_style(self, name: str) -> RichStyle:
        look, _, mark = name.partition("\n")
        parts = [] if look == "text" or look.startswith("name ") else look.split(" ")
        parts += [mark] if mark and mark != "selected" else []
        classes = [f"messages--{part}" for part in parts]
        style = self.get_visual_style(*classes)
        if look.startswith("name "):
            colour = name_colour(look[5:], self.app.theme_variables["background"])
            style += Style(foreground=Color.parse(colour), bold=True)
        if mark == "selected":
            style += self.screen.get_visual_style("screen--selection", partial=True)
        # Textual's own style leaves this out.
        is_reversed = any(self.get_component_styles(each).text_style.reverse for each in classes)
        is_reversed |= mark == "selected" and self.app.no_color
        return style.rich_style + RichStyle(reverse=is_reversed or None)


def _now() -> float:
    return asyncio.get_running_loop().time()
