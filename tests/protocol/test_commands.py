"""What a line means: every command, every refusal of the parser, keys, near misses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol import wording
from chat_server.protocol.commands import (
    COMMANDS,
    Cancel,
    Exit,
    Help,
    History,
    Parsed,
    Pending,
    Rename,
    Report,
    Resume,
    Send,
    SetFormat,
    Users,
    explain,
    nearest,
    parse,
    split_command,
    split_key,
)
from chat_server.protocol.events import Refused
from chat_server.protocol.names import name


def refusal(line: str) -> Refused:
    parsed = parse(line)
    assert isinstance(parsed, Refused)
    return parsed


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("help", Help()),
        ("help send", Help("send")),
        ("help /SEND", Help("send")),
        ("rename bob", Rename(name("bob"))),
        ("exit", Exit()),
        ("users", Users()),
        ("send hello", Send("hello")),
        ("cancel", Cancel()),
        ("cancel 7", Cancel("7")),
        ("pending", Pending()),
        ("history", History()),
        ("history 1", History(1)),
        ("history 1000", History(1000)),
        ("history --since 0", History(None, 0)),
        ("history --since 41 5", History(5, 41)),
        ("history 5 --since 41", History(5, 41)),
        ("report bob", Report(name("bob"))),
        ("report никто!", Report(name("никто!"))),
        ("report =7-x", Report("7-x")),
        ("send hi -u =7-x", Send("hi", "7-x")),
        ("send hi -u =", Send("hi", name("="))),
        ("send --username==7-x hi -t 5", Send("hi", "7-x", 5)),
        ("format text", SetFormat("text")),
        ("format JSON", SetFormat("json")),
        ("resume some-token", Resume("some-token")),
    ],
)
def test_every_command(line: str, meaning: Parsed) -> None:
    assert parse(line) == meaning


def test_every_command_of_the_table_is_understood() -> None:
    assert {name: isinstance(parse(name), Refused) for name in COMMANDS} == {
        **dict.fromkeys(COMMANDS, False),
        **dict.fromkeys(("ignore", "unignore"), True),
        **dict.fromkeys(("send", "rename", "report", "login", "token", "format", "resume"), True),
        **dict.fromkeys(
            ("kick", "mute", "unmute", "ban", "unban", "delete", "announce", "appeal", "moderator"),
            True,
        ),
    }


@pytest.mark.parametrize("line", ["", " ", "   ", "\u00a0"])
def test_empty_line_means_nothing(line: str) -> None:
    assert parse(line) is None


@pytest.mark.parametrize("line", ["users", "USERS", "Users", "/users", "/USERS", "  users  "])
def test_letter_case_slash_and_outer_spaces_do_not_matter(line: str) -> None:
    assert parse(line) == Users()


@pytest.mark.parametrize("line", ["//users", "/", "/ users", "us ers", "users:"])
def test_only_one_slash_is_taken_off_and_nothing_else(line: str) -> None:
    assert refusal(line).code == "unknown_command"


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("hello there", "unknown_command", "Unknown command: hello. To say it to everyone: send h"),
        ("rename", "missing_argument", "rename needs the name you want. Usage: rename NAME"),
        ("report", "missing_argument", "report needs the name of somebody who is here"),
        ("format", "missing_argument", "format needs text or json"),
        ("resume", "missing_argument", "resume needs the token"),
        ("history --since", "missing_argument", "history needs a message's id after --since"),
        ("send", "empty_message", "There is no message. Usage: send MESSAGE"),
        ("help frobnicate", "unknown_command", "There is no command frobnicate."),
        ("help send now", "unknown_command", "There is no command send now."),
        ("exit now", "too_many_arguments", "exit does not take now. Usage: exit"),
        ("users all", "too_many_arguments", "users does not take all. Usage: users"),
        ("pending all", "too_many_arguments", "pending does not take all. Usage: pending"),
        ("cancel 7 8", "too_many_arguments", "cancel does not take 8."),
        ("unmute bob carol", "too_many_arguments", "unmute does not take carol."),
        ("history 5 6", "too_many_arguments", "history does not take 6."),
        ("history --all", "too_many_arguments", "history does not take --all."),
        ("history --since 1 --since 2", "too_many_arguments", "history does not take --since."),
        ("rename two words", "bad_name", "The name two words has ' '."),
        ("rename " + "o" * 21, "name_too_long", "has 21 characters; at most 20"),
        ("format xml", "bad_format", "There is no format xml. Choose text or json."),
        ("history 0", "bad_count", "from 1 to 1000, not 0."),
        ("history 1001", "bad_count", "from 1 to 1000, not 1001."),
        ("history -5", "bad_count", "from 1 to 1000, not -5."),
        ("history ٣", "bad_count", "from 1 to 1000, not ٣."),
        ("history --since x", "bad_id", "x is not the id of a message"),
        ("history --since -1", "bad_id", "-1 is not the id of a message"),
        ("history --since " + "9" * 30, "bad_id", "is not the id of a message"),
    ],
)
def test_every_refusal_names_what_was_wrong(line: str, code: str, says: str) -> None:
    refused = refusal(line)
    assert refused.code == code
    assert says in wording.refusal(refused)


@pytest.mark.parametrize("command", ["rename", "report", "format", "help", "cancel", "history"])
def test_refusal_does_not_repeat_a_screenful(command: str) -> None:
    assert len(wording.refusal(refusal(f"{command} a {'b' * 5000}"))) < 250


def test_unknown_word_close_to_a_command_is_asked_about() -> None:
    assert wording.refusal(refusal("sned hello")) == (
        "Unknown command: sned. Did you mean send? Type help for the commands."
    )


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("sen", "send"),
        ("sendd", "send"),
        ("ssend", "send"),
        ("sand", "send"),
        ("sned", "send"),
        ("esnd", "send"),
        ("/sned", "send"),
        ("HLEP", "help"),
        ("user", "users"),
        ("histroy", "history"),
        ("cancle", "cancel"),
        ("exti", "exit"),
        ("send", None),
        ("/users", None),
        ("hello", None),
        ("dnes", None),
        ("snex", None),
        ("se", None),
        ("usrrss", None),
        ("sendin", None),
        ("", None),
    ],
)
def test_nearest_is_one_slip_away(word: str, meant: str | None) -> None:
    assert nearest(word) == meant


@pytest.mark.parametrize(
    ("line", "split"),
    [
        ("send hi", ("", "send hi")),
        ("@k send hi", ("k", "send hi")),
        ("@a-B_9   send hi", ("a-B_9", "send hi")),
        (f"@{'k' * 32} users", ("k" * 32, "users")),
        ("@k", ("k", "")),
        ("@k @j users", ("k", "@j users")),
        ("send @k", ("", "send @k")),
        (" @k users", ("", " @k users")),
    ],
)
def test_key_is_taken_from_the_front(line: str, split: tuple[str, str]) -> None:
    assert split_key(line) == split


@pytest.mark.parametrize("line", ["@", "@ users", "@a.b users", "@ключ users", f"@{'k' * 33} x"])
def test_bad_key_is_refused(line: str) -> None:
    _, refused = split_key(line)
    assert isinstance(refused, Refused)
    assert refused.code == "bad_key"
    assert f"Not a key: {line.split(' ')[0]}." in wording.refusal(refused)


def test_help_lists_every_command_with_usage_and_summary() -> None:
    commands = explain(to_moderator=True).commands
    assert [entry.name for entry in commands] == list(COMMANDS)
    assert all(entry.usage.startswith(entry.name) and entry.summary for entry in commands)
    assert not any(entry.details for entry in commands)


def test_help_shows_what_moderators_do_to_them_alone() -> None:
    shown, all_of_them = explain().commands, explain(to_moderator=True).commands
    assert [entry.name for entry in all_of_them if entry not in shown] == [
        *("kick", "mute", "unmute", "ban", "unban", "bans", "reports", "scheduled", "delete"),
        *("announce", "moderator", "audit"),
    ]


def test_help_of_one_command_explains_it_in_full() -> None:
    [entry] = explain("send").commands
    assert entry.usage == "send MESSAGE [-u NAME] [-t SECONDS]"
    assert "send -- ls -t 5             says: ls -t 5" in entry.details


@given(st.text())
def test_parser_takes_any_text(line: str) -> None:
    parsed = parse(line)
    assert (parsed is None) == (not line.strip())


@given(
    st.sampled_from(sorted(COMMANDS)), st.text(st.sampled_from("-ut= 1@/nsice\u00a0й"), max_size=30)
)
def test_parser_takes_any_arguments(command: str, arguments: str) -> None:
    assert parse(f"{command} {arguments}") is not None


@given(st.text())
def test_key_splitter_takes_any_text(line: str) -> None:
    key, rest = split_key(line)
    if not isinstance(rest, Refused):
        assert rest in line
        assert not key or line.startswith(f"@{key}")


@given(st.text())
def test_splitting_keeps_the_words(line: str) -> None:
    word, rest = split_command(line)
    assert f"{word} {rest}".split() == line.split()
