"""The client: what the connection hears changes the state, which the screen shows."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import textual.screen
from textual import events, on
from textual.dom import DOMNode

from chat_server.events import Event, Message, Refused
from chat_tui import desktop, export, terminal_input
from chat_tui.actions import Place
from chat_tui.connection import Answered, Connection
from chat_tui.looks import Looks
from chat_tui.outbox import Outbox
from chat_tui.pace import CALM
from chat_tui.screens.details import DetailsScreen
from chat_tui.screens.main import MainScreen
from chat_tui.screens.unsent import UnsentScreen
from chat_tui.settings import Settings
from chat_tui.state import ChatState, Status
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.messages import MessageView
from chat_tui.widgets.schedule import ScheduleList

PAINT_PERIOD = 1 / 500
"""Seconds between paints at the least; the panes have paces of their own."""


class ChatApp(Looks):
    """The chat in a terminal.

    `now` gives the time in seconds since 1970; `config` is the file of preferences, without which
    they are as usual and nothing is remembered.
    """

    TITLE = "chat"

    def __init__(
        self, settings: Settings, now: Callable[[], float], config: Path | None = None
    ) -> None:
        super().__init__(config, has_colour=settings.has_colour)
        # Textual's own 1/60 delays the echo of a key by one or two of them (screen.py, 8.2).
        textual.screen.UPDATE_PERIOD = PAINT_PERIOD  # type: ignore[misc]
        terminal_input.correct()
        self._now = now
        self._place = f"{settings.host}:{settings.port}"
        self._state = ChatState()
        for fault in self.faults:
            self._state.warn(fault, now())
        self._main = MainScreen(now, self.preferences.keys)
        self._outbox = Outbox()
        self._is_stale = False
        self._shown_at = 0.0
        self._connection = Connection(
            settings.host,
            settings.port,
            settings.name,
            self._outbox,
            hear=self._hear,
            changed=self._status_changed,
        )

    def get_default_screen(self) -> MainScreen:
        return self._main

    def warn(self, text: str) -> None:
        self._state.warn(text, self._now())
        self._show_soon()

    def at(self, place: Place) -> DOMNode:
        return self if place == "app" else self._main.at(place)

    def on_mount(self) -> None:
        self._show()
        self.set_interval(1.0, self._show)
        self.run_worker(self._connection.run(), exit_on_error=True)

    def _hear(self, event: Event | Answered) -> None:
        """Take in what the server says; it is shown once, whatever else comes with it."""
        if isinstance(event, Answered):
            if not (isinstance(event.event, Refused) and event.outgoing.said):
                self._state.note(event.event, self._now())
        else:
            self._state.apply(event, self._now())
            if isinstance(event, Message) and event.to == self._state.you != event.sender:
                self.bell()
        self._show_soon()

    def _status_changed(self, status: Status) -> None:
        self._show_soon()

    def _show_soon(self) -> None:
        """Show what has changed once what else there is to hear has been heard."""
        if self._is_stale:
            return
        self._is_stale = True
        wait = self._shown_at + CALM - asyncio.get_running_loop().time()
        if wait > 0:
            self.set_timer(wait, self._show)
        else:
            self.call_later(self._show)

    def _show(self) -> None:
        self._is_stale = False
        self._shown_at = asyncio.get_running_loop().time()
        self._main.show_state(self._state, self._now())
        is_connected = self._connection.status.state == "connected"
        self._main.show_outbox(self._outbox.outgoing, is_connected=is_connected)
        self._show_status()

    def _show_status(self) -> None:
        now = asyncio.get_running_loop().time()
        self._main.show_status(self._connection.status, self._place, self._state.you, now)

    @on(Composer.Entered)
    def _entered(self, event: Composer.Entered) -> None:
        for line in event.lines:
            self._send(line)

    @on(Composer.LeaveRequested)
    async def _leave_requested(self) -> None:
        await self.action_quit()

    def _send(self, line: str) -> None:
        self._connection.send(self._outbox.add(line))
        self._show_soon()

    @on(MessageView.UnreadChanged)
    def _unread_changed(self) -> None:
        self._show_status()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self._main.messages.key_came()
        await super().on_event(event)

    def on_app_blur(self) -> None:
        self._main.messages.mark_unread_here()

    @on(MessageView.DetailsWanted)
    async def _show_details(self, event: MessageView.DetailsWanted) -> None:
        await self.push_screen(DetailsScreen(event.said))

    @on(MessageView.Copied)
    def _copy(self, event: MessageView.Copied) -> None:
        self.copy_to_clipboard(event.text)
        self.notify(f"Copied: {len(event.text)} characters.", timeout=2, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal, and through the desktop if the terminal is on one."""
        super().copy_to_clipboard(text)
        if not self.is_web:
            self.run_worker(desktop.copy(text))

    @on(MessageView.LinkOpened)
    def _open_link(self, event: MessageView.LinkOpened) -> None:
        if self.is_web:
            self.open_url(event.url)
        else:
            self.run_worker(self._open_on_desktop(event.url))

    async def _open_on_desktop(self, url: str) -> None:
        if not await desktop.open_link(url):
            self.copy_to_clipboard(url)
            self.notify("No browser was found. The link is copied.", markup=False)

    @on(ScheduleList.CancelRequested)
    def _cancel(self, event: ScheduleList.CancelRequested) -> None:
        self._send(f"cancel {event.item}")

    def action_retry(self) -> None:
        self._connection.retry_now()

    def action_send_again(self) -> None:
        if outgoing := self._outbox.retry():
            self._connection.send(outgoing)
            self._show_soon()

    def action_drop(self) -> None:
        self._outbox.drop()
        self._show_soon()

    def action_export(self) -> None:
        """Write the conversation that is looked at into a file; in a browser, give it to that."""
        text, other = self._main.messages.text(), self._state.active
        shown = export.Shown(self._place, other, self._state.you, text)
        if self.is_web:
            file = io.StringIO(export.document(shown, self._now()))
            name = next(export.file_names(other, self._now()))
            self.deliver_text(file, save_filename=name)
            return
        told, is_written = export.write(shown, self._now(), Path(self.preferences.export))
        severity: Literal["information", "error"] = "information" if is_written else "error"
        self.notify(told, severity=severity, timeout=8, markup=False)

    async def action_quit(self) -> None:
        """Say goodbye to the server, and leave; ask before if something has not been said."""
        unsent = self._outbox.unsaid
        if not unsent or isinstance(self.screen, UnsentScreen):
            await self._leave(is_sure=True)
        else:
            await self.push_screen(UnsentScreen(unsent), self._leave)

    async def _leave(self, is_sure: bool | None) -> None:
        if is_sure:
            await self._connection.close()
            self.exit()
