"""Our server, for which each address of this machine counts as one of another machine does.

`python -m benchmarks.attacks.elsewhere`: so limits by address are measured without a network.
"""

import asyncio
import signal
import sys
from pathlib import Path

from chat_server import open_files
from chat_server.clock import SystemClock
from chat_server.journal import open_journal
from chat_server.server import Server
from chat_server.settings import Settings, from_environment


def main() -> None:
    open_files.raise_limit()
    settings = from_environment(Path.cwd())
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(settings))
    else:
        uvloop.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Run until a signal says that it is enough."""
    clock = SystemClock()
    server = Server(settings, open_journal(settings.journal, clock), clock, str)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.end.set)
    async with server.running() as (host, port):
        sys.stdout.write(f"listening on {host}:{port}\n")
        sys.stdout.flush()
        await server.end.wait()


if __name__ == "__main__":
    main()
