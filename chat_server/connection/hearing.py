"""What one connection has said and nobody has taken up yet: bytes first, and then lines."""

from chat_server.connection.rate_limit import SLICE
from chat_server.doors import LineReader
from chat_server.protocol.events import Refused

COMMAND = 8
"""Bytes of lines that cost as much as one of telnet's commands."""


class Hearing:
    """Bytes that are taken apart a slice at a time, each when it is its turn."""

    __slots__ = ("_is_known", "_max_line", "reader", "unheard")

    def __init__(self, max_line: int) -> None:
        self._max_line = max_line
        self._is_known = False
        """Whether its first line was one of a chat."""
        self.unheard = b""
        """Bytes that are not taken apart yet."""
        self.reader: LineReader | None = None
        """What makes lines of the slices so far; most say nothing most of the time: None."""

    def add(self, chunk: bytes) -> None:
        self.unheard = self.unheard + chunk if self.unheard else chunk

    @property
    def unread(self) -> int:
        """Count the bytes that are not taken up yet."""
        return len(self.unheard) + (0 if self.reader is None else self.reader.unread)

    @property
    def next_size(self) -> int:
        """Count the bytes of the next slice, each of telnet's commands as many as its work is."""
        size = min(len(self.unheard), SLICE)
        if b"\xff" not in self.unheard:
            return size
        return size + COMMAND * self.unheard.count(b"\xff", 0, SLICE)

    def hear_slice(self) -> bytes:
        """Take the next slice apart; return what a telnet client must be answered."""
        slice_, self.unheard = self.unheard, b""
        if len(slice_) > SLICE:
            slice_, self.unheard = slice_[:SLICE], slice_[SLICE:]
        if self.reader is None:
            self.reader = LineReader(self._max_line, is_known=self._is_known)
        return self.reader.feed(slice_)

    def goodbye(self) -> str:
        """Say goodbye to what is no client of a chat, as soon as it shows that; "" before."""
        return "" if self.reader is None else self.reader.goodbye()

    def next_line(self) -> str | Refused | None:
        """Return the next line of the slices so far, or why it is refused; None: there is none."""
        return None if self.reader is None else self.reader.next_line()

    def key_of_half_a_line(self) -> str | None:
        """Return the key of a line whose end has not come, "" without one; None: there is none."""
        return None if self.reader is None else self.reader.key_of_half_a_line()

    def put_back(self, line: str | Refused) -> None:
        """Take back the line that was given out last."""
        if self.reader is not None:
            self.reader.put_back(line)

    def tidy_up(self) -> None:
        """Keep no reader that means nothing for what comes next."""
        if self.reader is not None and self.reader.is_as_new:
            self._is_known = self.reader.is_known
            self.reader = None

    def forget(self) -> None:
        self.reader, self.unheard = None, b""
