"""The command `reports`: what was complained of."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Reports(msgspec.Struct, frozen=True, tag=True):
    """Ask for the complaints of late."""


_SYNTAX = Syntax("reports")

REPORTS = Row(
    _SYNTAX,
    "what people complained of",
    Effect.ASKS,
    alone(_SYNTAX, Reports()),
    details=("With the messages before each that whoever complained could see.",),
    for_moderators=True,
)
