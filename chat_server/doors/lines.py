"""Bytes to lines: the ends of lines, UTF-8, and what no line may contain."""

from chat_server.doors.strangers import SUBNEGOTIATING, is_utf_16, stranger
from chat_server.doors.telnet import ASK_BINARY, Telnet
from chat_server.doors.typed import edited
from chat_server.protocol.commands import split_key
from chat_server.protocol.events import Bye, Refused

SPLIT_AT_ONCE = 4096
"""Bytes that are taken apart at once: many short lines take far more memory than their bytes."""

_NO_LINES: list[str | Refused] = []
"""An empty list that all readers without lines share, as most are without most of the time."""

_IAC, _CR = 255, 0x0D
_AFTER_RETURN = (b"\n", b"\0")
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
"""ASCII's control characters; in UTF-8 these bytes are part of no other."""
_TAB_TO_SPACE = bytes.maketrans(b"\t", b" ")
_HEAD = 64
"""Bytes at the beginning of a line in which its key would be."""


class LineReader:
    """Read lines out of bytes that come in any pieces.

    A line ends with LF or CR; an LF or NUL after a CR belongs to it (RFC 854). Telnet's own bytes
    are taken out; what was erased, and what controls terminals, is not in a line. A line of more
    than `limit` bytes is refused once and skipped to its end; so is one that is not UTF-8. Where
    a line that is refused begins with a key, so does its refusal.
    """

    __slots__ = (
        "_buffer",
        "_had_return",
        "_has_asked",
        "_last",
        "_limit",
        "_lines",
        "_skipping",
        "_telnet",
        "_unread_lines",
        "has_heard_garbage",
        "has_heard_return",
        "has_heard_telnet",
        "is_known",
        "unread",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.is_known = False
        """Whether the first line has come, and is one of a chat."""
        self._buffer = b""
        self._lines: list[str] | list[str | Refused] = _NO_LINES
        """Complete lines out of the buffer, the next one last."""
        self._unread_lines = 0
        """Bytes that those were; they count until the last of them is given out."""
        self.unread = 0
        """Bytes that are kept and not yet given out as lines."""
        self._skipping = False
        self._had_return = False
        """Whether a line has just ended with a CR, to which an LF or NUL would belong."""
        self._last = 0
        """The byte that came last, but for telnet's own."""
        self._telnet: Telnet | None = None
        self.has_heard_return = False
        """Whether a line has ended as telnet ends them all: with CR LF, or CR NUL."""
        self.has_heard_garbage = False
        """Whether a line was not UTF-8."""
        self.has_heard_telnet = False
        """Whether a telnet command has come."""
        self._has_asked = False
        """Whether telnet was asked for binary mode."""

    def goodbye(self) -> Bye | None:
        """Say goodbye to what is no client of a chat, as soon as it shows that."""
        if self._telnet is not None and self._telnet.is_endless:
            return SUBNEGOTIATING
        if self.is_known or not (beginning := self._buffer.lstrip(b"\n")):
            return None
        said = stranger(beginning)
        self.is_known = said is None and b"\n" in beginning
        return said

    def feed(self, chunk: bytes) -> bytes:
        """Take in bytes; return what a telnet client at the other end must be answered."""
        replies = b""
        if _IAC in chunk or (self._telnet is not None and self._telnet.is_inside):
            if self._telnet is None:
                self._telnet = Telnet()
            chunk, replies = self._telnet.filter(chunk, self._last)
            self.has_heard_telnet = self._telnet.has_heard_command
            self.is_known &= not self._telnet.is_endless
        if chunk:
            self._last = chunk[-1]
            if _CR in chunk or self._had_return:
                chunk = self._with_line_feeds(chunk)
            self._buffer += chunk
            self.unread += len(chunk)
        return replies

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """End lines with a line feed alone."""
        if self._had_return and chunk.startswith(_AFTER_RETURN):
            chunk = chunk[1:]
            self.has_heard_return = True
        self._had_return = self._last == _CR
        bare = chunk.replace(b"\r\n", b"\n").replace(b"\r\0", b"\n")
        self.has_heard_return |= len(bare) < len(chunk)
        return bare.replace(b"\r", b"\n")

    def next_line(self) -> str | Refused | None:
        """Return the next line without its end, or why it is refused; None: none is complete."""
        lines = self._lines
        if not lines:
            if not self._buffer:
                return None
            if self._skipping:
                self._skip()
            self._split()
            lines = self._lines
            if not lines:
                return self._drop_if_too_long()
        line = lines.pop()
        if not lines:
            self._lines = _NO_LINES
            self.unread = len(self._buffer)
        return line

    def half_a_line(self) -> Refused | None:
        """Refuse a line whose end has not come, and never will; None where there is none."""
        beginning = self._buffer.strip(b"\0")
        if not beginning or self._skipping:
            return None
        return Refused("half_a_line", re=_key(beginning))

    def ask_telnet(self, *, has_looked_on: bool) -> bytes:
        """Ask a telnet client, once, to send bytes as they are.

        It is known by its commands; or by the way its lines end, if also a line was garbled or
        somebody was silent before they typed.
        """
        is_garbled = self.has_heard_return and (self.has_heard_garbage or has_looked_on)
        if self._has_asked or not (self.has_heard_telnet or is_garbled):
            return b""
        self._has_asked = True
        return ASK_BINARY

    def hide_typing(self, hidden: bool) -> bytes:
        """Return what keeps telnet from showing what is typed, or lets it; b"" without telnet.

        Where it was hidden, so was the end of its line.
        """
        if self._telnet is None or not self.has_heard_telnet:
            return b""
        return self._telnet.hide_typing() if hidden else self._telnet.show_typing() + b"\r\n"

    def put_back(self, line: str | Refused) -> None:
        """Take back the line that was given out last, to give it out again."""
        if not self._lines:
            self.unread += self._unread_lines
        self._lines = [*self._lines, line]

    def _skip(self) -> None:
        """Drop the rest of a line that was too long, as far as it has come."""
        _, end, self._buffer = self._buffer.partition(b"\n")
        self._skipping = not end
        self.unread = len(self._buffer)

    def _split(self) -> None:
        """Take the next complete lines out of the buffer."""
        end = self._buffer.rfind(b"\n", 0, SPLIT_AT_ONCE)
        if end < 0:
            end = self._buffer.find(b"\n")
        if end < 0:
            return
        taken, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        self._unread_lines = end + 1
        plain = taken.translate(_TAB_TO_SPACE, _CONTROLS)
        lines: list[str] | list[str | Refused]
        if end <= self._limit and len(plain) == end and taken.isascii():
            lines = plain.decode().split("\n")
        else:
            lines = [self._text(line) for line in taken.split(b"\n")]
        lines.reverse()
        self._lines = lines

    def _text(self, line: bytes) -> str | Refused:
        """Return what a line says, or why it is refused."""
        if len(line) > self._limit:
            return self._too_long(line)
        if is_utf_16(line):
            self.has_heard_garbage = True
            return UTF_16
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            self.has_heard_garbage = True
            return _garbage(line, error)
        return text if text.isprintable() else edited(text)

    def _drop_if_too_long(self) -> Refused | None:
        """Drop the beginning of a line whose end has not come, and refuse it."""
        if len(self._buffer) <= self._limit:
            return None
        beginning, self._buffer = self._buffer, b""
        self._skipping = self.is_known = True
        self._unread_lines = self.unread = 0
        return self._too_long(beginning)

    def _too_long(self, line: bytes) -> Refused:
        return Refused("line_too_long", {"limit": self._limit}, re=_key(line))


UTF_16 = Refused("not_utf8", {"encoding": "UTF-16"})


def _key(line: bytes) -> str:
    """Return the key of a line that cannot be read whole; "" where it has none."""
    beginning = edited(line[:_HEAD].decode("utf-8", "replace"))
    return split_key(f"{beginning}…")[0]


def _garbage(line: bytes, error: UnicodeDecodeError) -> Refused:
    at = error.start
    return Refused("not_utf8", {"position": at + 1, "byte": line[at]}, re=_key(line))
