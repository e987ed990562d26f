"""What Enter will do with a line, and what Tab makes of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.commands import COMMANDS, MAX_MESSAGE, Send, parse
from chat_tui.hints import START, Usage, completions, judge

# What is sent


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("send hello", "Enter sends this to everyone."),
        ("SEND hello", "Enter sends this to everyone."),
        ("/send hello", "Enter sends this to everyone."),
        ("send hello -u bob", "Enter sends this to bob."),
        ("send hello -t 60", "Enter sends this to everyone in 1 min."),
        ("send -u bob -t 1 hello", "Enter sends this to bob in 1 second."),
        ("send -- ls -t 5", "Enter sends this to everyone."),
        ("rename alice", "change your name"),
        ("users", "who is here"),
        ("help", "list the commands, or explain one"),
        ("/help send", "list the commands, or explain one"),
        ("history", "the last messages you may see"),
        ("history 50 --since 7", "the last messages you may see"),
        ("pending", "your scheduled messages"),
        ("cancel", "take back a scheduled message"),
        ("cancel 7", "take back a scheduled message"),
        ("report bob", "complain about somebody"),
    ],
)
def test_a_command_is_sent_as_it_was_typed(typed: str, hint: str) -> None:
    verdict = judge(f"{typed} ")
    assert (verdict.hint, verdict.line) == (hint, typed)
    assert not (verdict.is_held or verdict.is_refused or verdict.is_exit)


@pytest.mark.parametrize("typed", ["exit", "EXIT", "/exit", " exit "])
def test_exit_leaves(typed: str) -> None:
    verdict = judge(typed)
    assert verdict.is_exit
    assert verdict.hint == "Enter leaves the chat."
    assert verdict.line == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("good morning", "good morning"),
        ("  привет, мир  ", "привет, мир"),
        ("to send or not to send", "to send or not to send"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("-- dashes", "-- dashes"),
        ("@key words", "@key words"),
    ],
)
def test_what_begins_with_no_command_is_said_to_everyone(typed: str, said: str) -> None:
    verdict = judge(typed)
    assert verdict.hint == "Enter sends this to everyone."
    assert parse(verdict.line) == Send(said)
    assert not verdict.is_held


@pytest.mark.parametrize("typed", ["", "   "])
def test_nothing_typed_sends_nothing(typed: str) -> None:
    assert judge(typed) == (START, Usage(), "", False, False, False)


def test_what_is_longer_than_a_message_may_be_is_refused() -> None:
    assert judge("x" * MAX_MESSAGE).line
    verdict = judge("x" * (MAX_MESSAGE + 1))
    assert (verdict.line, verdict.is_refused) == ("", True)
    assert "this one has 2001" in verdict.hint


# What is held back


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sned hello", "send"),
        ("sen hello", "send"),
        ("sendd hello", "send"),
        ("renome bob", "rename"),
        ("user", "users"),
        ("HISTROY", "history"),
        ("exot", "exit"),
        ("halp", "help"),
        ("cancl", "cancel"),
        ("peding", "pending"),
        ("raport dave", "report"),
    ],
)
def test_one_slip_away_from_a_command_is_held_back(typed: str, meant: str) -> None:
    verdict = judge(typed)
    assert verdict.is_held
    assert f"Did you mean the command {meant}?" in verdict.hint
    assert parse(verdict.line) == Send(typed)


@pytest.mark.parametrize(
    ("typed", "option"),
    [
        ("hello -u bob", "-u"),
        ("hello -t 10", "-t"),
        ("hello --username bob", "--username"),
        ("hello --time=10", "--time"),
    ],
)
def test_a_message_that_ends_like_a_send_is_held_back(typed: str, option: str) -> None:
    verdict = judge(typed)
    assert verdict.is_held
    assert verdict.hint.startswith(f"{option} is for the command send.")
    assert parse(verdict.line) == Send(typed)


@pytest.mark.parametrize("typed", ["tar -t now and then", "a = b", "hello no", "is it -u", "-u"])
def test_what_only_resembles_a_slip_is_not_held_back(typed: str) -> None:
    assert not judge(typed).is_held


# What is refused


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("/hello", "There is no command /hello. To say it: send /hello …"),
        ("/", "There is no command /. To say it: send / …"),
        ("//send hi", "There is no command //send. Did you mean /send?"),
        ("/sned hi", "There is no command /sned. Did you mean /send?"),
        ("send", "There is no message."),
        ("send -t 5", "There is no message."),
        ("send hi -t", "-t needs a number of seconds after it."),
        ("send hi -t soon", "-t takes a whole number of seconds from 0 to 2592000 (30 days)"),
        ("rename", "rename needs the name you want."),
        ("rename a b", "The name a b has ' '."),
        ("users now", "users does not take now."),
        ("pending 1", "pending does not take 1."),
        ("help me", "There is no command me."),
        ("history all", "history takes a number from 1 to 1000, not all."),
        ("cancel 1 2", "cancel does not take 2."),
        ("report", "report needs the name of somebody who is here."),
        ("exit now", "exit does not take now."),
        ("format json", "This is for telnet and programs; here it is not needed."),
        ("resume token", "This is for telnet and programs; here it is not needed."),
    ],
)
def test_what_would_be_refused_is_not_sent(typed: str, hint: str) -> None:
    verdict = judge(typed)
    assert (verdict.line, verdict.is_refused) == ("", True)
    assert verdict.hint.startswith(hint)
    assert "Usage:" not in verdict.hint


# The usage, and where in it one is


@pytest.mark.parametrize(
    ("typed", "current"),
    [
        ("send", ""),
        ("send ", "MESSAGE"),
        ("send hel", "MESSAGE"),
        ("send hello -u", "[-u NAME]"),
        ("send hello -u ", "[-u NAME]"),
        ("send hello -u bo", "[-u NAME]"),
        ("send hello -u bob ", "MESSAGE"),
        ("send hello --time", "[-t SECONDS]"),
        ("send hello -u bob -t 1", "[-t SECONDS]"),
        ("send hello --username=bo", "[-u NAME]"),
        ("rename ali", "NAME"),
        ("help s", "[COMMAND]"),
        ("cancel ", "[ID]"),
        ("report d", "NAME"),
        ("history 5", "[N]"),
        ("history 5 --since ", "[--since ID]"),
        ("format j", "text|json"),
        ("users ", ""),
        ("pending", ""),
        ("exit", ""),
    ],
)
def test_the_argument_being_typed_is_marked_in_the_usage(typed: str, current: str) -> None:
    usage = judge(typed).usage
    assert usage.current == current
    assert "".join(usage) == COMMANDS[typed.split()[0]].usage


def test_plain_text_has_no_usage() -> None:
    assert judge("good morning").usage == Usage()


# Anything at all

anything = st.text() | st.lists(
    st.sampled_from([*COMMANDS, "-u", "-t", "--", "--time=5", "/", "bob", "5", " ", "sned", "\t"])
).map(" ".join)


@settings(deadline=None)
@given(anything)
def test_any_text_has_a_hint(typed: str) -> None:
    verdict = judge(typed)
    assert verdict.hint
    assert not (verdict.line and verdict.is_refused)


@settings(deadline=None)
@given(anything)
def test_plain_text_reaches_the_server_to_the_letter(typed: str) -> None:
    verdict = judge(typed)
    first = (typed.split() or [""])[0]
    if verdict.line and first.lower() not in COMMANDS and not first.startswith("/"):
        assert parse(verdict.line) == Send(typed.strip())


@settings(deadline=None)
@given(anything)
def test_a_command_that_is_sent_is_the_one_that_was_typed(typed: str) -> None:
    verdict = judge(typed)
    first = (typed.split() or [""])[0]
    if verdict.line and (first.lower() in COMMANDS or first.startswith("/")):
        assert parse(verdict.line) == parse(typed)


# Tab

NAMES = ["bob", "Bella", "carol", "Ян", "sent"]


@pytest.mark.parametrize(
    ("before", "offers"),
    [
        ("s", ["send", "sent"]),
        ("/re", ["/rename", "/report", "/resume"]),
        ("RE", ["rename", "report", "resume"]),
        ("h", ["help", "history"]),
        ("B", ["Bella", "bob"]),
        ("send hello -u b", ["Bella", "bob"]),
        ("send hello -u я", ["Ян"]),
        ("report c", ["carol"]),
        ("hello b", ["Bella", "bob"]),
        ("help re", ["rename", "report", "resume"]),
        ("/help us", ["users"]),
        ("zzz", []),
        ("", ["Bella", "bob", "carol", "sent", "Ян"]),
        ("report ", ["Bella", "bob", "carol", "sent", "Ян"]),
    ],
)
def test_tab_offers_commands_first_and_names_everywhere(before: str, offers: list[str]) -> None:
    assert completions(before, NAMES) == offers


@settings(deadline=None)
@given(st.text(), st.lists(st.text()))
def test_completing_never_fails(before: str, names: list[str]) -> None:
    assert all(offer for offer in completions(before, [name for name in names if name]))
