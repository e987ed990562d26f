"""Lines in and lines out by the standard streams, be they a terminal, a pipe or a file.

Each has a thread of its own, because asyncio cannot wait for a file, and because a reader who
does not read must not keep the chat, or a signal, waiting.
"""

import asyncio
import contextlib
import os
import queue
import select
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from io import FileIO

AHEAD = 64
"""Lines that are read before they are asked for."""
LONGEST_LINE = 64 * 1024
"""Bytes of a line that are kept; more than any line may have that is sent."""
KEPT_LINES = 10_000
"""Lines that wait for a reader who does not read."""
AT_ONCE = 1000
"""Lines that are written at once."""


class LineSource:
    """Give the lines that are read from a file descriptor; none without one."""

    def __init__(self, descriptor: int | None, encoding: str) -> None:
        self._descriptor, self._encoding = descriptor, encoding
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        self._loop = asyncio.get_running_loop()

    async def lines(self) -> AsyncIterator[str]:
        """Yield each line without its end, until there are no more."""
        if self._descriptor is None:
            return
        threading.Thread(target=self._read, args=(self._descriptor,), daemon=True).start()
        while (line := await self._lines.get()) is not None:
            yield line
            self._room.release()

    @property
    def is_terminal(self) -> bool:
        return self._descriptor is not None and os.isatty(self._descriptor)

    @contextlib.contextmanager
    def unseen(self) -> Iterator[None]:
        """Let a terminal not show what is typed; what was typed and not taken is dropped at last.

        Nothing is otherwise where none is read.
        """
        if self._descriptor is None or not self.is_terminal or sys.platform == "win32":
            yield
            return
        from chat_tui.plain.echo import unseen  # which needs what Windows lacks

        with unseen(self._descriptor):
            yield
        self._drop()

    def _drop(self) -> None:
        """Forget the lines that were read and not taken."""
        while not self._lines.empty():
            line = self._lines.get_nowait()
            if line is None:
                self._lines.put_nowait(None)
                break
            self._room.release()

    def _read(self, descriptor: int) -> None:
        """Read without Python's buffer, whose lock would be held when the program ends."""
        begun = b""
        while chunk := _chunk(descriptor):
            *ended, rest = chunk.split(b"\n")
            for part in ended:
                self._give((begun + part)[:LONGEST_LINE])
                begun = b""
            begun = (begun + rest)[:LONGEST_LINE]
        if begun:
            self._give(begun)
        self._call(self._lines.put_nowait, None)

    def _give(self, line: bytes) -> None:
        self._room.acquire()
        self._call(self._lines.put_nowait, line.decode(self._encoding, "replace"))

    def _call(self, put: Callable[[str | None], None], line: str | None) -> None:
        try:
            self._loop.call_soon_threadsafe(put, line)
        except RuntimeError:
            return  # the chat has been left, and the loop is closed


def _chunk(descriptor: int) -> bytes:
    """Read what there is, once there is something; nothing where the terminal is gone.

    Some programs leave their pipes non-blocking (O_NONBLOCK): then it is waited for here.
    """
    try:
        with FileIO(descriptor, closefd=False) as source:
            while (chunk := source.read(LONGEST_LINE)) is None:
                select.select([descriptor], [], [])
            return chunk
    except OSError:
        return b""


def _written(descriptor: int, text: bytes) -> int:
    """Write as much as can be, once it can be; return how much it was."""
    try:
        return os.write(descriptor, text)
    except BlockingIOError:
        select.select([], [descriptor], [])
        return 0


class LineSink:
    """Write lines to a file descriptor, or nowhere without one; `gone` is told if it is closed."""

    def __init__(self, descriptor: int | None, encoding: str, gone: Callable[[], None]) -> None:
        self._descriptor, self._encoding = descriptor, encoding
        self._gone = gone
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._left_out = 0
        self._loop = asyncio.get_running_loop()
        self._written = asyncio.Event()
        threading.Thread(target=self._write, daemon=True).start()

    @property
    def width(self) -> int | None:
        """The columns of the terminal that is written to; None where it is none."""
        try:
            if self._descriptor is not None and os.isatty(self._descriptor):
                return os.get_terminal_size(self._descriptor).columns or None
        except OSError:
            return None
        return None

    def write(self, line: str) -> None:
        """Write a line as soon as it is read; where too many wait, count it instead."""
        if self._lines.qsize() >= KEPT_LINES:
            self._left_out += 1
            return
        self._tell_left_out()
        self._lines.put(line)

    async def close(self) -> None:
        """Wait until everything is written."""
        self._tell_left_out()
        self._lines.put(None)
        await self._written.wait()

    def _tell_left_out(self) -> None:
        if self._left_out:
            self._lines.put(f"! {self._left_out} lines are left out, as nobody read them.")
            self._left_out = 0

    def _write(self) -> None:
        is_last = False
        while not is_last:
            lines = [self._lines.get()]
            while not self._lines.empty() and len(lines) < AT_ONCE:
                lines.append(self._lines.get())
            is_last = lines[-1] is None
            self._put("".join([f"{line}\n" for line in lines if line is not None]))
        self._tell(self._written.set)

    def _put(self, text: str) -> None:
        waiting = text.encode(self._encoding, "replace")
        try:
            while waiting and self._descriptor is not None:
                waiting = waiting[_written(self._descriptor, waiting) :]
        except OSError:
            self._descriptor = None
            self._tell(self._gone)

    def _tell(self, whom: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(whom)
        except RuntimeError:
            return  # the loop is closed: nobody waits for this any more
