"""Somebody at a real terminal: the client as a process, every byte that it writes, and a mouse."""

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import sys
import termios
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pyte

from tests.support.processes import killed_at_last
from tests.support.screen import PATIENCE, until

ROOT = Path(__file__).parents[2]


class OnTerminal:
    """A terminal with the client on it, what one sees there, and what one does."""

    def __init__(self, process: Process, end: int, columns: int, rows: int) -> None:
        self.process = process
        self.raw = b""
        """Everything that was written to the terminal."""
        self._end = end
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._rows: list[str] = []

    def read(self) -> None:
        """Take in what was written."""
        self.has_read_all()

    def has_read_all(self) -> bool:
        """Take in what was written; say whether nobody is left who could write more."""
        try:
            while said := os.read(self._end, 65536):
                self.raw += said
                self._stream.feed(said)
                self._rows = []
        except BlockingIOError:
            return False
        except OSError:  # the terminal's other end is closed, and everything was read
            return True
        return True

    def shown(self) -> list[str]:
        """The rows as one sees them; the second half of a wide letter is an empty cell."""
        columns, buffer = range(self._screen.columns), self._screen.buffer
        self._rows = self._rows or [
            "".join(buffer[row][column].data for column in columns)
            for row in range(self._screen.lines)
        ]
        return self._rows

    def presses(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    async def sees(self, part: str) -> None:
        await until(lambda: part in "\n".join(self.shown()), f"{part!r} on\n{self.shown()}")

    async def misses(self, part: str) -> None:
        await until(lambda: part not in "\n".join(self.shown()), f"{part!r} to vanish")

    async def rests(self, seconds: float) -> None:
        """Wait until nothing has come for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        before = -1
        while before != len(self.raw):
            assert loop.time() < end, f"still writes: {self.raw[-200:]!r}"
            before = len(self.raw)
            await asyncio.sleep(seconds)

    def hovers(self, column: int, row: int) -> None:
        self.presses(f"\x1b[<35;{column + 1};{row + 1}M")

    def clicks(self, column: int, row: int) -> None:
        self.hovers(column, row)
        self.presses(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def goes(self) -> None:
        """Be gone, as when its window is closed; no signal says so, as nobody leads its session."""
        asyncio.get_running_loop().remove_reader(self._end)
        os.close(self._end)

    async def ends(self) -> int:
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@contextlib.asynccontextmanager
async def on_terminal(
    folder: Path,
    port: int,
    size: tuple[int, int] = (120, 40),
    *,
    stderr: int | None = None,
    variables: Mapping[str, str] | None = None,
    program: Path = ROOT / "example_client.py",
) -> AsyncIterator[OnTerminal]:
    """Open the client as alice, with preferences in a folder; `stderr` may be elsewhere."""
    columns, rows = size
    end, program_end = pty.openpty()
    fcntl.ioctl(program_end, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.set_blocking(end, False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(program)),
        *("--port", str(port), "--name", "alice"),
        cwd=folder,
        env=kept
        | {"CHAT_CONFIG": str(folder / "client.toml"), "TERM": "xterm-256color"}
        | dict(variables or {}),
        stdin=program_end,
        stdout=program_end,
        stderr=program_end if stderr is None else stderr,
        start_new_session=True,
    )
    os.close(program_end)
    person = OnTerminal(process, end, columns, rows)
    loop = asyncio.get_running_loop()
    loop.add_reader(end, person.read)
    try:
        async with killed_at_last(process):
            yield person
    finally:
        if loop.remove_reader(end):
            os.close(end)
