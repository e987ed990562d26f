"""Events as JSON lines, to be written by the server and read by a client."""

from collections.abc import Iterator, Sequence

import msgspec

from chat_server.events import Crowd, Event, Joined, Left

_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def render(events: Sequence[Event]) -> bytes:
    """Encode events, one a line; adjacent arrivals, and adjacent departures, are one event."""
    return b"".join([_encode(event) + b"\n" for event in _merged(events)])


def parse_event(line: bytes) -> Event:
    """Decode a line of the server; msgspec.DecodeError for what no server of ours says."""
    return _decoder.decode(line)


def _merged(events: Sequence[Event]) -> Iterator[Event]:
    waiting: Joined | Left | None = None
    for event in events:
        match waiting, event:
            case (Joined(names), Joined(more, at)):
                waiting = Joined(names + more, at)
                continue
            case (Left(names), Left(more, at)):
                waiting = Left(names + more, at)
                continue
        if waiting is not None:
            yield waiting
            waiting = None
        if isinstance(event, Joined | Left):
            waiting = event
        elif not isinstance(event, Crowd):
            yield event
    if waiting is not None:
        yield waiting
