"""A pane that scrolls over records; only what is looked at is wrapped and drawn.

The place is a record and a row of it, not a row of the whole: so it stays while records come,
are dropped, or are wrapped for another width. The scroll bar follows from it, by heights of
which those never seen are guesses.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from chat_server.protocol.text import local_time
from chat_tui.layout.heights import Heights
from chat_tui.layout.lines import Layout, estimate, layout
from chat_tui.session.state import Line, Note, Said
from chat_tui.widgets.messages.painter import Marks, strips

KEPT_LINES = 5000
"""Lines of the chat that can be scrolled back to."""
SLABS = 10
"""In so many parts of what is kept the oldest lines are dropped."""
LONGEST_HOLD = 4
"""So many times as much is kept at the most while somebody reads what would be dropped."""
CACHED = 400
"""Records of which the picture is kept."""


class Place(NamedTuple):
    """A row of a record; `sequence` is its number since the first that ever came."""

    sequence: int
    row: int


class Scrollback(ScrollView, can_focus=True):
    """Records, the newest at the bottom; it follows unless it is scrolled up."""

    FOCUS_ON_CLICK: ClassVar[bool] = False  # so that who clicks and types goes on writing

    def __init__(self, key: str) -> None:
        super().__init__(id=None if key else "messages")
        self.key = key
        self.auto_links = False
        self._lines: list[Line] = []
        self._first = 0
        self._heights = Heights()
        self._layouts: dict[int, Layout] = {}
        self._strips: dict[int, list[Strip]] = {}
        self._styles: dict[str, Style] = {}
        self._tail: list[Layout] = []
        self._tail_strips: list[Strip] = []
        self._lead: int | None = None
        self._width = 0
        self._day = (0.0, 0.0)
        self._date = 0
        self._is_following = True
        self._place = Place(0, 0)
        self._settled_y = 0
        self._is_settling = False

    # What is kept

    @property
    def is_at_end(self) -> bool:
        return self._is_following

    @property
    def _end(self) -> int:
        """The number that the next record will have."""
        return self._first + len(self._lines)

    def _line(self, sequence: int) -> Line | None:
        index = sequence - self._first
        return self._lines[index] if 0 <= index < len(self._lines) else None

    def _add(self, lines: Iterable[Line]) -> None:
        width = self._width or 80
        for line in lines:
            if isinstance(line, Said) and not self._day[0] <= line.message.at < self._day[1]:
                self._add_day(line.message.at)
            self._lines.append(line)
            self._heights.append(estimate(line, width))
        if self._lead is not None and self._first <= self._lead < self._end:
            self._heights[self._lead - self._first] = self._measured(self._lead)

    def _replace(self, said: Said) -> bool:
        """Put a message in the place of the one with its id; say whether there is one."""
        for index in range(len(self._lines) - 1, -1, -1):
            line = self._lines[index]
            if isinstance(line, Said) and line.message.id == said.message.id:
                sequence = self._first + index
                self._lines[index] = said
                self._layouts.pop(sequence, None)
                self._strips.pop(sequence, None)
                self._measured(sequence)
                return True
        return False

    def _add_day(self, at: float) -> None:
        """Write a date above the first message of another day."""
        day = local_time(int(at))
        before, self._date = self._date, day.toordinal()
        if before not in (0, self._date):
            text = f"{day:%A}, {day.day} {day:%B %Y}"
            self._lines.append(Note("divider", text, at))
            self._heights.append(1)
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - days have 23 to 25 hours
        self._day = (midnight.timestamp(), (midnight + timedelta(days=1)).timestamp())

    def _trim(self) -> None:
        """Drop the oldest lines, but none that somebody looks at, unless it goes on and on."""
        excess = len(self._lines) - KEPT_LINES
        if excess <= 0:
            return
        slab = max(1, KEPT_LINES // SLABS)
        count = -(-excess // slab) * slab
        if not self._is_following and len(self._lines) <= LONGEST_HOLD * KEPT_LINES:
            count = min(count, max(0, self._place.sequence - self._first) // slab * slab)
        if count <= 0:
            return
        del self._lines[:count]
        self._heights.drop(count)
        for sequence in range(self._first, self._first + count):
            self._layouts.pop(sequence, None)
            self._strips.pop(sequence, None)
        self._first += count

    # How it is laid out

    def _layout(self, sequence: int) -> Layout:
        """Lay a record out, or take what is known."""
        known = self._layouts.get(sequence)
        if known is None:
            known = layout(self._lines[sequence - self._first], max(1, self._width))
            if len(self._layouts) >= CACHED:
                del self._layouts[next(iter(self._layouts))]
            self._layouts[sequence] = known
        return known

    def _measured(self, sequence: int) -> int:
        """Correct the height of a record, and return it."""
        height = len(self._layout(sequence).rows) + (sequence == self._lead)
        self._heights[sequence - self._first] = height
        return height

    @property
    def _window(self) -> int:
        return self.scrollable_content_region.height

    def _settle(self) -> None:
        """Measure what is to be seen, and set the scroll bar and the rows to the place."""
        if not self._width or not self._window:
            return
        tail = len(self._tail_strips)
        if self._is_following:
            self._measure_last(self._window - tail)
        else:
            self._hold(tail)
        total = self._heights.total + tail
        if self._is_following:
            y = max(0, total - self._window)
            self._place = self._place_at(y)
        else:
            y = self._heights.top(self._place.sequence - self._first) + self._place.row
        self._set_scroll(y, Size(self._width, total))

    def _measure_last(self, rows: int) -> None:
        for sequence in range(self._end - 1, self._first - 1, -1):
            if rows <= 0:
                break
            rows -= self._measured(sequence)

    def _hold(self, tail: int) -> None:
        """Measure from the place downward; if that reaches the end, follow it."""
        if self._place.sequence < self._first:
            self._place = Place(self._first, 0)
        rows = self._window + self._place.row
        for sequence in range(self._place.sequence, self._end):
            if rows <= 0:
                return
            rows -= self._measured(sequence)
        if rows - tail >= 0:
            self._is_following = True
            self._measure_last(self._window - tail)

    def _place_at(self, y: int) -> Place:
        index, row = self._heights.at(y)
        return Place(self._first + index, row)

    def _set_scroll(self, y: int, size: Size) -> None:
        """Set the rows and the scroll bar without a layout, which would paint twice."""
        self._is_settling = True
        try:
            if size != self.virtual_size:
                self.set_reactive(Widget.virtual_size, size)
                self._scroll_update(size)
            self.set_reactive(Widget.scroll_target_y, float(y))
            self.scroll_y = float(y)
        finally:
            self._is_settling = False
        self._settled_y = y

    # How it moves

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if not self._is_settling and round(new_value) != self._settled_y:
            self._scrolled(round(new_value))
        super().watch_scroll_y(old_value, self.scroll_y)

    def _scrolled(self, y: int) -> None:
        """Follow the scroll bar: a little is so many rows, much is a guess."""
        moved = y - self._settled_y
        if y >= self.max_scroll_y and moved > 0:
            self.follow()
        elif abs(moved) <= 3 * self._window:
            self.move(moved)
        else:
            self._go_to(self._place_at(y))

    def follow(self) -> None:
        """Go to the end, and stay there."""
        self._is_following = True
        self._settle()
        self._moved()

    def move(self, rows: int) -> None:
        """Scroll by so many rows, as they are and not as they were guessed; negative: back."""
        sequence, row = self._place
        if not self._lines or sequence >= self._end:
            return
        row += rows
        while row < 0 and sequence > self._first:
            sequence -= 1
            row += self._measured(sequence)
        while sequence < self._end - 1 and row >= self._measured(sequence):
            row -= self._measured(sequence)
            sequence += 1
        self._go_to(Place(sequence, max(0, row)))

    def _go_to(self, place: Place) -> None:
        self._is_following = False
        self._place = place
        self._settle()
        self.refresh()
        self._moved()

    def _moved(self) -> None:
        """Take note that another part is seen now."""

    def _reveal(self, sequence: int) -> None:
        """Bring a record into view, a third from the top, unless it is seen already."""
        if not self._is_seen(sequence):
            self._place = Place(sequence, 0)
            self.move(-(self._window // 3))

    def _reach(self, sequence: int) -> None:
        """Bring a record into view by moving as little as can be."""
        if self._is_seen(sequence):
            return
        is_above = sequence <= self._place.sequence
        self._place = Place(sequence, 0)
        self.move(0 if is_above else min(0, self._measured(sequence) - self._window))

    def _is_seen(self, sequence: int) -> bool:
        height = min(self._measured(sequence), self._window)
        self._settle()
        down = self._heights.top(sequence - self._first) - self._settled_y
        return 0 <= down <= self._window - height

    def page(self, pages: int) -> None:
        """Scroll by pages; negative: back."""
        self.move(pages * max(1, self._window - 1))

    def action_scroll_up(self) -> None:
        self.move(-1)

    def action_scroll_down(self) -> None:
        self.move(1)

    def action_page_up(self) -> None:
        self.page(-1)

    def action_page_down(self) -> None:
        self.page(1)

    def action_scroll_home(self) -> None:
        if self._lines:
            self._go_to(Place(self._first, 0))

    def action_scroll_end(self) -> None:
        self.follow()

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._wrap_again()
        self._settle()
        self.refresh()
        self._moved()

    def _wrap_again(self) -> None:
        """Guess all heights for another width; the first character seen stays the first."""
        sequence, row = self._place
        character = 0
        if not self._is_following and self._first <= sequence < self._end and self._width:
            rows = self._layout(sequence).rows
            character = rows[min(row, len(rows) - 1)].start
        self._width = self.scrollable_content_region.width
        self._layouts.clear()
        self._strips.clear()
        self._heights.clear()
        for line in self._lines:
            self._heights.append(estimate(line, self._width))
        self._draw_tail()
        if character:
            rows = self._layout(sequence).rows
            lead = sequence == self._lead
            at = max(number for number, row in enumerate(rows) if row.start <= character)
            self._place = Place(sequence, at + lead)

    # How it is drawn

    def _draw_tail(self) -> None:
        self._tail_strips = [
            strip
            for shown in self._tail
            for strip in strips(shown, Marks(), self._width, self._style)
        ]

    def render_line(self, y: int) -> Strip:
        index, row = self._heights.at(self.scroll_offset.y + y)
        is_tail = index == len(self._lines)
        rows = self._tail_strips if is_tail else self._drawn(self._first + index)
        if row < len(rows):
            return rows[row]
        return Strip.blank(self.scrollable_content_region.width, self._style("text"))

    def _drawn(self, sequence: int) -> list[Strip]:
        """Draw a record, or take the picture that is known."""
        known = self._strips.get(sequence)
        if known is None:
            shown = self._layout(sequence)
            known = strips(shown, self._marks(sequence, shown), self._width, self._style)
            if len(self._strips) >= CACHED:
                del self._strips[next(iter(self._strips))]
            self._strips[sequence] = known
        return known

    def _marks(self, sequence: int, shown: Layout) -> Marks:
        return Marks(has_lead=sequence == self._lead)

    def _redraw(self, *sequences: int | None) -> None:
        """Draw some records anew; without any: all of them."""
        for sequence in sequences:
            if sequence is not None:
                self._strips.pop(sequence, None)
        if not sequences:
            self._strips.clear()
        self.refresh()

    def _style(self, name: str) -> Style:
        """Look a style up; it is the theme's until another is chosen."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._make_style(name)
        return style

    def _make_style(self, name: str) -> Style:
        return self.rich_style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()
        if self._width:
            self._draw_tail()
