"""The sentences for people: each code has one, made of its data; what does not fit has none."""

from pathlib import Path

import pytest

from chat_server.protocol.events import Bye, Data, Ok, Refused, Undelivered
from chat_server.protocol.wording import answered, because, fault, goodbye, refusal
from tests.support.people import person

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
BOB = person("bob")
SEND = "send MESSAGE [-u NAME] [-t SECONDS]"
LITERAL = "To send text that looks like an option, put -- before it: send -- TEXT"

REFUSALS: list[tuple[str, Data, str, str]] = [
    (
        "unknown_command",
        {"command": "hello", "line": "hello you"},
        "Unknown command: hello.",
        "To say it to everyone: send hello you",
    ),
    (
        "unknown_command",
        {"command": "sned", "meant": "send"},
        "Unknown command: sned.",
        "Did you mean send? Type help for the commands.",
    ),
    (
        "unknown_command",
        {"command": "hello"},
        "There is no command hello.",
        "Type help to see them all.",
    ),
    (
        "missing_argument",
        {"command": "rename", "argument": "NAME", "usage": "rename NAME"},
        "rename needs the name you want.",
        "Usage: rename NAME",
    ),
    (
        "missing_argument",
        {"command": "report", "argument": "NAME", "usage": "report NAME"},
        "report needs the name of somebody who is here.",
        "Usage: report NAME",
    ),
    (
        "missing_argument",
        {"command": "format", "argument": "text|json", "usage": "format text|json"},
        "format needs text or json.",
        "Usage: format text|json",
    ),
    (
        "missing_argument",
        {"command": "resume", "argument": "TOKEN", "usage": "resume TOKEN"},
        "resume needs the token from your welcome.",
        "Usage: resume TOKEN",
    ),
    (
        "missing_argument",
        {"command": "history", "argument": "--since", "usage": "history [N] [--since ID]"},
        "history needs a message's id after --since.",
        "Usage: history [N] [--since ID]",
    ),
    (
        "missing_argument",
        {"command": "send", "argument": "-u"},
        "-u needs a name after it.",
        LITERAL,
    ),
    (
        "missing_argument",
        {"command": "send", "argument": "--time"},
        "--time needs a number of seconds after it.",
        LITERAL,
    ),
    (
        "too_many_arguments",
        {"command": "users", "usage": "users", "extra": "a\u00a0b"},
        "users does not take a\u00a0b.",
        "Usage: users",
    ),
    (
        "bad_key",
        {"key": "@!"},
        "Not a key: @!.",
        "A key is @ and 1 to 32 letters, digits, - or _.",
    ),
    (
        "line_too_long",
        {"limit": 8192},
        "The line is longer than 8192 bytes and was skipped.",
        "Send it in parts.",
    ),
    (
        "not_utf8",
        {"position": 9, "byte": 0xE9},
        "The line is not UTF-8 (its byte 9 is 0xE9) and was skipped.",
        "Type it again; if that does not help, set your terminal to UTF-8.",
    ),
    (
        "not_utf8",
        {"encoding": "UTF-16"},
        "The line is UTF-16 and was skipped.",
        "Set your terminal, or what wrote the file, to UTF-8.",
    ),
    (
        "half_a_line",
        {},
        "The last line has no end, so it was not carried out.",
        "End every line by Enter.",
    ),
    (
        "not_saved",
        {},
        "This could not be saved, so it was not carried out.",
        "Try again in a while.",
    ),
    (
        "not_saved",
        {"command": "enter"},
        "You are not in the chat yet, because nothing can be saved just now.",
        "You will be as soon as it can.",
    ),
    (
        "journal_full",
        {"limit": 4 << 30},
        "The chat's file has reached its limit of 4 GiB, so this was not carried out.",
        "Try again in a while; an admin can raise CHAT_JOURNAL_MAX.",
    ),
    (
        "journal_full",
        {"limit": 3 << 19, "command": "enter"},
        "You are not in the chat yet, because its file has reached its limit of 1.5 MiB.",
        "You will be as soon as it is smaller; an admin can raise CHAT_JOURNAL_MAX.",
    ),
    ("not_entered", {}, "You have not entered the chat.", "Try again."),
    (
        "empty_message",
        {"command": "send", "usage": SEND},
        "There is no message.",
        f"Usage: {SEND}",
    ),
    (
        "message_too_long",
        {"length": 2001, "limit": 2000},
        "The message has 2001 characters; at most 2000 are allowed.",
        "",
    ),
    (
        "option_twice",
        {"command": "send", "option": "-u"},
        "send takes -u once only.",
        LITERAL,
    ),
    (
        "mistaken_option",
        {"command": "send", "word": "-ubob", "meant": "-u bob"},
        "-ubob is no option of send. Did you mean -u bob?",
        LITERAL,
    ),
    (
        "bad_time",
        {"time": "soon", "limit": 2_592_000},
        "-t takes a whole number of seconds from 0 to 2592000 (30 days), not soon.",
        LITERAL,
    ),
    (
        "too_many_pending",
        {"limit": 20},
        "You have 20 scheduled messages, which is as many as one may have.",
        "Cancel one, or wait until one is sent.",
    ),
    (
        "too_many_pending",
        {"address_limit": 100},
        "From your address 100 scheduled messages are pending, which is as many as may be.",
        "Try again when some of them have been sent.",
    ),
    (
        "too_many_pending",
        {"chat_limit": 10_000, "chat_bytes": 8_388_608},
        "The chat has as many scheduled messages as it takes of all people together.",
        "Try again when some of them have been sent.",
    ),
    (
        "muted",
        {"command": "send", "seconds": 570},
        "You are muted for another 9 min 30 s. Nothing was sent.",
        "",
    ),
    (
        "muted",
        {"command": "rename", "seconds": 570},
        "You are muted for another 9 min 30 s. You keep your name until then.",
        "",
    ),
    (
        "muted",
        {"command": "enter", "seconds": 1},
        "You are muted for another 1 second. You are a guest until then.",
        "",
    ),
    (
        "nobody_of_that_name",
        {"name": "bob"},
        "Nobody here is called bob.",
        "Type users to see who is here.",
    ),
    (
        "nobody_of_that_id",
        {"id": "7-x"},
        "Nobody here has the id 7-x.",
        "Type users to see who is here.",
    ),
    (
        "nobody_of_that_id",
        {"id": "7-x", "name": "bob"},
        "bob is not here.",
        "Type users to see who is here.",
    ),
    ("nothing_pending", {}, "You have no scheduled messages to cancel.", ""),
    (
        "unknown_item",
        {"item": "7"},
        "You have no scheduled message 7.",
        "Type pending to see the ones you have.",
    ),
    (
        "bad_name",
        {"name": "_x", "character": "_", "position": 1},
        "The name _x has '_' at its beginning.",
        "A name is made of letters, digits, - _ and . and begins with a letter or digit.",
    ),
    (
        "bad_name",
        {"name": "x\u200b", "character": "\u200b", "position": 2},
        "The name x\u200b has U+200B.",
        "A name is made of letters, digits, - _ and . and begins with a letter or digit.",
    ),
    (
        "bad_name",
        {"name": "x", "limit": 2},
        "The name x has too many marks on one letter; at most 2 are allowed.",
        "",
    ),
    (
        "name_too_long",
        {"name": "xx…", "length": 21, "limit": 20},
        "The name xx… has 21 characters; at most 20 are allowed.",
        "",
    ),
    (
        "name_reserved",
        {"name": "server"},
        "The name server is kept for the server's use.",
        "Choose another one.",
    ),
    ("name_taken", {"name": "bob"}, "bob is taken.", "Choose another name."),
    (
        "name_taken",
        {"name": "bob", "seconds": 120},
        "bob is kept for somebody whose connection broke, for another 2 min.",
        "Choose another name.",
    ),
    (
        "name_lookalike",
        {"name": "b0b", "like": "bob"},
        "b0b looks like bob, who is here.",
        "Choose another name.",
    ),
    (
        "name_lookalike",
        {"name": "b0b", "like": "bob", "seconds": 120},
        "b0b looks like bob, which is kept for somebody whose connection broke, for another 2 min.",
        "Choose another name.",
    ),
    (
        "mixed_scripts",
        {"name": "bоb", "scripts": ["Latin", "Cyrillic"]},
        "The name bоb mixes scripts (Latin, Cyrillic).",
        "Write it in one, so that it is not taken for another name.",
    ),
    (
        "mixed_scripts",
        {"name": "b1٢", "digits": ["1", "٢"]},
        "The name b1٢ has digits of several scripts (1, ٢).",
        "Write it in one, so that it is not taken for another name.",
    ),
    ("self_report", {}, "You cannot report yourself.", ""),
    (
        "already_reported",
        {"name": "bob"},
        "You have reported bob already; once counts.",
        "",
    ),
    (
        "bad_count",
        {"count": "many", "limit": 1000},
        "history takes a number from 1 to 1000, not many.",
        "",
    ),
    ("bad_id", {"id": "x"}, "x is not the id of a message of this chat.", ""),
    (
        "bad_id",
        {"id": "7-x", "newest": "5-y"},
        "7-x is not the id of a message of this chat.",
        "history alone gives the newest.",
    ),
    (
        "bad_format",
        {"format": "xml"},
        "There is no format xml.",
        "Choose text or json.",
    ),
    ("json_only", {}, "resume is for programs: type format json first.", ""),
    (
        "bad_token",
        {"length": 32},
        "This is no token of a welcome: those have 32 characters.",
        "",
    ),
    (
        "bad_token",
        {"hours": 24},
        "This token is not known, or its 24 hours are over. You are somebody new.",
        "",
    ),
    (
        "bad_password",
        {"least": 8, "limit": 128},
        "A password has 8 to 128 characters.",
        "Choose another one.",
    ),
    ("wrong_password", {}, "That name and password do not go together.", ""),
    (
        "too_many_attempts",
        {"seconds": 90},
        "Too many wrong passwords.",
        "Try again in 1 min 30 s.",
    ),
    (
        "too_many_accounts",
        {"seconds": 90},
        "From your address too many accounts were made lately.",
        "Try again in 1 min 30 s.",
    ),
    (
        "too_many_accounts",
        {"limit": 100_000},
        "There are 100000 accounts here, and no more are possible.",
        "",
    ),
    ("busy", {}, "Too many are logging in at this moment.", "Try again."),
    (
        "name_owned",
        {"name": "bob"},
        "The name bob belongs to somebody.",
        "If it is yours: login bob",
    ),
    ("already_a_member", {"name": "bob"}, "bob is yours already.", ""),
    (
        "guest_name",
        {"name": "guest7"},
        "guest7 is a guest's name, and cannot be yours.",
        "Take another one first: rename NAME",
    ),
    (
        "not_a_member",
        {},
        "You have no account.",
        "register makes one, login NAME is for who has one.",
    ),
    ("wrong_chat_password", {}, "That is not the password of this chat.", ""),
    ("members_only", {}, "This chat is for its members.", "If you are one: login NAME"),
    (
        "pending_ends",
        {"items": ["7"]},
        "1 scheduled message ends with you: 7.",
        "To leave all the same: exit",
    ),
    (
        "pending_ends",
        {"items": ["7", "8"]},
        "2 scheduled messages end with you: 7, 8.",
        "To leave all the same: exit",
    ),
    ("bad_term", {"limit": 366}, "That is too long; 366 days are the most.", ""),
    (
        "text_too_long",
        {"length": 201, "limit": 200},
        "That has 201 characters; at most 200 are allowed.",
        "",
    ),
    (
        "too_many_reports",
        {"limit": 10, "seconds": 90},
        "You have complained 10 times within the hour, which are the most.",
        "Try again in 1 min 30 s.",
    ),
    (
        "for_moderators",
        {"command": "kick"},
        "kick is for moderators.",
        "Type moderators to see who they are.",
    ),
    (
        "for_owners",
        {"command": "moderator"},
        "moderator is for the owners of this chat.",
        "",
    ),
    ("no_power", {"name": "bob"}, "You cannot do that to bob.", ""),
    ("not_muted", {"name": "bob"}, "bob is not muted.", ""),
    (
        "appealed_already",
        {},
        "The moderators have heard you already; once for each mute.",
        "",
    ),
    ("no_moderators", {}, "This chat has no moderators; a mute ends by itself.", ""),
    ("self_ignore", {}, "You cannot ignore yourself.", ""),
    ("already_ignored", {"name": "bob"}, "You ignore bob already.", ""),
    (
        "not_ignored",
        {"name": "bob"},
        "You do not ignore bob.",
        "Type ignores to see whom you do.",
    ),
    (
        "too_many_ignored",
        {"limit": 100},
        "You ignore 100 people, and no more are possible.",
        "",
    ),
    ("no_member", {"name": "bob"}, "bob has no account.", ""),
    (
        "too_many_bans",
        {"limit": 1000},
        "There are 1000 bans, and no more are possible.",
        "unban ID ends one.",
    ),
    (
        "own_machine",
        {"address": "127.0.0.1"},
        "127.0.0.1 is this machine's own, from which everybody comes.",
        "",
    ),
    (
        "unknown_ban",
        {"ban": "7"},
        "There is no ban 7.",
        "Type bans to see which there are.",
    ),
    (
        "unknown_message",
        {"id": "7-x"},
        "There is no message 7-x, or it is not kept any more.",
        "",
    ),
    (
        "owners_name",
        {"name": "bob"},
        "bob is to be registered on the server's own machine.",
        "There: chat-server adduser bob",
    ),
    ("nothing_asked", {}, "No password is asked for now.", ""),
    ("cancelled", {}, "Nothing was typed, so nothing is changed.", ""),
    (
        "passwords_differ",
        {},
        "The two passwords differ, so nothing is changed.",
        "Try again.",
    ),
    (
        "too_many_waiting",
        {"name": "bob", "limit": 200},
        "bob is away, and 200 messages wait for them; no more can.",
        "",
    ),
    (
        "too_many_devices",
        {"limit": 20},
        "You have 20 connections, and no more are possible.",
        "",
    ),
    (
        "too_many_tokens",
        {"limit": 20},
        "You have 20 tokens, and no more are possible.",
        "token revoke ID ends one.",
    ),
    (
        "unknown_token",
        {"token": "9"},
        "You have no token 9.",
        "Type token list to see the ones you have.",
    ),
    (
        "bad_action",
        {"command": "token", "action": "make"},
        "token does not know make.",
        "Type help token to see what it takes.",
    ),
    (
        "label_too_long",
        {"length": 41, "limit": 40},
        "The label has 41 characters; at most 40 are allowed.",
        "",
    ),
    (
        "accounts_off",
        {},
        "This server keeps no accounts: argon2-cffi is not installed there.",
        "",
    ),
]


