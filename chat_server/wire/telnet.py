"""Telnet's own bytes, taken out of what comes (RFC 854, 855); they may be split anywhere."""

import re

_IAC, _DONT, _DO, _WONT, _WILL, _SB = 255, 254, 253, 252, 251, 250
_EL, _EC, _AYT = 248, 247, 246
_BINARY = 0
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
IS_HERE = b"* [Yes], the chat is here.\r\n"
"""Answers telnet's "are you there?"."""
LONGEST_SUBNEGOTIATION = 1024
"""Bytes of a sub-negotiation after which its end is not waited for; none was agreed to."""

_IAC_BYTE = b"\xff"
_SUBNEGOTIATION = re.compile(rb"\xff\xfa[^\xff]*(?:\xff[^\xf0][^\xff]*)*\xff\xf0")


class Telnet:
    """Telnet's side of one connection: all options are declined but binary mode, each once."""

    __slots__ = ("_answered", "_replies", "_said", "_unfinished", "has_heard_command", "is_endless")

    def __init__(self) -> None:
        self.has_heard_command = False
        self.is_endless = False
        """Whether a sub-negotiation goes on and on."""
        self._unfinished = b""
        """A command whose end has not come."""
        self._answered: set[tuple[int, int]] = set()
        self._said = bytearray()
        self._replies = bytearray()

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
        """Carry out the command at `start`; return where it ends, `start` if that has not come."""
        command = chunk[start + 1] if start + 1 < len(chunk) else _SB
        if command < _EOF:
            self._said += chunk[start : start + 2]
        elif command in _TYPED:
            self._said.append(_TYPED[command])
        elif command in _GARBLED and previous in _LEADS:
            self._said.append(_GARBLED[command])
        elif command == _AYT:
            self._replies += IS_HERE
        elif command == _SB:
            whole = _SUBNEGOTIATION.match(chunk, start)
            return start if whole is None else whole.end()
        elif command > _SB:
            return self._take_option(chunk, start, command)
        self.has_heard_command |= _EOF <= command < _IAC
        return start + 2

    def _take_option(self, chunk: bytes, start: int, verb: int) -> int:
        if start + 2 >= len(chunk):
            return start
        self.has_heard_command = True
        option = chunk[start + 2]
        if verb in _DECLINED and (verb, option) not in self._answered:
            self._answered.add((verb, option))
            answer = _ACCEPTED if option == _BINARY else _DECLINED
            self._replies += bytes((_IAC, answer[verb], option))
        return start + 3
