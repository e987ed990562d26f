"""What terminals send, where Textual would take it for something else."""

import math
import re
import string
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import Keys
from textual.message import Message

from chat_tui.terminal.sequences import Decoder, Known, Sequences, meant

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_ESCAPE = "\x1b"
_SPECIAL = (_BEGIN, _END, "\x1b[I", "\x1b[O")
"""Pastes, and that the terminal is looked at or not."""
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
"""What can be pasted: characters that are no keys but text, blanks and ends of lines."""
_SEVERAL = re.compile(r"\S[^\r\n]*[\r\n]\s*\S")
_ALTERNATE_KEYS, _ALL_KEYS = 4, 8
"""What is asked of terminals with the protocol of Kitty: which key it is in a Latin layout."""
QUIET, BROKEN, UNENDED = 0.05, 0.5, 2.0
"""Seconds after which no more lines that came at once, no end of a sequence, and no end of a paste
are waited for.
"""
_KNOWN = Known(
    lambda sequence: sequence in ANSI_SEQUENCES_KEYS or sequence in _SPECIAL,
    lambda key: key in FUNCTIONAL_KEYS,
)
_DRIVERS = ("textual.drivers.linux_driver", "textual.drivers.web_driver")


class _Key(NamedTuple):
    """A key by the name that Textual has for it, in the shape of its own enumeration."""

    value: str


def correct() -> None:
    """Read what terminals send as it is meant; to be called once there is an app.

    Alt+Enter is a new line: in terminals without the protocol of Kitty, Textual takes it for
    Enter, which sends. Alt with a digit is that, and not what iTerm writes with it; Alt with a
    digit or a letter is read at once, where Textual waits a tenth of a second whether more comes.
    What is neither UTF-8 nor a known sequence does no harm, and a paste is a paste to its end (see
    `Reading`). With Ctrl and Alt the key itself counts, whatever its layout writes.
    """
    sequences = ANSI_SEQUENCES_KEYS
    if isinstance(sequences, dict):
        sequences["\x1b\r"] = (Keys.ControlJ,)
        for character in string.digits + string.ascii_lowercase:
            sequence = f"{_ESCAPE}{character}"
            if not isinstance(sequences.get(sequence), tuple):
                sequences[sequence] = (_Key(f"alt+{character}"),)
    for name in _DRIVERS:
        if name in sys.modules:
            vars(sys.modules[name])["XTermParser"] = PasteParser
            vars(sys.modules[name])["getincrementaldecoder"] = lambda encoding: Decoder
    if _DRIVERS[0] in sys.modules:
        vars(sys.modules[_DRIVERS[0]])["KITTY_REPORT_ALL_KEYS"] = _ALL_KEYS | _ALTERNATE_KEYS


class TerminalGone(Message):
    """The terminal is gone: nothing can be read from it or written to it any more."""


class PasteGuard:
    """Takes out of pastes every escape character but the one that ends it.

    Textual's parser (8.2) reads up to 32 characters after any other as keys, and one of them may
    be an Enter, which sends.
    """

    def __init__(self) -> None:
        self.is_inside = False
        """Whether a paste has begun that has not ended."""
        self._seen = ""
        """What came last outside of a paste, for a beginning that comes in pieces."""
        self._kept = ""
        """What may be the beginning of the end of a paste."""

    def guard(self, data: str) -> str:
        """Take in the next characters; return what may be read of them."""
        guarded: list[str] = []
        while data:
            data = self._inside(data, guarded) if self.is_inside else self._outside(data, guarded)
        return "".join(guarded)

    def _outside(self, data: str, guarded: list[str]) -> str:
        """Pass everything on up to the beginning of a paste; return what comes after it."""
        place = (self._seen + data).find(_BEGIN)
        if place < 0:
            self._seen = (self._seen + data)[-len(_BEGIN) + 1 :]
            guarded.append(data)
            return ""
        passed = place + len(_BEGIN) - len(self._seen)
        self.is_inside, self._seen = True, ""
        guarded.append(data[:passed])
        return data[passed:]

    def _inside(self, data: str, guarded: list[str]) -> str:
        """Pass on what is pasted up to its end, and that; return what comes after it."""
        data = self._kept + data
        pasted, end, rest = data.partition(_END)
        self._kept = "" if end else _begun(pasted)
        guarded.append(pasted[: len(pasted) - len(self._kept)].replace(_ESCAPE, "") + end)
        self.is_inside = not end
        return rest


