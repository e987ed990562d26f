"""The command `audit`: what moderators have done."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.parameters import Given, Parameter, whole_number


class Audit(msgspec.Struct, frozen=True, tag=True):
    """Ask what moderators have done lately."""

    count: int = 20


def _count(typed: str) -> int | Refused:
    count = whole_number(typed, 1, 1000)
    return Refused("bad_count", {"count": typed[:40], "limit": 1000}) if count is None else count


COUNT = Parameter("N", _count, is_required=False)

_SYNTAX = Syntax("audit", (COUNT,))


def _made(given: Given) -> Audit | Refused:
    count = given.of_optional(COUNT)
    return count if isinstance(count, Refused) else Audit(count or 20)


AUDIT = Row(
    _SYNTAX,
    "what moderators have done",
    Effect.ASKS,
    in_words(_SYNTAX, _made),
    for_moderators=True,
)
