"""Scrolling over what grows, shrinks and wraps anew; the unread line, search, mentions."""

import random

import pytest
from textual import events
from textual.events import AppBlur, AppFocus

from chat_server.protocol.commands import Send
from chat_tui.session import transcript
from chat_tui.session.outbox import Outbox
from chat_tui.session.state import Said
from tests.support.screen import at_screen, on_telnet, running_chat, until
from tests.support.scrolling import said


def long(number: int) -> Said:
    return said(number, f"{number} " + "word " * (number * 7 % 60))


# Scrolling


async def test_scrolled_up_it_never_moves_while_lines_come_are_dropped_and_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 100)
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(*(long(number) for number in range(100)))
        await alice.press("pageup", "pageup")
        before = alice.said()
        for number in range(100, 200, 7):
            await alice.is_told(*(long(number + further) for further in range(7)))
            assert alice.said() == before
        outbox = Outbox()
        outbox.add(Send("hello"))
        alice.main.messages.show_outgoing(outbox.outgoing)
        await alice.settles()
        assert alice.said() == before


async def test_the_first_character_seen_stays_the_first_when_the_width_changes() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        text = " ".join(f"w{number}" for number in range(400))
        view = await alice.is_told(
            *(long(number) for number in range(30)), said(50, text), long(51)
        )
        view.move(-40)
        await alice.settles()
        first = alice.pane("messages")[0].split()[0]
        assert first.startswith("w")
        for width in (120, 50, 80):
            await alice.resizes(width, 24)
            await until(lambda: first in alice.pane("messages")[0].split())


async def test_the_scroll_bar_leads_to_both_ends_whatever_was_guessed() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(*(long(number) for number in range(500)))
        chance = random.Random(3)
        for _ in range(20):
            view.scroll_to(y=chance.randint(0, view.max_scroll_y), animate=False)
            await alice.settles()
            assert 0 <= view.scroll_offset.y <= view.max_scroll_y
            assert (
                len([row for row in alice.pane("messages") if row])
                >= len(alice.pane("messages")) - 1
            )
        view.scroll_to(y=0, animate=False)
        await alice.settles()
        assert alice.said()[0] == "bob: 0"
        await alice.press("ctrl+end")
        await until(lambda: view.scrollback.is_following)


async def test_the_wheel_scrolls_and_the_last_turn_follows_again() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(*(long(number) for number in range(100)))
        end = alice.pane("messages")
        await alice.turns_wheel(events.MouseScrollUp, 2)
        assert alice.pane("messages") != end
        await alice.turns_wheel(events.MouseScrollDown, 3)
        assert view.scrollback.is_following
        assert alice.pane("messages") == end


async def test_end_goes_down_unless_something_is_being_written() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(*(said(number) for number in range(100)))
        await alice.press("pageup", "x", "end")
        assert "bob: number 99" not in alice.said()
        await alice.press("backspace", "end")
        await until(lambda: view.scrollback.is_following)


# What has not been seen


async def test_a_line_at_the_bottom_counts_what_is_new_and_what_is_for_oneself() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(*(said(number) for number in range(50)))
        await alice.press("pageup")
        await alice.is_told(said(50), said(51, is_mention=True), said(52, is_mine=True))
        await alice.sees("↓ 2 new (1 for you)")
        await alice.press("f6", "end")
        await alice.misses("↓")


async def test_a_line_marks_where_one_stopped_reading() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(said(1), said(2))
        alice.app.post_message(AppBlur())
        await until(lambda: view.scrollback.unread_line is not None)
        await alice.is_told(*(said(number) for number in range(3, 60)))
        alice.app.post_message(AppFocus())
        await alice.press("alt+u")
        await alice.sees("new since you looked away")
        shown = alice.said()
        mark = next(place for place, text in enumerate(shown) if "looked away" in text)
        assert shown[mark - 1] == "bob: number 2"
        assert shown[mark + 1] == "bob: number 3"


async def test_the_mark_stays_while_what_follows_it_has_not_been_seen() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(*(said(number) for number in range(50)))
        await alice.press("pageup")
        view.stop_reading()
        await alice.is_told(said(50))
        mark = view.scrollback.unread_line
        await alice.is_told(said(51))
        view.stop_reading()
        assert view.scrollback.unread_line == mark
        view.follow()
        view.stop_reading()
        assert view.scrollback.unread_line == view.scrollback.end


