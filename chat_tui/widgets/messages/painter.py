"""The rows of a record as strips: its spans in their styles, and what is marked on them."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.layout.lines import TIME_WIDTH, UNREAD, Layout, Row, cells, drawn

CURRENT = "▸"
"""What stands before the message that a search or a jump has led to."""


class Marks(NamedTuple):
    """What is drawn on a record: places in its text, and what stands beside it."""

    selected: tuple[int, int] | None = None
    hits: tuple[tuple[int, int], ...] = ()
    is_current: bool = False
    has_lead: bool = False
    """The unread line stands above it."""


class Piece(NamedTuple):
    """A part of a row that is drawn in one style."""

    start: int
    end: int
    style: str


def strips(
    layout: Layout, marks: Marks, width: int, style_of: Callable[[str], Style]
) -> list[Strip]:
    """Draw a record; `style_of` knows a style by its name, several joined by spaces."""
    base = style_of("text")
    drawn_rows = []
    if marks.has_lead:
        drawn_rows.append(_lead(width, style_of("unread"), base))
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


def _lead(width: int, style: Style, base: Style) -> Strip:
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
    """Point at a record in the last column before it."""
    first = segments[0]
    if row.indent or not first.text.endswith(" "):
        first = Segment(" " * max(1, row.indent), first.style)
    rest = segments[1:] if first.text[:-1] or segments[0].text.isspace() else segments
    return [Segment(first.text[:-1], first.style), Segment(CURRENT, style), *rest]
