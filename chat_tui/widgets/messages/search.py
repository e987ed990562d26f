"""Finding one's way in the pane of messages: a text, a mention, where one stopped reading."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from textual.message import Message

from chat_tui.layout.lines import Layout, search_start, searched
from chat_tui.session.folding import folded, found
from chat_tui.session.state import Line, Said
from chat_tui.widgets.messages.painter import Marks
from chat_tui.widgets.messages.scrollback import Place
from chat_tui.widgets.messages.selection import Choosing


@dataclass(frozen=True)
class Hits:
    """How many messages have what is searched for, and which of them (from 1) is shown."""

    count: int
    current: int


class Finding(Choosing):
    """Records that can be searched and stepped through."""

    class HitsChanged(Message):
        """What is searched for is in more messages than before, or in fewer."""

        def __init__(self, view: "Finding", hits: Hits) -> None:
            super().__init__()
            self._view = view
            self.hits = hits

        @property
        def control(self) -> "Finding":
            return self._view

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._query = ""
        self._hits: list[int] = []
        self._began_at: tuple[Place, bool] | None = None
        self._current: int | None = None

    # Searching

    def search(self, query: str) -> Hits:
        """Find a text in any spelling, and go to the newest place of it above where one is."""
        if self._began_at is None:
            self._began_at = (self._place, self._is_following)
        self._return()
        last = self._last_seen() if self._lines else 0
        self._query = folded(query)
        self._hits = list(self._matching(self._lines, self._first)) if query else []
        self._strips.clear()
        before = bisect_right(self._hits, last)
        self._point_at(self._hits[max(0, before - 1)] if self._hits else None)
        return self._found()

    def search_step(self, step: int) -> Hits:
        """Go to the next place of what is searched for; negative: above."""
        if self._hits:
            here = self._end if self._current is None else self._current
            at = bisect_left(self._hits, here) + step
            if step > 0 and self._current is None:
                at = 0
            self._point_at(self._hits[at % len(self._hits)])
        return self._found()

    def end_search(self, *, is_staying: bool = False) -> None:
        """Show nothing as found any more, and go back to where one was."""
        if self._began_at is None:
            return
        if not is_staying:
            self._return()
        self._began_at = None
        self._query, self._hits = "", []
        self._strips.clear()
        self._point_at(None)

    def _return(self) -> None:
        """Go to where one was before searching."""
        if self._began_at is None:
            return
        place, was_following = self._began_at
        if was_following:
            self.follow()
        else:
            self._go_to(place)

    def _matching(self, lines: Iterable[Line], first: int) -> Iterable[int]:
        query = self._query
        for sequence, line in enumerate(lines, first):
            if query in folded(searched(line)):
                yield sequence

    def _found(self) -> Hits:
        if self._current is None or self._current not in self._hits:
            return Hits(len(self._hits), 0)
        return Hits(len(self._hits), bisect_left(self._hits, self._current) + 1)

    def _add(self, lines: Iterable[Line]) -> None:
        before = self._end
        super()._add(lines)
        if not self._query:
            return
        if found := list(self._matching(self._lines[before - self._first :], before)):
            self._hits += found
            self.post_message(self.HitsChanged(self, self._found()))

    def _trim(self) -> None:
        super()._trim()
        if self._current is not None and self._current < self._first:
            self._current = None
        if self._hits and self._hits[0] < self._first:
            self._hits = self._hits[bisect_left(self._hits, self._first) :]
            self.post_message(self.HitsChanged(self, self._found()))

    def _marks(self, sequence: int, shown: Layout) -> Marks:
        marks = super()._marks(sequence, shown)
        line = self._line(sequence)
        hits: tuple[tuple[int, int], ...] = ()
        if self._query and line is not None:
            start = search_start(line)
            places = found(self._query, shown.text[start:])
            hits = tuple((start + first, start + end) for first, end in places)
        return marks._replace(hits=hits, is_current=sequence == self._current)

    def _point_at(self, sequence: int | None) -> None:
        """Point at a record, and bring it into view."""
        before, self._current = self._current, sequence
        self._redraw(before, sequence)
        if sequence is not None:
            self._reveal(sequence)

    def follow(self) -> None:
        if self._began_at is None and self._current is not None:
            self._point_at(None)
        super().follow()

    # Mentions

    def step_mention(self, step: int) -> bool:
        """Go to the next message for oneself; negative: above. Return whether there is one."""
        mentions = [
            sequence
            for sequence, line in enumerate(self._lines, self._first)
            if isinstance(line, Said) and line.is_mention
        ]
        if not mentions:
            return False
        here = self._current
        if here is None:
            here = self._last_seen() + (step < 0)
        at = bisect_left(mentions, here) - 1 if step < 0 else bisect_right(mentions, here)
        if not 0 <= at < len(mentions):
            return False
        self._point_at(mentions[at])
        return True

    # Where one stopped reading

    def jump_to_unread(self) -> bool:
        """Go to where one stopped reading. Return whether something came since then."""
        if self._lead is None or self._line(self._lead) is None:
            return False
        self._place = Place(self._lead, 0)
        self.move(-(self._window // 4))
        return True

    def _set_lead(self, sequence: int) -> None:
        """Let the unread line stand above another record."""
        before, self._lead = self._lead, sequence
        if before == sequence:
            return
        if before is not None and self._place.sequence == before and self._place.row:
            self._place = Place(before, self._place.row - 1)
        for moved in (before, sequence):
            if moved is not None and self._line(moved) is not None and self._width:
                self._measured(moved)
        self._redraw(before, sequence)
        self._settle()
