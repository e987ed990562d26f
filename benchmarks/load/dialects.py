"""How each kind of server is spoken to: entering, saying something, and what comes back.

The text of every message is 100 bytes: who says it, its number among all that they say, and what
fills it up.
"""

import re
from typing import NamedTuple

FILLING = b"the quick brown fox jumps over the lazy dog, and then over the other one, one by one."
MARK = re.compile(rb"m(\d\d)\.(\d{12}) " + re.escape(FILLING))
"""A message: who says it, and its number, which grows by one."""
QUIET = 0.1
CROWD = 50
"""People up to whom QUIET is always enough."""
_HUNDREDS = b"#" * 10


class Dialect(NamedTuple):
    """What one kind of server is told, and tells."""

    enter: tuple[tuple[str, bytes], ...]
    """What a newcomer called {name} says, and what comes of it, step by step."""
    say: bytes
    """What begins the line that says something to everyone."""
    echo: bool = True
    """Whether one hears oneself."""
    answer: bytes = b""
    """What begins the line that answers a message; b"" where there is none."""
    refusal: bytes = b""
    """What begins the line that refuses a message; b"" where that is not known."""
    acknowledged: bool = False
    """Whether each line is acknowledged at once: for servers without TCP_NODELAY, which would
    wait for that, for 40 ms, with all that is said meanwhile."""
    newcomers: int = 64
    """How many may enter at a time."""
    quiet: float = QUIET
    """Seconds of silence after which nobody of a crowd is told any more of arrivals."""

    @property
    def all_hear_the_same(self) -> bool:
        """Say whether who sends is told exactly what all others are."""
        return self.echo and not self.answer


class Speaker:
    """What one sender says: lines without end, numbered from 0, a hundred of them made at once."""

    def __init__(self, dialect: Dialect, sender: int) -> None:
        lines = [
            b"%bm%02d.%b%02d %b\n" % (dialect.say, sender, _HUNDREDS, number, FILLING)
            for number in range(100)
        ]
        self._hundred = b"".join(lines)
        self._length = len(lines[0])
        self._hundreds = 0
        self._ready = b""
        self._begin = 0

    def say(self, lines: int) -> bytes:
        """Return so many lines more."""
        end = self._begin + lines * self._length
        while end > len(self._ready):
            self._ready = self._ready[self._begin :] + self._next_hundred()
            end -= self._begin
            self._begin = 0
        said = self._ready[self._begin : end]
        self._begin = end
        return said

    def _next_hundred(self) -> bytes:
        hundreds = self._hundreds
        self._hundreds += 1
        return self._hundred.replace(_HUNDREDS, b"%010d" % hundreds)


_REGISTER = ("NICK {name}\r\nUSER {name} 0 * :{name}\r\n", b" 001 ")
_JOIN = ("JOIN #bench\r\n", b" 366 ")
_IRC = Dialect(
    (_REGISTER, _JOIN), b"PRIVMSG #bench :", echo=False, acknowledged=True, newcomers=500
)

DIALECTS = {
    "text": Dialect((("rename {name}\n", b"* Welcome, "),), b"send ", refusal=b"! ", quiet=1.2),
    "json": Dialect(
        (("format json\nrename {name}\n", b'"type":"welcome"'),),
        b"send ",
        answer=b'{"type":"ok"',
        refusal=b'{"type":"refused"',
    ),
    "raw": Dialect((("", b"welcome"),), b""),
    "irc": _IRC,
    # ngIRCd is slow on purpose unless an operator asks it not to be.
    "ngircd": _IRC._replace(
        newcomers=8,
        enter=(_REGISTER, ("OPER bench bench\r\nMODE {name} +F\r\n", b"MODE {name} :+F"), _JOIN),
    ),
}
