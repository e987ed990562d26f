"""The command `scheduled`: what is scheduled for everyone."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class AllScheduled(msgspec.Struct, frozen=True, tag=True):
    """Ask for all scheduled messages to everyone."""


_SYNTAX = Syntax("scheduled")

SCHEDULED = Row(
    _SYNTAX,
    "what is scheduled for everyone",
    Effect.ASKS,
    alone(_SYNTAX, AllScheduled()),
    details=("cancel ID takes any of them back.",),
    for_moderators=True,
)
