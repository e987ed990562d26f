"""The command `help`: the commands, explained."""

from collections.abc import Collection

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Refused, shortened
from chat_server.protocol.parameters import Given, Parameter, commands


class Help(msgspec.Struct, frozen=True, tag=True):
    """Ask for all commands, or for all there is to say of one."""

    command: str | None = None


def help_row(others: Collection[str]) -> Row[Help]:
    """Make the row of `help`, which explains the commands `others` and itself."""
    known = {"help", *others}

    def command(typed: str) -> str | Refused:
        asked = typed.lower().removeprefix("/")
        return (
            asked if asked in known else Refused("unknown_command", {"command": shortened(typed)})
        )

    about = Parameter("COMMAND", command, commands, is_required=False, is_rest=True)

    def made(given: Given) -> Help | Refused:
        asked = given.of_optional(about)
        return asked if isinstance(asked, Refused) else Help(asked)

    syntax = Syntax("help", (about,))
    return Row(
        syntax,
        "list the commands, or explain one",
        Effect.ASKS,
        in_words(syntax, made),
        details=("help alone lists everything; help send explains send.",),
    )
