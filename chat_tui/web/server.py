"""The full-screen client in browsers: a page of our own, and who may come in.

It is for this machine alone, unless told otherwise; then for whoever knows the address with its
token. No page of another site can use it.
"""

import hmac
import ipaddress
import logging
import os
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, web
from aiohttp.http_exceptions import HttpProcessingError
from textual_serve.server import Server, to_int

from chat_tui.config.settings import parse_port
from chat_tui.web.visitors import LONGEST_SAID, STOP_SECONDS, Rubbish, Size, Visitor

PAGE = Path(__file__).parent / "page"
MOST_VISITORS = 20
"""Pages that are open at once; the client of each takes some 40 MB."""
_log = logging.getLogger(__name__)


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
        return _is_loopback(self.host)


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
    # asyncio warns of clients that take a moment longer to end than we do.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("aiohttp.server").addFilter(_in_a_line)
    command = [sys.executable, "-m", "chat_tui", "--in-browser", *arguments]
    pages = Pages(command, place, "" if place.is_local else secrets.token_urlsafe(16))
    web.run_app(
        pages.application(),
        sock=listener,
        print=lambda *_: pages.announce(),
        shutdown_timeout=STOP_SECONDS,
        access_log=None,
    )
    return 0


class Pages(Server):
    """The server of textual-serve, only for those who know the token, where there is one."""

    def __init__(self, command: Sequence[str], place: Place, token: str = "") -> None:
        super().__init__("", place.host, place.port, "chat", place.url, templates_path=PAGE)
        self._command = command
        self._place = place
        self._token = token
        self._visitors = 0

    async def application(self) -> web.Application:
        """Make the application that aiohttp runs."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                self._refuse_strangers(request)
            except ValueError as error:
                raise web.HTTPBadRequest(text="This is no address, or no token.\n") from error
            return await handler(request)

        application = await self._make_app()
        application.middlewares.append(guard)
        application.on_response_prepare.append(self._prepare)
        return application

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: nobody can come before we listen."""

    def announce(self) -> None:
        """Say where the client is, and who can get there."""
        address = f"{self._place.url}/?token={self._token}" if self._token else self._place.url
        said = f"The chat is at {address} while this runs. Ctrl+C ends it.\n"
        if not self._place.is_local:
            said += (
                "WARNING: there is no password. Everybody who knows this address can use the\n"
                "WARNING: client as you, and who is between reads along: nothing is encrypted.\n"
            )
        sys.stdout.write(said)
        sys.stdout.flush()

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Serve the page; a cookie gives the token to what the page loads."""
        page: web.StreamResponse = await super().handle_index(request)
        if self._token:
            page.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict")
        return page

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Let a page in, with a client of its own, until either ends."""
        if self._visitors >= MOST_VISITORS:
            raise web.HTTPServiceUnavailable(text="There are too many visitors. Try again later.\n")
        width, height = (request.query.get(name, "") for name in ("width", "height"))
        size = Size(to_int(width, 80), to_int(height, 24))
        page = web.WebSocketResponse(heartbeat=15, max_msg_size=LONGEST_SAID)
        self._visitors += 1
        try:
            await page.prepare(request)
            await Visitor(self._command, page, self.download_manager).chat(size)
        except Rubbish as rubbish:
            _log.warning("%s, and is left", rubbish)
            await page.close(code=WSCloseCode.UNSUPPORTED_DATA)
        finally:
            self._visitors -= 1
            await page.close()
        return page

    def _refuse_strangers(self, request: web.Request) -> None:
        """Let no other site in: neither its pages, nor its name for our address.

        Browsers let every page open a connection to anywhere (RFC 6455, section 10.2).
        """
        if not self._is_ours(urlsplit(f"//{request.host}").hostname or ""):
            raise web.HTTPForbidden(text="This chat is only for its own address.\n")
        origin = urlsplit(request.headers.get("Origin", ""))
        if request.path == "/ws" and origin.netloc != request.host:
            raise web.HTTPForbidden(text="This chat is only for its own page.\n")
        if request.path in ("/", "/ws") and not self._is_known(request):
            raise web.HTTPForbidden(text="This chat is only for who has its address with token.\n")

    def _is_ours(self, host: str) -> bool:
        """Say whether a name is one of ours, which no other site can have; an address is none."""
        if self._place.is_local:
            return _is_loopback(host)
        own = socket.gethostname()
        names = (self._place.host, "localhost", own, f"{own}.local")
        return _address(host) is not None or host.lower() in map(str.lower, names)

    def _is_known(self, request: web.Request) -> bool:
        """Say whether somebody has the token: in the address, or since the page was opened."""
        given = (request.query.get("token", ""), request.cookies.get(self._cookie, ""))
        return any(hmac.compare_digest(one.encode(), self._token.encode()) for one in given)

    @property
    def _cookie(self) -> str:
        return f"chat-{self._place.port}"

    async def _prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let no other page show ours as a part of itself, where a click could be stolen.

        And let none learn the address that has the token in it.
        """
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"


def _in_a_line(record: logging.LogRecord) -> bool:
    """Log what is no request in one line; a fault of our own is logged in full."""
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(fault, HttpProcessingError):
        record.msg, record.args = "somebody asked what is no request, and is left", ()
        record.exc_info = None
    return True


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback
