"""The lines of one conversation. Pure.

A line's sequence is its number since the first that ever came; so it stays the same while the
oldest lines are dropped.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from chat_server.protocol.wording import local_time
from chat_tui.session.state import Line, Note, Said

KEPT_LINES = 5000
"""Lines of a conversation that can be scrolled back to."""
DELETED = "(deleted)"
"""What is shown in place of a message that a moderator took out."""
LONGEST_HOLD = 4
"""So many times as much is kept at the most while somebody reads what would be dropped."""


class Transcript:
    """Lines in the order in which they came; above the first message of another day its date.

    Nothing else keeps these lines, so a pane that shows them says itself when the oldest may go
    (`has_reader`); without one they go as others come.
    """

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self.first = 0
        self.has_reader = False
        self._lines: list[Line] = []
        self.changes = 0
        """How often a line was changed that was there already."""
        self._day = (0.0, 0.0)
        self._date = 0
        for line in lines:
            self.add(line)

    @property
    def end(self) -> int:
        """The sequence that the next line will have."""
        return self.first + len(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines)

    def __getitem__(self, sequence: int) -> Line:
        return self._lines[sequence - self.first]

    def get(self, sequence: int) -> Line | None:
        """Return a line, if it is kept."""
        return self[sequence] if self.first <= sequence < self.end else None

    def since(self, sequence: int) -> list[Line]:
        """Return the lines from one on."""
        return self._lines[max(0, sequence - self.first) :]

    def add(self, line: Line) -> None:
        if isinstance(line, Said) and not self._day[0] <= line.message.at < self._day[1]:
            self._add_day(line.message.at)
        self._lines.append(line)
        if not self.has_reader:
            self.trim()

    def delete(self, message: str) -> None:
        """Let nobody read the message of an id any more, if it is here."""
        for place, line in enumerate(self._lines):
            if isinstance(line, Said) and line.message.id == message:
                gone = msgspec.structs.replace(line.message, text=DELETED)
                self._lines[place] = line._replace(message=gone, is_mention=False)
                self.changes += 1

    def trim(self, held: int | None = None) -> None:
        """Drop the oldest lines, but none from `held` on, up to `LONGEST_HOLD` as many."""
        count = len(self._lines) - KEPT_LINES
        if held is not None and len(self._lines) <= LONGEST_HOLD * KEPT_LINES:
            count = min(count, held - self.first)
        if count > 0:
            del self._lines[:count]
            self.first += count

    def _add_day(self, time: float) -> None:
        day = local_time(int(time))
        before, self._date = self._date, day.toordinal()
        if before not in (0, self._date):
            self._lines.append(Note("day", f"{day:%A}, {day.day} {day:%B %Y}", time))
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - days have 23 to 25 hours
        self._day = (midnight.timestamp(), (midnight + timedelta(days=1)).timestamp())


def told_at(line: Line) -> float:
    """Return when a line was told."""
    return line.message.at if isinstance(line, Said) else line.at


def is_day(line: Line) -> bool:
    """Say whether a line is the date above the first message of a day."""
    return isinstance(line, Note) and line.kind == "day"