def _begun(pasted: str) -> str:
    """Return what at the end of a text may be the beginning of the end of the paste."""
    begun = pasted[pasted.rfind(_ESCAPE) :] if _ESCAPE in pasted[-len(_END) :] else ""
    return begun if _END.startswith(begun) else ""


class Reading:
    """What there is to read for a parser of keys, out of what a terminal sends.

    Pastes are kept whole, and unknown sequences dropped. Several lines that come at once, with no
    other keys, are a paste, too, even if the terminal does not say so: each Enter would send.
    """

    def __init__(self) -> None:
        self._guard = PasteGuard()
        self._sequences = Sequences(lambda sequence: meant(sequence, _KNOWN))
        self._lines = ""
        """Lines that came at once; what comes right after them belongs to them."""
        self._came_at = 0.0
        self._is_cut = False
        """Whether a paste was taken for ended whose end may come yet."""

    def read(self, data: str, now: float) -> str:
        """Take in what came at a time; return what is to be read of it."""
        self._came_at = now
        data = self._resumed(data)
        if self._is_pasted(data):
            self._lines += data
            return ""
        parts = self._sequences.read(self._guard.guard(data))
        return "".join([*self._pasted(), *parts])

    def _resumed(self, data: str) -> str:
        """Begin again a paste that was taken for ended, where its end comes after all.

        There may be an Enter before that end, which would send.
        """
        is_apart = not (self._guard.is_inside or self._sequences.has_begun)
        is_rest = self._is_cut and is_apart and _END in data.partition(_BEGIN)[0]
        self._is_cut = self._is_cut and _BEGIN not in data and _END not in data
        return f"{_BEGIN}{data}" if is_rest else data

    def _is_pasted(self, data: str) -> bool:
        """Say whether this is several lines and nothing else, or what comes right after some."""
        if self._guard.is_inside or self._sequences.has_begun or not _TEXT.fullmatch(data):
            return False
        return bool(self._lines or _SEVERAL.search(data))

    def rest(self, now: float) -> str:
        """Return what waited for more that did not come."""
        quiet = now - self._came_at
        if quiet >= BROKEN:
            self._sequences.forget_sequence()
        cut = self._cut() if quiet >= UNENDED else ""
        return "".join([cut, *self._pasted()]) if quiet >= QUIET else ""

    def _cut(self) -> str:
        """End a paste of which nothing more came: else every key would belong to it."""
        if not self._guard.is_inside:
            return ""
        self._is_cut = True
        return "".join(self._sequences.read(self._guard.guard(_END)))

    def forget_key(self) -> None:
        """Take a lone escape character for the key."""
        self._sequences.forget_key()

    def _pasted(self) -> Iterator[str]:
        """Yield the lines that came at once, as a paste."""
        lines, self._lines = self._lines, ""
        if lines:
            yield f"{_BEGIN}{lines}{_END}"


class PasteParser(XTermParser):
    """Reads what a terminal sends, as it is meant; the clock's `now` is in seconds."""

    def __init__(self, debug: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(debug)
        self._now = now
        self._reading = Reading()

    def feed(self, data: str) -> Iterable[Message]:
        """Read the next characters."""
        if data:
            yield from self._read(self._reading.read(data, self._now()))

    def rest(self) -> Iterable[Message]:
        """Read what waits for more, as if nothing more came."""
        yield from self._read(self._reading.rest(math.inf))

    def tick(self) -> Iterable[Message]:
        """Read what waited for more that did not come in time."""
        yield from super().tick()
        if self._timeout_time is None:
            self._reading.forget_key()
        yield from self._read(self._reading.rest(self._now()))

    def _read(self, read: str) -> Iterable[Message]:
        return super().feed(read) if read else ()
