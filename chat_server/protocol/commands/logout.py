"""The command `logout`: be a guest again."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Logout(msgspec.Struct, frozen=True, tag=True):
    """Be nobody in particular again, over this connection."""


_SYNTAX = Syntax("logout")

LOGOUT = Row(
    _SYNTAX,
    "be a guest again",
    Effect.IDENTIFIES,
    alone(_SYNTAX, Logout()),
    details=("Only this connection: elsewhere you stay who you are.",),
)
