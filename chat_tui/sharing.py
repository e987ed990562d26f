"""What leaves the chat for the terminal, the desktop or the browser: copies, links, files."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from textual.app import App

from chat_tui.plain import export
from chat_tui.terminal import desktop


class Sharing:
    """Hands things over, and tells our user what became of them.

    `to_terminal` copies a text through the terminal.
    """

    def __init__(self, app: App[None], to_terminal: Callable[[str], None]) -> None:
        self._app = app
        self._to_terminal = to_terminal

    def copy(self, text: str, what: str = "") -> None:
        """Copy through the terminal, and through the desktop if the terminal is on one.

        With `what`, a name for the text, our user is told what became of it.
        """
        self._to_terminal(text)
        self._app.run_worker(self._copied(text, what))

    async def _copied(self, text: str, what: str) -> None:
        """Say that it is copied only where somebody took it; a terminal does not answer."""
        is_taken = not self._app.is_web and await desktop.copy(text)
        if what and is_taken:
            self._app.notify(f"Copied: {what}.", timeout=2, markup=False)
        elif what:
            whom = "browser" if self._app.is_web else "terminal"
            told = f"Given to the {whom}: {what}.\nIt does not tell whether it copies that."
            self._app.notify(told, markup=False)

    async def open(self, url: str) -> None:
        """Open a link, or copy it where nothing opens links."""
        if self._app.is_web:
            self._app.open_url(url)
        elif not await desktop.open_link(url):
            self._app.notify("No browser was found.", markup=False)
            self.copy(url, "the link")

    def export(self, shown: export.Shown, now: float, folder: Path) -> None:
        """Write a conversation into a file; in a browser, give it to that."""
        if self._app.is_web:
            name = next(export.file_names(shown.other, now))
            self._app.deliver_text(io.StringIO(export.document(shown, now)), save_filename=name)
            return
        told, is_written = export.write(shown, now, folder)
        severity: Literal["information", "error"] = "information" if is_written else "error"
        self._app.notify(told, severity=severity, timeout=8, markup=False)
