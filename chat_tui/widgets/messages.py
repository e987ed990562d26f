"""The pane of messages: wrapped when they come, drawn only where they are seen."""

import zlib
from collections import deque
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions

from chat_server.events import Message as ChatMessage
from chat_server.events import duration
from chat_server.wire.text import local_time
from chat_tui.bindings import bindings
from chat_tui.outbox import Outgoing
from chat_tui.state import Line, Note, Said

KEPT_LINES = 2000
"""Lines of the chat that can be scrolled back to."""
TIME_WIDTH = 6
"""Columns of the time before a message, and of the space before its other rows."""
NAME_COLOURS = 5
_MARKS = {"fact": "· ", "move": "· ", "refusal": "! ", "divider": ""}


class MessageView(ScrollView, can_focus=True):
    """What was said, the newest at the bottom; it follows unless it is scrolled up."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "messages--time",
        "messages--mine",
        "messages--private",
        "messages--fact",
        "messages--move",
        "messages--refusal",
        "messages--divider",
        "messages--waiting",
        *(f"messages--name-{number}" for number in range(NAME_COLOURS)),
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings("messages")

    class UnreadChanged(Message):
        """So many messages came that have not been scrolled to."""

        def __init__(self, unread: int) -> None:
            super().__init__()
            self.unread = unread

    def __init__(self) -> None:
        super().__init__(id="messages")
        self.border_title = "messages"
        self._lines: deque[Line] = deque()
        self._heights: deque[int] = deque()
        self._rows: list[Content] = []
        self._outbox: Sequence[Outgoing] = ()
        self._outbox_rows: list[Content] = []
        self._width = 0
        self._day = 0
        self._unread = 0

    def extend(self, lines: Iterable[Line]) -> None:
        """Show further lines below the others."""
        is_following = self.is_at_end
        unread = self._unread
        for line in lines:
            self._lines.append(line)
            self._append_rows(line)
            unread += isinstance(line, Said) and not line.is_mine and not is_following
        self._trim()
        self._resized()
        if is_following:
            self.scroll_end(animate=False, immediate=True)
        self._set_unread(unread)

    def show_outbox(self, outbox: Sequence[Outgoing]) -> None:
        """Show below everything what is on its way, or could not be carried out."""
        if outbox == self._outbox:
            return
        is_following = self.is_at_end
        self._outbox = outbox
        self._outbox_rows = self._rows_of_outbox()
        self._resized()
        self.refresh()
        if is_following:
            self.scroll_end(animate=False, immediate=True)

    @property
    def is_at_end(self) -> bool:
        return self.scroll_offset.y >= self.max_scroll_y

    def page(self, pages: int) -> None:
        """Scroll by pages; negative: back."""
        self.scroll_relative(y=pages * (self.scrollable_content_region.height - 1), animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.is_at_end:
            self._set_unread(0)

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._wrap_again()
        if self.is_at_end:
            self._set_unread(0)

    def render_line(self, y: int) -> Strip:
        row = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        content = self._row(row)
        if content is None or not width:
            return Strip.blank(width, self.rich_style)
        options = RenderOptions(self._style_of, {})
        strips = content.render_strips(width, 1, self.visual_style, options)
        return strips[0].extend_cell_length(width, self.rich_style)

    def _row(self, row: int) -> Content | None:
        rows, outbox = self._rows, self._outbox_rows
        if row < len(rows):
            return rows[row]
        return outbox[row - len(rows)] if row < len(rows) + len(outbox) else None

    def _style_of(self, style: str | Style) -> Style:
        """Look a style up when it is drawn, so that it is the theme's of that moment."""
        return style if isinstance(style, Style) else self.get_visual_style(style, partial=True)

    def _set_unread(self, unread: int) -> None:
        if unread != self._unread:
            self._unread = unread
            self.post_message(self.UnreadChanged(unread))

    def _wrap_again(self) -> None:
        """Wrap everything for another width, keeping the end in view if it was."""
        is_following = self.is_at_end
        self._width = self.scrollable_content_region.width
        self._rows.clear()
        self._heights.clear()
        self._day = 0
        for line in self._lines:
            self._append_rows(line)
        self._outbox_rows = self._rows_of_outbox()
        self._resized()
        self.refresh()
        if is_following:
            self.scroll_end(animate=False, immediate=True)

    def _resized(self) -> None:
        self.virtual_size = Size(self._width, len(self._rows) + len(self._outbox_rows))

    def _trim(self) -> None:
        removed = 0
        while len(self._lines) > KEPT_LINES:
            self._lines.popleft()
            removed += self._heights.popleft()
        if removed:
            del self._rows[:removed]
            if not self.is_at_end:
                self.scroll_to(y=self.scroll_offset.y - removed, animate=False, immediate=True)
            self.refresh()

    def _append_rows(self, line: Line) -> None:
        before = len(self._rows)
        self._rows += self._day_rows(line.message.at if isinstance(line, Said) else line.at)
        self._rows += self._said_rows(line) if isinstance(line, Said) else self._note_rows(line)
        self._heights.append(len(self._rows) - before)

    def _day_rows(self, at: float) -> list[Content]:
        """Write a date above the first line of another day."""
        day = local_time(int(at))
        before, self._day = self._day, day.toordinal()
        if before in (0, self._day):
            return []
        return self._divider_rows(f"{day:%A}, {day.day} {day:%B %Y}")

    def _said_rows(self, line: Said) -> list[Content]:
        message = line.message
        body = Content.assemble(
            (message.sender, _name_style(message.sender, is_mine=line.is_mine)),
            *self._address(message),
            (f"{_marks(message)}: ", _style("time")),
            Content(message.text),
        )
        return self._hanging(f"{local_time(int(message.at)):%H:%M} ", body)

    def _address(self, message: ChatMessage) -> list[tuple[str, str]]:
        if message.to is None:
            return []
        return [(" → ", _style("time")), (message.to, _style("private"))]

    def _note_rows(self, note: Note) -> list[Content]:
        if note.kind == "divider":
            return self._divider_rows(note.text)
        style = _style(note.kind)
        is_continued = note.text.startswith("  ")
        mark = "  " if is_continued else _MARKS[note.kind]
        text = note.text[2:] if is_continued else note.text
        return self._hanging(" " * (TIME_WIDTH - 2) + mark, Content.styled(text, style), style)

    def _rows_of_outbox(self) -> list[Content]:
        """Write what is on its way; the keys stand where they take effect, at the oldest in red."""
        rows: list[Content] = []
        keys = " F3: send again, F4: drop"
        for outgoing in self._outbox:
            rows += self._outgoing_rows(outgoing, keys)
            if outgoing.state != "waiting":
                keys = ""
        return rows

    def _outgoing_rows(self, outgoing: Outgoing, keys: str) -> list[Content]:
        if outgoing.state == "waiting":
            style, mark, why = _style("waiting"), "…", ""
        else:
            style, mark = _style("refusal"), "!"
            why = f"  ({outgoing.reason}{keys})"
        body = Content.styled(_outgoing_text(outgoing) + why, style)
        return self._hanging(f"{mark:>{TIME_WIDTH - 1}} ", body, style)

    def _divider_rows(self, text: str) -> list[Content]:
        style = _style("divider")
        rows = Content.styled(f"── {text} ──", style).wrap(max(1, self._width), align="center")
        return rows

    def _hanging(self, prefix: str, body: Content, style: str | None = None) -> list[Content]:
        """Wrap a text beside a prefix of TIME_WIDTH columns."""
        rows = body.wrap(max(1, self._width - TIME_WIDTH)) or [Content("")]
        first = Content.styled(prefix, style or _style("time"))
        indent = Content(" " * TIME_WIDTH)
        return [
            Content.assemble(indent if number else first, row) for number, row in enumerate(rows)
        ]


def _name_style(name: str, *, is_mine: bool) -> str:
    return _style("mine" if is_mine else f"name-{zlib.crc32(name.encode()) % NAME_COLOURS}")


def _style(part: str) -> str:
    return f"messages--{part}"


def _outgoing_text(outgoing: Outgoing) -> str:
    said = outgoing.said
    if said is None:
        return outgoing.line
    to = "" if said.to is None else f"→ {said.to.text}: "
    later = f"in {duration(said.delay)}: " if said.delay else ""
    return f"{to}{later}{said.text}"


def _marks(message: ChatMessage) -> str:
    marks = ["left"] if message.left else []
    if message.due is not None:
        marks.append(f"due {local_time(int(message.due)):%H:%M}")
    return f" ({', '.join(marks)})" if marks else ""
