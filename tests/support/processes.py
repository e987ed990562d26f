"""Servers and other programs as processes of their own."""

import asyncio
import contextlib
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.client import PATIENCE

ROOT = Path(__file__).parents[2]
STARTS = {
    "example": [str(ROOT / "example_server.py")],
    "module": ["-m", "chat_server"],
}
"""The ways to start the server, as arguments of Python."""


class Ended(NamedTuple):
    """What a process left behind."""

    status: int
    stdout: str
    stderr: str


class ServerProcess:
    """A server that has said where it listens."""

    def __init__(self, process: Process, said: str) -> None:
        self.process = process
        self.said = said
        self.host, _, port = said.strip().rpartition(" ")[2].rpartition(":")
        self.port = int(port)

    async def killed(self) -> None:
        """End it as a crash would: no signal handler, no goodbye."""
        self.process.kill()
        await end_of(self.process)

    async def ended(self, number: int) -> Ended:
        """Send it a signal, and wait for its end."""
        self.process.send_signal(number)
        return await end_of(self.process)


async def start(
    start_by: str, folder: Path, *, under: Sequence[str] = (), **settings: str
) -> Process:
    """Start a server in a folder, with these settings and no others, `under` another program."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CHAT_", "PYTHON"))
    }
    return await asyncio.create_subprocess_exec(
        *under,
        sys.executable,
        *STARTS[start_by],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | settings,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )


async def end_of(process: Process) -> Ended:
    stdout, stderr = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode is not None
    return Ended(process.returncode, stdout.decode(), stderr.decode())


@contextlib.asynccontextmanager
async def listening(
    start_by: str, folder: Path, *, under: Sequence[str] = (), **settings: str
) -> AsyncIterator[ServerProcess]:
    """Run a server, and wait until it says where it listens."""
    process = await start(start_by, folder, under=under, **settings)
    async with killed_at_last(process):
        assert process.stdout is not None
        said = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        if not said:
            pytest.fail(f"did not start: {await end_of(process)}")
        yield ServerProcess(process, said.decode())


@contextlib.asynccontextmanager
async def killed_at_last(process: Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def program(name: str) -> str:
    """Find a program; without it, skip the test, and under CI fail it."""
    path = shutil.which(name)
    if path is not None:
        return path
    reason = f"the program {name} is not installed"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
