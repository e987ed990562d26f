"""A real redis-server, with a folder of its own."""

import contextlib
import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path

from redis import BusyLoadingError, Redis
from redis import ConnectionError as NotReached
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tests.support.client import PATIENCE
from tests.support.processes import program

SAFE = {"appendonly": "yes", "appendfsync": "always", "save": ""}
"""Settings with which nothing is lost."""
BETWEEN_TRIES = 0.02

_numbers = itertools.count(1)


class RedisServer:
    """A redis-server that listens on a socket in its folder; it may be killed, and started again.

    `asked` is a client of it, for what tests look at and break.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self._command = [program("redis-server"), "--port", "0", "--unixsocket", str(self.socket)]
        for name, value in {"dir": str(folder), **SAFE, **settings}.items():
            self._command += [f"--{name.replace('_', '-')}", value]
        tries = Retry(ConstantBackoff(BETWEEN_TRIES), int(PATIENCE / BETWEEN_TRIES))
        self.asked = Redis(
            unix_socket_path=str(self.socket),
            retry=tries,
            retry_on_error=[NotReached, BusyLoadingError, FileNotFoundError],
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            self._command, cwd=self.folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        self.asked.ping()

    def kill(self) -> None:
        """End it as a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)
        self.socket.unlink()

    def address(self, chat: str = "") -> str:
        """Make the address of a chat in it; of one that nobody else has, where none is given."""
        return f"unix://{self.socket}?chat={chat or f'chat-{next(_numbers)}'}"


@contextlib.contextmanager
def redis_server(folder: Path, **settings: str) -> Iterator[RedisServer]:
    """Run a redis-server; where there is none, skip the test, and under CI fail it."""
    server = RedisServer(folder, **settings)
    try:
        server.start()
        yield server
    finally:
        server.asked.close()
        if server.process is not None:
            server.process.kill()
            server.process.wait(PATIENCE)
