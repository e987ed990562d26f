"""A server of our user's own, for as long as the client runs, or longer if they want that."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import msgspec

from chat_server.protocol.json_lines import parse_event
from chat_tui.config.settings import Settings

STOP_SECONDS = 3
"""How long the server may take to stop."""
ANSWER_SECONDS = 3.0
"""How long a chat may take to show that it is one."""
LONGEST_ANSWER = 4096
"""Bytes of what is no chat that are read."""
LOOKS, LOOK_SECONDS = 20, 0.05
"""How often we look whether somebody else's server has come up, and the seconds between."""
START = (
    "import sys; from_here = sys.argv.pop(1)\n"
    "sys.path = [each for each in sys.path if each]\n"
    "if from_here not in sys.path: sys.path.insert(0, from_here)\n"
    "from chat_server.__main__ import main; main()"
)
"""Runs the server that is installed with this client, and no module of the same name from the
folder in which the client is started."""


class ServerFailed(Exception):
    """The server did not start; the message is what it said."""


class NoChat(Exception):
    """Something else listens where the chat is looked for; the message says what to do."""

    def __init__(self, settings: Settings, said: bytes) -> None:
        shown = said.strip()[:60].decode("ascii", "replace")
        what = f"it says {shown!r}" if shown else "it says nothing"
        super().__init__(
            f"what listens on {settings.host}:{settings.port} is no chat ({what}). "
            f"Choose another port, as in CHAT_PORT={settings.port % 65535 + 1}"
        )


class LocalServer:
    """A server that was started for this client, and ends with it unless it is to go on."""

    def __init__(self, process: "subprocess.Popen[bytes]", kept: str) -> None:
        self.process = process
        self.kept = kept
        """How long the chat is kept, and where, as the server says it."""
        self.goes_on = False
        """Whether it goes on running when the client ends."""


@contextlib.contextmanager
def running(settings: Settings, given: Mapping[str, str]) -> Iterator[LocalServer | None]:
    """Run a server for the time of the block; None where a chat listens there already.

    `given` are variables that win over those of the environment. Raises ServerFailed and NoChat.
    """
    with _one_after_the_other():
        server = None if _is_chat_at(settings) else _started(settings, given)
    try:
        yield server
    finally:
        if server is not None:
            _end(server, settings)


@contextlib.contextmanager
def _one_after_the_other() -> Iterator[None]:
    """Make clients that start in the same folder at the same time wait, and find our server."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # a folder that cannot be read, a drive without locks
            folder = os.open(".", os.O_RDONLY)
            stack.callback(os.close, folder)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield


def _is_chat_at(settings: Settings) -> bool:
    """Say whether a chat listens there; NoChat where something else does.

    A server answers this before we enter, so nobody is told that we came.
    """
    try:
        connection = socket.create_connection((settings.host, settings.port), timeout=1)
    except OSError:
        return False
    said = b""
    with connection, contextlib.suppress(OSError):
        connection.settimeout(ANSWER_SECONDS)
        connection.sendall(b"format json\n")
        said = connection.makefile("rb").readline(LONGEST_ANSWER)
    try:
        parse_event(said)
    except (msgspec.DecodeError, ValueError) as error:
        raise NoChat(settings, said) from error
    return True


def _started(settings: Settings, given: Mapping[str, str]) -> LocalServer | None:
    """Start a server; None where another one was quicker."""
    with tempfile.TemporaryFile("w+") as log:
        server = _start(given, log)
        if server is not None:
            return server
        log.seek(0)
        why = log.read().strip()
    for _ in range(LOOKS):
        if _is_chat_at(settings):
            return None
        time.sleep(LOOK_SECONDS)
    raise ServerFailed(f"the server did not start:\n{why}")


def _start(given: Mapping[str, str], log: IO[str]) -> LocalServer | None:
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(Path(__file__).parent.parent)],
        env=os.environ | given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline().decode()
        has_started = said.startswith("listening on ")
        while said.startswith("listening on "):
            said = process.stdout.readline().decode()
    except BaseException:  # such as Ctrl+C: nobody waits for it any more
        _stop(process)
        raise
    if not has_started:
        _stop(process)
        return None
    return LocalServer(process, said.strip())


def _end(server: LocalServer, settings: Settings) -> None:
    if not server.goes_on:
        _stop(server.process)
        return
    number = server.process.pid
    with contextlib.suppress(OSError):  # of a window that was closed
        told = (
            f"The chat goes on at {settings.host}:{settings.port}; kill {number} ends it. "
            "To run a server by itself: make server, or chat-server.\n"
        )
        os.write(sys.stdout.fileno(), told.encode())
    if server.process.stdout:
        server.process.stdout.close()
    server.process.returncode = 0  # else Popen would warn that it still runs


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
