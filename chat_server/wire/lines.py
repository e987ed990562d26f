"""Bytes to lines: telnet's own bytes, the ends of lines, UTF-8, and what no line may contain."""

import re

from chat_server.events import Refused
from chat_server.wire.editing import EDITING, edited
from chat_server.wire.telnet import IAC, Telnet

SPLIT_AT_ONCE = 4096
"""Bytes that are taken apart at once: lines that are short take more room by themselves."""

_NO_LINES: list[str | Refused] = []
"""What all readers share that have none, as most have most of the time."""

_CR = 0x0D
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
"""ASCII's control characters; in UTF-8 these bytes are part of no other."""
_NOTHING = bytes({*_CONTROLS} - {*EDITING})
"""Those that mean nothing for the letters beside them."""
_TAB_TO_SPACE = bytes.maketrans(b"\t", b" ")
_KEY = re.compile(rb"(?:\xef\xbb\xbf)?@([A-Za-z0-9_-]{1,32})[ \n]")
"""The key of a line that is refused before it is read."""
ENDLESS = "A telnet sub-negotiation had no end."
"""Why nothing more is read of a connection."""


class LineReader:
    """Read lines out of bytes that come in any pieces.

    A line ends with LF, CR LF, CR NUL (RFC 854) or CR. Of telnet's options all but binary mode are
    declined; sub-negotiations are skipped. Keys that erase are carried out; other control
    characters, control sequences and bidirectional overrides are removed, a tab becomes a space. A
    line of more than `limit` bytes, without control characters that mean nothing, is refused once
    and skipped to its end; so is one that is not UTF-8. A refusal repeats the key of its line.
    """

    __slots__ = (
        "_after_return",
        "_buffer",
        "_has_edits",
        "_last",
        "_limit",
        "_lines",
        "_skipping",
        "_telnet",
        "_unread_lines",
        "has_heard_garbage",
        "has_heard_return",
    )

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = b""
        self._lines = _NO_LINES
        """Complete lines out of the buffer, the next one last."""
        self._unread_lines = 0
        """Bytes that those were; they count until the last of them is given out."""
        self._skipping = False
        self._after_return = False
        """Whether a carriage return came last, to whose line end a line feed or NUL belongs."""
        self._has_edits = False
        """Whether bytes have come that edit what is beside them."""
        self._last = 0
        """The byte that came last, but for telnet's own."""
        self._telnet: Telnet | None = None
        self.has_heard_return = False
        """Whether a line has ended as telnet ends them all, with a carriage return."""
        self.has_heard_garbage = False
        """Whether a line was not UTF-8."""

    @property
    def unread(self) -> int:
        """Count the bytes that are kept and not yet given out as lines."""
        return len(self._buffer) + (self._unread_lines if self._lines else 0)

    @property
    def is_as_new(self) -> bool:
        """Say whether what comes next would mean the same to a new reader."""
        keeps = self._buffer or self._lines or self._after_return or self._skipping
        return not (keeps or self._telnet or self.has_heard_garbage)

    @property
    def has_heard_telnet(self) -> bool:
        """Say whether a telnet command has come."""
        return self._telnet is not None and self._telnet.has_heard_command

    @property
    def fault(self) -> str:
        """Say why nothing more can be read; "" as long as it can."""
        return ENDLESS if self._telnet is not None and self._telnet.is_endless else ""

    def feed(self, chunk: bytes) -> bytes:
        """Take in bytes; return what a telnet client at the other end must be answered."""
        replies = b""
        if IAC in chunk or (self._telnet is not None and self._telnet.is_inside):
            chunk, replies = self._without_telnet(chunk)
        self._last = chunk[-1] if chunk else self._last
        if _CR in chunk or self._after_return:
            chunk = self._with_line_feeds(chunk)
        cleaned = chunk.translate(_TAB_TO_SPACE, _CONTROLS)
        if len(cleaned) != len(chunk):
            cleaned = chunk.translate(_TAB_TO_SPACE, _NOTHING)
            self._has_edits |= any(byte in cleaned for byte in EDITING)
        self._buffer += cleaned
        return replies

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """End lines with a line feed alone; what belongs to a carriage return may come later."""
        if not chunk:
            return chunk
        if self._after_return and chunk[0] in b"\n\0":
            self.has_heard_return = True
            chunk, self._after_return = chunk[1:], False
            if not chunk:
                return chunk
        self._after_return = chunk.endswith(b"\r")
        ended = chunk.replace(b"\r\n", b"\n").replace(b"\r\0", b"\n")
        self.has_heard_return |= len(ended) < len(chunk)
        return ended.replace(b"\r", b"\n")

    def _without_telnet(self, chunk: bytes) -> tuple[bytes, bytes]:
        """Take telnet's commands out of bytes; return what is left, and what to answer."""
        if self._telnet is None:
            self._telnet = Telnet()
        return self._telnet.filter(chunk, self._last)

    def next_line(self) -> str | Refused | None:
        """Return the next line without its end, or why it is refused; None: none is complete."""
        if not self._lines:
            self._lines = _NO_LINES
            if not self._buffer:
                return None
            if self._skipping:
                self._skip()
            self._split()
            if not self._lines:
                return self._drop_if_too_long()
        return self._lines.pop()

    def put_back(self, line: str | Refused) -> None:
        """Take back the line that was given out last, to give it out again."""
        self._lines = [*self._lines, line]

    def _skip(self) -> None:
        """Drop the rest of a line that was too long, as far as it has come."""
        _, end, self._buffer = self._buffer.partition(b"\n")
        self._skipping = not end

    def _split(self) -> None:
        """Take the next complete lines out of the buffer."""
        end = self._buffer.rfind(b"\n", 0, SPLIT_AT_ONCE)
        if end < 0:
            end = self._buffer.find(b"\n")
        if end < 0:
            return
        taken, self._buffer = self._buffer[:end], self._buffer[end + 1 :]
        self._unread_lines = end + 1
        if end <= self._limit and taken.isascii() and not self._has_edits:
            self._lines = [*reversed(taken.decode().split("\n"))]
        else:
            self._lines = [self._text(line) for line in reversed(taken.split(b"\n"))]

    def _text(self, line: bytes) -> str | Refused:
        """Return what a line says, or why it is refused."""
        if len(line) > self._limit:
            return self._too_long(line)
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
        self._skipping = True
        line, self._buffer, self._unread_lines = self._buffer, b"", 0
        return self._too_long(line)

    def _too_long(self, line: bytes) -> Refused:
        return Refused(
            "line_too_long",
            f"The line is longer than {self._limit} bytes and was skipped. Send it in parts.",
            re=_key(line),
        )


def _key(line: bytes) -> str:
    key = _KEY.match(line)
    return "" if key is None else key[1].decode()


def _garbage(line: bytes, error: UnicodeDecodeError) -> Refused:
    return Refused(
        "not_utf8",
        f"The line is not UTF-8 (its byte {error.start + 1} is 0x{line[error.start]:02X}) "
        "and was skipped. Type it again; if that does not help, set your terminal to UTF-8.",
        re=_key(line),
    )
