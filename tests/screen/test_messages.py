"""The pane of messages: wrapping, scrolling, alignment, what is kept, and every theme."""

import itertools
import sys
import time

import msgspec
import pytest
from rich.cells import cell_len

from chat_server.protocol.events import Announced, Deleted
from chat_server.protocol.wording import local_time
from chat_tui.session import transcript
from chat_tui.session.state import Note, Said
from tests.client.test_lines import HOSTILE
from tests.support.clock import DAWN, FakeClock
from tests.support.people import person, says
from tests.support.screen import (
    AtScreen,
    at_screen,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)
from tests.support.scrolling import said

DAY = 24 * 3600.0


# What a message looks like


async def test_a_message_has_its_time_and_its_sender() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hello")
        await alice.sees(f"{local_time(int(DAWN)):%H:%M} bob: hello")


async def test_what_comes_is_shown_also_where_the_machine_stands_still_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the two looks at the clock with which Textual begins to wait, as under load."""
    stands_still = itertools.count()

    def held_up() -> float:
        is_to_wait_once = sys._getframe(1).f_locals.get("_repeat") == 0
        return time.monotonic() + (next(stands_still) if is_to_wait_once else 0)

    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.sees("bob")
        monkeypatch.setattr("textual._time.get_time", held_up)
        for word in ("one", "two", "three"):
            await bob.sends(word)
            await alice.sees(f"bob: {word}")


async def test_deleted_message_goes_from_the_screen_and_an_announcement_comes() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        rude = says("bob", "rude " * 40)
        alice.app._hear(rude)
        await alice.sees("rude rude")
        mona = person("mona")
        alice.app._hear(Deleted(rude.id, rude.sender, mona))
        await alice.sees("bob: (deleted)")
        await alice.sees("mona deleted a message of bob")
        await alice.misses("rude rude")
        alice.app._hear(Announced(DAWN, mona, "tea at five"))
        await alice.sees("Announcement by mona: tea at five")


async def test_a_private_message_names_its_recipient() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.says("send psst -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+a")
        await alice.sees("bob → alice: psst")


async def test_a_message_says_that_it_is_late_and_its_sender_gone() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        late = msgspec.structs.replace(says("bob", "hello"), due=DAWN - 3600, left=True)
        await alice.is_told(Said(late, is_mine=False))
        due = local_time(int(DAWN - 3600))
        assert alice.said() == [f"bob (left, due {due:%H:%M}): hello"]


async def test_another_day_is_announced() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(said(1), said(2), said(3, at=DAWN + DAY))
        day = local_time(int(DAWN + DAY))
        dated = f"── {day:%A}, {day.day} {day:%B %Y} ──"
        assert alice.said() == ["bob: number 1", "bob: number 2", dated, "bob: number 3"]


async def test_a_clock_of_ours_that_is_wrong_announces_no_day() -> None:
    """Times are the server's; what the chat itself tells is told when it comes."""
    wrong = FakeClock()
    wrong.advance(-3 * DAY)
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        offline_at_screen(chat.port, "alice", clock=wrong) as alice,
    ):
        await alice.sees("alice (you)")
        for number in range(3):
            await bob.sends(f"number {number}")
            await alice.sees(f"bob: number {number}")
            await alice.enters("/ignore")
        await until(lambda: len(alice.said()) == 6)
        assert alice.said() == [
            part
            for number in range(3)
            for part in (f"bob: number {number}", "· You ignore: nobody")
        ]


async def test_facts_refusals_and_dividers_look_different() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(
            Note("fact", "bob joined", DAWN),
            Note("fact", "and more", DAWN, is_more=True),
            Note("refusal", "no", DAWN),
            Note("divider", "anew", DAWN),
        )
        assert alice.said() == ["· bob joined and more", "! no", "── anew ──"]


# Wrapping


async def test_a_long_message_is_wrapped_beside_its_time() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(said(1, "word " * 30))
        rows = [row for row in alice.shown() if "word" in row]
        assert len(rows) > 2
        assert all("│       word" in row for row in rows[1:])
        assert alice.said() == ["bob: " + " ".join(["word"] * 30)]


async def test_messages_are_wrapped_again_for_another_width() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(said(1, "word " * 20), said(2, "the end"))
        for width in (60, 120, 80):
            await alice.resizes(width, 24)
            await until(lambda: alice.said()[1:] == ["bob: the end"])
            assert alice.said()[0] == "bob: " + " ".join(["word"] * 20)


async def test_the_end_stays_in_view_when_the_width_changes() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(
            *(said(number, "word " * 20) for number in range(20)), said(99, "the end")
        )
        for width in (60, 100):
            await alice.resizes(width, 24)
            await until(lambda: "bob: the end" in alice.pane("messages")[-1])


