"""What is typed, in an editor of one's own: there, and back again."""

import asyncio
import contextlib
import shlex
import signal
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from chat_server.events import shortened

LONGEST = 200_000
"""Bytes of a text that is taken back."""
_USUAL = "vi"
_OF_TERMINAL = (signal.SIGINT, signal.SIGQUIT)


class Edited(NamedTuple):
    """What has become of a text; where that is not known, why not, and the text as it was."""

    text: str
    failure: str = ""


class _Failed(Exception):
    """The editor is not there, or did not end well."""


def editor_of(environment: Mapping[str, str]) -> str:
    """Say which editor somebody wants: VISUAL before EDITOR, and vi without either."""
    return environment.get("VISUAL") or environment.get("EDITOR") or _USUAL


async def edited(text: str, editor: str) -> Edited:
    """Open an editor on a text, and wait for its end."""
    try:
        with tempfile.TemporaryDirectory(prefix="chat-") as folder:
            path = Path(folder, "message.txt")
            _write(path, text)
            await _run(editor, path)
            return Edited(_read(path))
    except OSError as error:
        return Edited(text, f"There is no file to edit: {error.strerror}. The text is as it was.")
    except _Failed as failed:
        return Edited(text, f"The editor {shortened(editor)} {failed} The text is as it was.")


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_bytes(text.encode())


async def _run(editor: str, path: Path) -> None:
    try:
        words = shlex.split(editor)
        process = await asyncio.create_subprocess_exec(*words, str(path))
    except (ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _Failed(f"does not start: {reason}.") from error
    with _unstopped():
        status = await process.wait()
    if status:
        raise _Failed(f"failed ({status}).")


@contextlib.contextmanager
def _unstopped() -> Iterator[None]:
    """Leave Ctrl+C and Ctrl+\\ to the editor, which has the terminal."""
    kept = {number: signal.signal(number, signal.SIG_IGN) for number in _OF_TERMINAL}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _read(path: Path) -> str:
    with path.open("rb") as file:
        written = file.read(LONGEST + 1)
    if len(written) > LONGEST:
        raise _Failed(f"wrote more than {LONGEST} bytes.")
    try:
        return written.decode().rstrip("\n")
    except UnicodeDecodeError as error:
        raise _Failed("wrote something that is not UTF-8.") from error
