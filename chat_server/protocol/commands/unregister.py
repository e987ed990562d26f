"""The command `unregister`: give up an account."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Unregister(msgspec.Struct, frozen=True, tag=True):
    """Give up the account, and with it the name once one leaves."""


_SYNTAX = Syntax("unregister")

UNREGISTER = Row(
    _SYNTAX,
    "give up your account",
    Effect.IDENTIFIES,
    alone(_SYNTAX, Unregister()),
    details=("You are asked for your password, and are a guest of that name until you leave.",),
)
