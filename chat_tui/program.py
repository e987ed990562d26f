"""The client as a program: arguments and settings, then the way of chatting that was asked for."""

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from chat_server import __version__
from chat_server.environment import CannotRead, working_folder
from chat_tui import crash, stderr
from chat_tui.config.settings import (
    BadSetting,
    Settings,
    config_path,
    from_environment,
    parse_host,
    parse_name,
    parse_port,
    parse_seconds,
    server_host,
)
from chat_tui.local_server import LocalServer, NoChat, ServerFailed, running
from chat_tui.terminal.signals import ending

Way = Callable[[LocalServer | None], int]
"""A way of chatting, given the server that was started for it, if any; returns the exit status."""


WITHOUT_SCREEN = ("", "dumb", "unknown")
"""What TERM is where the terminal can only write one line after the other."""


class NotPossible(Exception):
    """What was asked for cannot be had here; the message says what can."""


def run() -> int:
    """Run the client; return the exit status."""
    arguments = _parser().parse_args()
    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        settings = from_environment(working_folder())
        given = settings._replace(
            host=_host(arguments.host) or settings.host,
            port=parse_port("--port", arguments.port) if arguments.port else settings.port,
            name=parse_name("--name", arguments.name) if arguments.name else settings.name,
        )
        chat = _way(arguments, given)
        _leave_on_signals()
        with _server(arguments, given) as server:
            status = chat(server)
            _leave_on_signals()
    except (BadSetting, CannotRead, NoChat, ServerFailed, NotPossible) as error:
        stderr.tell(f"chat-tui: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as fault:  # whatever it is, it is told in two lines
        return crash.tell(fault)
    return status


def _host(given: str | None) -> str:
    return parse_host("--host", server_host(given)) if given else ""


def _server(
    arguments: argparse.Namespace, settings: Settings
) -> contextlib.AbstractContextManager[LocalServer | None]:
    """Run a server if that is asked for; it listens where `--host` and `--port`, or its own
    settings, say.
    """
    if not arguments.start_server:
        return contextlib.nullcontext()
    given = {"CHAT_HOST": arguments.host, "CHAT_PORT": arguments.port}
    return running(settings, {name: value for name, value in given.items() if value})


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
    parser.add_argument(
        "--serve",
        nargs="?",
        const="",
        metavar="HOST:PORT",
        help="show the client in browsers, at 127.0.0.1:8080 unless told otherwise",
    )
    parser.add_argument("--in-browser", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=__version__)
    return parser


def _way(arguments: argparse.Namespace, settings: Settings) -> Way:
    """Choose how to chat. Raises BadSetting, and NotPossible."""
    if arguments.serve is not None or arguments.plain:
        for warning in settings.warnings:
            stderr.tell(f"chat-tui: {warning}\n")
    if arguments.serve is not None:
        return _in_browsers(arguments.serve, settings)
    if arguments.plain:
        return _plain(parse_seconds("--wait", arguments.wait), settings)
    if arguments.in_browser:
        return lambda server: _on_screen(settings._replace(is_visitor=True), server)
    _need_terminal(settings)
    return lambda server: _on_screen(settings, server)


def _need_terminal(settings: Settings) -> None:
    for stream in (sys.stdin, sys.stdout):
        if stream is None or not stream.isatty():
            raise NotPossible("this is no terminal; for pipes and files there is --plain")
    if settings.terminal in WITHOUT_SCREEN:
        what = f"TERM is {settings.terminal}" if settings.terminal else "TERM is not set"
        raise NotPossible(f"{what}, so there is no full screen here; there is --plain")


def _on_screen(settings: Settings, server: LocalServer | None) -> int:
    from chat_tui.app import ChatApp  # takes a quarter of a second

    now = time.time  # noqa: TID251 - the client's clock
    app = ChatApp(settings, now, config_path(settings), time.monotonic, server)
    app.run()
    return app.return_code or 0 if app.fault is None else crash.tell(app.fault, app.typed)


def _plain(patience: float, settings: Settings) -> Way:
    from chat_tui.config.preferences import Preferences, load
    from chat_tui.plain.chat import chat

    config = config_path(settings)
    likes = load(config, ()).preferences if os.path.exists(config) else Preferences()
    now = time.time  # noqa: TID251 - the client's clock
    return lambda server: chat(settings, now, patience, likes)


def _in_browsers(place: str, settings: Settings) -> Way:
    try:
        from chat_tui.web.server import CannotServe, parse_place, serve
    except ModuleNotFoundError as error:
        install = f"{sys.executable} -m pip install textual-serve"
        raise NotPossible(f"--serve needs {error.name}: {install}") from error
    where = parse_place(place)
    arguments = ["--host", settings.host, "--port", str(settings.port)]
    arguments += ["--name", settings.name] if settings.name else []

    def run(server: LocalServer | None) -> int:
        try:
            return serve(where, arguments)
        except CannotServe as error:
            raise NotPossible(str(error)) from error

    return run


def _leave_on_signals() -> None:
    """End in order at a signal; a way of chatting that says goodbye replaces these handlers."""
    for number in ending():
        if number != signal.SIGINT:
            signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave in order, so that a server which was started is stopped."""
    sys.exit(128 + number)
