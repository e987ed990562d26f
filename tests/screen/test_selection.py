"""Choosing text in the messages with mouse and keys: copying, links, details; the desktop."""

import asyncio
import gc
import os
import signal
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual import events

from chat_server.protocol.wording import local_time
from chat_tui.session import transcript
from chat_tui.terminal import desktop
from chat_tui.widgets.messages.view import MessageView
from tests.support.clock import DAWN
from tests.support.screen import AtScreen, at_screen, running_chat, until
from tests.support.scrolling import said

TIME = f"{local_time(int(DAWN)):%H:%M}"
LONG = " ".join(f"word{number}" for number in range(40))


async def show(person: AtScreen, *texts: str) -> MessageView:
    return await person.is_told(*(said(number, text) for number, text in enumerate(texts)))


def at(person: AtScreen, part: str) -> tuple[int, int]:
    """Return where on the screen a text begins."""
    for y, row in enumerate(person.shown()):
        if part in row:
            return cell_len(row[: row.index(part)]), y
    raise AssertionError(f"{part!r} is not to be seen")


def mouse(kind: type[events.MouseEvent], x: int, y: int, down: int = 0) -> events.MouseEvent:
    return kind(None, x, y, 0, down, 1, False, False, False, screen_x=x, screen_y=y)


async def drag(person: AtScreen, begin: tuple[int, int], end: tuple[int, int]) -> None:
    """Choose with the mouse, as the terminal reports it."""
    for kind, place in (
        (events.MouseDown, begin),
        (events.MouseMove, end),
        (events.MouseUp, end),
    ):
        person.app.post_message(mouse(kind, *place, down=place[1] - begin[1]))
        await person.settles()


async def click(person: AtScreen, x: int, y: int, times: int = 1) -> None:
    for _ in range(times):
        for kind in (events.MouseDown, events.MouseUp):
            person.app.post_message(mouse(kind, x, y))
            await person.settles()


# With the mouse


async def test_rows_that_were_only_wrapped_are_copied_as_one() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, LONG)
        x, y = at(alice, "word39")
        await drag(alice, at(alice, "word0"), (x + 5, y))
        assert view.selection.text == LONG
        await alice.press("ctrl+c")
        await until(lambda: alice.app.clipboard == LONG)
        await alice.sees(f"Given to the terminal: {len(LONG)}")
        assert "Copied" not in "\n".join(alice.shown())


async def test_a_part_of_a_message_is_copied_without_time_and_later_ones_with_it() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, "one two", "漢字 three")
        x, y = at(alice, "字")
        await drag(alice, at(alice, "two"), (x + 1, y))
        assert view.selection.text == f"two\n{TIME} bob: 漢字"


async def test_a_drag_beyond_the_pane_chooses_nothing_of_other_panes() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, "one", "two")
        x, y = at(alice, "people here")
        await drag(alice, at(alice, "one"), (x + 2, y + 10))
        assert list(alice.app.screen.selections) == [view]
        assert view.selection.text == f"one\n{TIME} bob: two"


async def test_what_is_chosen_stays_chosen_while_more_comes_and_the_width_changes() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, LONG)
        x, y = at(alice, "word20")
        await drag(alice, (x, y), (x + 5, y))
        await show(alice, *["more"] * 30)
        await alice.resizes(60, 30)
        assert view.selection.text == "word20"


async def test_what_is_chosen_grows_while_it_is_scrolled_under_the_mouse() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, *(f"number {number}" for number in range(60)))
        await alice.press("pageup", "pageup")
        x, y = at(alice, "number")
        region = view.region
        alice.app.post_message(mouse(events.MouseDown, x, y))
        for down in range(region.bottom - 4, region.bottom - 1):
            alice.app.post_message(mouse(events.MouseMove, x + 3, down, down=1))
        await until(lambda: view.scrollback.is_following, "the pane to be scrolled")
        alice.app.post_message(mouse(events.MouseUp, x + 3, region.bottom - 2))
        await alice.settles()
        assert len(view.selection.text.splitlines()) > 25


