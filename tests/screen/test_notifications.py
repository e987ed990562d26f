"""How one is called while one looks elsewhere, and told afterwards what came."""

from pathlib import Path

import pytest
from textual.events import AppBlur, AppFocus

from chat_tui.layout.lines import UNREAD
from chat_tui.session.away import NO_KEYS, TYPING, WORTH_TELLING, Attention, Away
from chat_tui.session.notifications import LONGEST, Notices, sequence
from chat_tui.session.state import Said
from tests.programs import test_client as processes
from tests.support.clock import DAWN
from tests.support.people import says
from tests.support.screen import AtScreen, Chat, at_screen, on_telnet, running_chat, until

FOR_US = Said(says("bob", "psst", "alice"), is_mine=False, is_mention=True)


# When, and with which bytes


def test_the_bell_rings_for_what_is_for_our_user_alone() -> None:
    notices = Notices("bell", 0)
    assert notices.ring(FOR_US, DAWN) == "\x07"
    assert notices.ring(FOR_US._replace(is_mention=False), DAWN) == ""
    assert notices.ring(FOR_US._replace(is_mine=True), DAWN) == ""
    assert notices.ring(FOR_US._replace(is_replayed=True), DAWN) == ""


def test_it_does_not_ring_again_at_once() -> None:
    notices = Notices("bell", 10)
    rang = [bool(notices.ring(FOR_US, DAWN + seconds)) for seconds in (0, 9, 10, 19, 20)]
    assert rang == [True, False, True, False, True]


def test_a_clock_that_was_set_back_does_not_silence_it() -> None:
    notices = Notices("bell", 10)
    notices.ring(FOR_US, DAWN)
    assert notices.ring(FOR_US, DAWN - 3600)


@pytest.mark.parametrize(
    ("how", "written"),
    [
        ("osc9", "\x1b]9;chat: bob to you: psst\x07"),
        ("osc777", "\x1b]777;notify;chat;bob to you: psst\x07"),
        ("none", ""),
    ],
)
def test_the_desktop_is_told_who_says_what(how: str, written: str) -> None:
    for known in ("osc9", "osc777", "none"):
        if known == how:
            assert Notices(known, 0).ring(FOR_US, DAWN) == written


def test_what_somebody_writes_ends_no_sequence_and_begins_none() -> None:
    hostile = "a\x07\x1b]52;c;ZXZpbA==\x07b\x9b31m\u202ec\x1b\\\n\u2028" + "x" * 1000
    for how in ("osc9", "osc777"):
        written = sequence("osc9" if how == "osc9" else "osc777", hostile)
        inside = written[2:-1]
        assert inside.isprintable()
        assert len(inside) < LONGEST + 30


def test_tmux_passes_it_on() -> None:
    written = sequence("osc9", "hi", is_tmux=True)
    assert written == "\x1bPtmux;\x1b\x1b]9;chat: hi\x07\x1b\\"


# Whether somebody looks


def test_who_has_pressed_no_key_for_a_while_is_away_unless_the_focus_is_told() -> None:
    attention = Attention(DAWN)
    assert not attention.is_idle(DAWN + NO_KEYS - 1)
    assert attention.is_idle(DAWN + NO_KEYS)
    attention.key(DAWN + NO_KEYS)
    assert not attention.is_idle(DAWN + NO_KEYS + 1)
    attention.tells_focus = True
    assert not attention.is_idle(DAWN + 10 * NO_KEYS)


def test_one_types_for_a_moment_after_a_key() -> None:
    attention = Attention(DAWN)
    assert not attention.is_typing(DAWN)
    attention.key(DAWN)
    assert attention.is_typing(DAWN + TYPING - 1)
    assert not attention.is_typing(DAWN + TYPING)


# What came meanwhile


def said(number: int, *, is_mine: bool = False, is_mention: bool = False, item: str = "") -> Said:
    return Said(says("bob", "hi", number=number, item=item), is_mine, is_mention)


def test_what_came_is_counted_in_one_line() -> None:
    away = Away()
    away.hear([said(1), said(2, is_mention=True), said(3, is_mine=True, item="7")])
    told = "While you were away: 2 messages, 1 for you, 1 scheduled message sent"
    assert away.told(0) == told
    assert away.told(3600) == ""


def test_after_a_moment_only_what_is_for_our_user_is_told() -> None:
    away = Away()
    away.hear([said(1)])
    assert away.told(WORTH_TELLING - 1) == ""
    away.hear([said(2)])
    assert away.told(WORTH_TELLING) == "While you were away: 1 message"


# At the screen


