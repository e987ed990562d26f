"""The command `password`: choose another password."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class ChangePassword(msgspec.Struct, frozen=True, tag=True):
    """Choose another password."""


_SYNTAX = Syntax("password")

PASSWORD = Row(
    _SYNTAX,
    "choose another password",
    Effect.IDENTIFIES,
    alone(_SYNTAX, ChangePassword()),
    details=("You are asked for the one you have, and then for the new one.",),
)
