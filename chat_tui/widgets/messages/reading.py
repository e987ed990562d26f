"""Reading: what of a scrollback has not been seen, and where one stopped reading. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from chat_tui.session.state import Line, Said
from chat_tui.session.transcript import is_day
from chat_tui.widgets.messages.scrollback import Scrollback


class Unread(NamedTuple):
    """How many messages have not been seen, and how many of them are for our user."""

    messages: int = 0
    mentions: int = 0


class Reading:
    """Counts what comes unseen, and marks where one stopped reading with the unread line."""

    def __init__(self, scrollback: Scrollback) -> None:
        self._scrollback = scrollback
        self._first_unread: int | None = None
        self.unread = Unread()

    def take_in(self, came: Sequence[Line], *, is_seen: bool) -> None:
        """Count what has come; if our user spoke first, they have read all above it."""
        begin = self._scrollback.end - len(came)
        if self._scrollback.unread_line == begin and _is_said_by_oneself(came):
            self._scrollback.mark_unread(None)
        said = [line for line in came if isinstance(line, Said) and not line.is_mine]
        if is_seen or not said:
            return
        messages, mentions = self.unread
        if not messages:
            self._first_unread = begin
        self.unread = Unread(messages + len(said), mentions + sum(line.is_mention for line in said))

    def read(self) -> None:
        """Take all that is here as seen."""
        self.unread = Unread()

    def stop(self) -> None:
        """Let the unread line follow the last line, if all that came has been seen."""
        scrollback = self._scrollback
        if not self.unread.messages:
            scrollback.mark_unread(scrollback.end)
        elif scrollback.unread_line is None:
            scrollback.mark_unread(self._first_unread)

    def go_on(self) -> bool:
        """Go to where one stopped reading, or to the first line if so much came since then that it
        is gone. Return whether something came.
        """
        scrollback = self._scrollback
        stopped = scrollback.unread_line
        if stopped is None or stopped >= scrollback.end:
            return False
        if stopped < scrollback.first:
            stopped = scrollback.first
            scrollback.mark_unread(stopped)
        scrollback.put(stopped, scrollback.window // 4)
        return True


def _is_said_by_oneself(came: Sequence[Line]) -> bool:
    """Say whether the first of some lines is our user's, and not one that was scheduled."""
    first = next((line for line in came if not is_day(line)), None)
    return isinstance(first, Said) and first.is_mine and not first.item
