"""A server of one's own, for as long as the client runs."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from chat_tui.settings import Settings

STOP_SECONDS = 3
"""How long the server may take to stop."""


class ServerFailed(Exception):
    """The server did not start; the message is what it said."""


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Run a server for the time of the block, unless one listens there already.

    Raises ServerFailed.
    """
    if _is_listening(settings):
        yield
        return
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "chat_server"],
            env=os.environ | {"CHAT_HOST": settings.host, "CHAT_PORT": str(settings.port)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        try:
            if not process.stdout or not process.stdout.readline().startswith(b"listening on "):
                process.wait()
                log.seek(0)
                raise ServerFailed(f"the server did not start:\n{log.read().strip()}")
            yield
        finally:
            _stop(process)


def _is_listening(settings: Settings) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection((settings.host, settings.port), timeout=1).close()
        return True
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
