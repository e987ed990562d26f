"""The command `ignores`: whom one ignores."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Ignores(msgspec.Struct, frozen=True, tag=True):
    """Ask whom one ignores."""


_SYNTAX = Syntax("ignores")

IGNORES = Row(
    _SYNTAX,
    "whom you ignore",
    Effect.ASKS,
    alone(_SYNTAX, Ignores()),
)
