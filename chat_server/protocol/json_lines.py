"""Events as JSON lines, to be written by the server and read by a client."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from chat_server.protocol.events import Event, History, Joined, Left, Message, Users
from chat_server.protocol.moves import Move, runs
from chat_server.protocol.paging import KEPT, in_pages

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def render(events: Sequence[Event]) -> bytes:
    """Encode events, one a line; adjacent arrivals, and adjacent departures, are one event."""
    parts: Iterator[Event | list[Move]] = runs(events)
    return b"".join([moved(part) if isinstance(part, list) else line(part) for part in parts])


def line(event: Event) -> bytes:
    return _encode(event) + b"\n"


def pages(event: Event) -> Iterator[bytes]:
    """Encode a long answer piece by piece, what many ask for once for all of them."""
    match event:
        case History(messages):
            empty = line(msgspec.structs.replace(event, messages=[]))
            yield from _filled(empty, map(_kept_message, messages))
        case Users(names):
            empty = line(msgspec.structs.replace(event, names=[]))
            yield from _filled(empty, iter([_names(tuple(names))]))
        case _:
            yield line(event)


def _filled(empty: bytes, items: Iterator[bytes]) -> Iterator[bytes]:
    """Put items, which are encoded already, into the empty list of an event."""
    head, bracket, tail = empty.partition(b"[")
    before = head + bracket
    for page in in_pages(items):
        yield before + b",".join(page)
        before = b","
    yield tail if before == b"," else before + tail


@lru_cache(maxsize=KEPT)
def _kept_message(message: Message) -> bytes:
    return _encode(message)


@lru_cache(maxsize=4)
def _names(names: tuple[str, ...]) -> bytes:
    return _encode(names)[1:-1]


def moved(moves: Sequence[Move]) -> bytes:
    """Encode moves that follow one another."""
    return b"".join([_encode(move) + b"\n" for move in _merged(moves)])


def parse_event(line: bytes) -> Event:
    """Decode a line of the server; msgspec.DecodeError for what no server of ours says."""
    return _decoder.decode(line)


def _merged(moves: Sequence[Move]) -> Iterator[Move]:
    kind: type[Joined | Left] | None = None
    names: list[str] = []
    at = 0.0
    for move in moves:
        if kind is not None and not isinstance(move, kind):
            yield kind(names, at)
            kind, names = None, []
        if isinstance(move, Joined | Left):
            kind, at = type(move), move.at
            names += move.names
        else:
            yield move
    if kind is not None:
        yield kind(names, at)
