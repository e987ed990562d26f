"""Take the pictures of the README: `python -m tools.pictures`, or `make pictures`.

A real server and the real client, at a made-up time of day so that a picture changes only
where the program does.
"""

import asyncio
import os
import time
from pathlib import Path

from textual.pilot import Pilot

from chat_server.clock import SystemClock
from chat_server.journal import open_journal
from chat_server.server import Server
from chat_server.settings import Settings as ServerSettings
from chat_tui.app import ChatApp
from chat_tui.config.settings import Settings
from chat_tui.widgets.composer import Composer

PICTURE = Path(__file__).parents[1] / "docs" / "chat.svg"
BEGIN = 1_792_936_980.0
"""A Sunday in October 2026, 14:03:00 UTC."""
PORT = 8000

BEFORE = (
    ("bob", "send morning! is the build green?"),
    ("Оля", "send Привет! Да, уже час как зелёная :)"),
)
TYPED = (
    "good, then I merge it",
    "send can you read the change log once more? -u bob",
    "send stand-up in five minutes -t 252",
    "send happy birthday! -u Оля -t 35000",
)


class PictureClock(SystemClock):
    """The time of this machine, moved to the picture's."""

    def __init__(self) -> None:
        self._opened = self.monotonic()
        super().__init__()

    def wall(self) -> float:
        return BEGIN + self.monotonic() - self._opened


async def take() -> None:
    """Write docs/chat.svg."""
    clock = PictureClock()
    server = Server(ServerSettings(port=PORT), open_journal("memory:", clock), clock)
    async with server.running():
        others = [await _person(name, line) for name, line in BEFORE]
        app = ChatApp(Settings(port=PORT, name="alice"), now=clock.wall)
        async with app.run_test(size=(94, 20)) as pilot:
            await _until_shown(pilot, "зелёная")
            for line in TYPED:
                await _type(pilot, line)
                await pilot.press("enter")
                await pilot.pause(0.2)
            others[0].write(b"send sure -u alice\n")
            await _until_shown(pilot, "sure")
            await pilot.press("alt+1")
            await _type(pilot, "send lunch? -u bo")
            await pilot.press("tab")
            await pilot.pause(0.2)
            picture = app.export_screenshot(title="chat")
            PICTURE.write_text(picture + "\n", encoding="utf-8")
            await pilot.press("ctrl+q")
        for other in others:
            other.close()


async def _person(name: str, line: str) -> asyncio.StreamWriter:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(f"rename {name}\n{line}\n".encode())
    while line.removeprefix("send ") not in (await reader.readline()).decode():
        pass
    return writer


async def _type(pilot: Pilot[None], line: str) -> None:
    pilot.app.screen.query_one(Composer).put(line)
    await pilot.pause()


async def _until_shown(pilot: Pilot[None], text: str) -> None:
    while text not in pilot.app.export_screenshot(simplify=True).replace("&#160;", " "):
        await pilot.pause(0.05)


def main() -> None:
    """Take the pictures in a time zone and a language that are everybody's."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    asyncio.run(take())


if __name__ == "__main__":
    main()
