"""The one throttle between what comes and the screen: what is new is shown at a pace."""

import asyncio
from collections.abc import Callable

from textual.app import App

from chat_tui.layout.repaint import Pace


class Repainting:
    """Calls `show` once for all that came, when it is time, and never before a key."""

    def __init__(self, app: App[None], show: Callable[[], None]) -> None:
        self._app = app
        self._show = show
        self._pace = Pace()
        self.is_due = False
        """Whether there is something to show."""

    def came(self) -> None:
        """Take note that something came from elsewhere."""
        self._pace.came(1, _now())

    def key_came(self) -> None:
        """Let a key be handled and painted before what came."""
        self._pace.key(_now())

    def soon(self) -> None:
        """Show what is new once all else that comes with it is there."""
        if not self.is_due:
            self.is_due = True
            self._wait(self._pace.wait(_now()))

    def now(self) -> None:
        """Show what is new."""
        self.is_due = False
        if self._app.screen_stack:  # else we are leaving, and a timer was due
            self._pace.painted(_now())
            self._show()

    def _wait(self, seconds: float) -> None:
        """Wait by the loop: Textual's timer skips a call for which it is late already."""
        if seconds > 0:
            asyncio.get_running_loop().call_later(seconds, self._look_again)
        else:
            self._app.call_later(self.now)

    def _look_again(self) -> None:
        """Show it, unless a key came meanwhile that is handled first."""
        self._wait(self._pace.wait(_now()))


def _now() -> float:
    return asyncio.get_running_loop().time()
