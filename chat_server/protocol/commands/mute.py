"""The command `mute`: let somebody not speak for a while."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, Term, people, person, term


class Mute(msgspec.Struct, frozen=True, tag=True):
    """Let somebody not speak for some seconds (0: as long as complaints do it)."""

    who: Name | str
    seconds: int = 0
    reason: str = ""


WHO: Parameter[Name | str] = Parameter("NAME", person, people)
REST = Parameter("TIME REASON", term, is_required=False, is_rest=True)

_SYNTAX = Syntax("mute", (WHO, REST))


def _made(given: Given) -> Mute | Refused:
    who, rest = given.of(WHO), given.of_optional(REST)
    if isinstance(who, Refused):
        return who
    return rest if isinstance(rest, Refused) else Mute(who, *(rest or Term()))


MUTE = Row(
    _SYNTAX,
    "let somebody not speak for a while",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("The time is 90, 10m, 2h or 7d; what follows it is the reason they are told.",),
    for_moderators=True,
)
