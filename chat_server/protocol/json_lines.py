"""Events as JSON lines, to be written by the server and read by a client.

Where a code says something to programs, a sentence says it to people.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import msgspec

from chat_server.protocol import wording
from chat_server.protocol.events import (
    Bye,
    Event,
    History,
    Joined,
    Left,
    Message,
    Ok,
    Person,
    Refused,
    Renamed,
    Undelivered,
    Users,
    Welcome,
)
from chat_server.protocol.moves import Move, runs
from chat_server.protocol.paging import KEPT, in_pages

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def render(events: Sequence[Event]) -> bytes:
    """Encode events, one a line; adjacent arrivals, and adjacent departures, are one event."""
    parts: Iterator[Event | list[Move]] = runs(events)
    return b"".join([moved(part) if isinstance(part, list) else line(part) for part in parts])


def line(event: Event) -> bytes:
    """Encode an event, with a sentence beside each code."""
    if type(event) is Ok and not event.code:  # as most lines are answered
        return _encode(event) + b"\n"
    return _encode(_worded(event) if type(event) in _CODED else event) + b"\n"


def each(events: Iterable[Event]) -> list[bytes]:
    """Encode events for everyone, which hold no codes, each by itself."""
    return [_encode(event) + b"\n" for event in events]


_CODED = frozenset((Ok, Refused, Bye, Undelivered, Welcome))
"""What has a code, or may have one in it."""


def _worded(event: Event) -> Event:
    """Put a sentence beside each code."""
    replaced = msgspec.structs.replace
    match event:
        case Ok():
            return replaced(event, text=wording.answered(event))
        case Refused():
            return replaced(event, text=wording.refusal(event))
        case Bye():
            return replaced(event, text=wording.goodbye(event))
        case Undelivered():
            return replaced(event, because=wording.because(event))
        case Welcome(undelivered=undelivered) if undelivered:
            told = [replaced(one, because=wording.because(one)) for one in undelivered]
            return replaced(event, undelivered=told)
    return event


def pages(event: Event) -> Iterator[bytes]:
    """Encode a long answer piece by piece; what many ask for is encoded only once."""
    match event:
        case History(messages):
            empty = line(msgspec.structs.replace(event, messages=[]))
            yield from _filled(empty, map(_kept_message, messages))
        case Users(people):
            empty = line(msgspec.structs.replace(event, people=[]))
            yield from _filled(empty, iter([_people(tuple(people))]))
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
def _people(people: tuple[Person, ...]) -> bytes:
    return _encode(people)[1:-1]


def moved(moves: Sequence[Move]) -> bytes:
    """Encode moves that follow one another."""
    return b"".join([_encode(move) + b"\n" for move in _merged(moves)])


def parse_event(line: bytes) -> Event:
    """Decode a line of the server; msgspec.DecodeError for what no server of ours says."""
    return _decoder.decode(line)


def _merged(moves: Sequence[Move]) -> Iterator[Move]:
    for kind, group in groupby(moves, key=type):
        together = list(group)
        if kind is Joined:
            yield Joined(_people_of(together), together[-1].at)
        elif kind is Left:
            away = [person for move in together if isinstance(move, Left) for person in move.away]
            yield Left(_people_of(together), together[-1].at, away)
        else:
            yield from together


def _people_of(moves: Sequence[Move]) -> list[Person]:
    return [p for move in moves if not isinstance(move, Renamed) for p in move.people]
