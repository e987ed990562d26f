"""The command `delete`: take a message out of the chat."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.parameters import Given, Parameter, as_typed


class Delete(msgspec.Struct, frozen=True, tag=True):
    """Take a message out of the chat, by its id."""

    message: str


MESSAGE = Parameter("ID", as_typed)

_SYNTAX = Syntax("delete", (MESSAGE,))


def _made(given: Given) -> Delete | Refused:
    message = given.of(MESSAGE)
    return message if isinstance(message, Refused) else Delete(message)


DELETE = Row(
    _SYNTAX,
    "take a message out of the chat",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("reports shows ids. That it was deleted, and by whom, stays in audit.",),
    for_moderators=True,
)
