"""The command `appeal`: ask for the end of a mute."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.parameters import Given, Parameter, said


class Appeal(msgspec.Struct, frozen=True, tag=True):
    """Ask the moderators to end a mute."""

    text: str


TEXT = Parameter("TEXT", said, is_rest=True)

_SYNTAX = Syntax("appeal", (TEXT,))


def _made(given: Given) -> Appeal | Refused:
    text = given.of(TEXT)
    return text if isinstance(text, Refused) else Appeal(text)


APPEAL = Row(
    _SYNTAX,
    "ask the moderators to end your mute",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("Once for each mute; the moderators hear it, nobody else.",),
)
