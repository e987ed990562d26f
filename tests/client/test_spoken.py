"""Commands as lines: what a server reads is what was meant, to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.commands import (
    MAX_DELAY,
    MAX_HISTORY,
    MAX_MESSAGE,
    Cancel,
    ChangePassword,
    CreateToken,
    Help,
    History,
    ListTokens,
    Login,
    Logout,
    Pending,
    Register,
    Rename,
    Report,
    RevokeToken,
    Send,
    Unregister,
    Users,
    Whoami,
    parse,
)
from chat_server.protocol.names import name
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
