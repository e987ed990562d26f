"""Registering and logging in at the screen: no letter of a password goes anywhere else."""

import contextlib
from collections.abc import AsyncIterator

import pytest
from textual.events import Key

from chat_server.protocol.events import Ask, History, Message, Ok, Refused
from chat_tui.screens.password import AGAIN, CHECKED, DIFFER, DONE, PasswordScreen
from tests.support import people
from tests.support.clock import DAWN
from tests.support.faults import Scripted, scripted
from tests.support.screen import (
    PASSWORD,
    AtScreen,
    Chat,
    OnTelnet,
    at_screen,
    member_on_telnet,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)

FIELDS = {"password", "password-again"}


@contextlib.asynccontextmanager
async def in_script(name: str = "alice") -> AsyncIterator[tuple[Scripted, AtScreen]]:
    """Be in a chat of which the test says what the server says."""
    async with scripted() as script, offline_at_screen(script.port, name) as alice:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await until(lambda: alice.has_caught_up)
        yield script, alice


def types(person: AtScreen, *texts: str) -> None:
    """Let all these keys come at once, each text with an Enter."""
    for character in "".join(f"{text}\r" for text in texts):
        key = {"\r": "enter", " ": "space"}.get(character, character)
        person.app.post_message(Key(key, character))


async def is_asked(person: AtScreen, title: str) -> None:
    await person.sees(title)
    assert isinstance(person.app.screen, PasswordScreen)
    assert person.focus in FIELDS


async def is_back(person: AtScreen) -> None:
    await until(lambda: not isinstance(person.app.screen, PasswordScreen), "the chat")
    await person.settles()


async def registers(person: AtScreen) -> None:
    await person.enters("register")
    await is_asked(person, "New password for alice")
    for _ in range(2):
        await person.press(*_keys(PASSWORD), "enter")
    await person.hears("The name alice is yours now")
    await is_back(person)


def _keys(text: str) -> list[str]:
    return ["space" if character == " " else character for character in text]


@contextlib.asynccontextmanager
async def member_away(chat: Chat) -> AsyncIterator[OnTelnet]:
    """Let alice be a member who has left; give bob, who hears what everyone does."""
    async with on_telnet(chat.port, "bob") as bob:
        async with member_on_telnet(chat.port, "alice") as alice:
            await alice.sends("to bob before -u bob")
            await bob.sends("to alice before -u alice")
            await alice.says("exit")
        await bob.hears("alice left")
        yield bob


def assert_unheard(*heard: str) -> None:
    text = "\n".join(heard)
    for piece in ("horse", "correct", "battery", "staple"):
        assert piece not in text, text


# What becomes of it


async def test_who_registers_types_the_same_twice_and_sees_no_letter() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.enters("/register")
        await is_asked(alice, "New password for alice")
        await alice.sees(AGAIN)
        await alice.press(*_keys(PASSWORD))
        assert_unheard(*alice.shown())
        await alice.press("enter", *_keys(PASSWORD), "enter")
        await alice.hears("The name alice is yours now")
        await is_back(alice)
        await alice.enters("whoami")
        await alice.hears("You are alice, a member since")
        await bob.sends("done")
        await alice.hears("done")
        await alice.press("up", "up")
        assert alice.typed == "/register"
        assert_unheard(*bob.heard, *alice.shown(), alice.app.typed)


async def test_a_new_password_is_checked_before_it_is_sent() -> None:
    async with in_script() as (script, alice):
        await alice.enters("register")
        script.says(Ask("new_password", "alice", re=await script.hears("register")))
        await is_asked(alice, "8 to 128 characters.")
        await alice.press(*"1234567", "enter")
        await alice.sees("A password has 8 to 128 characters.")
        await alice.press(*"12345678", "enter", *"12345679", "enter")
        await alice.sees(DIFFER)
        assert alice.focus == "password"
        await alice.press(*"87654321", "enter", *"87654321", "enter")
        await script.hears("secret 87654321")
        assert not any("secret" in line for line in script.lines)


