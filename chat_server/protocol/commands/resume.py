"""The command `resume`: be the same person again, over another connection."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.parameters import Given, Parameter, as_typed


class Resume(msgspec.Struct, frozen=True, tag=True):
    """Be the person again who was given this token."""

    token: str


TOKEN = Parameter("TOKEN", as_typed, is_rest=True)

_SYNTAX = Syntax("resume", (TOKEN,))


def _made(given: Given) -> Resume | Refused:
    token = given.of(TOKEN)
    return token if isinstance(token, Refused) else Resume(token)


RESUME = Row(
    _SYNTAX,
    "be the same person again (json)",
    Effect.SWITCHES,
    in_words(_SYNTAX, _made),
    details=("After a broken connection. The token is in the welcome that json gets.",),
)
