"""The scrollback: which rows of a transcript are seen, and how one moves over them. Pure.

A position is a line and a row of it, not a row of the whole, so it stays while lines come, are
dropped, or are wrapped for another width. Only what is looked at is laid out; the heights of all
other lines are guesses, which are good enough for the scroll bar.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chat_tui.layout.heights import Heights
from chat_tui.layout.lines import Layout, character_at, estimate, layout, outgoing_layouts, plain
from chat_tui.session.newest import Newest
from chat_tui.session.outbox import Outgoing
from chat_tui.session.state import Line
from chat_tui.session.transcript import Transcript

CACHED = 400
"""Lines of which the layout is kept."""


class Position(NamedTuple):
    """A row of a line; below the last line, a row of what is not said yet."""

    sequence: int
    row: int


class TextPosition(NamedTuple):
    """A character in the text of a line as it is laid out."""

    sequence: int
    character: int


class Bookmark(NamedTuple):
    """Where one is, to come back to."""

    position: Position
    is_following: bool


class Scrollback:
    """The lines of a transcript in a window of so many columns and rows; what has no answer yet
    stands below them. It follows the end unless it is scrolled up.
    """

    def __init__(self, transcript: Transcript) -> None:
        transcript.has_reader = True
        self.transcript = transcript
        self.first = transcript.first
        """The first line that has been taken in, and is kept."""
        self.width = 0
        self.window = 0
        self.tail: list[Layout] = []
        """What has no answer yet."""
        self.unread_line: int | None = None
        """The line above which the unread line stands."""
        self.is_following = True
        self.position = Position(self.first, 0)
        """The first row of the window."""
        self.y = 0
        """How many rows are above the window, as far as that is known."""
        self._outgoing: Sequence[Outgoing] = ()
        self._changes = 0
        """How many changes of the transcript's lines are laid out."""
        self._heights = Heights()
        self._layouts: Newest[int, Layout] = Newest(CACHED)

    # What is kept

    @property
    def end(self) -> int:
        """The sequence that the next line will have."""
        return self.first + len(self._heights)

    @property
    def rows(self) -> int:
        """How many rows there are, as far as that is known."""
        return self._heights.total + self._tail_rows

    @property
    def is_empty(self) -> bool:
        """Say whether there is no line."""
        return len(self._heights) == 0

    @property
    def lines(self) -> Iterator[tuple[int, Line]]:
        """The lines, each with its sequence."""
        kept = self.transcript.since(self.first)[: len(self._heights)]
        return enumerate(kept, self.first)

    def line(self, sequence: int) -> Line | None:
        """Return a line, if it is kept."""
        return self.transcript.get(sequence) if sequence < self.end else None

    def text(self) -> str:
        """Return everything that is kept, a row for a line."""
        return "\n".join(plain(line) for _, line in self.lines)

    def take_in(self) -> list[Line]:
        """Return what was told since the last time, and drop what is too old."""
        if self._changes != self.transcript.changes:
            self._changes = self.transcript.changes
            self._wrap_again(self.width)
        came = self.transcript.since(self.end)
        width = self.width or 80
        for sequence, line in enumerate(came, self.end):
            self._heights.append(estimate(line, width) + (sequence == self.unread_line))
        self.transcript.trim(None if self.is_following else self.position.sequence)
        dropped = range(self.first, self.transcript.first)
        for sequence in dropped:
            self._layouts.pop(sequence, None)
        self._heights.drop(len(dropped))
        self.first = self.transcript.first
        if self.position.sequence < self.first:
            self.position = Position(self.first, 0)
        return came

    def show_outgoing(self, outgoing: Sequence[Outgoing]) -> None:
        """Show below everything what is on its way, or could not be carried out."""
        self._outgoing = outgoing
        self._lay_tail_out()
        self.settle()

    # How it is laid out

    def layout(self, sequence: int) -> Layout:
        """Lay a line out, or take what is known."""
        known = self._layouts.get(sequence)
        if known is not None:
            return known
        shown = layout(self.transcript[sequence], max(1, self.width))
        self._layouts[sequence] = shown
        return shown

    def resize(self, width: int, window: int) -> None:
        """Show so many columns and rows."""
        self.window = window
        if width != self.width:
            self._wrap_again(width)
        self.settle()

    def settle(self) -> None:
        """Measure the lines that are seen; if it follows the end, move there."""
        if not self.width or not self.window:
            return
        if not self.is_following:
            self._hold()
        if self.is_following:
            self._measure_last(self.window - self._tail_rows)
            self.position = self._at(max(0, self.rows - self.window))
        sequence, row = self.position
        self.y = self._heights.top(sequence - self.first) + row

    def _hold(self) -> None:
        """Measure from the position downward; where that reaches the end, follow it."""
        rows = self.window + self.position.row
        for sequence in range(self.position.sequence, self.end):
            if rows <= 0:
                return
            rows -= self._measured(sequence)
        self.is_following = rows >= self._tail_rows

    def _measure_last(self, rows: int) -> None:
        for sequence in range(self.end - 1, self.first - 1, -1):
            if rows <= 0:
                break
            rows -= self._measured(sequence)

    def _measured(self, sequence: int) -> int:
        """Correct the height of a line, and return it."""
        height = len(self.layout(sequence).rows) + (sequence == self.unread_line)
        self._heights[sequence - self.first] = height
        return height

    def _wrap_again(self, width: int) -> None:
        """Guess all heights for another width; the first character seen stays the first."""
        character = self._first_character()
        lines = [line for _, line in self.lines]
        self.width = width
        self._layouts.clear()
        self._heights.clear()
        for line in lines:
            self._heights.append(estimate(line, width))
        self._lay_tail_out()
        if character:
            sequence = self.position.sequence
            starts = [row.start for row in self.layout(sequence).rows]
            at = max(number for number, start in enumerate(starts) if start <= character)
            self.position = Position(sequence, at + (sequence == self.unread_line))

    def _first_character(self) -> int:
        """Return which character of its line is the first that is seen."""
        sequence, row = self.position
        if self.is_following or not self.width or self.line(sequence) is None:
            return 0
        rows = self.layout(sequence).rows
        row -= sequence == self.unread_line
        return rows[min(max(0, row), len(rows) - 1)].start

    def _lay_tail_out(self) -> None:
        outgoing = tuple(self._outgoing)
        self.tail = outgoing_layouts(outgoing, self.width) if self.width else []

    @property
    def _tail_rows(self) -> int:
        return sum(len(shown.rows) for shown in self.tail)

    # Where it is

    @property
    def bookmark(self) -> Bookmark:
        return Bookmark(self.position, self.is_following)

    def go_back(self, bookmark: Bookmark) -> None:
        """Go to where one was."""
        if bookmark.is_following:
            self.follow()
        else:
            self._go_to(bookmark.position)

    def follow(self) -> None:
        """Go to the end, and stay there."""
        self.is_following = True
        self.settle()

    def go_home(self) -> None:
        """Go to the first line."""
        self._go_to(Position(self.first, 0))

    def move(self, rows: int) -> None:
        """Scroll by so many rows, as they are and not as they were guessed; negative: back."""
        sequence, row = self.position
        row += rows
        while row < 0 and sequence > self.first:
            sequence -= 1
            row += self._measured(sequence)
        while sequence < self.end - 1 and row >= self._measured(sequence):
            row -= self._measured(sequence)
            sequence += 1
        self._go_to(Position(sequence, max(0, row)))

    def scroll_to(self, y: int) -> None:
        """Follow the scroll bar: a little is so many rows, much is a guess."""
        moved = y - self.y
        if y >= self.rows - self.window and moved > 0:
            self.follow()
        elif abs(moved) <= 3 * self.window:
            self.move(moved)
        else:
            self._go_to(self._at(y))

    def put(self, sequence: int, down: int) -> None:
        """Bring the first row of a line to so many rows down in the window."""
        self.position = Position(sequence, 0)
        self.move(-down)

    def reveal(self, sequence: int) -> None:
        """Bring a line into view, a third from the top, unless it is seen already."""
        if not self._is_seen(sequence):
            self.put(sequence, self.window // 3)

    def reach(self, sequence: int) -> None:
        """Bring a line into view by moving as little as can be."""
        if self._is_seen(sequence):
            return
        is_above = sequence <= self.position.sequence
        self.put(sequence, 0 if is_above else max(0, self.window - self._measured(sequence)))

    def mark_unread(self, sequence: int | None) -> None:
        """Put the unread line above a line, which need not be here yet; None takes it away."""
        before, self.unread_line = self.unread_line, sequence
        if before == sequence:
            return
        if before is not None and self.position.sequence == before and self.position.row:
            self.position = Position(before, self.position.row - 1)
        for moved in (before, sequence):
            if moved is not None and self.line(moved) is not None and self.width:
                self._measured(moved)
        self.settle()

    def _go_to(self, position: Position) -> None:
        self.is_following = False
        self.position = position
        self.settle()

    def _is_seen(self, sequence: int) -> bool:
        height = min(self._measured(sequence), self.window)
        self.settle()
        down = self._heights.top(sequence - self.first) - self.y
        return 0 <= down <= self.window - height

    # What is where

    def row(self, down: int) -> Position:
        """Return what stands in a row of the window."""
        return self._at(self.y + down)

    def last_seen(self) -> int:
        """Return the last line that is seen."""
        return min(self.row(self.window - 1).sequence, self.end - 1)

    def character_at(self, down: int, column: int) -> tuple[TextPosition, bool]:
        """Return the character nearest to a place in the window, and whether it is really there."""
        sequence, row = self.row(down)
        if self.is_empty:
            return TextPosition(self.first, 0), False
        if sequence >= self.end:
            return self.text_end(self.end - 1), False
        row -= sequence == self.unread_line
        if row < 0:
            return TextPosition(sequence, 0), False
        character, is_there = character_at(self.layout(sequence), row, column)
        return TextPosition(sequence, character), is_there

    def text_end(self, sequence: int) -> TextPosition:
        """Return where the text of a line ends."""
        return TextPosition(sequence, len(self.layout(sequence).text))

    def body(self, sequence: int) -> TextPosition:
        """Return where what was written begins in a line, behind its time and its sender."""
        return TextPosition(sequence, self.layout(sequence).body)

    def _at(self, y: int) -> Position:
        index, row = self._heights.at(max(0, y))
        return Position(self.first + index, row)
