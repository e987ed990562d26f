"""A server's lines as events, checked as a server checks what people send. Pure.

Whatever a server says, broken or hostile, becomes an event within these bounds, or a sentence
about what is left out; what a newer server may say is passed over.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, get_args

import msgspec

from chat_server.protocol.events import (
    PROTOCOL,
    Answer,
    Event,
    Message,
    Ok,
    Person,
    Refused,
    Welcome,
    shortened,
)
from chat_server.protocol.json_lines import parse_event
from chat_tui.session.harmless import harmless

LONGEST_LINE = 10 * 1024 * 1024
"""Bytes of a line; a history of a thousand of the longest messages has fewer."""
LONGEST_TEXT = 8192
"""Characters of a text; no line that one may send has more."""
LONGEST_NAME = 256
"""Characters of a name, an id or a token."""
MOST_PEOPLE = 10_000
MOST = 1000
"""Parts of any other list; as many messages are what we ask for."""
LATEST = 250_000_000_000.0
"""The last time, in seconds since 1970: in the year 9892, which every time zone can show."""
_TEXTS = ("text", "because", "reason", "usage", "summary", "details")
"""The fields with what somebody wrote; other strings are names and the like."""
_PEOPLE = ("users", "people")
_KNOWN = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Event))
_NOBODYS = "its sender or recipient has no id"


class Heard(NamedTuple):
    """An event, if there is one for us, and sentences about what is left out.

    `protocol` is the one in which the server welcomes us, if it is another than ours.
    """

    event: Event | None
    left_out: Sequence[str] = ()
    protocol: int = PROTOCOL


class _Head(msgspec.Struct):
    """What can be known of a line that is not understood as a whole."""

    type: str = ""
    re: str = ""
    protocol: int = 1


def is_event(line: bytes) -> bool:
    """Say whether a line is meant as an event: it is an object of JSON then."""
    return line.startswith(b"{")


def hear(line: bytes) -> Heard:
    """Take in a line of the server."""
    if not is_event(line):
        return Heard(None, [left_out("a line that is no event")])
    line = harmless(line)
    try:
        event = parse_event(line)
        if isinstance(event, Welcome) and event.protocol != PROTOCOL:
            return Heard(None, protocol=event.protocol)
        return _bounded(event)
    except (msgspec.DecodeError, RecursionError) as error:
        return _not_understood(line, str(error))


def left_out(what: str) -> str:
    """Say what is left out of what the server said."""
    return f"Something that the server said is left out: {what}."


def _bounded(event: Event) -> Heard:
    """Leave out what is out of bounds in the lists of an event; or else the whole of it."""
    if isinstance(event, Message) and _is_nobodys(event):
        return _unusable("", _NOBODYS)
    kept: dict[str, list[object]] = {}
    faults: list[str] = []
    for field in event.__struct_fields__:
        value = getattr(event, field)
        if isinstance(value, list):
            most = MOST_PEOPLE if field in _PEOPLE else MOST
            fault_in = _fault_of if field in _PEOPLE else partial(_fault, field)
            within = [part for part in value[:most] if not fault_in(part)]
            if len(within) < len(value):
                kept[field] = within
                faults.append(left_out(f"{len(value) - len(within)} of {len(value)} {field}"))
        elif fault := _fault(field, value):
            return _unusable(event.re if isinstance(event, Answer) else "", fault)
    return Heard(msgspec.structs.replace(event, **kept) if kept else event, faults)


def _fault(field: str, value: object) -> str:
    """Say what of a value is out of bounds."""
    if isinstance(value, Person):
        return _fault_of(value)
    if isinstance(value, str):
        longest = LONGEST_TEXT if field in _TEXTS else LONGEST_NAME
        return f"its {field} has {len(value)} characters" if len(value) > longest else ""
    if isinstance(value, int | float):
        return "" if 0 <= value <= LATEST else f"its {field} is out of bounds"
    if isinstance(value, dict):
        return _fault("text", [*value, *value.values()])
    if isinstance(value, list):
        if len(value) > MOST:
            return f"its {field} are {len(value)}"
        return next(filter(None, (_fault(field, part) for part in value)), "")
    if isinstance(value, Message) and _is_nobodys(value):
        return _NOBODYS
    if isinstance(value, msgspec.Struct):
        parts = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return next(filter(None, (_fault(name, part) for name, part in parts)), "")
    return ""


def _fault_of(person: Person) -> str:
    """Say what of somebody is out of bounds; there may be thousands of them in a line."""
    if len(person.id) <= LONGEST_NAME and len(person.name) <= LONGEST_NAME:
        return ""
    return f"somebody's name or id has {max(len(person.id), len(person.name))} characters"


def _is_nobodys(message: Message) -> bool:
    """Say whether a sender or recipient has no id, so that the message has no conversation."""
    return not message.sender.id or (message.to is not None and not message.to.id)


def _not_understood(line: bytes, why: str) -> Heard:
    """Pass over what a newer server says, and tell of what no server should."""
    try:
        head = msgspec.json.decode(line, type=_Head)
    except (msgspec.DecodeError, RecursionError):
        head = _Head()
    if head.type == "welcome" and head.protocol != PROTOCOL:
        return Heard(None, protocol=head.protocol)
    if head.type and head.type not in _KNOWN:
        return Heard(Ok(re=head.re) if head.re else None)
    return _unusable(head.re, shortened(why, 200))


def _unusable(key: str, why: str) -> Heard:
    """Leave an event out, and say so; if it answers a line of ours, refuse that line."""
    refused = Refused("not_understood", text="The answer to this is not understood.", re=key)
    return Heard(refused if key else None, [left_out(why)])
