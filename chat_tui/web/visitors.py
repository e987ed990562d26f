"""A visitor in a browser: the process that chats for them, and what their page may say to it.

The page of textual-serve sends lists in JSON over a WebSocket; others that connect may send
anything.
"""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiohttp import WebSocketError, WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

WIDEST, HIGHEST = 400, 150
"""Columns and rows that a visitor's terminal has at the most."""
LONGEST_SAID = 1024 * 1024
"""Bytes that a page may say at once; a paste comes so."""
STOP_SECONDS = 3.0
"""How long a visitor's client may take to say goodbye."""
_PACKAGES = str(Path(__file__).parents[2])


class Size(msgspec.Struct, frozen=True):
    """How large somebody says that their terminal is."""

    width: int
    height: int

    @property
    def bounded(self) -> "Size":
        """The size within our limits."""
        return Size(max(1, min(self.width, WIDEST)), max(1, min(self.height, HIGHEST)))


class Said(NamedTuple):
    """What a page says: what is typed, its size, a word to get back, whether it is looked at."""

    kind: str
    body: str | Size | None


class Rubbish(ValueError):
    """Something that no page of ours says."""


_BODIES: dict[str, type[str] | type[Size] | None] = {
    "stdin": str,
    "resize": Size,
    "ping": str,
    "blur": None,
    "focus": None,
}


def parse_said(text: str) -> Said:
    """Read what a page says. Raises Rubbish."""
    try:
        first, *rest = msgspec.json.decode(text, type=list[msgspec.Raw])
        kind = msgspec.json.decode(first, type=str)
        body = _BODIES[kind]
        return Said(kind, None if body is None else msgspec.json.decode(rest[0], type=body))
    except (ValueError, LookupError, RecursionError) as error:
        raise Rubbish(f"a page said {text[:60]!r}") from error


class Visitor(AppService):
    """The client of a visitor; nothing of it is left when it is stopped."""

    def __init__(
        self, command: Sequence[str], page: web.WebSocketResponse, downloads: DownloadManager
    ) -> None:
        super().__init__(
            "",
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=self._leave_page,
            download_manager=downloads,
        )
        self._command = command
        self._page = page

    async def chat(self, size: Size) -> None:
        """Run the client until it ends or the page goes. Raises Rubbish."""
        await self.start(*msgspec.structs.astuple(size.bounded))
        try:
            async for message in self._page:
                if message.type == WSMsgType.TEXT:
                    await self._take(parse_said(message.data))
                elif message.type == WSMsgType.BINARY or isinstance(message.data, WebSocketError):
                    raise Rubbish("a page said what is no text, or is too long")
        finally:
            await self.stop()

    async def _take(self, said: Said) -> None:
        match said:
            case Said("stdin", str(typed)):
                await self.send_bytes(typed.encode())
            case Said("resize", Size() as size):
                await self.set_terminal_size(size.bounded.width, size.bounded.height)
            case Said("ping", word):
                await self._page.send_json(["pong", word])
            case Said("blur"):
                await self.blur()
            case Said("focus"):
                await self.focus()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the client, without a shell, wherever it is installed."""
        environment = self._build_environment(width=width, height=height)
        known = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{_PACKAGES}{os.pathsep}{known}" if known else _PACKAGES
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
        )
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Show what the client says; when it has ended, close its page."""
        try:
            await super().run()
        finally:
            await self._leave_page()

    async def _leave_page(self) -> None:
        await self._page.close()

    async def stop(self) -> None:
        """Let the client say goodbye, and end it where it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        ending = asyncio.create_task(self._ended(process))
        try:
            await asyncio.wait({ending}, timeout=STOP_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
            await ending

    async def _ended(self, process: Process) -> None:
        await super().stop()
        await process.wait()
