"""The command `token`: tokens with which programs are a member without a password."""

from typing import Literal

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax, in_words
from chat_server.protocol.events import Data, Refused, shortened
from chat_server.protocol.parameters import Given, Parameter

MAX_LABEL = 40
"""Characters of a token's label."""

Action = Literal["create", "list", "revoke"]
_ACTIONS: dict[str, Action] = {"create": "create", "list": "list", "revoke": "revoke"}


class CreateToken(msgspec.Struct, frozen=True, tag=True):
    """Make a token for a program; the label says which."""

    label: str = ""


class ListTokens(msgspec.Struct, frozen=True, tag=True):
    """Ask which tokens there are."""


class RevokeToken(msgspec.Struct, frozen=True, tag=True):
    """Let a token count no more."""

    token: str


Token = CreateToken | ListTokens | RevokeToken


def _action(typed: str) -> Action | Refused:
    found = _ACTIONS.get(typed.lower())
    return (
        Refused("bad_action", {"command": "token", "action": shortened(typed)})
        if found is None
        else found
    )


ACTION: Parameter[Action] = Parameter("create|list|revoke", _action, lambda known: list(_ACTIONS))
WHAT: Parameter[str] = Parameter("WHAT", lambda typed: typed, is_required=False, is_rest=True)

_SYNTAX = Syntax("token", (ACTION, WHAT))


def _made(given: Given) -> Token | Refused:
    action, what = given.of(ACTION), given.of_optional(WHAT)
    match action, what:
        case Refused(), _:
            return action
        case "create", None:
            return CreateToken()
        case "create", str(label) if len(label) > MAX_LABEL:
            data: Data = {"length": len(label), "limit": MAX_LABEL}
            return Refused("label_too_long", data)
        case "create", str(label):
            return CreateToken(label)
        case "list", None:
            return ListTokens()
        case "list", str(extra):
            return _SYNTAX.too_much(extra)
        case _, str(id_):
            return RevokeToken(id_)
    return _SYNTAX.missing("ID")


TOKEN: Row[Token] = Row(
    _SYNTAX,
    "tokens for your programs",
    Effect.IDENTIFIES,
    in_words(_SYNTAX, _made),
    details=(
        "token create LABEL makes one, shown only then; a program says resume TOKEN.",
        "token list shows which there are, token revoke ID ends one.",
    ),
)
