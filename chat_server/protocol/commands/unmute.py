"""The command `unmute`: let somebody speak again."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, people, person


class Unmute(msgspec.Struct, frozen=True, tag=True):
    """Let somebody speak again."""

    who: Name | str


WHO: Parameter[Name | str] = Parameter("NAME", person, people)

_SYNTAX = Syntax("unmute", (WHO,))


def _made(given: Given) -> Unmute | Refused:
    who = given.of(WHO)
    return who if isinstance(who, Refused) else Unmute(who)


UNMUTE = Row(
    _SYNTAX,
    "let somebody speak again",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("Those whose complaints muted them count for nothing for a week.",),
    for_moderators=True,
)
