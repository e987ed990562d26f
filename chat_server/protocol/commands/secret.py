"""The command `secret`: what programs answer where they are asked for a password."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax
from chat_server.protocol.events import Refused


class Secret(msgspec.Struct, frozen=True, tag=True):
    """The password that was asked for; it is never journaled, logged or shown."""

    text: str

    def __repr__(self) -> str:
        return "Secret(…)"


_SYNTAX = Syntax("secret")


def _made(rest: str) -> Secret | Refused:
    return Secret(rest)


SECRET = Row(
    _SYNTAX,
    "answer what asks for a password (json)",
    Effect.IDENTIFIES,
    _made,
    details=("secret PASSWORD answers an ask. At telnet or nc, type the password alone.",),
)