async def test_who_logs_in_is_that_member_with_what_is_theirs() -> None:
    async with running_chat() as chat, member_away(chat) as bob:
        await bob.sends("public")
        await bob.says("send while you were away -u alice")
        await bob.hears("alice is away")
        chat.clock.advance(60)
        async with at_screen(chat, "carol") as alice:
            await alice.enters("send guest's own -t 600")
            await alice.sees_in("schedule", "guest's own")
            await alice.hears("public")
            await alice.enters("login alice")
            await is_asked(alice, "Password of alice")
            await alice.press(*_keys(PASSWORD), "enter")
            await alice.hears("You are logged in as alice")
            await is_back(alice)
            await alice.sees("alice (you)")
            await alice.sees_in("schedule", "guest's own")
            assert sum("public" in line for line in alice.said()) == 1
            await alice.sees("2 bob (1)")
            await alice.press("alt+2")
            await alice.hears("to bob before")
            await alice.hears("to alice before")
            await alice.hears("bob → alice (waited since ")
            await alice.press("alt+1")
            await alice.enters("here I am")
            await bob.hears("alice: here I am")
            assert chat.names == ["bob", "alice"]


async def test_a_wrong_password_is_said_on_the_screen_which_takes_another() -> None:
    async with running_chat() as chat, member_away(chat) as bob, at_screen(chat, "carol") as alice:
        await alice.enters("login alice")
        await alice.press(*_keys("battery staple"), "enter")
        await alice.sees("That name and password do not go together.")
        await is_asked(alice, "Password of alice")
        await alice.press(*_keys(PASSWORD), "enter")
        await alice.hears("You are logged in as alice")
        await is_back(alice)
        await bob.says("send the end")
        await bob.hears("the end")
        assert_unheard(*bob.heard)


async def test_who_logs_out_is_a_guest_again() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await registers(alice)
        await alice.enters("logout")
        await alice.hears("You are logged out")
        await alice.sees("guest1 (you)")
        await alice.enters("whoami")
        await alice.hears("a guest")


async def test_a_password_is_changed_on_one_screen() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await registers(alice)
        await alice.enters("password")
        await is_asked(alice, "Password of alice")
        await alice.press(*_keys(PASSWORD), "enter")
        await is_asked(alice, "New password for alice")
        for _ in range(2):
            await alice.press(*_keys("battery staple"), "enter")
        await alice.hears("Your password is changed")


# Keys that come fast


async def test_keys_in_one_burst_go_to_the_field_and_to_nobody() -> None:
    async with in_script() as (script, alice):
        types(alice, "login alice", PASSWORD, "hello")
        key = await script.hears("login alice")
        await alice.settles()
        script.says(Ask("password", "alice", re=key))
        key = await script.hears(f"secret {PASSWORD}")
        await alice.sees(CHECKED)
        script.says(people.welcome("alice", chat="c", token="t"), Ok("", "logged_in", re=key))
        await alice.sees(DONE)
        assert alice.typed == ""
        await alice.press("h", "i", "enter", "escape")
        await is_back(alice)
        await alice.enters("after")
        await script.hears("send -- after")
        assert not any("hello" in line or "hi" in line for line in script.lines)
        assert alice.app._outbox.waiting[0].line == "send -- after"


async def test_a_password_typed_before_the_question_waits_for_it() -> None:
    async with in_script() as (script, alice):
        types(alice, "login alice", PASSWORD)
        key = await script.hears("login alice")
        await alice.settles()
        assert not any("secret" in line for line in script.lines)
        script.says(Ask("password", "alice", re=key))
        await script.hears(f"secret {PASSWORD}")


async def test_keys_after_a_refused_command_go_to_nobody() -> None:
    async with in_script() as (script, alice):
        types(alice, "login alice", PASSWORD, "hello")
        await alice.settles()
        script.says(Refused("accounts_off", re=await script.hears("login alice")))
        await alice.sees("Escape: back to the chat")
        types(alice, PASSWORD, "hello")
        await alice.settles()
        await alice.pastes(PASSWORD)
        await alice.press("escape")
        await is_back(alice)
        assert (alice.typed, alice.app._outbox.outgoing) == ("", [])


async def test_keys_without_a_connection_go_to_nobody_now_or_later() -> None:
    async with offline_at_screen(1, "alice") as alice:
        types(alice, "login alice", PASSWORD, "hello")
        await alice.settles()
        await alice.sees("There is no connection to the server.")
        await alice.press("escape")
        await is_back(alice)
        assert (alice.typed, alice.app._outbox.outgoing) == ("", [])


async def test_lines_that_a_terminal_sends_at_once_wait_in_the_input_and_are_not_said() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sends(f"login alice\r{PASSWORD}\rhello\r")
        await alice.press("enter", "enter", "enter")
        assert alice.hint.startswith("login alice asks for a password: enter it alone.")
        assert chat.said() == []


async def test_a_pasted_password_works() -> None:
    async with in_script() as (script, alice):
        await alice.enters("login alice")
        script.says(Ask("password", "alice", re=await script.hears("login alice")))
        await alice.pastes(f"{PASSWORD}\nand more\n")
        await alice.press("enter")
        await script.hears(f"secret {PASSWORD}")
        assert not any("more" in line for line in script.lines)


