"""The full-screen client in a browser: a page of our own, and one client process for each visitor.

There are no passwords, so it is for this machine unless one says otherwise; and no page of another
site can use it.
"""

import ipaddress
import logging
import os
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import textual_serve.server
from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from chat_tui.settings import parse_port

PAGE = Path(__file__).parent / "page"
STOP_SECONDS = 3.0
"""How long visitors' clients may take to say goodbye when this is stopped."""
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Place(NamedTuple):
    """Where browsers find the client."""

    host: str = "127.0.0.1"
    port: int = 8080

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Say whether only this machine gets there."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotServe(Exception):
    """The place is taken, or not ours."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"cannot listen at {place.host}:{place.port}: {reason}")


def parse_place(text: str) -> Place:
    """Read HOST:PORT, or a port alone; "" is the usual place. Raises BadSetting."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or Place().host
    if port == "0":
        return Place(host, 0)
    return Place(host, parse_port("--serve", port) if port else Place().port)


def serve(place: Place, arguments: Sequence[str]) -> int:
    """Serve the client with these arguments until a signal. Raises CannotServe."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listener = socket.create_server((place.host, place.port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise CannotServe(place, reason.lower()) from error
    place = place._replace(port=listener.getsockname()[1])
    logging.basicConfig(level=logging.WARNING, format="chat-tui: %(message)s")
    # It warns of clients that take a moment longer to end than we do.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    command = shlex.join([sys.executable, "-m", "chat_tui", "--in-browser", *arguments])
    pages = Pages(command, place)
    web.run_app(
        pages.application(),
        sock=listener,
        print=lambda *_: pages.announce(),
        shutdown_timeout=STOP_SECONDS,
        access_log=None,
    )
    return 0


class Visitor(AppService):
    """The client process of a visitor; when it is stopped, nothing of it is left to the loop."""

    async def stop(self) -> None:
        await super().stop()
        if self._process is not None:
            await self._process.wait()


class Pages(Server):
    """What textual-serve does, for whom it may."""

    def __init__(self, command: str, place: Place) -> None:
        # It makes its clients by this name, and can be told of another class in no other way.
        textual_serve.server.AppService = Visitor  # type: ignore[attr-defined]
        super().__init__(command, place.host, place.port, "chat", place.url, templates_path=PAGE)
        self._place = place

    async def application(self) -> web.Application:
        """Make the application that aiohttp runs."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._refuse_strangers(request)
            return await handler(request)

        application = await self._make_app()
        application.middlewares.append(guard)
        application.on_response_prepare.append(_forbid_frames)
        return application

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: nobody can come before we listen."""

    def announce(self) -> None:
        """Say where the client is, and who can get there."""
        said = f"The chat is at {self._place.url} while this runs. Ctrl+C ends it.\n"
        if not self._place.is_local:
            said += (
                "WARNING: there is no password. Everybody who can reach this address can use the\n"
                "WARNING: client as you, and reads along, as nothing is encrypted.\n"
            )
        sys.stdout.write(said)
        sys.stdout.flush()

    def _refuse_strangers(self, request: web.Request) -> None:
        """Let no other site in: neither its pages, nor its name for our address.

        Browsers let every page open a connection to anywhere (RFC 6455, section 10.2).
        """
        if self._place.is_local and urlsplit(f"//{request.host}").hostname not in _LOCAL:
            raise web.HTTPForbidden(text="This chat is only for the machine that it runs on.\n")
        origin = urlsplit(request.headers.get("Origin", ""))
        if request.path == "/ws" and origin.netloc != request.host:
            raise web.HTTPForbidden(text="This chat is only for its own page.\n")


async def _forbid_frames(request: web.Request, response: web.StreamResponse) -> None:
    """Let no other page show ours as a part of itself, where a click could be stolen."""
    response.headers["X-Frame-Options"] = "DENY"
