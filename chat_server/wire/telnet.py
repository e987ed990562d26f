"""Telnet's own bytes, taken out of what is said (RFC 854, 855)."""

import re

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
EL, EC, AYT, AO, IP, BRK, SUSP, EOF = 248, 247, 246, 245, 244, 243, 237, 236
BINARY = 0
ASK_BINARY = bytes((IAC, DO, BINARY))
"""Asks a telnet client to send what is typed as it is (RFC 856).

Without that, telnet takes bytes of some letters, Cyrillic ones among them, for control keys.
"""
LONGEST = 4096
"""Bytes of a sub-negotiation; none that telnet clients know of is nearly as long."""
ARE_THERE = b"* Yes, the chat is here.\r\n"
"""What answers "are you there", once for all that come together."""

_GARBLED = {AO: b"\x8f", IP: b"\x83", BRK: b"\x9c", SUSP: b"\x9a", EOF: b"\x84"}
"""What telnet took for a control key (^O, ^C, ^\\, ^Z, ^D) in the middle of a letter."""
_LEADS = range(0xC2, 0xE0)
"""First bytes of letters of two bytes in UTF-8 (RFC 3629)."""
_ACCEPTED = {DO: WILL, WILL: DO}
_DECLINED = {DO: WONT, WILL: DONT}
_KEYS = {EC: b"\x7f", EL: b"\x15"}
"""What the keys are that erase a character or the line."""

_WISH = re.compile(rb"\xff([\xfb-\xfe])(.)", re.DOTALL)
_TOKEN = re.compile(
    rb"(?P<text>[^\xff]+)"
    rb"|(?P<escaped>(?:\xff\xff)+)"
    rb"|(?P<wishes>(?:\xff[\xfb-\xfe].)+)"
    rb"|(?P<silent>(?:\xff[\xee-\xf2\xf9]|\xff\xfa(?:[^\xff]|\xff[^\xf0])*\xff\xf0)+)"
    rb"|(?P<key>\xff[\xec-\xf8])(?P=key)*"
    rb"|(?P<data>\xff[\0-\xeb])",
    re.DOTALL,
)
"""Text, or commands that are alike: a run of them costs what one costs.

Silent are sub-negotiations, and commands that ask for nothing.
"""


class Telnet:
    """Telnet's commands, taken out of bytes that come in any pieces."""

    def __init__(self) -> None:
        self.has_heard_command = False
        self._begun = b""
        """The beginning of a command whose rest has not come."""
        self._last = 0
        """The byte that was said last."""
        self._answered: set[tuple[bytes, bytes]] = set()
        self._replies: list[bytes] = []

    @property
    def is_inside(self) -> bool:
        """Say whether the bytes so far end in the middle of a command."""
        return bool(self._begun)

    @property
    def is_endless(self) -> bool:
        """Say whether a sub-negotiation is under way that is longer than any."""
        return len(self._begun) > LONGEST

    def filter(self, chunk: bytes, previous: int) -> tuple[bytes, bytes]:
        """Split bytes, after a `previous` one, into what was said and what is to be answered."""
        chunk, self._last = self._begun + chunk, previous
        said: list[bytes] = []
        place = 0
        for token in _TOKEN.finditer(chunk):
            if token.start() != place:
                break  # what comes before is the beginning of a command
            place = token.end()
            said.append(self._said(token))
        self._begun = chunk[place:]
        replies, self._replies = b"".join(self._replies), []
        return b"".join(said), replies

    def _said(self, token: re.Match[bytes]) -> bytes:
        """Carry out what a token asks for; return what was said with it."""
        kind, whole = token.lastgroup, token[0]
        if kind == "escaped":
            whole = whole[::2]
        elif kind != "text" and kind != "data":
            self.has_heard_command = True
            if kind == "wishes":
                self._answer(whole)
            whole = self._typed(whole) if kind == "key" else b""
        if whole:
            self._last = whole[-1]
        return whole

    def _typed(self, keys: bytes) -> bytes:
        """Return what a key stands for that was pressed once or more."""
        key, times = keys[1], len(keys) // 2
        if key in _GARBLED and self._last in _LEADS:
            return _GARBLED[key]
        if key == AYT and ARE_THERE not in self._replies:
            self._replies.append(ARE_THERE)
        return _KEYS.get(key, b"") * times

    def _answer(self, wishes: bytes) -> None:
        """Answer each wish once: all but binary mode are declined."""
        for wish in dict.fromkeys(_WISH.findall(wishes)):
            verb, option = wish[0][0], wish[1][0]
            if verb in _DECLINED and wish not in self._answered:
                self._answered.add(wish)
                answers = _ACCEPTED if option == BINARY else _DECLINED
                self._replies.append(bytes((IAC, answers[verb], option)))
