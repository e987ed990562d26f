"""What is said and kept when the client fails by a fault of its own."""

import os
import sys
import tempfile
import traceback
from pathlib import Path

from chat_server import __version__
from chat_server.protocol.events import shortened
from chat_tui import stderr

STATUS = 70
"""The exit status of a program that fails by a fault of its own (sysexits.h, EX_SOFTWARE)."""


def tell(fault: BaseException, typed: str = "") -> int:
    """Write a report, with what was `typed` and not sent; say in two lines what has happened and
    where the report is. Return the exit status.
    """
    where = _place(fault)
    what = shortened(f"{type(fault).__name__}: {fault}".replace("\n", " "), 200)
    kept = ", with what you were writing" if typed else ""
    try:
        told = f"The report{kept}: {_written(fault, typed)}"
    except OSError as error:
        told = f"The report cannot be written: {error.strerror}."
    stderr.tell(f"chat-tui has failed, by a fault of its own: {what} ({where})\n{told}\n")
    return STATUS


def _place(fault: BaseException) -> str:
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "nowhere"


def _written(fault: BaseException, typed: str) -> Path:
    """Write the report where only its owner can read it; return its path."""
    report = "".join(traceback.format_exception(type(fault), fault, fault.__traceback__))
    text = f"chat-tui {__version__}, Python {sys.version}\n\n{report}"
    if typed:
        text += f"\nWhat was written and not sent:\n\n{typed}\n"
    handle, path = tempfile.mkstemp(prefix="chat-tui-crash-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(path)
