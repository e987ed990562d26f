"""A server in a process of its own, to be measured."""

import asyncio
import contextlib
import math
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Sequence

START_SECONDS = 120
"""How long a server may take to start, with a long journal to read."""


@contextlib.asynccontextmanager
async def serving(journal: str) -> AsyncIterator[int]:
    """Run a server with a journal and without a limit of pace; give its port."""
    settings = {
        "CHAT_HOST": "127.0.0.1",
        "CHAT_PORT": "0",
        "CHAT_RATE": "0",
        "CHAT_CONNECTIONS": "0",
        "CHAT_JOURNAL": journal,
    }
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chat_server"),
        env=os.environ | settings,
        stdout=PIPE,
        stderr=DEVNULL,
    )
    try:
        assert server.stdout is not None
        said = await asyncio.wait_for(server.stdout.readline(), START_SECONDS)
        yield int(said.decode().rpartition(":")[2])
    finally:
        server.terminate()
        await server.wait()


def quantile(values: Sequence[float], part: float) -> float:
    """Return the least value that at least this part of all does not exceed."""
    return sorted(values)[math.ceil(len(values) * part) - 1]
