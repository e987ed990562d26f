"""The command `history`: what was said before."""

from typing import NamedTuple

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused, shortened
from chat_server.protocol.parameters import Given, Parameter, whole_number

MAX_HISTORY = 1000
"""Messages that one `history` may ask for."""


class History(msgspec.Struct, frozen=True, tag=True):
    """Ask for the newest `count` messages (None: the server's choice), after an id.

    An id is the number `since` of an entry, a minus sign, and the `run` of a node; "" for none.
    """

    count: int | None = None
    since: int | None = None
    run: str = ""


class _MessageId(NamedTuple):
    number: int
    run: str


def _count(typed: str) -> int | Refused:
    count = whole_number(typed, 1, MAX_HISTORY)
    if count is None:
        return Refused("bad_count", {"count": shortened(typed), "limit": MAX_HISTORY})
    return count


def _message_id(typed: str) -> _MessageId | Refused:
    digits, _, run = typed.partition("-")
    number = whole_number(digits, 0, 2**63 - 1)
    if number is None:
        return Refused("bad_id", {"id": shortened(typed)})
    return _MessageId(number, run)


COUNT = Parameter("N", _count, is_required=False)
SINCE = Parameter("ID", _message_id, options=("--since",), is_required=False)

_SYNTAX = Syntax("history", (COUNT, SINCE))


def _made(given: Given) -> History | Refused:
    count, since = given.of_optional(COUNT), given.of_optional(SINCE)
    if isinstance(count, Refused):
        return count
    if isinstance(since, Refused):
        return since
    return History(count) if since is None else History(count, since.number, since.run)


HISTORY = Row(
    _SYNTAX,
    "the last messages you may see",
    Effect.ASKS,
    in_words(_SYNTAX, _made),
    details=(
        f"history 50 gives the last 50; at most {MAX_HISTORY}.",
        "With --since only what came after the message with that id.",
    ),
)
