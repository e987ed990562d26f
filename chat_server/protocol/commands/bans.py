"""The command `bans`: who may not come in."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Bans(msgspec.Struct, frozen=True, tag=True):
    """Ask who is banned, and for how long."""


_SYNTAX = Syntax("bans")

BANS = Row(
    _SYNTAX,
    "who may not come in",
    Effect.ASKS,
    alone(_SYNTAX, Bans()),
    for_moderators=True,
)
