"""What one connection has said and nobody has taken up yet: bytes first, and then lines."""

from chat_server.connection.rate_limit import SLICE
from chat_server.doors import LineReader

COMMAND = 8
"""Bytes of lines that cost as much as one of telnet's commands."""


class Hearing:
    """Bytes that are taken apart a slice at a time, each when it is its turn."""

    __slots__ = ("reader", "unheard")

    def __init__(self, max_line: int) -> None:
        self.unheard = b""
        """Bytes that are not taken apart yet."""
        self.reader = LineReader(max_line)
        """What makes lines of the slices so far."""

    def add(self, chunk: bytes) -> None:
        self.unheard = self.unheard + chunk if self.unheard else chunk

    @property
    def unread(self) -> int:
        """Count the bytes that are not taken up yet."""
        return len(self.unheard) + self.reader.unread

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
        return self.reader.feed(slice_)