async def test_two_clicks_choose_a_word_and_three_a_message() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, "before", LONG)
        await click(alice, *at(alice, "word12"), times=2)
        await until(lambda: view.selection.text == "word12")
        await click(alice, *at(alice, "word12"))
        await until(lambda: view.selection.text == LONG)


async def test_hovering_tells_the_full_date_and_the_id() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, "hello")
        x, y = at(alice, "hello")
        alice.app.post_message(mouse(events.MouseMove, x, y))
        await until(lambda: view.tooltip is not None)
        assert f"{local_time(int(DAWN)):%Y, %H:%M:%S}" in str(view.tooltip)
        assert "id 0" in str(view.tooltip)


def looks(person: AtScreen, text: str) -> list[Style]:
    """Return the styles in which a text is drawn."""
    parts = [part for strip in person.app.screen._compositor.render_strips() for part in strip]
    return [part.style for part in parts if part.text == text and part.style]


async def test_links_hits_and_what_is_chosen_look_different_without_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running_chat() as chat, at_screen(chat) as alice:
        await show(alice, "see http://a.example now", "needle", "chosen")
        assert [style.underline for style in looks(alice, "http://a.example")] == [True]
        alice.main.messages.find("needle")
        await alice.press("f6", "shift+up")
        await until(lambda: any(style.reverse for style in looks(alice, "chosen")))
        assert any(style.reverse for style in looks(alice, "needle"))


# With keys


async def test_keys_choose_messages_as_a_whole_and_copy_them() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, "one", "two", LONG)
        await alice.press("f6", "shift+up")
        assert view.selection.text == LONG
        await alice.press("shift+up")
        assert view.selection.text == f"{TIME} bob: two\n{TIME} bob: {LONG}"
        await alice.press("shift+down", "c")
        await until(lambda: alice.app.clipboard == LONG)
        await alice.press("escape")
        assert view.text_selection is None
        await alice.press("escape")
        assert alice.focus == "composer"


async def test_keys_choose_characters_and_words() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, "one two three")
        await alice.press("f6", "right", "ctrl+right", "ctrl+shift+right")
        assert view.selection.text == "two "
        await alice.press("shift+left")
        assert view.selection.text == "two"
        await alice.press("left")
        assert view.selection.text == "o"


async def test_what_was_chosen_may_be_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 20)
    async with running_chat() as chat, at_screen(chat) as alice:
        view = await show(alice, "one", "two", "three")
        await alice.press("f6", "shift+up", "shift+up", "shift+up")
        await show(alice, *["more"] * 19)
        assert view.selection.text == f"{TIME} bob: three"
        await show(alice, *["more"] * 40)
        assert view.selection.text == ""
        for key in ("shift+up", "right", "ctrl+left", "l", "o", "c", "shift+down"):
            await alice.press(key)
        assert view.scrollback.text().splitlines()[-1] == f"{TIME} bob: more"


async def test_enter_shows_everything_about_a_message() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await show(alice, "one", "[red]two")
        await alice.press("f6", "enter")
        await alice.sees("bob to everyone")
        await alice.sees("id 1")
        await alice.sees("[red]two")
        await alice.press("escape")
        await alice.misses("bob to everyone")


# The desktop


def program(folder: Path, name: str) -> Path:
    """Put a program into a folder that keeps what it is given; return where it keeps it."""
    kept = folder / f"{name}.kept"
    path = folder / name
    path.write_text(
        f'#!/bin/sh\n{{ printf "%s\\n" "$*"; cat; }} > "{kept}.new"\nmv "{kept}.new" "{kept}"\n'
    )
    path.chmod(0o700)
    return kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop of which nothing is installed yet."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("TMUX", raising=False)
    return tmp_path


async def test_a_text_goes_to_the_desktops_clipboard(folder: Path) -> None:
    kept = program(folder, "xclip")
    async with running_chat() as chat, at_screen(chat) as alice:
        await show(alice, "hello é")
        await alice.press("f6", "c")
        await until(kept.exists)
        assert kept.read_text() == "-in -selection clipboard\nhello é"


async def test_it_is_copied_where_a_program_took_it(folder: Path) -> None:
    program(folder, "xclip")
    async with running_chat() as chat, at_screen(chat) as alice:
        await show(alice, "привет")
        await alice.press("f6", "c")
        await alice.sees("Copied: 6 characters.")


