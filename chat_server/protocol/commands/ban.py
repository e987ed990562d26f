"""The command `ban`: keep somebody away."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, Term, people, person_or_address, term


class Ban(msgspec.Struct, frozen=True, tag=True):
    """Keep somebody away for some seconds (0: until unban)."""

    who: Name | str
    """Whom a name or an id means; an address, where it is one."""
    seconds: int = 0
    reason: str = ""


WHO: Parameter[Name | str] = Parameter("NAME|ADDRESS", person_or_address, people)
REST = Parameter("TIME REASON", term, is_required=False, is_rest=True)

_SYNTAX = Syntax("ban", (WHO, REST))


def _made(given: Given) -> Ban | Refused:
    who, rest = given.of(WHO), given.of_optional(REST)
    if isinstance(who, Refused):
        return who
    return rest if isinstance(rest, Refused) else Ban(who, *(rest or Term()))


BAN = Row(
    _SYNTAX,
    "keep somebody, or an address, away",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=(
        "Also whoever comes from their addresses, this machine apart.",
        "The time is 90, 10m, 2h or 7d; without one, it is until unban.",
    ),
    for_moderators=True,
)
