"""The way out of the chat: what has to be asked is asked, goodbye is said, and the client ends."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.app import App

from chat_tui.local_server import LocalServer
from chat_tui.screens.own_server import OwnServerScreen
from chat_tui.screens.unsent import UnsentScreen
from chat_tui.session.connection import Connection
from chat_tui.session.outbox import Outgoing
from chat_tui.terminal.signals import ending
from chat_tui.terminal.suspension import LENDING

ANSWERING = 1.0
"""Seconds for which one who leaves waits for the answers to what was sent just before."""


class LeftBehind(NamedTuple):
    """What one leaves behind: what is not sent, what was begun, how many scheduled messages end
    with one, and who else is here.
    """

    unsent: Sequence[Outgoing]
    begun: Sequence[str]
    scheduled: int
    others: Sequence[str]


class Leaving:
    """Leaves when our user wants to, when a signal comes, or when the terminal goes."""

    def __init__(
        self,
        app: App[None],
        connection: Connection,
        server: LocalServer | None,
        left_behind: Callable[[], LeftBehind],
    ) -> None:
        self._app = app
        self._connection = connection
        self._server = server
        self._left_behind = left_behind
        self._question: UnsentScreen | None = None
        """The question that was asked last."""
        self._is_ending = False

    async def ask(self) -> None:
        """Leave; but first ask about what is unsaid, or to be said later."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._connection.all_answered(), ANSWERING)
        unsent, begun, scheduled, _ = self._left_behind()
        if not (unsent or begun or scheduled) or isinstance(self._app.screen, UnsentScreen):
            await self._ask_about_server(is_sure=True)
        else:
            self._question = UnsentScreen(unsent, begun, scheduled)
            await self._app.push_screen(self._question, self._ask_about_server)

    def show(self) -> None:
        """Keep the question true, where there is one."""
        if self._question is not None and self._app.screen is self._question:
            self._question.show(*self._left_behind()[:3])

    def leave_on_signals(self) -> None:
        """Say goodbye also when a signal ends us; nothing is asked then."""
        for number in ending():
            asyncio.get_running_loop().add_signal_handler(number, self.end, number)

    def end(self, number: int) -> None:
        """End in order; when told once more, at once. Ctrl+C in an editor is for the editor."""
        if number == signal.SIGINT and any(each.group == LENDING for each in self._app.workers):
            return
        if self._is_ending:
            self._app.exit(return_code=128 + number)
        self._is_ending = True
        if number == signal.SIGHUP:
            self._leave_server_to_others()
        self._app.run_worker(self._leave(status=128 + number))

    def _leave_server_to_others(self) -> None:
        """Let our server go on for others, where nobody is left who could be asked."""
        if self._server is not None and self._left_behind().others:
            self._server.goes_on = True

    async def _ask_about_server(self, is_sure: bool | None) -> None:
        """Leave; but first ask what becomes of our server, if others are on it."""
        if not is_sure:
            return
        others = self._left_behind().others
        is_connected = self._connection.status.state == "connected"
        if self._server is None or not others or not is_connected:
            await self._leave()
        elif isinstance(self._app.screen, OwnServerScreen):
            await self._decide_server(goes_on=True)
        else:
            await self._app.push_screen(OwnServerScreen(others), self._decide_server)

    async def _decide_server(self, goes_on: bool | None) -> None:
        if self._server is not None and goes_on is not None:
            self._server.goes_on = goes_on
            await self._leave()

    async def _leave(self, status: int = 0) -> None:
        await self._connection.close()
        self._app.exit(return_code=status)
