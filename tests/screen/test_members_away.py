"""Members who are away: their tab says so, and what is typed there waits for them."""

import msgspec
import pytest

from chat_server.protocol.events import Event, History, Left, Ok
from chat_tui.session.conversations import Conversations
from tests.client.test_state import NOW, entered, private
from tests.support.faults import wire_to
from tests.support.people import joined, left, person, says, welcome
from tests.support.screen import (
    PASSWORD,
    at_screen,
    member_on_telnet,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)

BOB = person("bob")
AWAY = Left([BOB], NOW, away=[BOB])
WRITTEN = private(1, "bob", "alice")


def title(*events: Event) -> str:
    """Return what the tab of bob is called after all this."""
    state, conversations = entered(), Conversations()
    for event in events:
        state.apply(event, NOW)
        conversations.take(state)
    return conversations.tabs()[1].name


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([WRITTEN, left("bob")], "bob (left)"),
        ([WRITTEN, AWAY], "bob (away)"),
        ([AWAY, WRITTEN], "bob (away)"),
        ([WRITTEN, AWAY, joined("bob")], "bob"),
        ([WRITTEN, AWAY, joined("bob"), AWAY], "bob (away)"),
        ([WRITTEN, AWAY, joined("bob"), left("bob")], "bob (left)"),
        ([WRITTEN, AWAY, welcome("alice")], "bob (away)"),
        ([WRITTEN, welcome("alice")], "bob (left)"),
        ([WRITTEN, msgspec.structs.replace(welcome("alice"), away=[BOB])], "bob (away)"),
        ([left("bob"), msgspec.structs.replace(WRITTEN, away=True)], "bob (away)"),
    ],
)
def test_tab_of_who_is_not_here_says_whether_they_hear_of_it(
    events: list[Event], shown: str
) -> None:
    assert title(*events) == shown


def test_who_gets_what_waits_for_them_is_a_member() -> None:
    state, conversations = entered(left("bob"), private(7, "alice", "bob")), Conversations()
    conversations.take(state)
    assert conversations.tabs()[1].name == "bob (left)"
    state.note(Ok("7", "waits", {"name": "bob"}), NOW)
    conversations.take(state)
    assert conversations.tabs()[1].name == "bob (away)"


def test_what_was_said_while_they_were_away_says_nothing_of_now() -> None:
    told = says("bob", "hi", "alice", 7)
    state, conversations = entered(left("bob")), Conversations()
    state.apply(welcome("alice"), NOW)
    state.apply(History([msgspec.structs.replace(told, away=True)], 0), NOW)
    conversations.take(state)
    assert conversations.tabs()[1].name == "bob (left)"


@pytest.mark.parametrize("name", ["bob", "борис"])
async def test_what_is_typed_to_a_member_who_is_away_waits_for_them(name: str) -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        async with member_on_telnet(chat.port, name) as bob:
            await bob.sends("psst -u alice")
            await alice.sees(f"2 {name} (1)")
            await alice.press("alt+2")
            await alice.write("are you ")
        await until(lambda: alice.tabs() == f"1 everyone [2 {name} (away)]")
        await alice.press("t", "h", "e", "r", "e", "?", "enter")
        await alice.hears(f"alice → {name}: are you there?")
        await alice.hears(f"{name} is away: they get it when they come")
        assert alice.hint.startswith(f"{name} is away: what you type waits for them.")
        async with on_telnet(chat.port, "guest7") as again:
            await again.says(f"login {name}")
            await again.says(PASSWORD)
            assert (await again.hears(f"alice -> {name}")).endswith("are you there?")
            await until(lambda: alice.tabs() == f"1 everyone [2 {name}]")


async def test_who_left_during_a_break_is_known_to_be_a_member() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        member_on_telnet(chat.port, "bob") as bob,
        offline_at_screen(wire.port, "alice", clock=chat.clock) as alice,
    ):
        await alice.sees("alice (you)")
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await bob.says("exit")
        await until(lambda: "bob" not in chat.names)
        wire.is_closed = False
        await alice.press("ctrl+r")
        await until(lambda: alice.tabs() == "[1 everyone] 2 bob (away) (1)", alice.tabs)
