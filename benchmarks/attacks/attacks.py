"""What each kind of attacker says, to our server and, where there is the like, to one of IRC."""

import math
import random
from collections.abc import Callable, Mapping
from typing import NamedTuple

PIECE = 16 << 10
"""Bytes that are sent at once where they are sent without end."""
TALKERS = 50
"""Attackers who fill the history before all ask for it."""
_RUBBISH = random.Random(0).randbytes(4 * PIECE)


class Moment(NamedTuple):
    """Which connection is to say something, for the how-manieth time, and when."""

    connection: int
    times: int
    left: float
    """Seconds that are left of the attack."""


Say = Callable[[Moment], bytes]


class Attack(NamedTuple):
    """What many connections do at the same time."""

    name: str
    opening: Say
    """What each says once it is open."""
    piece: Say | None = None
    """What it says again and again after that; None: nothing."""
    pause: float = 0.0
    """Seconds between two pieces; 0: as fast as the server takes them."""
    reads: bool = True
    stays: float = math.inf
    """Seconds after which a connection is broken, and another opened at once."""
    most: int = 1_000_000
    """Connections, where fewer than can be had are enough."""
    settings: Mapping[str, str] = {}
    """Settings of our server that are others than by default."""
    file_bytes: int | None = None
    """Bytes that a file of the server may have; as a disk that is full from then on."""


def _silent(_: Moment) -> bytes:
    return b""


def _named(moment: Moment) -> bytes:
    return b"rename a%dx%d\n" % moment[:2]


def _registered(moment: Moment) -> bytes:
    name = b"a%dx%d" % moment[:2]
    return b"NICK %b\r\nUSER %b 0 * :%b\r\nJOIN #bench\r\n" % (name, name, name)


def _rubbish(moment: Moment) -> bytes:
    begin = (moment.connection * 997 + moment.times * 4093) % (3 * PIECE)
    return _RUBBISH[begin : begin + PIECE]


def _telnet(moment: Moment) -> bytes:
    """Speak telnet: NOPs, or a sub-negotiation of a terminal's type that never ends."""
    if moment.connection % 2:
        return b"\xff\xf1" * (PIECE // 2)
    return b"x" * PIECE if moment.times else b"\xff\xfa\x18\x00" + b"x" * PIECE


def _remembered(moment: Moment) -> bytes:
    """Say what will be in the history."""
    lines = (b"send %d " % number + b"x" * 180 + b"\n" for number in range(20))
    return _named(moment) + (b"".join(lines) if moment.connection < TALKERS else b"")


def _scheduled(moment: Moment) -> bytes:
    """Schedule for the second in the middle of the attack; nothing once that is over."""
    delay = max(1, round(moment.left / 2)) if moment.times < 20 else 0
    return b"send -t %d all at once\n" % delay if delay else b"\n"


def _guess(moment: Moment) -> bytes:
    return b"login b%dx%d\nwrong-%d\n" % (moment.connection, moment.times, moment.times)


def _long(_: Moment) -> bytes:
    return b"send " + b"x" * 1900 + b"\n"


ATTACKS = (
    Attack("nothing", _silent, most=0),
    Attack("deaf", _named, reads=False),
    Attack("drip", _silent, lambda _: b"x", pause=1.0),
    Attack("endless", _silent, lambda _: b"x" * PIECE),
    Attack("garbage", _silent, _rubbish),
    Attack("telnet", _silent, _telnet),
    Attack("reconnect", _named, stays=0.1),
    Attack("rename", _named, lambda moment: b"rename c%dx%d\n" % moment[:2]),
    Attack("history", _remembered, lambda _: b"history 1000\n"),
    Attack("schedule", _named, _scheduled),
    Attack("talk", _named, lambda _: b"send spam, spam, spam\n"),
    Attack("disk", _named, _long, most=200, file_bytes=8 << 20),
    Attack("journal", _named, _long, most=200, settings={"CHAT_JOURNAL_MAX": "32M"}),
    Attack("report", _named, lambda moment: b"report p%05d\n" % (moment.times % 50)),
    Attack("login", _named, _guess),
)
"""To our server."""

IRC = (
    Attack("nothing", _silent, most=0),
    Attack("deaf", _registered, reads=False),
    Attack("drip", _silent, lambda _: b"x", pause=1.0),
    Attack("endless", _silent, lambda _: b"x" * PIECE),
    Attack("garbage", _silent, _rubbish),
    Attack("telnet", _silent, _telnet),
    Attack("reconnect", _registered, stays=0.1),
    Attack("rename", _registered, lambda moment: b"NICK c%dx%d\r\n" % moment[:2]),
    Attack("talk", _registered, lambda _: b"PRIVMSG #bench :spam, spam, spam\r\n"),
)
"""To a server of IRC: the rest has nothing like it there."""

NAMES = tuple(attack.name for attack in ATTACKS)


def attacks_on(dialect: str) -> dict[str, Attack]:
    """Return the attacks on a server that is spoken to in this way, by name."""
    return {attack.name: attack for attack in (IRC if dialect == "irc" else ATTACKS)}
