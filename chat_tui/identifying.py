"""Logging in, and what else needs a password: asked for on a screen, before the server asks.

The screen is there as soon as the command is entered, so what is typed after it comes nowhere else.
"""

from collections.abc import Callable

from textual.app import App

from chat_server.protocol.events import Ok
from chat_tui.screens.password import PasswordScreen
from chat_tui.session.asking import BROKEN, Asking, AskServer, Step
from chat_tui.session.spoken import Guarded


class Identifying:
    """Asks our user for passwords.

    `ask` reaches the server, `tell` shows an answer in the chat, and `warn` a line; `closed` is
    told when what is typed is for the chat again.
    """

    def __init__(
        self,
        app: App[None],
        ask: AskServer,
        *,
        tell: Callable[[Ok], None],
        warn: Callable[[str], None],
        closed: Callable[[], None],
    ) -> None:
        self._app = app
        self._ask = ask
        self._tell, self._warn, self._closed = tell, warn, closed
        self._asking: Asking | None = None
        self._screen: PasswordScreen | None = None

    async def begin(self, order: Guarded, you: str) -> None:
        """Ask for what a command needs; `you` is what our user is called."""
        asking = Asking(order, you, self._ask, lambda: self._changed(asking))
        self._asking = asking
        self._screen = PasswordScreen(asking, self._give_up)
        await self._app.push_screen(self._screen)
        asking.begin()

    def broke(self) -> None:
        """Take note that there is no connection any more."""
        if self._asking is not None and self._asking.step is not Step.OVER:
            self._warn(BROKEN.text)
            self._asking.broke()

    def _changed(self, asking: Asking) -> None:
        """Show how far it is; what was done after it was given up is told all the same."""
        if asking.done is not None:
            self._tell(asking.done)
        if asking is self._asking and self._screen is not None:
            self._screen.show()
            if self._screen.may_close:
                self._close()

    def _give_up(self) -> None:
        if self._asking is not None:
            self._asking.give_up()
        self._close()

    def _close(self) -> None:
        """Close the screen; where another question lies over it, later, by Escape."""
        screen = self._screen
        if screen is not None and screen.is_current:
            self._screen = None
            screen.dismiss()
            self._closed()
