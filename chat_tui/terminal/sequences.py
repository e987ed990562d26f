"""What terminals send: keys and reports as control sequences (ECMA-48), and bytes that are neither.

Only known sequences are passed on, each as a whole: a reader would take the characters of others
for keys, and an Enter may be among them.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chat_tui.config.keyboard_layouts import latin

_OLD_MOUSE, _OLD_MOUSE_DATA = b"\x1b[M", 3
_TOKEN = re.compile(
    r"""(?P<text>[^\x1b]+)
    | (?P<control>\x1b\[[0-?]*[ -/]*[@-~])
    | (?P<begun>\x1b(?:\[[0-?]*[ -/]*|O|)\Z)
    | (?P<broken>\x1b\[[0-?]*[ -/]*)
    | (?P<string>\x1b[]PX^_][^\x1b\x07]*(?:\x07|\x1b\\))
    | (?P<key>\x1b(?:O[ -~]|[^\x1b])?)""",
    re.VERBOSE,
)
_IGNORED = "[G"
"""With an escape character before it, a sequence of which readers make nothing."""
LONGEST = 100
"""Characters that a sequence has at most."""
_REPORT = re.compile(r"\x1b\[(?:<\d{1,6}(?:;-?\d{1,6}){2}[Mm]|\?\d{1,6};\d\$y|\d{1,6};\d{1,6}R)")
_RESIZED = re.compile(
    r"\x1b\[48;(\d{1,5})(?::\d*)*;(\d{1,5})(?::\d*)*;(\d{1,6})[:\d]*;(\d{1,6})[:\d]*t"
)
_KEY = re.compile(
    r"\x1b\[(?P<code>\d{0,7})(?::\d{0,7})?(?::(?P<base>\d{0,7}))?"
    r"(?:;(?P<modifiers>\d{0,4})(?::(?P<event>\d))?(?:;(?P<text>[\d:]*))?)?(?P<end>[u~A-FHP-S])"
)
_OTHER_KEY = re.compile(r"\x1b\[27;(\d{1,4});(\d{1,7})~")
_ALT, _CTRL = 2, 4
_RELEASED = "3"
_MOST_CELLS = 5000
"""Rows and columns that a terminal may say it has."""


class Decoder:
    """Makes text of bytes: what is no UTF-8 becomes U+FFFD; old reports of a mouse lose their data,
    which is three bytes of any kind.
    """

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._seen = b""
        """What came last, for a report that comes in pieces."""
        self._left = 0
        """Bytes of a report that have not come yet."""

    def decode(self, said: bytes, final: bool = False) -> str:
        """Take in the next bytes; return the text that is complete."""
        kept, rest = b"", self._skipped(said)
        while (place := (self._seen + rest).find(_OLD_MOUSE)) >= 0:
            end = place + len(_OLD_MOUSE) - len(self._seen)
            self._seen, self._left = b"", _OLD_MOUSE_DATA
            kept, rest = kept + rest[:end], self._skipped(rest[end:])
        self._seen = (self._seen + rest)[-len(_OLD_MOUSE) + 1 :]
        return self._decode(kept + rest, final)

    def _skipped(self, said: bytes) -> bytes:
        """Leave out what belongs to a report."""
        while self._left and said and said[0] >= 0x20:
            said, self._left = said[1:], self._left - 1
        self._left = self._left if not said else 0
        return said


class Sequences:
    """Takes a stream apart into texts and sequences; `meant` says what to read for a sequence.

    An escape character alone is passed on at once, for it may be the key.
    """

    def __init__(self, meant: Callable[[str], str]) -> None:
        self._meant = meant
        self._begun = ""
        """A sequence of which the end has not come."""
        self._passed = 0
        """How much of it was passed on."""

    @property
    def has_begun(self) -> bool:
        return bool(self._begun)

    def read(self, data: str) -> Iterator[str]:
        """Take in the next characters; yield the parts that may be read."""
        data, passed = self._begun + data, self._passed
        self.forget()
        for token in _TOKEN.finditer(data):
            part = self._part(token, passed)
            if part or not passed:
                yield part[passed:]
            elif token.lastgroup != "begun":
                yield _IGNORED  # ends what the reader has begun
            passed = 0

    def forget(self) -> None:
        """Wait no longer for the end of a sequence."""
        self._begun, self._passed = "", 0

    def forget_sequence(self) -> None:
        """Wait no longer for the end of a sequence that cannot be a key."""
        if not self._passed:
            self.forget()

    def forget_key(self) -> None:
        """Take what may have been the beginning of a sequence for a key."""
        if self._passed:
            self.forget()

    def _part(self, token: re.Match[str], passed: int) -> str:
        """Return what to read of a part, from its beginning on; "" for nothing."""
        part = token[0]
        match token.lastgroup:
            case "control":
                return self._meant(part) if len(part) <= LONGEST else ""
            case "begun":
                return self._begin(part, passed)
            case "broken" | "string":
                return ""
            case "key" if len(part) == 2:
                return part[0] + latin(part[1])
        return part

    def _begin(self, part: str, passed: int) -> str:
        """Keep what has begun; return it if it may be a key."""
        self._begun = part[: LONGEST + 1]
        is_key = not part.startswith("\x1b[")
        self._passed = len(part) if is_key else passed
        return part if is_key else ""


class Known(NamedTuple):
    """What a reader of keys knows: whole sequences, and keys by their number and last letter."""

    is_sequence: Callable[[str], bool]
    is_key: Callable[[str], bool]


def meant(sequence: str, known: Known) -> str:
    """Return what to read for a control sequence; "" for none that is known."""
    if match := _OTHER_KEY.fullmatch(sequence):
        sequence = f"\x1b[{match[2]};{match[1]}u"
    if known.is_sequence(sequence) or _REPORT.fullmatch(sequence):
        return sequence
    if match := _RESIZED.fullmatch(sequence):
        return _resized(*map(int, match.groups()))
    match = _KEY.fullmatch(sequence)
    return "" if match is None else _key(match, known)


def _resized(rows: int, columns: int, height: int, width: int) -> str:
    """Write a report of the size; where pixels are not known, a cell counts as one."""
    if not (0 < rows <= _MOST_CELLS and 0 < columns <= _MOST_CELLS):
        return ""
    return f"\x1b[48;{rows};{columns};{height or rows};{width or columns}t"


def _key(match: re.Match[str], known: Known) -> str:
    """Write a key of the protocol of Kitty as a reader expects it: with its number alone."""
    said, end = int(match["code"] or 1), match["end"]
    modifiers = max(1, int(match["modifiers"] or 1))
    if match["event"] == _RELEASED:
        return ""
    is_modified = (modifiers - 1) & (_ALT | _CTRL)
    code = _on_latin_keyboard(said, int(match["base"] or 0)) if is_modified else said
    if not known.is_key(f"{code}{end}") and not (end == "u" and _is_written(code)):
        return ""
    texts = (match["text"] or "").split(":") if code == said else ()
    text = ":".join(part for part in texts if _is_code(part))
    return f"\x1b[{code};{modifiers}{';' if text else ''}{text}{end}"


def _on_latin_keyboard(code: int, base: int) -> int:
    """Return the number of the Latin letter on a key; `base` is what the terminal says of it."""
    if code < 0x80 or not _is_written(code):
        return code
    return base if 0x20 < base < 0x80 else ord(latin(chr(code)))


def _is_code(part: str) -> bool:
    return len(part) <= 7 and part.isdecimal() and _is_written(int(part))


def _is_written(code: int) -> bool:
    """Say whether this is the number of a character that can be written."""
    return 0x20 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000
