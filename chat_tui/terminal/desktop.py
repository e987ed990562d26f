"""The desktop around the terminal, where there is one: its clipboard, and what opens links.

Its programs are given what they need as arguments and on their input, never through a shell,
and never hold up the chat.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Sequence

PATIENCE = 3.0
"""Seconds that a program has to take a text."""
NOT_STARTED = 127
"""The exit status of what cannot be run, as the shell gives it."""
_CLIPBOARDS = (
    ("WAYLAND_DISPLAY", ("wl-copy", "--type", "text/plain")),
    ("DISPLAY", ("xclip", "-in", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--input", "--clipboard")),
    ("", ("pbcopy",)),
    ("", ("clip.exe",)),
)
"""What has to be set in the environment, and the program."""
_TMUX = (
    ("TMUX", ("tmux", "load-buffer", "-w", "-")),
    ("TMUX", ("tmux", "load-buffer", "-")),
)
_OPENERS = (
    ("DISPLAY", ("xdg-open",)),
    ("WAYLAND_DISPLAY", ("xdg-open",)),
    ("", ("wslview",)),
)


async def copy(text: str) -> bool:
    """Put a text into the desktop's clipboard, and tmux's. Return whether a program took it."""
    in_tmux = await _copy_in_tmux(text)
    return await _copy_on_desktop(text) or in_tmux


async def _copy_in_tmux(text: str) -> bool:
    """Put a text into tmux's own buffer, and through tmux into the terminal's clipboard.

    tmux passes no other program's request on unless its option set-clipboard is "on". Before its
    version 3.2 it had no -w.
    """
    for command in _found(_TMUX):
        if await _run(command, text.encode("utf-8", "replace")) == 0:
            return True
    return False


async def _copy_on_desktop(text: str) -> bool:
    # clip.exe reads UTF-16 and nothing else that is beyond the code page of its console.
    for command in _found(_CLIPBOARDS):
        is_windows = command[0].endswith("clip.exe")
        encoding = "utf-16" if is_windows else "utf-8"
        if await _run(command, text.encode(encoding, "replace")) == 0:
            return True
    return False


async def open_link(url: str) -> bool:
    """Open a link that `links.opened` has made. Return whether something was there to open it.

    Elsewhere than on Windows and macOS `webbrowser` might take over this terminal with a browser
    made of text.
    """
    if sys.platform in ("win32", "darwin"):
        return await asyncio.to_thread(webbrowser.open, url)
    for command in _found(_OPENERS):
        if await _run((*command, url), b"") in (None, 0):  # a browser may run on
            return True
    return False


def _found(programs: Sequence[tuple[str, tuple[str, ...]]]) -> list[tuple[str, ...]]:
    return [
        (path, *command[1:])
        for variable, command in programs
        if (not variable or os.environ.get(variable)) and (path := shutil.which(command[0]))
    ]


async def _run(command: tuple[str, ...], text: bytes) -> int | None:
    """Run a program on a text; return its exit status, or None if it still runs after `PATIENCE`.

    It outlives us where we end before it does. What keeps a clipboard in the background has ended
    for us: it leaves that to a process of its own.
    """
    try:
        process = _started(command, text)
    except OSError:
        return NOT_STARTED
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait() -> None:
        process.wait()
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(ended.wait(), PATIENCE)
    return process.returncode


def _started(command: tuple[str, ...], text: bytes) -> "subprocess.Popen[bytes]":
    """Start a program that reads a text; its input is a file, so it need not be waited for."""
    with tempfile.TemporaryFile() as given:
        given.write(text)
        given.seek(0)
        return subprocess.Popen(
            command,
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
