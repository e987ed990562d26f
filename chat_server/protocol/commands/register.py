"""The command `register`: own the name that one has."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, alone


class Register(msgspec.Struct, frozen=True, tag=True):
    """Ask that one's name be one's own, also while one is away."""


_SYNTAX = Syntax("register")

REGISTER = Row(
    _SYNTAX,
    "make your name your own",
    Effect.IDENTIFIES,
    alone(_SYNTAX, Register()),
    details=(
        "Nobody else can have it then, or one that looks like it.",
        "You are asked for a password, and log in with it: login NAME",
    ),
)