# Giving up


async def test_escape_cancels_and_nothing_reaches_the_input() -> None:
    async with in_script() as (script, alice):
        await alice.write("draft")
        await alice.press("up")
        await alice.press("ctrl+u", *_keys("login"), "space", *"alice", "enter")
        await alice.press(*_keys(PASSWORD), "escape")
        await is_back(alice)
        script.says(Ask("password", "alice", re=await script.hears("login alice")))
        await alice.press("x")
        assert "correct" not in alice.typed and alice.typed.endswith("x")
        assert not any("secret" in line for line in script.lines)


async def test_nothing_can_be_copied_from_the_field() -> None:
    async with in_script() as (_, alice):
        await alice.enters("login alice")
        await alice.press(*_keys(PASSWORD), "home", "shift+end", "ctrl+c", "ctrl+x")
        assert alice.app.clipboard == ""


async def test_a_broken_connection_cancels_and_says_so() -> None:
    async with in_script() as (script, alice):
        await alice.enters("login alice")
        script.says(Ask("password", "alice", re=await script.hears("login alice")))
        await alice.press(*_keys(PASSWORD), "enter")
        await script.hears(f"secret {PASSWORD}")
        script.breaks()
        await alice.sees("Escape: back to the chat")
        types(alice, PASSWORD)
        await alice.settles()
        await alice.press("escape")
        await alice.hears("The connection broke before this was answered.")
        alice.app.action_retry()
        await script.welcomes()
        await script.hears("history")
        await alice.enters("after")
        await script.hears("send -- after")
        assert_unheard(*script.lines, alice.app.typed)


async def test_what_is_done_after_it_was_given_up_is_told() -> None:
    async with in_script() as (script, alice):
        await alice.enters("login bob")
        script.says(Ask("password", "bob", re=await script.hears("login bob")))
        await alice.press(*_keys(PASSWORD), "enter")
        key = await script.hears("secret")
        await alice.press("escape")
        await is_back(alice)
        done = Ok("", "logged_in", {"name": "bob"}, re=key)
        script.says(people.welcome("bob", chat="c", token="t"), done)
        await alice.hears("You are logged in as bob")
        await alice.sees("bob (you)")


# Where one is told of it


async def test_whose_name_is_owned_is_told_how_to_log_in() -> None:
    async with (
        running_chat() as chat,
        member_away(chat),
        offline_at_screen(chat.port, "alice", (80, 24), chat.clock) as alice,
    ):
        await alice.hears("The name alice belongs to somebody. If it is yours: login alice")
        await alice.press("ctrl+p")
        await alice.sees("Log in as alice…")
        await alice.press("enter")
        await is_asked(alice, "Password of alice")
        await alice.press(*_keys(PASSWORD), "enter")
        await alice.sees("alice (you)")


@pytest.mark.parametrize("is_member", [False, True])
async def test_the_palette_has_what_one_can_do_about_ones_name(is_member: bool) -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        if is_member:
            await registers(alice)
        await alice.press("ctrl+p")
        await alice.sees("Log out" if is_member else "Log in…")
        shown = "\n".join(alice.shown())
        assert ("Change your password…" in shown) is is_member
        assert ("Make your name your own…" in shown) is not is_member


async def test_a_guest_with_a_name_of_their_own_is_told_once_of_registering() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sees("register makes the name alice your own.")
        await alice.enters("hello")
        await alice.misses("register makes the name")
        await alice.enters("rename ada")
        await alice.sees("register makes the name ada your own.")


async def test_a_members_scheduled_messages_go_on_and_are_not_asked_about() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await registers(alice)
        await alice.enters("send later -t 600")
        await alice.sees_in("schedule", "later")
        await alice.press("ctrl+q")
        await until(lambda: not alice.app.is_running)


async def test_what_waits_for_somebody_is_told_beside_the_message() -> None:
    async with running_chat() as chat, member_away(chat), at_screen(chat, "carol") as carol:
        await carol.enters("send see you -u alice")
        await carol.hears("alice is away: they get it when they come")
        await carol.press("alt+2")
        await carol.hears("carol → alice: see you")
        await carol.hears("alice is away: they get it when they come")


async def test_a_message_whose_sender_is_away_says_so() -> None:
    async with in_script() as (script, alice):
        bob = people.person("bob")
        script.says(Message("7", DAWN, bob, None, "planned", away=True))
        await alice.hears("bob (away): planned")
