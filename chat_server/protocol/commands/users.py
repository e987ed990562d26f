"""The command `users`: who is here."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Users(msgspec.Struct, frozen=True, tag=True):
    """Ask for the names of all who are here."""


_SYNTAX = Syntax("users")

USERS = Row(_SYNTAX, "who is here", Effect.ASKS, alone(_SYNTAX, Users()))
