"""What every screen looks like in three sizes; `make pictures` takes the pictures anew.

A picture that changed is to be looked at, not only taken anew: browsers show the files.
"""

import asyncio
import contextlib
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from chat_server.events import History
from tests.tui import AtScreen, at_screen, offline_at_screen, on_telnet, running_chat, until
from tests.tui_faults import scripted

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
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


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
        still(alice)
        yield alice


def still(person: AtScreen) -> None:
    """Let nothing blink or glide."""
    person.app.animation_level = "none"
    person.main.composer.cursor_blink = False


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


SCENES: dict[str, Scene] = {
    "chat": lambda person: person.sees("2 bob"),
    "conversation": lambda person: pressed(person, "alt+2", "between us"),
    "help": lambda person: pressed(person, "f1", "Ctrl+Q"),
    "palette": found_in_the_palette,
    "themes": lambda person: pressed(person, "f2", "nord"),
    "search": searched,
    "details": looked_up,
    "many-lines": asked_about_many_lines,
    "command": half_a_command,
    "people": lambda person: pressed(person, "f7", "alice"),
    "scheduled": lambda person: pressed(person, "f8", "alice"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES)
async def test_a_screen_looks_as_in_its_picture(scene: str, size: tuple[int, int]) -> None:
    async with in_a_chat(size) as alice:
        await SCENES[scene](alice)
        await compare(alice, scene, size)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_is_not_said_yet_is_asked_about(size: tuple[int, int]) -> None:
    async with scripted() as script, offline_at_screen(script.port, "alice", size) as alice:
        still(alice)
        await alice.sees("connecting to")
        await compare(alice, "connecting", size)
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await alice.enters("not yet")
        await pressed(alice, "ctrl+q", "not yet")
        await compare(alice, "unsent", size)


async def compare(person: AtScreen, scene: str, size: tuple[int, int]) -> None:
    """Wait until the screen looks as in its picture, or take that."""
    path = PICTURES / f"{scene}-{size[0]}x{size[1]}.svg"
    await person.pilot.pause()
    if RENEWED:
        PICTURES.mkdir(exist_ok=True)
        await asyncio.sleep(0.5)  # what is still on its way belongs to the picture
        path.write_text(picture(person), encoding="utf-8")
    wanted = path.read_text(encoding="utf-8")
    with contextlib.suppress(AssertionError):
        await until(lambda: picture(person) == wanted)
    assert picture(person) == wanted, f"{path} looks otherwise now"


def picture(person: AtScreen) -> str:
    """Draw the screen, without what is another one each time."""
    svg = person.app.export_screenshot(title="chat", simplify=True)
    svg = re.sub(r"terminal-\w+", "terminal", svg)
    return re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:50000", svg)
