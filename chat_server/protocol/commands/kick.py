"""The command `kick`: send somebody away."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, people, person, said


class Kick(msgspec.Struct, frozen=True, tag=True):
    """Send somebody away, who may come again."""

    who: Name | str
    reason: str = ""


WHO: Parameter[Name | str] = Parameter("NAME", person, people)
REASON = Parameter("REASON", said, is_required=False, is_rest=True)

_SYNTAX = Syntax("kick", (WHO, REASON))


def _made(given: Given) -> Kick | Refused:
    who, reason = given.of(WHO), given.of_optional(REASON)
    if isinstance(who, Refused):
        return who
    return reason if isinstance(reason, Refused) else Kick(who, reason or "")


KICK = Row(
    _SYNTAX,
    "send somebody away",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("They may come again: ban keeps them away.",),
    for_moderators=True,
)
