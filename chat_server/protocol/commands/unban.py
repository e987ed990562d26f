"""The command `unban`: let somebody in again."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.parameters import Given, Parameter, as_typed


class Unban(msgspec.Struct, frozen=True, tag=True):
    """End a ban, by its number."""

    ban: str


BAN = Parameter("ID", as_typed)

_SYNTAX = Syntax("unban", (BAN,))


def _made(given: Given) -> Unban | Refused:
    ban = given.of(BAN)
    return ban if isinstance(ban, Refused) else Unban(ban)


UNBAN = Row(
    _SYNTAX,
    "let somebody in again",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=("bans shows the ids.",),
    for_moderators=True,
)
