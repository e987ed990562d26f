"""The command `pending`: one's own scheduled messages."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Pending(msgspec.Struct, frozen=True, tag=True):
    """Ask for one's own scheduled messages."""


_SYNTAX = Syntax("pending")

PENDING = Row(_SYNTAX, "your scheduled messages", Effect.ASKS, alone(_SYNTAX, Pending()))
