"""The terminal lent to another program."""

import contextlib
import sys
from collections.abc import Iterator

from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event

LENDING = "lending"
"""The group of the workers that lend the terminal."""


class Returned(Event):
    """The terminal is ours again: what was typed before was meant for who had it."""


@contextlib.contextmanager
def lent_terminal(app: App[object]) -> Iterator[None]:
    """Leave the terminal to somebody else; the app goes on, but writes and reads nothing.

    Textual stops its writer meanwhile, but still fills its queue until that blocks the loop; so
    one that forgets everything takes its place. Raises SuspendNotSupported without a terminal.
    """
    with app.batch_update(), app.suspend():
        driver = app._driver
        if isinstance(driver, LinuxDriver):
            driver._writer_thread = _Muted(sys.stderr)
        try:
            yield
        finally:
            app.post_message(Returned())


class _Muted(WriterThread):
    """Takes what is written, and forgets it."""

    def write(self, text: str) -> None:
        """Forget it."""

    def stop(self) -> None:
        """There is nothing to stop."""
