"""The command `cancel`: take back a scheduled message."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused, shortened
from chat_server.protocol.parameters import LONGEST_NUMBER, Given, Parameter, items


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Cancel the item with this id, or the one scheduled last (None)."""

    item: str | None = None


def unknown_item(item: str) -> Refused:
    """Refuse what was meant for a scheduled message that there is not."""
    return Refused("unknown_item", {"item": shortened(item)})


def _item(typed: str) -> str | Refused:
    return unknown_item(typed) if len(typed) > LONGEST_NUMBER else typed


ITEM = Parameter("ID", _item, items, is_required=False)

_SYNTAX = Syntax("cancel", (ITEM,))


def _made(given: Given) -> Cancel | Refused:
    item = given.of_optional(ITEM)
    return item if isinstance(item, Refused) else Cancel(item)


CANCEL = Row(
    _SYNTAX,
    "take back a scheduled message",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=(
        "cancel alone takes back the one that you scheduled last.",
        "pending shows your scheduled messages with their ids.",
    ),
)
