"""The command `unignore`: hear somebody again."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, people, person


class Unignore(msgspec.Struct, frozen=True, tag=True):
    """Hear again what somebody says."""

    who: Name | str


WHO: Parameter[Name | str] = Parameter("NAME", person, people)

_SYNTAX = Syntax("unignore", (WHO,))


def _made(given: Given) -> Unignore | Refused:
    who = given.of(WHO)
    return who if isinstance(who, Refused) else Unignore(who)


UNIGNORE = Row(
    _SYNTAX,
    "hear somebody again",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
)
