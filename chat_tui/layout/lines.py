"""What a line of the pane of messages looks like: its text, its parts, its rows. Pure.

Every text of people becomes rows here and nowhere else, so here it is made harmless. A record's
text is what is copied; what is drawn of it leaves out characters without a width, which
terminals do not agree on.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size

from chat_server.protocol.events import Message, shortened
from chat_server.protocol.wording import duration, local_time
from chat_tui.layout.links import links
from chat_tui.session.outbox import Outgoing
from chat_tui.session.state import Line, Note, Said

TIME_WIDTH = 6
"""Columns of the time before a message, and of the space before its other rows."""
UNREAD = "── new since you looked away ──"
_DIVIDERS = ("divider", "day")
_MARKS = {"fact": "· ", "refusal": "! ", "move": "· "}
_WORD = re.compile(r"\s*\S+\s*")
_RAW = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_WIDTHLESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200d-\u200f\u2060-\u2065"
    "\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


class Span(NamedTuple):
    """A part of a record's text up to `end`, with the name of its style."""

    end: int
    style: str


class Row(NamedTuple):
    """One row on the screen: a piece of the record's text, so many columns from the left."""

    start: int
    end: int
    indent: int


class Layout(NamedTuple):
    """A record as it is shown; `body` is where what was written begins in the text."""

    text: str
    body: int
    spans: tuple[Span, ...]
    rows: tuple[Row, ...]
    links: tuple[tuple[int, int], ...] = ()


def clean(text: str) -> str:
    """Replace whatever could steer a terminal, one character by one."""
    if text.isprintable():
        return text
    return _RAW.sub(
        lambda found: " " if found[0] in "\t\n\r" else "\N{REPLACEMENT CHARACTER}", text
    )


def drawn(text: str) -> str:
    """Return what a terminal is given of a clean text."""
    return text if text.isascii() else _WIDTHLESS.sub("", text)


def cells(text: str) -> int:
    """Return how many columns a clean text takes."""
    return len(text) if text.isascii() else cell_len(drawn(text))


def wrap(text: str, width: int) -> list[int]:
    """Return where the second and each further row begins; spaces hang over a row's end.

    It is the only place that breaks rows: for their number, their picture and what is copied.
    """
    if text.isascii() and len(text) <= width:
        return []
    breaks: list[int] = []
    used = 0
    for match in _WORD.finditer(text):
        start, word = match.start(), match[0]
        size = cells(word.rstrip())
        if used + size > width:
            if size <= width or width - used < width // 4:
                if used:
                    breaks.append(start)
                used = 0
            if size > width:
                folds = list(_folds(word.rstrip(), width - used, width))
                breaks += [start + fold for fold in folds]
                used = cells(word[folds[-1] :]) if folds else used + size
                continue
        used += cells(word)
    return breaks


def _folds(word: str, room: int, width: int) -> Iterator[int]:
    """Find where to break a word that is wider than a row; marks stay with their letter."""
    for place, character in enumerate(word):
        size = 0 if _WIDTHLESS.match(character) else get_character_cell_size(character)
        if size > room and (place or room < width):
            yield place
            room = width
        room -= size


def estimate(line: Line, width: int) -> int:
    """Guess how many rows a line will take, without wrapping it."""
    if isinstance(line, Said):
        text = line.message.text
        length = len(text) + len(line.message.sender.name) + 2
    else:
        text = line.text
        length = len(text)
    if not text.isascii():
        length += length // 2
    return 1 + (length - 1) // max(1, width - TIME_WIDTH) if length else 1


def layout(line: Line, width: int) -> Layout:
    """Lay a line of the chat out for so many columns."""
    if isinstance(line, Said):
        return _said(line, width)
    return _divider(line.text, width) if line.kind in _DIVIDERS else _note(line, width)


