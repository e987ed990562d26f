"""What the tests of the message pane's parts share: lines, and what a window shows of them."""

from collections.abc import Iterator

from chat_tui.layout.lines import UNREAD, Layout
from chat_tui.session.state import Line, Said
from chat_tui.session.transcript import Transcript
from chat_tui.widgets.messages.scrollback import Scrollback
from tests.support.clock import DAWN
from tests.support.people import says


def said(
    number: int,
    text: str = "",
    *,
    at: float = DAWN,
    is_mine: bool = False,
    is_mention: bool = False,
    item: str = "",
) -> Said:
    message = says("bob", text or f"number {number}", number=number, at=at, item=item or None)
    return Said(message, is_mine=is_mine, is_mention=is_mention)


def scrolling(*lines: Line | str, width: int = 40, window: int = 4) -> Scrollback:
    """Show lines, or messages with these texts, in so many columns and rows."""
    scrollback = Scrollback(Transcript())
    scrollback.resize(width, window)
    tell(scrollback, *lines)
    return scrollback


def tell(scrollback: Scrollback, *lines: Line | str) -> list[Line]:
    """Tell further lines, and return what was taken in."""
    for number, line in enumerate(lines, scrollback.transcript.end):
        scrollback.transcript.add(said(number, line) if isinstance(line, str) else line)
    came = scrollback.take_in()
    scrollback.settle()
    return came


def shown(scrollback: Scrollback) -> list[str]:
    """Return the rows of the window; of messages only what was written."""
    whole = dict(_rows(scrollback))
    return [whole[scrollback.row(down)] for down in range(_seen(scrollback))]


def all_rows(scrollback: Scrollback) -> list[str]:
    """Return every row there is, however far it would have to be scrolled to."""
    return [text for _, text in _rows(scrollback)]


def _seen(scrollback: Scrollback) -> int:
    return min(scrollback.window, scrollback.rows - scrollback.y)


def _rows(scrollback: Scrollback) -> Iterator[tuple[tuple[int, int], str]]:
    """Lay everything out, with the positions of the rows."""
    for sequence, _ in scrollback.lines:
        above = [UNREAD] if sequence == scrollback.unread_line else []
        rows = [*above, *_texts(scrollback.layout(sequence))]
        yield from (((sequence, row), text) for row, text in enumerate(rows))
    tail = [text for layout in scrollback.tail for text in _texts(layout)]
    yield from (((scrollback.end, row), text) for row, text in enumerate(tail))


def _texts(layout: Layout) -> list[str]:
    texts = [layout.text[max(row.start, layout.body) : row.end] for row in layout.rows]
    return [text.rstrip() for text in texts]
