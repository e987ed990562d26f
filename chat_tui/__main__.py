"""`python -m chat_tui`: arguments and settings, then the way of chatting that was asked for."""

import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from chat_server import __version__
from chat_tui.local_server import ServerFailed, running
from chat_tui.settings import (
    BadSetting,
    Settings,
    config_path,
    from_environment,
    parse_port,
    parse_seconds,
)


class NoTerminal(Exception):
    """A screen was asked for where there is none."""

    def __init__(self) -> None:
        super().__init__("this is no terminal; for pipes and files there is --plain")


def main() -> None:
    """Run the client; what it needs to know stands in arguments, the environment or `.env`."""
    arguments = _parser().parse_args()
    try:
        settings = from_environment(Path.cwd())
        given = Settings(
            arguments.host or settings.host,
            parse_port("--port", arguments.port) if arguments.port else settings.port,
            arguments.name or settings.name,
            settings.config,
        )
        chat = _plain(parse_seconds("--wait", arguments.wait)) if arguments.plain else _on_screen
        if not arguments.plain:
            _need_terminal()
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        with running(given) if arguments.start_server else contextlib.nullcontext():
            status = chat(given)
    except (BadSetting, ServerFailed, NoTerminal) as error:
        sys.exit(f"chat-tui: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    sys.exit(status)


def _parser() -> argparse.ArgumentParser:
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
    parser.add_argument(
        "--plain", action="store_true", help="lines instead of a screen, for pipes and readers"
    )
    parser.add_argument(
        "--wait",
        default="30",
        metavar="SECONDS",
        help="with --plain: for an answer, when there is nothing more to read (30)",
    )
    parser.add_argument("--version", action="version", version=__version__)
    return parser


def _need_terminal() -> None:
    for stream in (sys.stdin, sys.stdout):
        if stream is None or not stream.isatty():
            raise NoTerminal


def _on_screen(settings: Settings) -> int:
    from chat_tui.app import ChatApp  # with a quarter of a second, and only needed here

    app = ChatApp(settings, time.time, config_path(settings))  # noqa: TID251 - the client's clock
    app.run()
    return app.return_code or 0


def _plain(patience: float) -> Callable[[Settings], int]:
    from chat_tui.plain import chat
    from chat_tui.preferences import Preferences, load

    def run(settings: Settings) -> int:
        config = config_path(settings)
        likes = load(config, ()).preferences if config.exists() else Preferences()
        return chat(settings, time.time, patience, likes)  # noqa: TID251 - the client's clock

    return run


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave in order, so that a server which was started is stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
