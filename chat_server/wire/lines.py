"""Bytes to lines: telnet's own bytes, the ends of lines, UTF-8, and what no line may contain."""

from chat_server.events import Refused

_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240
_BINARY = 0
_ACCEPTED = {_DO: _WILL, _WILL: _DO}
_DECLINED = {_DO: _WONT, _WILL: _DONT}

_AO, _IP, _BRK, _SUSP, _EOF = 245, 244, 243, 237, 236
_GARBLED = {_AO: 0x8F, _IP: 0x83, _BRK: 0x9C, _SUSP: 0x9A, _EOF: 0x84}
"""What telnet took for a control key (^O, ^C, ^\\, ^Z, ^D) in the middle of a letter."""
_LEADS = range(0xC2, 0xE0)
"""First bytes of letters of two bytes in UTF-8 (RFC 3629)."""

ASK_BINARY = bytes((_IAC, _DO, _BINARY))
"""Asks a telnet client to send what is typed as it is (RFC 856).

Without that, telnet takes bytes of some letters, Cyrillic ones among them, for control keys.
"""

SPLIT_AT_ONCE = 4096
"""Bytes that are taken apart at once: lines that are short take more room by themselves."""

_NO_LINES: list[str | Refused] = []
"""What all readers share that have none, as most have most of the time."""

_CR = 0x0D
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n"})
"""ASCII's control characters; in UTF-8 these bytes are part of no other."""
_TAB_TO_SPACE = bytes.maketrans(b"\t", b" ")
_REMOVED = dict.fromkeys(
    [*range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


class LineReader:
    """Read lines out of bytes that come in any pieces.

    A line ends with LF, CR LF or CR NUL (RFC 854). Of telnet's options all but binary mode are
    declined; sub-negotiations are skipped. Control characters and bidirectional overrides are
    removed, a tab becomes a space. A line of more than `limit` bytes without ASCII's control
    characters is refused once and skipped to its end; so is one that is not UTF-8.
    """

    __slots__ = (
        "_buffer",
        "_carriage_return",
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
        self._carriage_return = b""
        self._last = 0
        """The byte that came last, but for telnet's own."""
        self._telnet: _Telnet | None = None
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
        keeps = self._buffer or self._lines or self._carriage_return or self._skipping
        return not (keeps or self._telnet or self.has_heard_garbage)

    @property
    def has_heard_telnet(self) -> bool:
        """Say whether a telnet command has come."""
        return self._telnet is not None and self._telnet.has_heard_command

    def feed(self, chunk: bytes) -> bytes:
        """Take in bytes; return what a telnet client at the other end must be answered."""
        replies = b""
        if _IAC in chunk or (self._telnet is not None and self._telnet.is_inside):
            chunk, replies = self._without_telnet(chunk)
        self._last = chunk[-1] if chunk else self._last
        if _CR in chunk or self._carriage_return:
            chunk = self._with_line_feeds(self._carriage_return + chunk)
        self._buffer += chunk.translate(_TAB_TO_SPACE, _CONTROLS)
        return replies

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """End lines with a line feed alone; a carriage return at the end waits for what follows."""
        self._carriage_return = b"\r" if chunk.endswith(b"\r") else b""
        chunk = chunk.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r\0", b"\n")
        self.has_heard_return |= b"\n" in chunk
        return chunk

    def _without_telnet(self, chunk: bytes) -> tuple[bytes, bytes]:
        """Take telnet's commands out of bytes; return what is left, and what to answer."""
        if self._telnet is None:
            self._telnet = _Telnet()
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
        if end <= self._limit and taken.isascii():
            self._lines = [*reversed(taken.decode().split("\n"))]
        else:
            self._lines = [self._text(line) for line in reversed(taken.split(b"\n"))]

    def _text(self, line: bytes) -> str | Refused:
        """Return what a line says, or why it is refused."""
        if len(line) > self._limit:
            return self._too_long()
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            self.has_heard_garbage = True
            return _garbage(line, error)
        return text if text.isascii() or text.isprintable() else text.translate(_REMOVED)

    def _drop_if_too_long(self) -> Refused | None:
        """Drop the beginning of a line whose end has not come, and refuse it."""
        if len(self._buffer) <= self._limit:
            return None
        self._skipping = True
        self._buffer, self._unread_lines = b"", 0
        return self._too_long()

    def _too_long(self) -> Refused:
        return Refused(
            "line_too_long",
            f"The line is longer than {self._limit} bytes and was skipped. Send it in parts.",
        )


def _garbage(line: bytes, error: UnicodeDecodeError) -> Refused:
    return Refused(
        "not_utf8",
        f"The line is not UTF-8 (its byte {error.start + 1} is 0x{line[error.start]:02X}) "
        "and was skipped. Type it again; if that does not help, set your terminal to UTF-8.",
    )


class _Telnet:
    """Telnet's commands, taken out of the bytes; they may be split anywhere (RFC 854, 855)."""

    def __init__(self) -> None:
        self._take = self._take_text
        self.has_heard_command = False
        self._verb = 0
        self._previous = 0
        self._has_binary: set[int] = set()
        self._said = bytearray()
        self._replies = bytearray()

    @property
    def is_inside(self) -> bool:
        """Say whether the bytes so far end in the middle of a command."""
        return self._take != self._take_text

    def filter(self, chunk: bytes, previous: int) -> tuple[bytes, bytes]:
        """Split bytes, after a `previous` one, into what was said and what is to be answered."""
        self._previous = previous
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
            return
        if byte < _EOF:
            self._said += bytes((_IAC, byte))
            return
        self.has_heard_command = True
        before = self._said[-1] if self._said else self._previous
        if byte in _GARBLED and before in _LEADS:
            self._said.append(_GARBLED[byte])
        elif byte == _SB:
            self._take = self._skip
        elif byte in (_DO, _DONT, _WILL, _WONT):
            self._verb = byte
            self._take = self._take_option

    def _take_option(self, byte: int) -> None:
        self._take = self._take_text
        if self._verb not in _DECLINED:
            return
        if byte != _BINARY:
            self._replies += bytes((_IAC, _DECLINED[self._verb], byte))
        elif self._verb not in self._has_binary:
            self._has_binary.add(self._verb)
            self._replies += bytes((_IAC, _ACCEPTED[self._verb], byte))

    def _skip(self, byte: int) -> None:
        if byte == _IAC:
            self._take = self._skip_escaped

    def _skip_escaped(self, byte: int) -> None:
        self._take = self._take_text if byte == _SE else self._skip
