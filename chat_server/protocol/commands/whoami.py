"""The command `whoami`: who one is."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Whoami(msgspec.Struct, frozen=True, tag=True):
    """Ask who one is, and over how many connections."""


_SYNTAX = Syntax("whoami")

WHOAMI = Row(
    _SYNTAX,
    "who you are",
    Effect.ASKS,
    alone(_SYNTAX, Whoami()),
    details=(
        "Also since when the name is yours, and your connections: where each comes",
        "from, and which of them broke and can be resumed.",
    ),
)
