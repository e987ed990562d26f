"""The command `announce`: say something that nobody can overlook."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.parameters import Given, Parameter, said


class Announce(msgspec.Struct, frozen=True, tag=True):
    """Say something to everyone that nobody can ignore."""

    text: str


TEXT = Parameter("TEXT", said, is_rest=True)

_SYNTAX = Syntax("announce", (TEXT,))


def _made(given: Given) -> Announce | Refused:
    text = given.of(TEXT)
    return text if isinstance(text, Refused) else Announce(text)


ANNOUNCE = Row(
    _SYNTAX,
    "say something nobody can overlook",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    for_moderators=True,
)
