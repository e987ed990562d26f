"""The command `login`: be the member who owns a name."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name, name
from chat_server.protocol.parameters import Given, Parameter

LONGEST = 64
"""Characters of what is looked up as a name; nobody has a longer one."""


class Login(msgspec.Struct, frozen=True, tag=True):
    """Ask to be the member who owns a name."""

    name: Name


NAME = Parameter("NAME", lambda typed: name(typed[:LONGEST]))

_SYNTAX = Syntax("login", (NAME,))


def _made(given: Given) -> Login | Refused:
    wanted = given.of(NAME)
    return wanted if isinstance(wanted, Refused) else Login(wanted)


LOGIN = Row(
    _SYNTAX,
    "be the member who owns a name",
    Effect.IDENTIFIES,
    in_words(_SYNTAX, _made),
    details=(
        "You are asked for the password. You can be here from several places at once.",
        "register makes the name that you have your own.",
    ),
)
