"""Commands as lines: what a server reads is what was meant, to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.commands import (
    MAX_DELAY,
    MAX_HISTORY,
    MAX_MESSAGE,
    AllScheduled,
    Announce,
    Appeal,
    Appoint,
    Audit,
    Ban,
    Bans,
    Cancel,
    ChangePassword,
    CreateToken,
    Delete,
    Help,
    History,
    Kick,
    ListTokens,
    Login,
    Logout,
    Moderators,
    Mute,
    Pending,
    Register,
    Rename,
    Report,
    Reports,
    RevokeToken,
    Send,
    Unban,
    Unmute,
    Unregister,
    Users,
    Whoami,
    parse,
)
from chat_server.protocol.names import Name, name
from chat_server.protocol.unseen import has_something_to_see
from chat_tui.session.spoken import GUARDED, ORDERS, Command, Guarded, spoken

words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
texts = words.map(lambda word: word.strip()).filter(has_something_to_see)
names = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=5).map(name)


@given(
    texts,
    st.integers(0, 4),
    st.sampled_from(["", "-u bob ", "-- ", "-t 5 ", "send ", "@key "]),
    st.none() | names,
    st.integers(0, MAX_DELAY),
)
def test_a_message_is_read_as_it_was_meant(
    text: str, blanks: int, beginning: str, to: None, delay: int
) -> None:
    said = Send(" " * blanks + beginning + text, to, delay)
    assert parse(spoken(said)) == said


def test_the_longest_message_is_read_as_it_was_meant() -> None:
    said = Send("  " + "x" * (MAX_MESSAGE - 2), name("боб"), MAX_DELAY)
    assert parse(spoken(said)) == said


EVERY: list[Command | Guarded] = [
    AllScheduled(),
    Announce("tea at five"),
    Appeal("it was a joke"),
    Appoint(name("Алиса")),
    Appoint("812-aB3x", off=True),
    Audit(),
    Audit(50),
    Ban("812-aB3x"),
    Ban(Name("2001:db8::7", "2001:db8::7"), 86_400, "spam"),
    Bans(),
    Delete("7-aB3x"),
    Kick("812-aB3x"),
    Kick(name("Алиса"), "too loud"),
    Moderators(),
    Mute("812-aB3x", 0, "too loud"),
    Mute(name("Алиса"), 600),
    Reports(),
    Unban("7"),
    Unmute("812-aB3x"),
    Cancel(),
    Cancel("7"),
    ChangePassword(),
    CreateToken(),
    CreateToken("my backup"),
    Help(),
    Help("send"),
    History(),
    History(50),
    History(None, 7, "aB3x"),
    History(MAX_HISTORY, 7),
    ListTokens(),
    Login(name("Алиса")),
    Logout(),
    Pending(),
    Register(),
    Rename(name("Алиса")),
    Report(name("mallory")),
    RevokeToken("7"),
    Unregister(),
    Users(),
    Whoami(),
]


@pytest.mark.parametrize("command", EVERY)
def test_every_command_is_read_as_it_was_meant(command: Command | Guarded) -> None:
    assert parse(spoken(command)) == command


def test_no_command_is_left_out() -> None:
    assert {type(command) for command in EVERY} == {*ORDERS, *GUARDED}
