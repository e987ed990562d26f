"""The command `ignore`: hear nothing of somebody."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, people, person


class Ignore(msgspec.Struct, frozen=True, tag=True):
    """Hear nothing of what somebody says."""

    who: Name | str


WHO: Parameter[Name | str] = Parameter("NAME", person, people)

_SYNTAX = Syntax("ignore", (WHO,))


def _made(given: Given) -> Ignore | Refused:
    who = given.of(WHO)
    return who if isinstance(who, Refused) else Ignore(who)


IGNORE = Row(
    _SYNTAX,
    "hear nothing of what somebody says",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("Whatever they are called by then. ignores shows whom you ignore.",),
)