@pytest.mark.parametrize(
    "text",
    [
        "漢字" * 40,
        "ｆｕｌｌｗｉｄｔｈ " * 8,
        "🎉 party " * 12,
        "e\u0301te\u0301 " * 30,
        "한국어 메시지 " * 10,
        "ไทยภาษา " * 12,
        "x" * 300,
    ],
)
async def test_wide_and_combining_characters_keep_the_columns(text: str) -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(said(1, text))
        whole = "".join(alice.said()).removeprefix("bob: ")
        assert whole.replace(" ", "") == text.replace(" ", "")
        edge = alice.app.screen.query_one("#messages").region.right
        for row in alice.shown()[1:18]:
            assert cell_len(row) == 80
            assert _column_before(row, edge) == "│"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [60, 80])
async def test_hostile_texts_and_names_reach_no_terminal_and_keep_the_columns(
    text: str, width: int
) -> None:
    async with running_chat() as chat, at_screen(chat, size=(width, 24)) as alice:
        hostile = Said(says(text[:40], text, text[:40]), is_mine=False)
        await alice.is_told(hostile, Note("refusal", text, DAWN), Note("divider", text, DAWN))
        alice.main.messages.step_mention(-1)
        edge = alice.app.screen.query_one("#messages").region.right
        for keys in ((), ("f6", "shift+up", "shift+up"), ("enter",)):
            await alice.press(*keys)
            rows = alice.shown()
            assert all(cell_len(row) == width for row in rows)
            assert all(character.isprintable() for row in rows for character in row)
            if not keys or keys[0] == "f6":
                assert {_column_before(row, edge) for row in rows[1:18]} <= {"│", *"▁▂▃▄▅▆▇█"}
        alice.main.messages.tooltip = None


def _column_before(row: str, edge: int) -> str:
    """Return the character whose last column is the one before the edge."""
    place = 0
    for character in row:
        place += cell_len(character)
        if place == edge:
            return character
    return ""


# Scrolling


async def test_new_messages_below_are_counted_until_they_are_scrolled_to() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await alice.is_told(*(said(number) for number in range(50)))
        await alice.press("pageup")
        await bob.sends("one")
        await bob.sends("two")
        await alice.sees("2 unread below (PgDn)")
        assert "bob: two" not in alice.said()
        await alice.press("pagedown", "pagedown")
        await alice.misses("unread")
        assert alice.said()[-1] == "bob: two"


async def test_ones_own_messages_and_notes_are_not_unread() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(*(said(number) for number in range(50)))
        await alice.press("pageup")
        await alice.enters("mine")
        await alice.enters("users")
        await until(lambda: chat.names == ["alice"])
        await alice.settles()
        assert "unread" not in alice.status


async def test_what_is_being_read_stays_while_more_comes() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(*(said(number) for number in range(50)))
        await alice.press("pageup")
        before = alice.said()
        await alice.is_told(said(50), said(51))
        assert alice.said() == before


async def test_nothing_is_unread_once_everything_fits() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(*(said(number) for number in range(20)))
        await alice.press("f6", "home", "escape")
        await alice.is_told(said(20))
        await alice.sees("1 unread below")
        await alice.resizes(80, 40)
        await alice.misses("unread")


async def test_the_keys_of_the_pane_scroll_it() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(*(said(number) for number in range(100)))
        await alice.press("f6", "home")
        await until(lambda: view.scroll_offset.y == 0)
        await alice.press("down")
        await until(lambda: view.scroll_offset.y == 1)
        await alice.press("end")
        await until(lambda: view.scrollback.is_following)


# What is kept


async def test_the_oldest_lines_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 30)
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await alice.is_told(*(said(number) for number in range(100)))
        assert view.virtual_size.height <= 30
        assert alice.said()[-1] == "bob: number 99"
        await alice.press("f6", "home")
        await until(lambda: alice.said()[0] == "bob: number 70")


async def test_dropping_lines_does_not_move_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 60)
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(*(said(number, f"{number} " + "word " * 12) for number in range(60)))
        await alice.press("pageup")
        before = alice.said()
        await alice.is_told(*(said(number) for number in range(60, 65)))
        assert alice.said() == before


# Themes


async def test_it_can_be_read_in_every_theme() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("hello there")
        await alice.enters("send later -t 60")
        await alice.sees_in("schedule", "later")
        assert {"textual-dark", "textual-light"} <= alice.app.available_themes.keys()
        for theme in alice.app.available_themes:
            alice.app.theme = theme
            await alice.settles()
            for part in ("alice: hello there", "alice (you)", "1:00 to everyone", "connected to"):
                await alice.sees(part)
            assert invisible(alice) == [], theme


def invisible(person: AtScreen) -> list[str]:
    """Return what is drawn in the colour of its background."""
    parts = [part for strip in person.app.screen._compositor.render_strips() for part in strip]
    return [
        part.text
        for part in parts
        if part.text.strip() and part.style and part.style.color and part.style.bgcolor
        if part.style.color == part.style.bgcolor and not part.style.color.is_default
    ]


async def test_another_theme_recolours_what_was_said() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.is_told(said(1))
        names, texts = [], []
        for theme in ("textual-dark", "textual-light"):
            alice.app.theme = theme
            await alice.settles()
            row = alice.app.screen._compositor.render_strips()[1]
            names += [part.style.color for part in row if part.style and part.text == "bob"]
            texts += [part.style.color for part in row if part.style and part.text == "number 1"]
        assert len({*names, *texts}) == 4