@pytest.mark.parametrize(("code", "data", "wrong", "instead"), REFUSALS)
def test_refusal_says_what_was_wrong_and_what_to_do_instead(
    code: str, data: Data, wrong: str, instead: str
) -> None:
    refused = Refused(code, data)
    assert refusal(refused) == f"{wrong} {instead}".rstrip()
    assert fault(refused) == wrong


def test_every_code_of_the_protocol_has_a_sentence() -> None:
    table = PROTOCOL.read_text().split("\n## Refusals\n")[1].split("\n## ")[0]
    rows = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    assert {code.strip("| `") for row in rows for code in row.split(",")} == {
        code for code, *_ in REFUSALS
    }


@pytest.mark.parametrize(
    "refused",
    [
        Refused("of_a_newer_server", {}, "No."),
        Refused("muted", {}, "No."),
        Refused("muted", {"command": "send", "seconds": "many"}, "No."),
        Refused("bad_time", {"time": "x", "limit": 1e400}, "No."),
        Refused("mixed_scripts", {"name": "x", "scripts": "many"}, "No."),
    ],
)
def test_what_has_no_sentence_here_is_said_as_the_server_does(refused: Refused) -> None:
    assert refusal(refused) == fault(refused) == "No."


def test_what_has_no_sentence_anywhere_is_told_by_its_code() -> None:
    assert refusal(Refused("of_a_newer_server")) == "This was not carried out (of_a_newer_server)."


