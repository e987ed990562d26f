"""The command `moderators`: who keeps order here."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Moderators(msgspec.Struct, frozen=True, tag=True):
    """Ask who the moderators are."""


_SYNTAX = Syntax("moderators")

MODERATORS = Row(
    _SYNTAX,
    "who keeps order here",
    Effect.ASKS,
    alone(_SYNTAX, Moderators()),
)
