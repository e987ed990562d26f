"""Commands' parameters: how words are given to them, and what each makes of its own."""

import msgspec
import pytest

from chat_server.protocol.commands import COMMANDS, Effect, Row
from chat_server.protocol.commands.row import Syntax, alone, in_words
from chat_server.protocol.events import Refused
from chat_server.protocol.parameters import Given, Known, Parameter, people, whole_number

KNOWN = Known(people=("bob", "Борис"), items=("7", "8"), commands=("help", "send"))


class Topic(msgspec.Struct, frozen=True):
    text: str
    since: int | None = None


def number(typed: str) -> int | Refused:
    found = whole_number(typed, 1, 9)
    return Refused("bad_count", {"count": typed, "limit": 9}) if found is None else found


def word(typed: str) -> str | Refused:
    return typed


TEXT = Parameter("TEXT", word, people)
SINCE = Parameter("N", number, options=("-s", "--since"), is_required=False)
SYNTAX = Syntax("topic", (TEXT, SINCE))


def made(given: Given) -> Topic | Refused:
    text, since = given.of(TEXT), given.of_optional(SINCE)
    if isinstance(text, Refused):
        return text
    return since if isinstance(since, Refused) else Topic(text, since)


TOPIC = Row(SYNTAX, "set what is talked about", Effect.CHANGES, in_words(SYNTAX, made))


@pytest.mark.parametrize(
    ("rest", "meaning"),
    [
        ("tea", Topic("tea")),
        ("чай", Topic("чай")),
        ("tea -s 3", Topic("tea", 3)),
        ("-s 3 tea", Topic("tea", 3)),
        ("--since 3   tea", Topic("tea", 3)),
    ],
)
def test_words_and_options_are_given_to_their_parameters(rest: str, meaning: Topic) -> None:
    assert TOPIC.parse(rest) == meaning


@pytest.mark.parametrize(
    ("rest", "code", "about"),
    [
        ("", "missing_argument", "TEXT"),
        ("-s 3", "missing_argument", "TEXT"),
        ("tea -s", "missing_argument", "-s"),
        ("tea cake", "too_many_arguments", "cake"),
        ("tea --all", "too_many_arguments", "--all"),
        ("tea -s 1 -s 2", "too_many_arguments", "-s"),
        ("tea -s 10", "bad_count", "10"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(rest: str, code: str, about: str) -> None:
    refused = TOPIC.parse(rest)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert about in refused.data.values()


def test_usage_is_made_of_the_parameters() -> None:
    assert TOPIC.usage == "topic TEXT [-s N]"


def test_what_takes_nothing_refuses_anything() -> None:
    parse = alone(Syntax("quiet"), Topic(""))
    assert parse("") == Topic("")
    refused = parse("now please")
    assert isinstance(refused, Refused)
    assert refused.data == {"command": "quiet", "usage": "quiet", "extra": "now please"}


def test_each_parameter_offers_what_it_may_become() -> None:
    offered = {
        f"{row.name} {parameter.label}": list(parameter.offers(KNOWN))
        for row in COMMANDS.values()
        for parameter in row.parameters
    }
    assert offered == {
        "help COMMAND": ["help", "send"],
        "send MESSAGE": ["bob", "Борис"],
        "send NAME": ["bob", "Борис"],
        "send SECONDS": [],
        "rename NAME": [],
        "history N": [],
        "history ID": [],
        "cancel ID": ["7", "8"],
        "report NAME": ["bob", "Борис"],
        "report TEXT": [],
        **{
            f"{command} NAME": ["bob", "Борис"]
            for command in ("ignore", "unignore", "kick", "mute", "unmute")
        },
        "kick REASON": [],
        "mute TIME REASON": [],
        "ban NAME|ADDRESS": ["bob", "Борис"],
        "ban TIME REASON": [],
        "unban ID": [],
        "delete ID": [],
        "announce TEXT": [],
        "appeal TEXT": [],
        "moderator NAME": ["bob", "Борис"],
        "moderator off": [],
        "audit N": [],
        "login NAME": [],
        "token create|list|revoke": ["create", "list", "revoke"],
        "token WHAT": [],
        "format text|json": ["text", "json"],
        "resume TOKEN": [],
    }


def test_every_command_says_what_it_does() -> None:
    effects = {
        effect: [row.name for row in COMMANDS.values() if row.effect is effect] for effect in Effect
    }
    assert effects == {
        Effect.CHANGES: [
            *("send", "rename", "cancel", "ignore", "unignore", "report", "appeal", "kick", "mute"),
            *("unmute", "ban"),
            *("unban", "delete", "announce", "moderator"),
        ],
        Effect.ASKS: [
            *("help", "users", "history", "pending", "ignores", "moderators", "bans", "reports"),
            *("scheduled", "audit", "whoami"),
        ],
        Effect.SWITCHES: ["format", "resume", "exit"],
        Effect.IDENTIFIES: [
            "register",
            "login",
            "logout",
            "password",
            "unregister",
            "token",
            "secret",
        ],
    }
