"""What one connection has said and nobody has taken up yet: bytes first, and then lines."""

from collections.abc import Callable

from chat_server.connection.rate_limit import SLICE
from chat_server.connection.throttle import Throttle
from chat_server.delivery.turns import Turns
from chat_server.doors import Reader
from chat_server.protocol.events import Bye, Refused

COMMAND = 8
"""What one of telnet's commands costs of the turn's budget besides its bytes."""
PIECE = 64
"""What taking apart a piece costs of it, however few bytes it has."""
_TELNET = b"\xff"


class Hearing:
    """Bytes that are taken apart a slice at a time, and lines, each when it is its turn."""

    __slots__ = ("_answer", "_turns", "reader", "telnet_answered", "throttle", "unheard")

    def __init__(
        self,
        reader: Reader,
        throttle: Throttle | None,
        turns: Turns,
        answer: Callable[[bytes | Bye], None],
    ) -> None:
        """Let `answer` take replies for telnet, or the goodbye to what is no client of a chat."""
        self.unheard = b""
        """Bytes that are not taken apart yet."""
        self.reader = reader
        """What makes lines of the slices so far."""
        self.telnet_answered: Callable[[], None] | None = None
        """What to call once the other end has shown that it is telnet; None: nobody waits."""
        self.throttle = throttle
        """What keeps its pace; None: it may talk without limit."""
        self._turns = turns
        self._answer = answer

    @property
    def unread(self) -> int:
        """Count the bytes that are not taken up yet."""
        return len(self.unheard) + self.reader.unread

    def hear_slice(self) -> bool:
        """Take the next slice apart, if the pace allows it; say whether more can be."""
        slice_, rest = self.unheard, b""
        if len(slice_) > SLICE:
            slice_, rest = slice_[:SLICE], slice_[SLICE:]
        size = len(slice_)
        if _TELNET in slice_:
            size += COMMAND * slice_.count(_TELNET)
        if self.throttle is not None and not self.throttle.lets_bytes_through(size):
            return False
        self._turns.left -= size + PIECE
        self.unheard, reader = rest, self.reader
        replies = reader.feed(slice_)
        if not reader.is_known and (goodbye := reader.goodbye()) is not None:
            self._answer(goodbye)
            return False
        if replies:
            self._answer(replies)
        return True

    def hear_telnet(self, answered: Callable[[], None]) -> None:
        """Hear on, though no line is taken up, up to telnet's answer that is waited for."""
        while self.unheard and not self.reader.has_heard_telnet and self.hear_slice():
            pass
        if self.reader.has_heard_telnet:
            answered()

    def next_line(self) -> str | Refused | None:
        """Return the next line if there is one and the pace allows it."""
        line = self.reader.next_line()
        if line is None or self.throttle is None or self.throttle.lets_line_through():
            return line
        self.reader.put_back(line)
        return None
