"""What every screen looks like in three sizes; `make pictures` takes the pictures anew.

A picture that changed is to be looked at, not only taken anew: browsers show the files.
"""

import contextlib
import io
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console
from textual.widgets import Input, TextArea

from chat_server.protocol.events import History
from tests.screen.test_passwords import registers
from tests.screen.test_person import looks_at
from tests.support.cells import differences
from tests.support.faults import scripted
from tests.support.screen import (
    PASSWORD,
    AtScreen,
    at_screen,
    member_on_telnet,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)
from tests.support.zones import zone

PICTURES = Path(__file__).parent / "pictures"
SIZES = [(60, 15), (80, 24), (140, 40)]
RENEWED = "RENEW_PICTURES" in os.environ
"""Whether the pictures are to be taken anew."""

Scene = Callable[[AtScreen], Awaitable[object]]


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let times be shown as they are in Greenwich, and colours as they are anywhere."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    with zone("UTC"):
        yield


@contextlib.asynccontextmanager
async def in_a_chat(size: tuple[int, int]) -> AsyncIterator[AtScreen]:
    """Be in a chat in which something has been said, planned and said in private."""
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        at_screen(chat, "alice", size) as alice,
    ):
        await bob.sends("good morning, everyone")
        await carol.sends("привет! [b]no markup[/b], see https://example.org/a?b=c&d=e")
        await bob.sends(
            "alice: did you read this? It is long" + ", long" * 20 + " for several rows"
        )
        await carol.says("report nobody")
        await alice.sees_in("messages", "several rows")
        await alice.enters("send stand up -t 3600")
        await alice.sees_in("messages", "Scheduled")
        await bob.says("send between us: 語 🙂 -u alice")
        await alice.sees("2 bob")
        yield alice


async def pressed(person: AtScreen, keys: str, part: str) -> None:
    await person.press(*keys.split())
    await person.sees(part)


async def searched(person: AtScreen) -> None:
    await pressed(person, "ctrl+f m o r n i n g", "1 of 1")


async def looked_up(person: AtScreen) -> None:
    await person.press("f6")
    await pressed(person, "shift+up shift+up shift+up enter", "Escape closes")


async def asked_about_many_lines(person: AtScreen) -> None:
    await person.write("one\ntwo\nthree\nfour")
    await pressed(person, "enter", "four")


async def half_a_command(person: AtScreen) -> None:
    await person.write("send hello -u bob -t 1h30m")
    await person.sees("bob")


async def found_in_the_palette(person: AtScreen) -> None:
    await person.press("ctrl+p", *"colour")
    await until(lambda: "-ready" in person.app.screen.classes, "what was found")


async def asked_for_a_new_password(person: AtScreen) -> None:
    await person.enters("register")
    await person.sees("New password for alice")
    await pressed(person, "1 2 3 4 5 6 7 8 enter 8 7 6 enter", "Type both once more.")
    await person.press(*"12345678")


SCENES: dict[str, tuple[Scene, str]] = {
    "chat": (lambda person: person.sees("2 bob"), ""),
    "help": (lambda person: pressed(person, "f1", "Ctrl+Q"), "escape"),
    "palette": (found_in_the_palette, "escape"),
    "themes": (lambda person: pressed(person, "f2", "nord"), "escape"),
    "search": (searched, "escape"),
    "details": (looked_up, "escape escape escape"),
    "many-lines": (asked_about_many_lines, "escape" + " ctrl+u backspace" * 4),
    "command": (half_a_command, "ctrl+u"),
    "password": (asked_for_a_new_password, "escape"),
    "people": (lambda person: pressed(person, "f7", "alice"), "f7"),
    "scheduled": (lambda person: pressed(person, "f8", "alice"), "f8"),
    "conversation": (lambda person: pressed(person, "alt+2", "between us"), ""),
}
"""How one gets to each, and the keys by which one leaves it for the chat as it was."""


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_looks_as_in_its_picture(size: tuple[int, int]) -> None:
    found: list[str] = []
    async with in_a_chat(size) as alice:
        for name, (scene, back) in SCENES.items():
            await scene(alice)
            found += await unlike(alice, name, size)
            await alice.press(*back.split())
    assert_alike(found)


