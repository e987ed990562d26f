"""What the tests of the full-screen client share: a server, people on telnet, people at a screen.

Whoever waits here waits for something, and gives up after PATIENCE seconds, which are so many that
only a test that fails gets there, however busy the machine.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from rich.cells import cell_len
from textual.app import ScreenStackError
from textual.events import MouseEvent, Paste
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from chat_server.journal.memory import MemoryJournal
from chat_server.protocol.events import History
from chat_server.server import Server
from chat_server.settings import Settings as ServerSettings
from chat_tui.app import ChatApp
from chat_tui.config.settings import Settings
from chat_tui.screens.main import MainScreen
from chat_tui.session.state import Line
from chat_tui.terminal.parser import PasteParser
from chat_tui.widgets.messages.view import MessageView
from tests.support.clock import FakeClock
from tests.support.toolkit import for_tests, turns

PATIENCE = 60.0
"""Seconds after which what was waited for counts as never coming."""
SOON = 0.3
"""Seconds: what the client delays by less belongs to what it is doing."""
PASSWORD = "correct horse"
MARKS = ("·", "!", "──", "…")
"""What a line in the pane of messages begins with that is no message of the chat."""


async def until(condition: Callable[[], object], what: str | Callable[[], str] = "it") -> None:
    """Wait for something to become true; `what` says what that is, or what there is instead."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while not condition():
        if loop.time() >= end:
            raise AssertionError(f"waited in vain for {what if isinstance(what, str) else what()}")
        await asyncio.sleep(0.005)


class Chat(NamedTuple):
    """A running chat: where it listens, what sets its time, and the server itself."""

    port: int
    clock: FakeClock
    server: Server

    @property
    def names(self) -> list[str]:
        """Who is here, as the server knows it."""
        return [person.name for person in self.server.chat.users().people]

    def said(self) -> list[str]:
        """What was said to everyone, as the server knows it."""
        history = self.server.chat.history("", 1000, None)
        assert isinstance(history, History)
        return [message.text for message in history.messages]

    def cut_off_but_telnet(self) -> None:
        """Break the connections of clients, as a network does."""
        for session in list(self.server._connections.values()):
            if session.door.name == "json":
                session.abort()


@contextlib.asynccontextmanager
async def running_chat(
    port: int = 0, journal: MemoryJournal | None = None, owners: tuple[str, ...] = ()
) -> AsyncIterator[Chat]:
    """Run a server; without a journal of its own it knows nothing of any other."""
    clock = FakeClock()
    settings = ServerSettings(port=port, rate=0, owners=owners)
    server = Server(settings, journal or MemoryJournal(clock), clock)
    async with server.running() as (_, listening):
        yield Chat(listening, clock, server)


class OnTelnet:
    """Somebody who chats over a bare connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.heard: list[str] = []
        """Every line so far."""

    async def says(self, line: str) -> None:
        self._writer.write(f"{line}\n".encode())
        await self._writer.drain()

    async def hears(self, part: str) -> str:
        """Read on up to a line with a part; return the line."""
        while True:
            line = (await asyncio.wait_for(self._reader.readline(), PATIENCE)).decode()
            assert line, f"the connection ended before {part!r}"
            self.heard.append(line.rstrip("\r\n"))
            if part in line:
                return self.heard[-1]

    async def sends(self, text: str) -> None:
        """Say something, and see it said."""
        await self.says(f"send {text}")
        await self.hears(f": {text.partition(' -u ')[0]}")


@contextlib.asynccontextmanager
async def on_telnet(port: int, name: str) -> AsyncIterator[OnTelnet]:
    """Join the chat over a bare connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        person = OnTelnet(reader, writer)
        await person.says(f"rename {name}")
        await person.hears("Welcome")
        yield person
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def member_on_telnet(port: int, name: str) -> AsyncIterator[OnTelnet]:
    """Join the chat over a bare connection as a new member, whose password is PASSWORD."""
    async with on_telnet(port, name) as somebody:
        for line in ("register", PASSWORD, PASSWORD):
            await somebody.says(line)
        await somebody.hears("is yours now")
        yield somebody