async def test_in_tmux_a_text_goes_into_its_buffer_and_the_desktops_clipboard(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-7/default,7,0")
    kept = program(folder, "tmux")
    assert await desktop.copy("héllo\nпривет")
    assert kept.read_text() == "load-buffer -w -\nhéllo\nпривет"
    also_kept = program(folder, "xclip")
    assert await desktop.copy("two")
    assert kept.read_text() == "load-buffer -w -\ntwo"
    assert also_kept.read_text() == "-in -selection clipboard\ntwo"


async def test_an_older_tmux_takes_it_into_its_buffer_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-7/default,7,0")
    kept = program(folder, "tmux")
    script = (folder / "tmux").read_text()
    (folder / "tmux").write_text(script.replace("{", '[ "$2" = -w ] && exit 1\n{', 1))
    assert await desktop.copy("hello")
    assert kept.read_text() == "load-buffer -\nhello"


async def test_where_nothing_takes_a_text_nothing_is_copied(folder: Path) -> None:
    assert not await desktop.copy("hello")


async def test_a_program_that_fails_is_followed_by_the_next(folder: Path) -> None:
    (folder / "xclip").write_text("#!/bin/sh\nexit 1\n")
    (folder / "xclip").chmod(0o700)
    kept = program(folder, "xsel")
    assert await desktop.copy("hello")
    assert kept.read_text() == "--input --clipboard\nhello"


async def test_a_clipboard_that_hangs_has_not_taken_a_text(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop, "PATIENCE", 0.5)
    (folder / "xclip").write_text(f'#!/bin/sh\necho $$ >"{folder}/number"\nexec sleep 600\n')
    (folder / "xclip").chmod(0o700)
    taken = await desktop.copy("hello")
    await until((folder / "number").exists)
    os.kill(int((folder / "number").read_text()), signal.SIGTERM)
    assert not taken


async def test_a_clipboard_that_is_kept_in_the_background_has_taken_a_text(folder: Path) -> None:
    (folder / "xclip").write_text(f'#!/bin/sh\nsleep 600 &\necho $! >"{folder}/number"\n')
    (folder / "xclip").chmod(0o700)
    taken = await desktop.copy("hello")
    os.kill(int((folder / "number").read_text()), signal.SIGTERM)
    assert taken


async def test_a_link_is_opened_by_key_in_the_desktops_browser(folder: Path) -> None:
    kept = program(folder, "xdg-open")
    async with running_chat() as chat, at_screen(chat) as alice:
        await show(alice, "see http://a.example/;touch$IFS/tmp/x and http://b.example", "no link")
        await alice.press("f6", "l", "l", "enter")
        await until(kept.exists)
        assert kept.read_text() == "http://a.example/;touch$IFS/tmp/x\n"


def test_a_browser_goes_on_when_the_chat_ends(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop, "PATIENCE", 0.05)
    (folder / "xdg-open").write_text(f'#!/bin/sh\necho $$ >"{folder}/number"\nexec sleep 600\n')
    (folder / "xdg-open").chmod(0o700)

    async def open_and_end() -> None:
        assert await desktop.open_link("https://a.example/x")
        await until((folder / "number").exists)

    asyncio.run(open_and_end())
    gc.collect()
    number = int((folder / "number").read_text())
    state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    os.kill(number, signal.SIGTERM)
    assert state in "RSD"


async def test_a_click_opens_a_link_and_nothing_else_does(folder: Path) -> None:
    kept = program(folder, "xdg-open")
    async with running_chat() as chat, at_screen(chat) as alice:
        await show(alice, "see https://a.example/x and file:///etc/passwd")
        await click(alice, *at(alice, "file:"))
        await click(alice, *at(alice, "a.example"))
        await until(kept.exists)
        assert kept.read_text() == "https://a.example/x\n"


async def test_without_a_browser_the_link_is_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY")
    async with running_chat() as chat, at_screen(chat) as alice:
        await show(alice, "see http://a.example")
        await alice.press("f6", "o")
        await alice.sees("No browser was found")
        assert alice.app.clipboard == "http://a.example"