def test_what_differs_is_told_by_its_cells() -> None:
    pictures = [
        drawn("語 [bold]two[/] three"),
        drawn("語 [bold]ten[/] three"),
        drawn("語 two three"),
    ]
    assert not list(differences(pictures[0], drawn("語 [bold]two[/] three")))
    assert list(differences(pictures[0], pictures[1])) == [
        "row 1, columns 5-6: 'wo' instead of 'en'"
    ]
    [difference] = differences(pictures[0], pictures[2])
    assert re.fullmatch(
        r"row 1, columns 4-6: 'fill: #\w+;font-weight: bold on ' instead of 'fill: #\w+ on '",
        difference,
    )


def drawn(markup: str) -> str:
    """Draw a line on a terminal of its own."""
    console = Console(record=True, width=20, file=io.StringIO(), force_terminal=True)
    console.print(markup)
    return console.export_svg(unique_id="terminal")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_is_not_said_yet_is_asked_about(size: tuple[int, int]) -> None:
    async with scripted() as script, offline_at_screen(script.port, "alice", size) as alice:
        await alice.sees("connecting to")
        found = await unlike(alice, "connecting", size)
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await alice.sees("register makes the name")
        await alice.enters("not yet")
        await pressed(alice, "ctrl+q", "Escape: stay")
        found += await unlike(alice, "unsent", size)
    assert_alike(found)


@pytest.mark.parametrize("size", SIZES[1:], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_person_and_oneself_look_as_in_their_pictures(size: tuple[int, int]) -> None:
    async with (
        running_chat(owners=("alice",)) as chat,
        member_on_telnet(chat.port, "борис") as boris,
        at_screen(chat, "alice", size) as alice,
    ):
        await registers(alice)
        await boris.says("login alice")
        await boris.says(PASSWORD)
        await boris.hears("You are logged in")
        async with member_on_telnet(chat.port, "bob") as bob:
            await bob.sends("good morning")
            await alice.enters("/moderator bob")
            await alice.enters("/mute bob 600 not now")
            await alice.hears("bob is muted")
            await alice.enters("/ignore bob")
            await looks_at(alice, "bob")
            await alice.sees("Make them no moderator any more")
            found = await unlike(alice, "person", size)
            await alice.press("escape", "home", "i")
            await alice.sees("a member since")
            found += await unlike(alice, "account", size)
    assert_alike(found)


async def unlike(person: AtScreen, scene: str, size: tuple[int, int]) -> list[str]:
    """Say where the screen is unlike its picture, or take that, once nothing moves any more."""
    for part in person.app.screen.walk_children():
        if isinstance(part, (Input, TextArea)):
            part.cursor_blink = False
    await person.settles()
    shown = picture(person)
    person.app._show()  # as every second
    await person.settles()
    path = PICTURES / f"{scene}-{size[0]}x{size[1]}.svg"
    if RENEWED:
        PICTURES.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    return [
        *(f"{scene} a second later: {each}" for each in differences(picture(person), shown)),
        *(f"{path}: {each}" for each in differences(shown, path.read_text(encoding="utf-8"))),
    ]


def assert_alike(found: list[str]) -> None:
    if found:
        pytest.fail("\n".join(["this looks otherwise now:", *found]), pytrace=False)


def draw_behind(person: AtScreen) -> None:
    """Draw what lies behind a question, as a terminal is shown it; an export draws none anew."""
    screen = person.app.screen
    screen.refresh()
    screen._compositor.render_update(full=True, screen_stack=person.app._background_screens)


def picture(person: AtScreen) -> str:
    """Draw the screen, without what is another one each time."""
    draw_behind(person)
    svg = person.app.export_screenshot(title="chat", simplify=True)
    svg = re.sub(r"terminal-\w+", "terminal", svg)
    svg = re.sub(r"(id&#160;\d+-|>\d+-)[\w-]{4}(?=<)", r"\1mark", svg)
    return re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:50000", svg)
