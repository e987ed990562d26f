"""The command `moderator`: let a member keep order, or no longer."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, people, person


class Appoint(msgspec.Struct, frozen=True, tag=True):
    """Let a member be a moderator, or (`off`) no longer."""

    who: Name | str
    off: bool = False


def _off(typed: str) -> bool | Refused:
    is_off = typed.lower() == "off"
    return True if is_off else Refused("bad_action", {"command": "moderator", "action": typed[:40]})


WHO: Parameter[Name | str] = Parameter("NAME", person, people)
OFF = Parameter("off", _off, is_required=False)

_SYNTAX = Syntax("moderator", (WHO, OFF))


def _made(given: Given) -> Appoint | Refused:
    who, off = given.of(WHO), given.of_optional(OFF)
    if isinstance(who, Refused):
        return who
    return off if isinstance(off, Refused) else Appoint(who, bool(off))


MODERATOR = Row(
    _SYNTAX,
    "let a member keep order",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("Only owners can (CHAT_OWNERS); moderator NAME off ends it.",),
    for_moderators=True,
)
