"""The command `format`: text for people, JSON for programs."""

from typing import get_args

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Format, Refused, shortened
from chat_server.protocol.parameters import Given, Parameter


class SetFormat(msgspec.Struct, frozen=True, tag=True):
    """Be told everything in this format from now on."""

    format: Format


_FORMATS: dict[str, Format] = {format_: format_ for format_ in get_args(Format)}


def _format(typed: str) -> Format | Refused:
    found = _FORMATS.get(typed.lower())
    return Refused("bad_format", {"format": shortened(typed)}) if found is None else found


WANTED: Parameter[Format] = Parameter(
    "|".join(_FORMATS), _format, lambda known: list(_FORMATS), is_rest=True
)

_SYNTAX = Syntax("format", (WANTED,))


def _made(given: Given) -> SetFormat | Refused:
    format_ = given.of(WANTED)
    return format_ if isinstance(format_, Refused) else SetFormat(format_)


FORMAT = Row(
    _SYNTAX,
    "text for people, json for programs",
    Effect.SWITCHES,
    in_words(_SYNTAX, _made),
    details=("json says everything as one object a line.",),
)
