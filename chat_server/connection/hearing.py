"""What one connection has said and nobody has taken up yet: bytes first, and then lines."""

from chat_server.connection.rate_limit import SLICE
from chat_server.connection.throttle import Throttle
from chat_server.delivery.turns import Turns
from chat_server.doors import Reader
from chat_server.protocol.events import Bye, Refused

COMMAND = 8
"""Bytes of lines that cost as much as one of telnet's commands."""


class Hearing:
    """Bytes that are taken apart a slice at a time, and lines, each when it is its turn."""

    __slots__ = ("_throttle", "_turns", "reader", "unheard")

    def __init__(self, reader: Reader, throttle: Throttle | None, turns: Turns) -> None:
        self.unheard = b""
        """Bytes that are not taken apart yet."""
        self.reader = reader
        """What makes lines of the slices so far."""
        self._throttle = throttle
        """What keeps its pace; None: it may talk without limit."""
        self._turns = turns

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

    def hear_slice(self) -> bytes | Bye | None:
        """Take the next slice apart, if the pace allows it; None if not.

        Return what telnet at the other end must be answered, or a goodbye to what is no client of
        a chat.
        """
        size = self.next_size
        if self._throttle is not None and not self._throttle.lets_bytes_through(size):
            return None
        self._turns.left -= size
        slice_, self.unheard = self.unheard, b""
        if len(slice_) > SLICE:
            slice_, self.unheard = slice_[:SLICE], slice_[SLICE:]
        reader = self.reader
        replies = reader.feed(slice_)
        if not reader.is_known and (goodbye := reader.goodbye()) is not None:
            return goodbye
        return replies

    def next_line(self) -> str | Refused | None:
        """Return the next line if there is one and the pace allows it."""
        line = self.reader.next_line()
        if line is None or self._throttle is None or self._throttle.lets_line_through():
            return line
        self.reader.put_back(line)
        return None
