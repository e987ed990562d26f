"""The command `rename`: take another name."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import Given, Parameter, new_name


class Rename(msgspec.Struct, frozen=True, tag=True):
    """Take another name."""

    name: Name


NAME = Parameter("NAME", new_name, is_rest=True)

_SYNTAX = Syntax("rename", (NAME,))


def _made(given: Given) -> Rename | Refused:
    wanted = given.of(NAME)
    return wanted if isinstance(wanted, Refused) else Rename(wanted)


RENAME = Row(
    _SYNTAX,
    "change your name",
    Effect.CHANGES,
    in_words(_SYNTAX, _made),
    details=(
        "A name has 1 to 20 letters, digits, - _ . and begins with a letter or digit.",
        "ALICE and alice are the same name; nobody else can have it while you do.",
    ),
)
