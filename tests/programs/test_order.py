"""Keys that come at once are carried out in the order in which they came.

Each finds what the one before it left: what is typed goes to the conversation in which it was
typed, and what covers the chat gets the keys that come after the one that opened it.
"""

from pathlib import Path

import pytest

from tests.support.on_terminal import on_terminal
from tests.support.screen import AtScreen, at_screen, on_telnet, running_chat, until

ALT_1, ALT_2 = "\x1b1", "\x1b2"
CTRL_P, CTRL_Q, CTRL_W, CTRL_Z = "\x10", "\x11", "\x17", "\x1a"
F1, F2, F6 = "\x1bOP", "\x1bOQ", "\x1b[17~"
BEGIN, END = "\x1b[200~", "\x1b[201~"
TIMES = 5
"""How often is done what went wrong only by chance."""


async def opens_with_bob(alice: AtScreen) -> None:
    await alice.enters("send hi -u bob")
    await alice.sees("[2 bob]")


async def test_a_line_goes_to_the_conversation_in_which_it_was_typed(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_terminal(tmp_path, chat.port) as alice,
    ):
        await alice.sees("alice (you)")
        alice.presses("send hi -u bob\r")
        await alice.sees("[2 bob]")
        for number in range(TIMES):
            alice.presses(f"my pin is {number}\r{ALT_1}")
            await bob.hears(f"alice -> bob: my pin is {number}")
            alice.presses(f"{ALT_2}пароль {number}\r{ALT_1}ok {number}\r{ALT_2}")
            await bob.hears(f"alice -> bob: пароль {number}")
            await bob.hears(f"alice: ok {number}")
        assert chat.said() == [f"ok {number}" for number in range(TIMES)]
        alice.presses(f"{ALT_1}bye all\r{CTRL_Q}")
        await bob.hears("alice: bye all")
        assert await alice.ends() == 0


async def test_walking_on_steps_from_pane_to_pane() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        for times, focus in enumerate(("composer", "messages", "people", "schedule", "composer")):
            await alice.press("escape", "escape")
            await alice.sends(F6 * times)
            assert alice.focus == focus


async def test_keys_after_a_step_are_keys_of_that_pane() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hello")
        await alice.hears("bob: hello")
        await alice.sends(f"{F6}jjc")
        await until(lambda: alice.app.clipboard == "hello")
        assert alice.typed == ""


async def test_what_comes_after_a_closed_tab_goes_to_the_one_beside_it() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await opens_with_bob(alice)
        await alice.sends(f"{CTRL_W}to all\r{ALT_1}again\r")
        await until(lambda: chat.said() == ["to all", "again"])


@pytest.mark.parametrize("opening", [F1, F2, CTRL_P])
async def test_what_covers_the_chat_gets_the_keys_that_come_after_it(opening: str) -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("draft")
        await alice.sends(f"{opening}xyz")
        await until(lambda: alice.app.is_covered)
        assert alice.typed == "draft"
        await alice.press("escape")
        await until(lambda: not alice.app.is_covered)
        assert alice.typed == "draft"


async def test_an_action_is_found_and_done_by_keys_that_come_at_once() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sends(f"{CTRL_P}search the\r")
        await until(lambda: alice.focus == "search-line")
        await alice.sends("\t")
        await until(lambda: alice.focus == "messages")


async def test_escape_ends_what_the_key_before_it_began() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sends(f"{F6}\x1b[27u")
        await alice.sends(f"{F1}\x1b[27ub")
        await alice.sends("\x06something\x1b[27uack")
        assert alice.typed == "back"
        assert alice.focus == "composer"


async def test_a_paste_is_there_before_the_enter_after_it() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sends(f"a{BEGIN}bc{END}d\r{BEGIN}next{END}")
        await until(lambda: chat.said() == ["abcd"])
        assert alice.typed == "next"


async def clicks(alice: AtScreen, part: str, times: int = 1) -> None:
    """Click where something stands on the screen, as a terminal tells of it."""
    row, line = next((row, line) for row, line in enumerate(alice.shown()) if part in line)
    place = f"{line.index(part) + 1};{row + 1}"
    await alice.sends(f"\x1b[<0;{place}M\x1b[<0;{place}m" * times)


async def test_what_is_typed_after_a_click_anywhere_is_written() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("see https://bob.example now")
        await alice.enters("send later -t 600")
        await alice.sees_in("schedule", "later")
        for part in ("bob: see", "messages", "scheduled", "later", "connected", "people"):
            await clicks(alice, part)
            await alice.sends("close, see you")
            assert alice.typed == "close, see you"
            await alice.sends("\x1b[27u\x15")
        await alice.sees_in("schedule", "later")
        assert alice.app.clipboard == ""


async def test_text_that_was_chosen_with_the_mouse_is_copied_by_ctrl_c() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hello")
        await alice.hears("bob: hello")
        await clicks(alice, "hello", times=2)
        await alice.sends("\x03")
        assert alice.app.clipboard == "hello"
        assert alice.focus == "composer"


async def test_in_a_pane_that_was_walked_to_what_is_no_key_of_it_is_written() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.sends(F6)
        assert alice.focus == "messages"
        assert "Esc: input" in alice.status
        await alice.sends("what")
        assert alice.typed == "what"
        assert "Esc: input" not in alice.status
