"""Telnet's own bytes, taken out of what comes (RFC 854, 855); they may be split anywhere."""

import re

_IAC, _DONT, _DO, _WONT, _WILL, _SB = 255, 254, 253, 252, 251, 250
_EL, _EC, _AYT, _NOP = 248, 247, 246, 241
_BINARY, _ECHO = 0, 1
_ACCEPTED = {_DO: _WILL, _WILL: _DO}
_DECLINED = {_DO: _WONT, _WILL: _DONT}

_AO, _IP, _BRK, _SUSP, _EOF = 245, 244, 243, 237, 236
_GARBLED = {_AO: 0x8F, _IP: 0x83, _BRK: 0x9C, _SUSP: 0x9A, _EOF: 0x84}
"""What telnet took for a control key (^O, ^C, ^\\, ^Z, ^D) in the middle of a letter."""
_LEADS = range(0xC2, 0xE0)
"""First bytes of letters of two bytes in UTF-8 (RFC 3629)."""
_TYPED = {_IAC: 0xFF, _EC: 0x08, _EL: 0x15}
"""What commands stand for: the byte 255 itself, erasing a character, erasing the line."""

ASK_BINARY = bytes((_IAC, _DO, _BINARY))
"""Asks a telnet client to send what is typed as it is (RFC 856).

Without that, telnet takes bytes of some letters, Cyrillic ones among them, for control keys.
"""
IS_HERE = b"* [Yes]\r\n"
"""Answers telnet's "are you there?"."""
MOST_REPLIES = 1024
"""Bytes of replies to one slice after which no further "are you there?" in it is answered."""
LONGEST_SUBNEGOTIATION = 1024
"""Bytes of a sub-negotiation after which its end is not waited for; none was agreed to."""

_IAC_BYTE = b"\xff"
_NOTHING = re.compile(rb"(?:\xff\xf1)+")
_OPTIONS = re.compile(rb"(?:\xff[\xfb-\xfe].)+", re.DOTALL)
_SUBNEGOTIATION = re.compile(rb"\xff\xfa[^\xff]*(?:\xff[^\xf0][^\xff]*)*\xff\xf0")


class Telnet:
    """Telnet's side of one connection: all options are declined but binary mode, each once."""

    __slots__ = (
        "_answered",
        "_hides",
        "_replies",
        "_said",
        "_unfinished",
        "has_heard_command",
        "is_endless",
    )

    def __init__(self) -> None:
        self.has_heard_command = False
        self.is_endless = False
        """Whether a sub-negotiation goes on and on."""
        self._unfinished = b""
        """A command whose end has not come."""
        self._answered: set[bytes] = set()
        self._hides = False
        """Whether we said that we show what is typed, which we do not do."""
        self._said = bytearray()
        self._replies = bytearray()

    def hide_typing(self) -> bytes:
        """Return what keeps telnet from showing what is typed: we say that we do that (RFC 857)."""
        self._hides = True
        return bytes((_IAC, _WILL, _ECHO))

    def show_typing(self) -> bytes:
        self._hides = False
        return bytes((_IAC, _WONT, _ECHO))

    @property
    def is_inside(self) -> bool:
        """Say whether the bytes so far end in the middle of a command."""
        return bool(self._unfinished)

    def filter(self, chunk: bytes, previous: int) -> tuple[bytes, bytes]:
        """Split bytes, after a `previous` one, into what was said and what is to be answered."""
        chunk = self._unfinished + chunk
        self._unfinished = b""
        self._said, self._replies = said, _ = bytearray(), bytearray()
        place = 0
        while (start := chunk.find(_IAC_BYTE, place)) >= 0:
            said += chunk[place:start]
            place = self._take(chunk, start, said[-1] if said else previous)
            if place == start:
                self._wait_for_more(chunk[start:])
                place = len(chunk)
        said += chunk[place:]
        return bytes(said), bytes(self._replies)

    def _wait_for_more(self, unfinished: bytes) -> None:
        self.is_endless |= len(unfinished) > LONGEST_SUBNEGOTIATION
        self._unfinished = unfinished[: LONGEST_SUBNEGOTIATION + 1]

    def _take(self, chunk: bytes, start: int, previous: int) -> int:
        """Carry out the command at `start`, and its like in a row; return where they end.

        That is `start` if the end has not come.
        """
        command = chunk[start + 1] if start + 1 < len(chunk) else _SB
        if command >= _SB and command != _IAC:
            pattern = _SUBNEGOTIATION if command == _SB else _OPTIONS
            return self._take_whole(pattern.match(chunk, start), start)
        self.has_heard_command |= _EOF <= command < _IAC
        if command in _TYPED:
            self._said.append(_TYPED[command])
        elif command < _EOF:
            self._said += chunk[start : start + 2]
        elif command == _NOP and (row := _NOTHING.match(chunk, start)) is not None:
            return row.end()
        elif command in _GARBLED and previous in _LEADS:
            self._said.append(_GARBLED[command])
        elif command == _AYT and len(self._replies) < MOST_REPLIES:
            self._replies += IS_HERE
        return start + 2

    def _take_whole(self, whole: "re.Match[bytes] | None", start: int) -> int:
        """Take options, or a sub-negotiation, if they have come whole."""
        if whole is None:
            return start
        if whole.re is _OPTIONS:
            self._answer(whole[0])
        else:
            self.has_heard_command = True
        return whole.end()

    def _answer(self, options: bytes) -> None:
        """Answer each DO and WILL, once for ever.

        WONT and DONT do not even show that telnet is there: no telnet begins with them, but
        UTF-16's byte order mark looks like DONT.
        """
        if options in self._answered:
            return
        for verb, option in dict.fromkeys(zip(options[1::3], options[2::3], strict=True)):
            command = bytes((_IAC, verb, option))
            if verb == _DO and option == _ECHO and self._hides:
                continue  # it agrees to what we said
            if verb in _DECLINED and command not in self._answered:
                self.has_heard_command = True
                self._answered.add(command)
                answer = _ACCEPTED if option == _BINARY else _DECLINED
                self._replies += bytes((_IAC, answer[verb], option))
