"""The server as a program: settings, journal, server, what is said on stdout and in the log."""

import argparse
import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from chat_server import __version__, open_files
from chat_server.adding import CannotAdd, add_user
from chat_server.clock import SystemClock
from chat_server.environment import BadSetting, CannotRead, working_folder
from chat_server.journal import Journal, open_journal
from chat_server.journal.errors import JournalError
from chat_server.listening import CannotListen, shown
from chat_server.log import CLOSED, STDOUT, LineWriter, LogHandler, fill_closed
from chat_server.server import Server
from chat_server.settings import Settings, from_environment
from chat_server.turned_away import SeldomLogged

log = logging.getLogger("chat_server")


class CannotGoOn(Exception):
    """The server cannot start, or go on, for a reason that stands in the message."""


FAULTS = (
    CannotAdd,
    BadSetting,
    CannotRead,
    open_files.TooFew,
    CannotListen,
    JournalError,
    CannotGoOn,
)
"""Why the server does not start, or go on, as one line says it."""


def run() -> int:
    """Run the server with what stands in the environment and in `.env`; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="chat-server",
        description="A chat for people with terminals. Join with: telnet HOST PORT",
        epilog="Settings are environment variables, or lines of .env; .env.example lists them.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    adding = commands.add_parser(
        "adduser",
        help="make an account while the server is not running",
        description="Make an account of a name. The password is asked for, or read from stdin.",
    )
    adding.add_argument("name", metavar="NAME")
    given = parser.parse_args()
    with _said_by_threads() as (stdout, stderr):
        try:
            settings = from_environment(working_folder())
            if given.command == "adduser":
                stdout.write(add_user(settings, given.name))
            else:
                _run(settings, stdout)
        except FAULTS as error:
            stderr.write(f"chat-server: {error}")
            return 1
    return 0


@contextlib.contextmanager
def _said_by_threads() -> Iterator[tuple[LineWriter, LineWriter]]:
    """Log to stderr; give the writers of stdout and stderr, which keep nobody waiting."""
    closed = fill_closed()
    handler = LogHandler()
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    stdout = LineWriter(CLOSED if STDOUT in closed else STDOUT, failed=_not_said)
    try:
        yield stdout, handler.lines
    finally:
        stdout.close()
        handler.lines.close()


def _not_said(line: str, error: OSError) -> None:
    log.warning("stdout cannot be written to (%s): %s", error.strerror, line)


def _run(settings: Settings, stdout: LineWriter) -> None:
    open_files.raise_limit()
    if settings.loop == "uvloop" and (uvloop := _imported_uvloop()) is not None:
        uvloop.run(_serve(settings, stdout))
    else:
        asyncio.run(_serve(settings, stdout))


def _imported_uvloop() -> ModuleType | None:
    """Import the faster loop; None where it is not installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop


async def _serve(settings: Settings, stdout: LineWriter) -> None:
    clock = SystemClock()
    try:
        journal = open_journal(settings.journal, clock)
    except JournalError as error:
        raise CannotGoOn(f"CHAT_JOURNAL: {error}") from None
    server = Server(settings, journal, clock)
    _listen_to_signals(server.end)
    _log_seldom_what_the_loop_cannot_take_up(clock)
    async with server.running():
        for host, port in server.places:
            stdout.write(f"listening on {shown(host, port)}")
        stdout.write(_how_long(journal))
        await server.end.wait()
    if server.fault is not None:
        raise CannotGoOn("stopped by a fault; see the log above")


def _listen_to_signals(end: asyncio.Event) -> None:
    """Set `end` at a signal; SIGHUP stays ignored where `nohup` has it ignored."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        asyncio.get_running_loop().add_signal_handler(number, end.set)


def _log_seldom_what_the_loop_cannot_take_up(clock: SystemClock) -> None:
    """Keep asyncio from logging, many times a second, that the system has no more open files."""
    loop = asyncio.get_running_loop()
    seldom = SeldomLogged(clock, "the system has no open files left; connections wait")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        if "out of system resource" in str(context.get("message")):
            seldom.happened()
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


def _how_long(journal: Journal) -> str:
    if journal.place:
        place = journal.place if journal.is_shared else Path(journal.place).absolute()
        return f"the chat is kept in {place}"
    return "the chat is forgotten when the server stops"
