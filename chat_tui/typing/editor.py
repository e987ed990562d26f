"""Editing what is typed in our user's own editor."""

import asyncio
import contextlib
import shlex
import shutil
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from chat_server.protocol.events import shortened

LONGEST = 200_000
"""Bytes of a text that is taken back."""
_USUAL = "vi"
_OF_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
_ENDING = (signal.SIGHUP, signal.SIGTERM)
"""What an editor is told to end by, one after the other."""
_SECONDS_TO_END = 1.0
"""Seconds after each of them in which an editor may end."""


class Edited(NamedTuple):
    """A text after editing; with a `failure`, a sentence, it is the text as it was."""

    text: str
    failure: str = ""


class _Failed(Exception):
    """The editor is not there, or did not end well."""


class _LeftOpen(asyncio.CancelledError):
    """Nobody waits for the editor any more, and it does not end."""


def editor_of(environment: Mapping[str, str]) -> str:
    """Say which editor somebody wants: VISUAL before EDITOR, and vi without either."""
    wanted = (environment.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    return next(filter(None, wanted), _USUAL)


async def edited(text: str, editor: str) -> Edited:
    """Open an editor on a text, and wait for its end; when cancelled, end it.

    What it wrote and is not taken back stays in a folder among the temporary ones.
    """
    try:
        with _file(text) as path:
            await _run(editor, path)
            return Edited(_read(path))
    except OSError as error:
        return Edited(text, f"There is no file to edit: {error.strerror}. The text is as it was.")
    except _Failed as failed:
        return Edited(text, f"The editor {_name(editor)} {failed} The text is as it was.")


def _name(editor: str) -> str:
    """Name an editor briefly, for a line has little room."""
    try:
        words = shlex.split(editor)
    except ValueError:  # quotes that do not end
        words = editor.replace("'", "").replace('"', "").split()
    return shortened(words[0].rpartition("/")[2], 20) if words else ""


@contextlib.contextmanager
def _file(text: str) -> Iterator[Path]:
    """Make a file for as long as the editor is open; it stays where something would be lost."""
    folder = Path(tempfile.mkdtemp(prefix="chat-"))
    path = folder / "message.txt"
    is_needed = False
    try:
        path.touch(mode=0o600)
        path.write_bytes(text.encode())
        yield path
    except _LeftOpen:
        is_needed = True
        raise
    except asyncio.CancelledError:
        is_needed = _has_more(folder, path, text)
        raise
    except _Failed as failed:
        is_needed = _has_more(folder, path, text)
        if is_needed:
            raise _Failed(f"{failed} Kept: {folder}.") from failed
        raise
    finally:
        if not is_needed:
            shutil.rmtree(folder, ignore_errors=True)


def _has_more(folder: Path, path: Path, text: str) -> bool:
    """Say whether an editor left more than the text it was given, also under names of its own."""
    given = text.encode()
    try:
        if any(each != path for each in folder.iterdir()):
            return True
        with path.open("rb") as file:
            return file.read(len(given) + LONGEST).rstrip(b"\n") != given.rstrip(b"\n")
    except OSError:
        return path.exists()


async def _run(editor: str, path: Path) -> None:
    with _unstopped():
        try:
            words = shlex.split(editor)
            process = await asyncio.create_subprocess_exec(*words, str(path))
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise _Failed(f"does not start: {str(reason).rstrip('.')}.") from error
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        if status:
            raise _Failed(f"failed ({status}).")


async def _end(process: Process) -> None:
    """End an editor as its terminal would, so that it can save; raises _LeftOpen if it does not.

    This goes on when cancelled again, as every task is at the end of an app.
    """
    now = asyncio.get_running_loop().time
    for number in _ENDING:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        until = now() + _SECONDS_TO_END
        while process.returncode is None and now() < until:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.02)
        if process.returncode is not None:
            return
    raise _LeftOpen


@contextlib.contextmanager
def _unstopped() -> Iterator[None]:
    """Leave Ctrl+C and Ctrl+\\ to the editor, which does not inherit what is done here."""
    kept = {number: signal.signal(number, _pass) for number in _OF_TERMINAL}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _pass(number: int, frame: FrameType | None) -> None:
    """Go on."""


def _read(path: Path) -> str:
    with path.open("rb") as file:
        written = file.read(LONGEST + 1)
    if len(written) > LONGEST:
        raise _Failed(f"wrote more than {LONGEST} bytes.")
    try:
        return written.decode().rstrip("\n")
    except UnicodeDecodeError as error:
        raise _Failed("wrote something that is not UTF-8.") from error