async def looks_away(person: AtScreen) -> None:
    person.app.post_message(AppBlur())
    await until(lambda: not person.app._conversations.is_watched)


async def looks_back(person: AtScreen) -> None:
    person.app.post_message(AppFocus())
    await until(lambda: person.app._conversations.is_watched)


async def test_on_return_one_line_says_what_came() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.enters("send later -t 60")
        await alice.sees_in("schedule", "later")
        await looks_away(alice)
        await bob.sends("one")
        await bob.sends("alice: two")
        await bob.sends("three -u alice")
        await alice.sees("2 bob (1)")
        chat.clock.advance(60)
        await bob.hears("alice: later")
        await until(lambda: not alice.main.schedule.count)
        await looks_back(alice)
        await alice.hears("While you were away: 3 messages, 2 for you, 1 scheduled message sent")


async def test_looking_away_for_a_moment_is_not_told() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await looks_away(alice)
        await bob.sends("one")
        await alice.sees("bob: one")
        await looks_back(alice)
        await bob.sends("two")
        await alice.sees("bob: two")
        assert "While you were away" not in "\n".join(alice.said())


async def cut_off_for(chat: Chat, alice: AtScreen, seconds: float) -> None:
    chat.cut_off_but_telnet()
    await alice.sees("offline")
    chat.clock.advance(seconds)


async def test_after_a_break_one_line_says_what_was_missed() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.enters("send later -t 60")
        await alice.sees_in("schedule", "later")
        await cut_off_for(chat, alice, 59)
        await bob.sends("alice: missed")
        chat.clock.advance(1)
        await bob.hears("later")
        await alice.press("ctrl+r")
        await alice.hears("While you were away: 1 message, 1 for you, 1 scheduled message sent")
        await alice.hears("scheduled 1): later")


async def test_what_was_said_before_one_came_is_nothing_new() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        await bob.sends("alice: before")
        async with at_screen(chat) as alice:
            await alice.hears("before")
            assert alice.tabs() == ""
            assert "While you were away" not in "\n".join(alice.said())


async def test_no_key_for_a_while_counts_as_away_where_nothing_is_told_of_the_focus() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("seen")
        await alice.sees("bob: seen")
        chat.clock.advance(NO_KEYS)
        await bob.sends("alice: unseen")
        await alice.sees("bob: alice: unseen")
        await alice.sees(UNREAD)
        assert "While you were away" not in "\n".join(alice.said())
        await alice.press("x")
        await alice.hears("While you were away: 1 message, 1 for you")
        shown = [line for line in alice.said() if "bob" in line or UNREAD in line]
        assert shown == ["bob: seen", UNREAD, "bob: alice: unseen"]


async def test_a_terminal_that_tells_of_the_focus_is_believed() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        alice.app.post_message(AppFocus())
        chat.clock.advance(10 * NO_KEYS)
        await alice.press("x")
        chat.clock.advance(10 * NO_KEYS)
        await bob.sends("alice: seen")
        await alice.sees("bob: alice: seen")
        await alice.press("y")
        await alice.sees("xy")
        assert UNREAD not in alice.said()
        assert "While you were away" not in "\n".join(alice.said())


# On a terminal

BLUR, FOCUS = "\x1b[O", "\x1b[I"


def test_where_the_terminal_never_says_who_looks_it_is_rung_for_what_is_for_us(
    tmp_path: Path,
) -> None:
    """As in tmux and screen as they come."""
    (tmp_path / "client.toml").write_text('notify = "osc9"\n')
    with (
        processes.server(tmp_path) as port,
        processes.on_telnet(port, "bob") as bob,
        processes.client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        bob.says("send for all")
        alice.sees("for all")
        assert b"\x1b]9;" not in alice.raw
        bob.says("send psst -u alice")
        alice.sees("2 bob (1)")
        assert b"\x1b]9;chat: bob to you: psst\x07" in alice.raw


def test_the_terminal_is_rung_only_while_nobody_looks(tmp_path: Path) -> None:
    (tmp_path / "client.toml").write_text('notify = "osc9"\nnotify_seconds = 0\n')
    with (
        processes.server(tmp_path) as port,
        processes.on_telnet(port, "bob") as bob,
        processes.client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(FOCUS)
        alice.presses("y")
        alice.sees("Enter sends this")
        bob.says("send looked at -u alice")
        alice.sees("2 bob (1)")
        alice.presses(BLUR)
        alice.presses("x")
        alice.sees("yx")
        alice.presses(BLUR)
        bob.says("send heard -u alice")
        alice.sees("2 bob (2)")
        assert b"looked at\x07" not in alice.raw
        assert b"\x1b]9;chat: bob to you: heard\x07" in alice.raw