class AtScreen:
    """Somebody who chats with the full-screen client."""

    def __init__(self, app: ChatApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def main(self) -> MainScreen:
        return self.app._main

    @property
    def typed(self) -> str:
        """What stands in the input."""
        return self.main.composer.text

    @property
    def has_caught_up(self) -> bool:
        """Whether all that was heard is shown, what was said before included."""
        return self.app._watch.is_familiar and not self.app._repainting.is_due

    @property
    def focus(self) -> str:
        """The pane that the keys go to."""
        if isinstance(self.app.focused, MessageView):
            return "messages"
        return (self.app.focused and self.app.focused.id) or ""

    def shown(self) -> list[str]:
        """The lines of the screen as one sees them."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def hint(self) -> str:
        return self.shown()[-2].strip()

    @property
    def status(self) -> str:
        return self.shown()[-1].strip()

    def pane(self, name: str) -> list[str]:
        """The lines of one pane, without its border and what surrounds the text."""
        pane = self.main.messages if name == "messages" else self.app.screen.query_one(f"#{name}")
        region = pane.region
        rows = self.shown()[region.y + 1 : region.bottom - 1]
        return [_cells(row, region.x + 1, region.right - 1).strip(" ▂▃▅▆▇█▁▄") for row in rows]

    def said(self) -> list[str]:
        """What the pane of messages shows, without times, rows that go on joined."""
        texts: list[str] = []
        for row in self.pane("messages"):
            has_time = row[:2].isdigit() and row[2:3] == ":"
            if has_time or row.startswith(MARKS) or not texts:
                texts.append(row[6:] if has_time else row)
            elif row:
                texts[-1] += f" {row}"
        return [text for text in texts if text]

    def tabs(self) -> str:
        """The row of tabs, "" where there is none."""
        tabs = self.app.screen.query_one("#tabs")
        row = self.shown()[tabs.region.y]
        return row[tabs.region.x : tabs.region.right].strip() if tabs.display else ""

    async def is_told(self, *lines: Line) -> MessageView:
        """Show lines in the conversation that is looked at, as if the chat had told them."""
        view = self.main.messages
        for line in lines:
            view.scrollback.transcript.add(line)
        view.show_new()
        await self.settles()
        return view

    async def press(self, *keys: str) -> None:
        """Press keys, and see all done that each asks for, but what others have to answer."""
        for key in keys:
            await self.app._press_keys([key])
            await self.settles()

    async def settles(self) -> None:
        """Wait until no part of the screen has anything to do, now or soon, twice in a row."""
        quiet = 0
        with contextlib.suppress(ScreenStackError):  # the client has ended
            while quiet < 2 and self.app.is_running:
                await turns()
                screen = self.app.screen
                screen._on_timer_update()  # paint now what is to be painted soon
                is_about_to = any(map(_is_about_to, screen.walk_children(with_self=True)))
                quiet = 0 if is_about_to or not self.app._inputs.are_done else quiet + 1

    async def turns_wheel(self, kind: type[MouseEvent], times: int) -> None:
        """Turn the wheel of the mouse over the messages."""
        at = self.main.messages.region.center
        x, y = int(at[0]), int(at[1])
        for _ in range(times):
            event = kind(None, x, y, 0, 0, 0, False, False, False, screen_x=x, screen_y=y)
            self.app.post_message(event)
            await self.settles()

    async def sends(self, keys: str) -> None:
        """Let a terminal send this at once, as a program reads it that was held up."""
        driver = self.app._driver
        assert driver is not None
        parser = PasteParser()
        for message in [*parser.feed(keys), *parser.rest()]:
            driver.process_message(message)
        await self.settles()

    def people(self) -> list[str]:
        return [row for row in self.pane("people") if row]

    async def pastes(self, text: str) -> None:
        self.app.post_message(Paste(text))
        await self.settles()

    async def write(self, text: str) -> None:
        """Put a text into the input as a terminal pastes it."""
        wanted = self.typed + text
        await self.pastes(text)
        await until(lambda: self.typed == wanted, f"{wanted!r} in the input")

    async def resizes(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await until(lambda: (len(self.shown()[0]), len(self.shown())) == (width, height))
        await self.settles()

    async def enters(self, line: str) -> None:
        """Write a line, and send it."""
        await self.write(line)
        await self.press("enter")
        await until(lambda: not self.typed, f"{line!r} to be sent")

    async def sees(self, part: str) -> None:
        await until(
            lambda: part in "\n".join(self.shown()),
            lambda: "\n".join([f"{part!r} on", *self.shown()]),
        )

    async def hears(self, part: str) -> None:
        """Wait for something in the messages, however it is wrapped."""
        await until(lambda: part in "\n".join(self.said()), f"{part!r} in the messages")

    async def misses(self, part: str) -> None:
        """Wait until something is not to be seen any more."""
        await until(lambda: part not in "\n".join(self.shown()), f"{part!r} to vanish")

    async def sees_in(self, pane: str, part: str) -> None:
        await until(lambda: part in "\n".join(self.pane(pane)), f"{part!r} in {pane}")


def _is_about_to(part: MessagePump) -> bool:
    """Say whether a part of the screen will do something soon."""
    return any(
        timer._repeat == 0 and timer._interval < SOON and timer._task and not timer._task.done()
        for timer in part._timers
    )


def _cells(row: str, left: int, right: int) -> str:
    """Cut columns out of a row in which characters may be two columns wide."""
    places = list(_places(row))
    return "".join(character for place, character in places if left <= place < right)


def _places(row: str) -> Iterator[tuple[int, str]]:
    place = 0
    for character in row:
        yield place, character
        place += cell_len(character)


@contextlib.asynccontextmanager
async def at_screen(
    chat: Chat,
    name: str = "alice",
    size: tuple[int, int] = (80, 24),
    config: Path | None = None,
) -> AsyncIterator[AtScreen]:
    """Open the client, and wait until it is in the chat with what was said before."""
    async with offline_at_screen(chat.port, name, size, chat.clock, config) as person:
        await person.sees(f"● connected to 127.0.0.1:{chat.port}" if size[0] >= 80 else "● ")
        await person.sees(f"{name} (you)" if size[0] >= 80 else f"you are {name}")
        await until(lambda: person.has_caught_up, "what was said before")
        yield person


@contextlib.asynccontextmanager
async def offline_at_screen(
    port: int,
    name: str,
    size: tuple[int, int] = (80, 24),
    clock: FakeClock | None = None,
    config: Path | None = None,
) -> AsyncIterator[AtScreen]:
    """Open the client, whatever there is at the port."""
    clock = clock or FakeClock()
    app = ChatApp(Settings(port=port, name=name), clock.now, config, clock.monotonic)
    app.animation_level = "none"
    with for_tests():
        async with app.run_test(size=size, notifications=True) as pilot:
            person = AtScreen(app, pilot)
            yield person
            await person.settles()  # so that nothing is under way when it ends
