"""The command `exit`: leave for good."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Exit(msgspec.Struct, frozen=True, tag=True):
    """Leave the chat for good."""


_SYNTAX = Syntax("exit")

EXIT = Row(_SYNTAX, "say goodbye and leave", Effect.SWITCHES, alone(_SYNTAX, Exit()))