def _divider(text: str, width: int) -> Layout:
    """Lay a line out that parts what is above from what is below."""
    text = f"── {clean(text)} ──"
    rows = [
        row._replace(indent=max(0, (width - cells(text[row.start : row.end].rstrip())) // 2))
        for row in _rows(text, 0, 0, width)
    ]
    return Layout(text, 0, (Span(len(text), "divider"),), tuple(rows))


def outgoing_layouts(outbox: tuple[Outgoing, ...], width: int) -> list[Layout]:
    """Lay out what has no answer; keys are named at the oldest that failed, where they work."""
    shown = []
    keys = " F3: send again, F4: drop"
    for outgoing in outbox:
        if outgoing.state == "waiting":
            style, mark, why = "waiting", "… ", ""
        else:
            style, mark, why = "refusal", "! ", f"  ({outgoing.why}{keys})"
            keys = ""
        text = mark + clean(outgoing_text(outgoing) + why)
        rows = _rows(text, len(mark), TIME_WIDTH, width)
        shown.append(Layout(text, len(mark), (Span(len(text), style),), rows))
    return shown


def searched(line: Line) -> str:
    """Return what of a line is searched: all but its time, as it is laid out."""
    if isinstance(line, Said):
        return "".join(text for text, _ in _said_head(line)[1:]) + clean(line.message.text)
    return f"── {clean(line.text)} ──" if line.kind in _DIVIDERS else _note_text(line)[1]


def search_start(line: Line) -> int:
    """Return where in a line's text the part begins that is searched."""
    return TIME_WIDTH if isinstance(line, Said) else 0


def written(line: Line) -> str:
    """Return what a line says, as it is searched and copied."""
    return clean(line.message.text if isinstance(line, Said) else line.text.strip())


def details(said: Said) -> list[str]:
    """Say everything there is to know about a message, a line each."""
    message = said.message
    to = "everyone" if message.to is None else clean(message.to.name)
    lines = [f"{clean(message.sender.name)} to {to}", f"said {_in_full(message.at)}"]
    if message.due is not None:
        lines.append(f"due {_in_full(message.due)}")
    if said.item:
        lines.append(f"scheduled as {clean(said.item)}")
    if message.left:
        lines.append("the sender had left by then")
    if message.away:
        lines.append("the sender was away by then")
    if said.has_waited:
        lines.append("it waited for you while you were away")
    return [*lines, f"id {clean(message.id)}"]


def _day(at: float) -> str:
    day = local_time(int(at))
    return f"{day.day} {day:%B}"


def _in_full(at: float) -> str:
    time = local_time(int(at))
    return f"{time:%A}, {time.day} {time:%B %Y, %H:%M:%S} ({time:%Z})"


def _said_head(line: Said) -> list[tuple[str, str]]:
    """Return what stands before a message, in parts with their styles; the time is the first."""
    message = line.message
    sender = clean(message.sender.name)
    parts = [
        (f"{local_time(int(message.at)):%H:%M} ", "mention" if line.is_mention else "time"),
        (sender, "mine" if line.is_mine else f"name {sender}"),
    ]
    if message.to is not None:
        parts += [(" → ", "time"), (clean(message.to.name), "private")]
    parts.append((f"{_said_marks(line)}: ", "time"))
    return parts


def _said(line: Said, width: int) -> Layout:
    text, spans = "", []
    for part, style in _said_head(line):
        text += part
        spans.append(Span(len(text), style))
    body = len(text)
    text += clean(line.message.text)
    found = tuple(links(text, body))
    for start, end in found:
        spans += [Span(start, "text"), Span(end, "link")]
    spans.append(Span(len(text), "text"))
    return Layout(text, body, tuple(spans), _rows(text, TIME_WIDTH, TIME_WIDTH, width), found)


def _said_marks(line: Said) -> str:
    message: Message = line.message
    marks = ["left"] if message.left else ["away"] if message.away else []
    if line.has_waited:
        marks.append(f"waited since {_day(message.at)}")
    if line.item:
        marks.append(f"scheduled {clean(line.item)}")
    if message.due is not None:
        marks.append(f"due {local_time(int(message.due)):%H:%M}")
    return f" ({', '.join(marks)})" if marks else ""


def _note(note: Note, width: int) -> Layout:
    mark, text = _note_text(note)
    style = "refusal" if note.kind == "refusal" else "fact"
    rows = _rows(text, len(mark), TIME_WIDTH, width)
    found = tuple(links(text, 0))
    spans = [
        span for start, end in found for span in (Span(start, style), Span(end, f"{style} link"))
    ]
    return Layout(text, len(mark), (*spans, Span(len(text), style)), rows, found)


def _note_text(note: Note) -> tuple[str, str]:
    """Return the mark of a line of the chat's own, and the line with it."""
    if note.is_more:
        return "", clean(note.text)
    mark = _MARKS.get(note.kind, "· ")
    return mark, mark + clean(note.text)


def _rows(text: str, hung: int, indent: int, width: int) -> tuple[Row, ...]:
    """Wrap a text of which the first `hung` characters stand before the indented rest."""
    breaks = [hung + place for place in wrap(text[hung:], max(1, width - indent))]
    starts = [0, *breaks]
    ends = [*breaks, len(text)]
    return tuple(
        Row(start, end, indent if number else indent - hung)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    )


def outgoing_text(outgoing: Outgoing) -> str:
    """Say to whom and when something goes, and what it is."""
    said = outgoing.said
    if said is None:
        return outgoing.line
    to = "" if said.to is None else f"→ {shortened(_recipient(outgoing))}: "
    later = f"in {duration(said.delay)}: " if said.delay else ""
    if outgoing.due is not None:
        later = f"at {local_time(int(outgoing.due)):%H:%M}: "
    return f"{to}{later}{said.text}"


def _recipient(outgoing: Outgoing) -> str:
    return outgoing.whom if outgoing.to is None else outgoing.to.name


def plain(line: Line) -> str:
    """Return the whole of a line as it is copied, in one row."""
    return layout(line, 1_000_000).text


def character_at(shown: Layout, row: int, column: int) -> tuple[int, bool]:
    """Return which character stands in a column of a row, and whether one really does."""
    start, end, indent = shown.rows[min(row, len(shown.rows) - 1)]
    left = column - indent
    if left < 0:
        return start, False
    for place in range(start, end):
        character = shown.text[place]
        left -= 0 if _WIDTHLESS.match(character) else get_character_cell_size(character)
        if left < 0:
            return place, True
    return end, False
