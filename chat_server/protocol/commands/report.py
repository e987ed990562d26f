"""The command `report`: complain about somebody."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, people, person, said


class Report(msgspec.Struct, frozen=True, tag=True):
    """Complain of somebody, who is meant by their name, or by their id."""

    who: Name | str = msgspec.field(name="name")
    text: str = ""


WHO: Parameter[Name | str] = Parameter("NAME", person, people)
TEXT = Parameter("TEXT", said, is_required=False, is_rest=True)

_SYNTAX = Syntax("report", (WHO, TEXT))


def _made(given: Given) -> Report | Refused:
    who, text = given.of(WHO), given.of_optional(TEXT)
    if isinstance(who, Refused):
        return who
    return text if isinstance(text, Refused) else Report(who, text or "")


REPORT = Row(
    _SYNTAX,
    "complain about somebody",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=(
        "Enough complaints mute somebody for a while; each person's count once.",
        "The moderators see who complained, with the text, and what was said before it.",
    ),
)
