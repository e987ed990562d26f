"""Bytes to lines: telnet's own bytes, the ends of lines, UTF-8, and what no line may contain."""

from chat_server.events import Refused

_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240
_REPLIES = {_DO: _WONT, _WILL: _DONT}

_REMOVED = [
    *range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)
]  # fmt: skip
_CLEANED: dict[int, str | None] = dict.fromkeys(_REMOVED) | {0x09: " "}


class LineReader:
    """Read lines out of bytes that come in any pieces.

    A line ends with LF, CR LF or CR NUL (RFC 854). Telnet's options are all declined, its
    sub-negotiations skipped. A line of more than `limit` bytes is refused once and skipped to
    its end; so is one that is not UTF-8. Control characters and bidirectional overrides are
    removed, a tab becomes a space.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._start = 0
        self._searched = 0
        self._skipping = False
        self._carriage_return = b""
        self._telnet = _Telnet()

    @property
    def unread(self) -> int:
        """Count the bytes that are kept and not yet given out as lines."""
        return len(self._buffer) - self._start

    def feed(self, chunk: bytes) -> bytes:
        """Take in bytes; return what a telnet client at the other end must be answered."""
        replies = b""
        if self._telnet.is_inside or _IAC in chunk:
            chunk, replies = self._telnet.filter(chunk)
        chunk = self._carriage_return + chunk
        self._carriage_return = b"\r" if chunk.endswith(b"\r") else b""
        if b"\r" in chunk:
            chunk = chunk.removesuffix(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r\0", b"\n")
        if self._start:
            del self._buffer[: self._start]
            self._searched -= self._start
            self._start = 0
        self._buffer += chunk
        return replies

    def next_line(self) -> str | Refused | None:
        """Return the next line without its end, or why it is refused; None: none is complete."""
        end = self._buffer.find(b"\n", self._searched)
        if self._skipping:
            self._drop(end)
            return None if end < 0 else self.next_line()
        if (len(self._buffer) if end < 0 else end) - self._start > self._limit:
            self._drop(end)
            return Refused(
                "line_too_long",
                f"The line is longer than {self._limit} bytes and was skipped. Send it in parts.",
            )
        if end < 0:
            self._searched = len(self._buffer)
            return None
        line = self._buffer[self._start : end]
        self._start = self._searched = end + 1
        return _decoded(line)

    def _drop(self, end: int) -> None:
        self._skipping = end < 0
        self._start = self._searched = len(self._buffer) if end < 0 else end + 1


def _decoded(line: bytearray) -> str | Refused:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return Refused(
            "not_utf8",
            f"The line is not UTF-8 (its byte {error.start + 1} is 0x{line[error.start]:02X}) "
            "and was skipped. Set your terminal to UTF-8.",
        )
    return text if text.isprintable() else text.translate(_CLEANED)


class _Telnet:
    """Telnet's commands, taken out of the bytes; they may be split anywhere (RFC 854, 855)."""

    def __init__(self) -> None:
        self._take = self._take_text
        self._verb = 0
        self._said = bytearray()
        self._replies = bytearray()

    @property
    def is_inside(self) -> bool:
        """Say whether the bytes so far end in the middle of a command."""
        return self._take != self._take_text

    def filter(self, chunk: bytes) -> tuple[bytes, bytes]:
        """Split bytes into what was said and what is to be answered."""
        for byte in chunk:
            self._take(byte)
        filtered = bytes(self._said), bytes(self._replies)
        self._said.clear()
        self._replies.clear()
        return filtered

    def _take_text(self, byte: int) -> None:
        if byte == _IAC:
            self._take = self._take_verb
        else:
            self._said.append(byte)

    def _take_verb(self, byte: int) -> None:
        self._take = self._take_text
        if byte == _IAC:
            self._said.append(_IAC)
        elif byte == _SB:
            self._take = self._skip
        elif byte in (_DO, _DONT, _WILL, _WONT):
            self._verb = byte
            self._take = self._take_option

    def _take_option(self, byte: int) -> None:
        self._take = self._take_text
        if self._verb in _REPLIES:
            self._replies += bytes((_IAC, _REPLIES[self._verb], byte))

    def _skip(self, byte: int) -> None:
        if byte == _IAC:
            self._take = self._skip_escaped

    def _skip_escaped(self, byte: int) -> None:
        self._take = self._take_text if byte == _SE else self._skip
