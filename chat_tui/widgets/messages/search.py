"""Search: which lines of a scrollback have what is sought, and which of them is shown. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat_tui.layout.lines import search_start, searched
from chat_tui.session.folding import folded, found
from chat_tui.session.state import Line, Said
from chat_tui.widgets.messages.scrollback import Bookmark, Scrollback


@dataclass(frozen=True)
class Hits:
    """How many lines have what is sought, and which of them (from 1, the oldest) is shown."""

    count: int
    current: int


class Search:
    """Seeks a text in a scrollback, or messages for oneself, and leads there."""

    def __init__(self, scrollback: Scrollback) -> None:
        self._scrollback = scrollback
        self._query = ""
        self._hits: list[int] = []
        self._began_at: Bookmark | None = None
        self._current: int | None = None

    @property
    def query(self) -> str:
        """What is sought, folded."""
        return self._query

    @property
    def current(self) -> int | None:
        """The line that was led to."""
        return self._current

    @property
    def hits(self) -> Hits:
        if self._current is None or self._current not in self._hits:
            return Hits(len(self._hits), 0)
        return Hits(len(self._hits), bisect_left(self._hits, self._current) + 1)

    def find(self, query: str) -> None:
        """Find a text in any spelling, and go to the newest place of it above where one was."""
        if self._began_at is None:
            self._began_at = self._scrollback.bookmark
        self._scrollback.go_back(self._began_at)
        before = bisect_right(self._seek(folded(query)), self._scrollback.last_seen())
        self._lead_to(self._hits[max(0, before - 1)] if self._hits else None)

    def step(self, step: int) -> None:
        """Go to the next place of what is sought; negative: above."""
        if not self._hits:
            return
        here = self._scrollback.end if self._current is None else self._current
        at = bisect_left(self._hits, here) + step
        if step > 0 and self._current is None:
            at = 0
        self._lead_to(self._hits[at % len(self._hits)])

    def end(self, *, is_staying: bool = False) -> None:
        """Seek nothing any more, and go back to where one was, unless one stays."""
        if self._began_at is None:
            return
        if not is_staying:
            self._scrollback.go_back(self._began_at)
        self._began_at = None
        self._query, self._hits = "", []
        self._current = None

    def step_mention(self, step: int) -> bool:
        """Go to the next message for oneself; negative: above. Return whether there is one."""
        mentions = [
            sequence
            for sequence, line in self._scrollback.lines
            if isinstance(line, Said) and line.is_mention
        ]
        here = self._current
        if here is None:
            here = self._scrollback.last_seen() + (step < 0)
        at = bisect_left(mentions, here) - 1 if step < 0 else bisect_right(mentions, here)
        if not 0 <= at < len(mentions):
            return False
        self._lead_to(mentions[at])
        return True

    def forget_mention(self) -> None:
        """Point at no message any more, unless it is one that was sought."""
        if self._began_at is None:
            self._current = None

    def take_in(self, came: Sequence[Line]) -> bool:
        """Seek also in what has come, and not in what was dropped. Return whether hits changed."""
        first, before = self._scrollback.first, self._hits
        if self._current is not None and self._current < first:
            self._current = None
        if self._query:
            new = self._matching(enumerate(came, self._scrollback.end - len(came)))
            self._hits = [*before, *new]
        if self._hits and self._hits[0] < first:
            self._hits = self._hits[bisect_left(self._hits, first) :]
        return self._hits != before

    def within(self, sequence: int, text: str) -> tuple[tuple[int, int], ...]:
        """Return where in the text of a line, as it is laid out, what is sought stands."""
        line = self._scrollback.line(sequence) if self._query else None
        if line is None:
            return ()
        start = search_start(line)
        return tuple((start + one, start + end) for one, end in found(self._query, text[start:]))

    def _seek(self, query: str) -> list[int]:
        """Find all lines that have a text; one that begins with the last is sought in its hits."""
        is_longer = self._query != "" and query.startswith(self._query)
        known = self._hits if is_longer else range(self._scrollback.first, self._scrollback.end)
        transcript = self._scrollback.transcript
        self._query = query
        lines = ((sequence, transcript[sequence]) for sequence in known)
        self._hits = list(self._matching(lines)) if query else []
        return self._hits

    def _matching(self, lines: Iterable[tuple[int, Line]]) -> Iterator[int]:
        query = self._query
        return (sequence for sequence, line in lines if query in folded(searched(line)))

    def _lead_to(self, sequence: int | None) -> None:
        """Point at a line, and bring it into view."""
        self._current = sequence
        if sequence is not None:
            self._scrollback.reveal(sequence)
