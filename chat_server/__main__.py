"""`python -m chat_server`: settings, journal, server; until SIGINT or SIGTERM."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

from chat_server import __version__, open_files
from chat_server.clock import SystemClock
from chat_server.journal import Journal, open_journal
from chat_server.journal.errors import JournalError
from chat_server.server import Server
from chat_server.settings import BadSetting, Settings, from_environment


def main() -> None:
    """Run the server; the exit status is 0 after a signal, 1 where it could not start."""
    parser = argparse.ArgumentParser(
        prog="chat-server",
        description="A chat for people with terminals. Join with: telnet HOST PORT",
        epilog="Settings are environment variables, or lines of .env; .env.example lists them.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.parse_args()
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    try:
        _run(from_environment(Path.cwd()))
    except (BadSetting, CannotStart) as error:
        sys.exit(f"chat-server: {error}")


class CannotStart(Exception):
    """The server cannot start, or go on, for a reason that stands in the message."""


def _run(settings: Settings) -> None:
    open_files.raise_limit()
    if settings.loop == "uvloop" and (uvloop := _imported_uvloop()) is not None:
        uvloop.run(_serve(settings))
    else:
        asyncio.run(_serve(settings))


def _imported_uvloop() -> ModuleType | None:
    """Import the faster loop; None where it is not installed, as on Windows."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop


async def _serve(settings: Settings) -> None:
    clock = SystemClock()
    try:
        journal = open_journal(settings.journal, clock)
    except JournalError as error:
        raise CannotStart(f"CHAT_JOURNAL: {error}") from None
    server = Server(settings, journal, clock)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.end.set)
    async with contextlib.AsyncExitStack() as stack:
        try:
            host, port = await stack.enter_async_context(server.running())
        except JournalError as error:
            raise CannotStart(str(error)) from None
        except (OSError, UnicodeError) as error:  # the latter for a host that is no name at all
            raise CannotStart(_why_not_listening(settings, error)) from None
        shown = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"listening on {shown}:{port}\n{_how_long(journal)}\n")
        sys.stdout.flush()
        await server.end.wait()
    if server.fault is not None:
        raise CannotStart("stopped by a fault; see the log above")


def _how_long(journal: Journal) -> str:
    if journal.place:
        return f"the chat is kept in {journal.place}"
    return "the chat is forgotten when the server stops"


def _why_not_listening(settings: Settings, error: OSError | UnicodeError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    reason = os.strerror(number) if number and number > 0 else str(error)
    return (
        f"cannot listen on {settings.host}:{settings.port}: {reason}. "
        "Set CHAT_HOST and CHAT_PORT to an address that is free."
    )


if __name__ == "__main__":
    main()