def test_text_of_people_is_neither_a_template_nor_an_end() -> None:
    typed = "{name} {0} | Usage"
    assert refusal(Refused("bad_format", {"format": typed})) == (
        f"There is no format {typed}. Choose text or json."
    )


@pytest.mark.parametrize(
    ("ok", "text"),
    [
        (Ok(), ""),
        (Ok(id="5"), ""),
        (Ok(code="same_name", data={"name": "bob"}), "You are bob already"),
        (Ok(code="reported", data={"name": "bob"}), "Reported bob"),
        (Ok(code="text_from_now_on"), "Text from now on"),
        (Ok(code="of_a_newer_server", text="Done"), "Done"),
        (Ok(code="reported", text="Done"), "Done"),
    ],
)
def test_answer_says_what_cannot_be_seen(ok: Ok, text: str) -> None:
    assert answered(ok) == text


@pytest.mark.parametrize(
    ("bye", "text"),
    [
        (Bye("exit"), "Goodbye."),
        (Bye("hung_up"), "Goodbye."),
        (Bye("exit", {"items": ["1"]}), "Goodbye. 1 scheduled message ends with you: 1."),
        (
            Bye("hung_up", {"items": ["1", "2", "3"]}),
            "Goodbye. 3 scheduled messages end with you: 1, 2, 3.",
        ),
        (Bye("elsewhere"), "You are connected from elsewhere now."),
        (Bye("stopping"), "The server is stopping. Goodbye."),
        (Bye("full"), "The server is full. Goodbye."),
        (
            Bye("too_many_of_address", {"limit": 32}),
            "Your address has 32 connections, which is as many as it may have. "
            "Come back when one of them has ended. Goodbye.",
        ),
        (
            Bye("too_often", {"seconds": 1}),
            "New connections come too often from your address. Come back in 1 second. Goodbye.",
        ),
        (
            Bye("stranger", {"protocol": "HTTP"}),
            "This is a chat for terminals, and you speak HTTP. Join with telnet or nc. Goodbye.",
        ),
        (
            Bye("stranger"),
            "This is a chat for terminals, and you speak something else. "
            "Join with telnet or nc. Goodbye.",
        ),
        (Bye("endless_telnet"), "This is a telnet sub-negotiation without an end. Goodbye."),
        (Bye("of_a_newer_server", text="Farewell."), "Farewell."),
        (Bye("of_a_newer_server"), "Goodbye."),
    ],
)
def test_goodbye_says_why(bye: Bye, text: str) -> None:
    assert goodbye(bye) == text


@pytest.mark.parametrize(
    ("undelivered", "now", "text"),
    [
        (Undelivered("1", "not_here", BOB, "hi"), 5.0, "bob is not here"),
        (Undelivered("1", "muted", None, "hi", 65.0), 5.0, "you are muted for another 1 min"),
        (Undelivered("1", "muted", None, "hi", 65.0), 65.0, "you were muted"),
        (Undelivered("1", "muted", None, "hi", 65.0), None, "you were muted"),
        (Undelivered("1", "muted", None, "hi"), 5.0, "you were muted"),
        (Undelivered("1", "rain", None, "hi", because="it rains"), 5.0, "it rains"),
    ],
)
def test_reason_says_how_long_a_mute_lasts_only_while_it_does(
    undelivered: Undelivered, now: float | None, text: str
) -> None:
    assert because(undelivered, now) == text