async def test_whoever_writes_has_looked() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(said(1))
        view.stop_reading()
        await alice.is_told(said(2, is_mine=True), said(3))
        assert not any("looked away" in text for text in alice.said())
        await alice.press("alt+u")
        await alice.sees("Nothing came")


async def test_a_hidden_pane_counts_what_comes_and_shows_it_when_it_is_looked_at() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(said(1))
        view.display = False
        await alice.settles()
        view.stop_reading()
        await alice.is_told(*(said(number, is_mention=number == 5) for number in range(2, 90)))
        assert view.reading.unread == (88, 1)
        view.appear()
        await alice.sees("bob: number 89")
        assert view.reading.unread == (0, 0)
        await alice.press("alt+u")
        await alice.sees("new since you looked away")


# Mentions


async def test_alt_p_and_alt_n_go_through_the_mentions() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        lines = [said(number, is_mention=number in (10, 20, 80)) for number in range(100)]
        await alice.is_told(*lines)
        await alice.press("alt+p")
        await alice.sees("▸bob: number 80")
        await alice.press("alt+p")
        await alice.sees("▸bob: number 20")
        await alice.press("alt+p")
        await alice.sees("▸bob: number 10")
        await alice.press("alt+p")
        await alice.sees("No message for you above")
        await alice.press("alt+n")
        await alice.sees("▸bob: number 20")


# Searching


async def test_search_shows_hits_as_one_types_and_escape_returns() -> None:
    async with running_chat() as chat, at_screen(chat, size=(110, 24)) as alice:
        texts = ["Needle one", *["hay"] * 40, "needle two", *["hay"] * 40]
        view = await alice.is_told(*(said(number, text) for number, text in enumerate(texts)))
        await alice.press("pageup")
        before = alice.said()
        await alice.press("ctrl+f", *"need")
        await alice.sees("▸bob: needle two")
        await alice.sees("2 of 2")
        await alice.press("enter")
        await alice.sees("▸bob: Needle one")
        await alice.sees("1 of 2")
        await alice.press("down")
        await alice.sees("2 of 2")
        await alice.press("up")
        await alice.sees("1 of 2")
        await alice.press(*"x")
        await alice.sees("nothing found")
        await alice.press("escape")
        await until(lambda: alice.said() == before, "the place before")
        assert alice.focus == "composer"
        assert not view.scrollback.is_following


async def test_search_can_end_where_it_has_led_to() -> None:
    async with running_chat() as chat, at_screen(chat, size=(110, 24)) as alice:
        texts = ["needle", *["hay"] * 60]
        await alice.is_told(*(said(number, text) for number, text in enumerate(texts)))
        await alice.press("ctrl+f", *"needle", "tab")
        await until(lambda: alice.focus == "messages")
        assert alice.said()[0] == "bob: needle"


async def test_what_is_searched_for_is_no_pattern_and_no_markup() -> None:
    async with running_chat() as chat, at_screen(chat, size=(110, 24)) as alice:
        await alice.is_told(said(1, "a.b [red]x"), said(2, "axb"))
        await alice.press("ctrl+f")
        await alice.pastes("a.b [red]")
        await alice.sees("1 of 1")


async def test_search_follows_what_comes_meanwhile() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("needle 1")
        await alice.sees("bob: needle 1")
        await alice.press("ctrl+f", *"needle")
        await alice.sees("1 of 1")
        await bob.sends("needle 2")
        await alice.sees("bob: needle 2")
        await alice.press("down")
        await alice.sees("2 of 2")


async def test_the_count_of_what_is_found_follows_what_comes() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(said(1, "one"), said(2, "two"))
        await alice.press("ctrl+f", "o", "n", "e")
        await alice.sees("1 of 1")
        await alice.is_told(said(3, "one more"))
        await alice.sees("1 of 2")


async def test_search_ends_where_one_turns_to_another_conversation() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("needle")
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("ctrl+f", *"needle")
        await alice.sees("▸bob: needle")
        await alice.press("alt+2")
        await alice.sees("bob → alice: psst")
        await alice.misses("Search:")
        assert alice.focus == "composer"
        await alice.press("alt+1")
        await alice.sees("bob: needle")
        await alice.misses("▸")


async def test_every_conversation_counts_what_is_new_in_it() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.is_told(*(said(number) for number in range(50)))
        await bob.sends("psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("pageup")
        await bob.sends("new")
        await alice.sees("↓ 1 new")
        await alice.press("alt+2")
        await alice.misses("↓ 1 new")
        await alice.press("alt+1")
        await alice.sees("↓ 1 new")
