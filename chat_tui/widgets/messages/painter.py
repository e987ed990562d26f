"""The painter: rows of a scrollback as strips, with what is chosen, found and new marked."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.layout.lines import TIME_WIDTH, UNREAD, Layout, Row, cells, drawn
from chat_tui.session.newest import Newest
from chat_tui.widgets.messages.scrollback import Scrollback
from chat_tui.widgets.messages.search import Search
from chat_tui.widgets.messages.selection import Selection

CACHED = 400
"""Lines of which the picture is kept."""
CURRENT = "▸"
"""What stands before the message that a search or a jump has led to."""


class Marks(NamedTuple):
    """What is drawn on a line: places in its text, and what stands beside it."""

    selected: tuple[int, int] | None = None
    hits: tuple[tuple[int, int], ...] = ()
    is_current: bool = False
    is_new: bool = False
    """The unread line stands above it."""


class Picture(NamedTuple):
    """The rows of a line, and what they were drawn from; hits follow from the query."""

    layout: Layout
    query: str
    marks: Marks
    strips: list[Strip]


class Piece(NamedTuple):
    """A part of a row that is drawn in one style."""

    start: int
    end: int
    style: str


class Painter:
    """Draws rows as they are seen, and keeps what it has drawn until that changes.

    `style_of` knows a style by its name, several joined by spaces.
    """

    def __init__(
        self,
        scrollback: Scrollback,
        selection: Selection,
        search: Search,
        style_of: Callable[[str], Style],
    ) -> None:
        self._scrollback = scrollback
        self._selection = selection
        self._search = search
        self._style_of = style_of
        self._styles: dict[str, Style] = {}
        self._pictures: Newest[int, Picture] = Newest(CACHED)
        self._tail_layouts: list[Layout] = []
        self._tail_strips: list[Strip] = []

    def row(self, down: int) -> Strip:
        """Draw a row of the window."""
        sequence, row = self._scrollback.row(down)
        if self._scrollback.line(sequence) is not None:
            rows = self._line(sequence)
        elif sequence == self._scrollback.end:
            rows = self._tail()
        else:
            rows = []
        if row < len(rows):
            return rows[row]
        return Strip.blank(self._scrollback.width, self._style("text"))

    def forget_styles(self) -> None:
        """Look all styles up anew."""
        self._styles.clear()
        self._pictures.clear()
        self._tail_layouts = []

    def _line(self, sequence: int) -> list[Strip]:
        layout, query = self._scrollback.layout(sequence), self._search.query
        marks = Marks(
            selected=self._selection.within(sequence, len(layout.text)),
            is_current=sequence == self._search.current,
            is_new=sequence == self._scrollback.unread_line,
        )
        known = self._pictures.get(sequence)
        if known and known.layout is layout and (known.query, known.marks) == (query, marks):
            return known.strips
        hits = self._search.within(sequence, layout.text)
        drawn_rows = strips(layout, marks._replace(hits=hits), self._scrollback.width, self._style)
        self._pictures[sequence] = Picture(layout, query, marks, drawn_rows)
        return drawn_rows

    def _tail(self) -> list[Strip]:
        scrollback = self._scrollback
        if self._tail_layouts is not scrollback.tail:
            self._tail_layouts = scrollback.tail
            drawn_lines = (
                strips(layout, Marks(), scrollback.width, self._style) for layout in scrollback.tail
            )
            self._tail_strips = [strip for drawn_line in drawn_lines for strip in drawn_line]
        return self._tail_strips

    def _style(self, name: str) -> Style:
        """Look a style up, once until `forget_styles`."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._style_of(name)
        return style


def strips(
    layout: Layout, marks: Marks, width: int, style_of: Callable[[str], Style]
) -> list[Strip]:
    """Draw a line; `style_of` knows a style by its name, several joined by spaces."""
    base = style_of("text")
    drawn_rows = []
    if marks.is_new:
        drawn_rows.append(_unread_line(width, style_of("unread"), base))
    pieces = list(_pieces(layout, marks))
    for number, row in enumerate(layout.rows):
        segments = [Segment(" " * row.indent, base)] if row.indent else []
        used = row.indent
        for text, style in _row_texts(layout, row, pieces):
            segments.append(Segment(text, style_of(style)))
            used += cells(text)
        if marks.is_current and number == 0:
            segments = _pointed(segments, row, style_of("current"))
        if used < width:
            segments.append(Segment(" " * (width - used), base))
        strip = Strip(segments, max(used, width))
        drawn_rows.append(strip if used <= width else strip.adjust_cell_length(width, base))
    return drawn_rows


def _unread_line(width: int, style: Style, base: Style) -> Strip:
    indent = max(0, (width - len(UNREAD)) // 2)
    segments = [Segment(" " * indent, base), Segment(UNREAD, style)]
    return Strip(segments).adjust_cell_length(width, base)


def _pieces(layout: Layout, marks: Marks) -> Iterator[Piece]:
    """Cut the spans where something marked begins or ends."""
    cuts = {place for hit in marks.hits for place in hit} | set(marks.selected or ())
    start = 0
    for end, style in layout.spans:
        for cut in sorted(cut for cut in cuts if start < cut < end):
            yield Piece(start, cut, _marked(style, start, marks))
            start = cut
        if start < end:
            yield Piece(start, end, _marked(style, start, marks))
        start = max(start, end)


def _marked(style: str, place: int, marks: Marks) -> str:
    if marks.selected is not None and marks.selected[0] <= place < marks.selected[1]:
        return f"{style}\nselected"
    if any(start <= place < end for start, end in marks.hits):
        return f"{style}\nhit"
    return style


def _row_texts(layout: Layout, row: Row, pieces: list[Piece]) -> Iterator[tuple[str, str]]:
    """Cut out of the pieces what stands in a row, without the spaces that hang over its end."""
    end = row.start + len(layout.text[row.start : row.end].rstrip())
    if row.start == 0:
        end = max(end, min(TIME_WIDTH, row.end))
    for piece in pieces:
        text = layout.text[max(piece.start, row.start) : min(piece.end, end)]
        if piece.start < end and text:
            yield drawn(text), piece.style


def _pointed(segments: list[Segment], row: Row, style: Style) -> list[Segment]:
    """Point at a line in the last column before it."""
    first = segments[0]
    if row.indent or not first.text.endswith(" "):
        first = Segment(" " * max(1, row.indent), first.style)
    rest = segments[1:] if first.text[:-1] or segments[0].text.isspace() else segments
    return [Segment(first.text[:-1], first.style), Segment(CURRENT, style), *rest]
