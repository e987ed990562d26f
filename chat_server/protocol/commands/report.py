"""The command `report`: complain about somebody."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, people, person


class Report(msgspec.Struct, frozen=True, tag=True):
    """Complain of somebody, who is meant by their name, or by their id."""

    who: Name | str = msgspec.field(name="name")


WHO: Parameter[Name | str] = Parameter("NAME", person, people)

_SYNTAX = Syntax("report", (WHO,))


def _made(given: Given) -> Report | Refused:
    who = given.of(WHO)
    return who if isinstance(who, Refused) else Report(who)


REPORT = Row(
    _SYNTAX,
    "complain about somebody",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("Enough complaints mute somebody for a while; each person's count once.",),
)
