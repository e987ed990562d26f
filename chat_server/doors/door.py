"""What stands between the bytes of a connection and what they mean: the shape of every door."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from chat_server.protocol.commands import Parsed
from chat_server.protocol.events import Bye, Event, Format, Refused
from chat_server.protocol.moves import Move, is_move

Part = bytes | Move
"""Lines as they are written, or a move, which becomes one line with its neighbours."""


class Wants(NamedTuple):
    """What a door has to be told, or given."""

    answers: bool
    """Whether each line is answered; else only those whose answer says something."""
    token: bool
    """Whether who comes gets a token, with which they can become the same person again."""
    each_move: bool
    """Whether it is told of each person who comes or goes in a crowd; else of how many did."""
    telnet: bool
    """Whether telnet at the other end is answered."""
    bare_secrets: bool
    """Whether a password is a line of its own, by somebody who may not see what they type; else it
    follows the command `secret`."""


class Reader(Protocol):
    """Makes lines of the bytes of one connection, which come in any pieces."""

    is_known: bool
    """Whether what has come is for a chat."""
    has_heard_telnet: bool
    has_heard_return: bool
    unread: int
    """Bytes that are kept and not yet given out as lines."""

    def feed(self, chunk: bytes) -> bytes:
        """Take in bytes; return what telnet at the other end must be answered."""

    def next_line(self) -> str | Refused | None:
        """Return the next line without its end, or why it is refused; None: none is complete."""

    def put_back(self, line: str | Refused) -> None:
        """Take back the line that was given out last, to give it out again."""

    def goodbye(self) -> Bye | None:
        """Say goodbye to what is no client of a chat, as soon as it shows that."""

    def hide_typing(self, hidden: bool) -> bytes:
        """Return what keeps telnet from showing what is typed, or lets it; b"" without telnet."""

    def half_a_line(self) -> Refused | None:
        """Refuse a line whose end has not come, and never will; None where there is none."""

    def ask_telnet(self, *, has_looked_on: bool) -> bytes:
        """Ask a telnet client, once, to send bytes as they are; b"" where it is not to be asked."""


class Door(Protocol):
    """How one kind of connection speaks.

    It has no state, so all who speak alike share one. What is being read is in the reader, which
    stays the same when another door takes over.
    """

    name: Format
    """What to type after `format` to get it."""
    welcome: str
    """The code of the answer to `format`; "" for none."""
    wants: Wants

    def reader(self, max_line: int) -> Reader:
        """Make what reads the bytes of one connection, in lines of at most so many bytes."""

    def parse(self, line: str) -> tuple[str, Parsed | None]:
        """Return the key of a line, "" without one, and what it means; None for an empty one."""

    def line(self, event: Event, now: float) -> bytes:
        """Render an event whatever its neighbours are."""

    def pages(self, event: Event, now: float) -> Iterator[bytes]:
        """Render a long answer piece by piece, each when it is asked for."""

    def each(self, events: Iterable[Event], now: float) -> list[bytes]:
        """Render events for everyone, which hold no codes, each by itself."""

    def join(self, parts: Sequence[Part]) -> bytes:
        """Put rendered events together; moves that are adjacent now become one."""


def part(door: Door, event: Event, now: float) -> Part:
    """Render an event by itself, as far as that is possible."""
    return event if is_move(event) else door.line(event, now)


def render(door: Door, events: Sequence[Event], now: float) -> bytes:
    """Render what one receiver is told next; adjacent comings and goings become one event."""
    return door.join([part(door, event, now) for event in events])
