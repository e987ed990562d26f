"""`python -m chat_tui`: arguments and settings, then the app."""

import argparse
import contextlib
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from chat_server import __version__
from chat_tui.app import ChatApp
from chat_tui.local_server import ServerFailed, running
from chat_tui.settings import BadSetting, Settings, config_path, from_environment, parse_port


def main() -> None:
    """Run the client; what it needs to know stands in arguments, the environment or `.env`."""
    parser = argparse.ArgumentParser(
        prog="chat-tui",
        description="Chat in a terminal. F1 shows the keys and commands, Ctrl+Q quits.",
        epilog="Without an option, the environment or .env decides: see .env.example.",
    )
    parser.add_argument("--host", help="where the server is (CHAT_HOST, or 127.0.0.1)")
    parser.add_argument("--port", help="its port (CHAT_PORT, or 8000)")
    parser.add_argument("--name", help="what you want to be called (CHAT_NAME)")
    parser.add_argument(
        "--start-server", action="store_true", help="start a server first, if none is there"
    )
    parser.add_argument("--version", action="version", version=__version__)
    arguments = parser.parse_args()
    try:
        settings = from_environment(Path.cwd())
        given = Settings(
            arguments.host or settings.host,
            parse_port("--port", arguments.port) if arguments.port else settings.port,
            arguments.name or settings.name,
            settings.config,
        )
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        server = running(given) if arguments.start_server else contextlib.nullcontext()
        with server:
            now = time.time  # noqa: TID251 - the client's clock
            ChatApp(given, now, config_path(given)).run()
    except (BadSetting, ServerFailed) as error:
        sys.exit(f"chat-tui: {error}")


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave in order, so that a server which was started is stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
