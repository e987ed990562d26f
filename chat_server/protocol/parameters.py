"""What commands take: each parameter knows how to be parsed, offered and shown.

A parameter is a word in its place, or all that follows the command (`is_rest`), or the value of
one of its `options`, the short form first.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from chat_server.protocol.events import Refused, shortened
from chat_server.protocol.names import Name, find_name, parse_name

LONGEST_NUMBER = 19
"""Digits of any id or other number."""
LONGEST_PERSON_ID = 64
"""Characters of any person's id."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Known(NamedTuple):
    """What there is to offer to somebody who types: in the order in which it is to be offered."""

    people: Sequence[str] = ()
    items: Sequence[str] = ()
    commands: Sequence[str] = ()


def _nothing(known: Known) -> Sequence[str]:
    return ()


def people(known: Known) -> Sequence[str]:
    return known.people


def items(known: Known) -> Sequence[str]:
    return known.items


def commands(known: Known) -> Sequence[str]:
    return known.commands


class Parameter(msgspec.Struct, Generic[T_co], frozen=True):
    """One thing that a command takes, shown as its `label`.

    `parse` makes a value of what was typed, or refuses it; `offers` gives its completions.
    """

    label: str
    parse: Callable[[str], T_co | Refused]
    offers: Callable[[Known], Sequence[str]] = _nothing
    options: tuple[str, ...] = ()
    is_required: bool = True
    is_rest: bool = False

    @property
    def name(self) -> str:
        """What it is called in a refusal: its option, or what stands in its place."""
        return self.options[0] if self.options else self.label

    @property
    def usage(self) -> str:
        shown = " ".join((*self.options[:1], self.label))
        return shown if self.is_required else f"[{shown}]"


class Given:
    """What was typed for the parameters of a command."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def of(self, parameter: Parameter[T]) -> T | Refused:
        """Return the value of a parameter that was given; KeyError if it was not."""
        return parameter.parse(self._texts[parameter.name])

    def of_optional(self, parameter: Parameter[T]) -> T | Refused | None:
        """Return the value of a parameter; None if it was not given."""
        text = self._texts.get(parameter.name)
        return None if text is None else parameter.parse(text)


def option_forms(parameters: Sequence[Parameter[object]]) -> dict[str, str]:
    """Return the name of the parameter that each form of an option gives a value to."""
    return {form: parameter.name for parameter in parameters for form in parameter.options}


def as_typed(text: str) -> str:
    """Take whatever was typed."""
    return text


def whole_number(text: str, least: int, most: int) -> int | None:
    """Read a number in ASCII digits within bounds; None if it is none."""
    if not (len(text) <= LONGEST_NUMBER and text.isascii() and text.isdigit()):
        return None
    value = int(text)
    return value if least <= value <= most else None


def person(typed: str) -> Name | str | Refused:
    """Say who is meant: NAME, or =ID (a str); refuse what nobody can have."""
    is_id = typed.startswith("=") and typed != "="
    if is_id and len(typed) <= LONGEST_PERSON_ID:
        return typed[1:]
    if is_id:
        return Refused("nobody_of_that_id", {"id": shortened(typed[1:])})
    found = find_name(typed)
    return Refused("nobody_of_that_name", {"name": shortened(typed)}) if found is None else found


def new_name(typed: str) -> Name | Refused:
    """Take a name that somebody wants to have."""
    return parse_name(typed)


class Term(NamedTuple):
    """For how long something is to be, in seconds (0: as long as it usually is), and why."""

    seconds: int = 0
    reason: str = ""


LONGEST_TERM = 366 * 24 * 3600
"""Seconds of the longest one."""
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


def term(typed: str) -> Term | Refused:
    """Take a time (90, 10m, 2h or 7d) from the beginning of what was typed; the rest says why."""
    first, _, rest = typed.partition(" ")
    digits = first.rstrip("smhd").lower()
    unit = first[len(digits) :].lower()
    number = whole_number(digits, 1, LONGEST_TERM) if unit in _SECONDS else None
    if number is None:
        return _term(0, typed)
    return _term(number * _SECONDS[unit], rest.strip())


def _term(seconds: int, typed: str) -> Term | Refused:
    if seconds > LONGEST_TERM:
        return Refused("bad_term", {"limit": LONGEST_TERM // (24 * 3600)})
    reason = said(typed)
    return reason if isinstance(reason, Refused) else Term(seconds, reason)


MAX_REASON = 200
"""Characters of what is said to moderators, or by them."""


def said(typed: str) -> str | Refused:
    """Take what somebody has to say, if it is not too long."""
    if len(typed) > MAX_REASON:
        return Refused("text_too_long", {"length": len(typed), "limit": MAX_REASON})
    return typed


def person_or_address(typed: str) -> Name | str | Refused:
    """Say who is meant: NAME, or =ID (a str), or a network address as a name that is one."""
    return Name(typed, typed) if is_address(typed) else person(typed)


def is_address(text: str) -> bool:
    """Say whether a text is an address of IPv4 or IPv6."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
