"""Textual's drivers, corrected: for a terminal that goes away, and for stderr sent elsewhere."""

import contextlib
import os
import selectors
import sys
from collections.abc import Callable
from itertools import chain
from typing import Protocol, runtime_checkable

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.drivers.web_driver import WebDriver

from chat_tui.terminal.parser import PasteParser, TerminalGone
from chat_tui.terminal.sequences import Decoder

AT_ONCE = 64 * 1024
"""Characters after which is written, even if more is to come."""
_LISTENING = 0.1
"""Seconds between two looks at whether reading is over."""


@runtime_checkable
class Fails(Protocol):
    """An app that can be told what went wrong in another thread."""

    def fail(self, fault: Exception) -> None: ...


class Terminal(LinuxDriver):
    """Reads from stdin and writes to stdout, in UTF-8 whatever the locale says.

    Textual writes to stderr, which people send elsewhere; and at the end of what can be read it
    reads on and on.
    """

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)  # type: ignore[arg-type]
        assert sys.__stdout__ is not None
        self._file = Screen(sys.__stdout__.fileno(), self._tell_gone)  # type: ignore[assignment]

    def _sigcont_application(self, *_: object) -> None:
        """Begin anew also after SIGSTOP, of which nobody is told, so that nothing was ended."""
        if self._auto_restart and not self._must_signal_resume and self._is_in_front():
            self._must_signal_resume = True
            self.suspend_application_mode()
        super()._sigcont_application()

    def _is_in_front(self) -> bool:
        """Say whether we may write; in the background, Textual waits for the foreground."""
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:  # there is no shell that could have put us elsewhere
            return True

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as fault:
            assert isinstance(self._app, Fails)
            self._app.call_later(self._app.fail, fault)

    def run_input_thread(self) -> None:
        """Read until the end of the app, or of the terminal."""
        parser = PasteParser(self._debug)
        decode = Decoder().decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                said: bytes | None = b""
                if selector.select(_LISTENING):
                    said = self._read()
                if said is None:
                    return self._tell_gone()
                heard = parser.feed(decode(said)) if said else ()
                for message in chain(heard, parser.tick()):
                    self.process_message(message)

    def _read(self) -> bytes | None:
        """Read what there is; None at the end."""
        try:
            return os.read(self.fileno, 4096) or None
        except BlockingIOError:
            return b""
        except OSError:
            return None

    def _tell_gone(self) -> None:
        _tell_gone(self)


class InBrowser(WebDriver):
    """Talks with the page of a visitor by the process that serves it, until that is gone."""

    def __init__(self, *arguments: object, **more: object) -> None:
        super().__init__(*arguments, **more)  # type: ignore[arg-type]
        self._write = self._put  # type: ignore[assignment]

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():
            _tell_gone(self)

    def _put(self, said: bytes) -> int:
        try:
            return os.write(self.fileno, said)
        except OSError:
            _tell_gone(self)
            return 0


def driver_for(usual: type[Driver]) -> type[Driver]:
    """Return what drives a terminal, or a browser, as we need it."""
    return InBrowser if issubclass(usual, WebDriver) else Terminal


def _tell_gone(driver: Driver) -> None:
    with contextlib.suppress(RuntimeError):  # the app has ended
        driver.send_message(TerminalGone())


class Screen:
    """A file for the writer's thread; `gone` is told, once, when nothing can be written."""

    def __init__(self, descriptor: int, gone: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._gone: Callable[[], None] | None = gone
        self._waiting: list[str] = []
        self._length = 0

    def write(self, text: str) -> None:
        """Write a text together with what comes next."""
        self._waiting.append(text)
        self._length += len(text)
        if self._length >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write everything."""
        said = "".join(self._waiting).encode("utf-8", "replace")
        self._waiting.clear()
        self._length = 0
        while said and self._gone is not None:
            said = said[self._written(said) :]

    def fileno(self) -> int:
        return self._descriptor

    def _written(self, said: bytes) -> int:
        """Write as much as can be; return how much it was."""
        try:
            return os.write(self._descriptor, said)
        except BlockingIOError:
            with selectors.SelectSelector() as selector:
                selector.register(self._descriptor, selectors.EVENT_WRITE)
                selector.select()
            return 0
        except OSError:
            gone, self._gone = self._gone, None
            if gone is not None:
                gone()
            return 0
