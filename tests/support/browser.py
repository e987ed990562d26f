"""A headless Chromium that opens one page and is driven by its own protocol.

The protocol is https://chromedevtools.github.io/devtools-protocol/. The terminal in the page is a
picture, so what it shows is known by what it is sent; that it draws is known by its pixels.
"""

import asyncio
import base64
import contextlib
import json
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pyte

from tests.support.processes import killed_at_last, program
from tests.support.screen import PATIENCE, until

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    "--window-size=1200,800",
)
START_SECONDS = 60.0
"""How long the browser may take to start."""

Answer = dict[str, object]


class Page:
    """What somebody sees and does in a page with a terminal."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        self.asked: list[str] = []
        """The addresses that the page has asked for."""
        self._socket = socket
        self._screen = pyte.Screen(140, 50)
        self._stream = pyte.ByteStream(self._screen)
        self._answers: dict[int, Answer] = {}
        self._sent = 0

    async def listen(self) -> None:
        """Take in what the browser tells, until it is closed."""
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers[told["id"]] = told
            elif told["method"] == "Network.requestWillBeSent":
                self.asked.append(told["params"]["request"]["url"])
            elif told["method"] == "Network.webSocketCreated":
                self.asked.append(told["params"]["url"])
            elif told["method"] == "Network.webSocketFrameReceived":
                frame = told["params"]["response"]
                if frame["opcode"] == 2:
                    self._stream.feed(base64.b64decode(frame["payloadData"]))

    async def does(self, method: str, parameters: Mapping[str, object] | None = None) -> Answer:
        """Have the browser do something; return its answer."""
        self._sent += 1
        number = self._sent
        await self._socket.send_json({"id": number, "method": method, "params": parameters or {}})
        await until(lambda: number in self._answers, f"an answer to {method}")
        return self._answers.pop(number)

    async def opens(self, url: str) -> None:
        for domain in ("Network", "Page"):
            await self.does(f"{domain}.enable")
        await self.does("Page.navigate", {"url": url})

    async def writes(self, line: str) -> None:
        """Write a line as with a keyboard, Enter included."""
        await self.does("Input.insertText", {"text": line})
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        await self.does("Input.dispatchKeyEvent", {"type": "keyDown"} | enter)

    async def sees(self, part: str) -> None:
        await until(lambda: part in "\n".join(self._screen.display), f"{part!r} in the browser")

    async def picture(self) -> bytes:
        """Take a picture of the page, as PNG."""
        answer = await self.does("Page.captureScreenshot", {"format": "png"})
        result = answer["result"]
        assert isinstance(result, dict)
        return base64.b64decode(result["data"])


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """Start a browser with an empty page; close it in the end."""
    process = await asyncio.create_subprocess_exec(
        program("chromium"),
        *OPTIONS,
        f"--user-data-dir={folder / 'chromium'}",
        "about:blank",
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
    )
    async with killed_at_last(process), aiohttp.ClientSession() as session:
        assert process.stderr is not None
        said = ""
        while not said.startswith("DevTools listening on "):
            said = (await asyncio.wait_for(process.stderr.readline(), START_SECONDS)).decode()
            assert said, "the browser did not start"
        reading = asyncio.create_task(process.stderr.read())
        address = said.split("/")[2]
        async with session.get(f"http://{address}/json") as listed:
            (target,) = [page for page in await listed.json() if page["type"] == "page"]
        async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            yield page
            await socket.send_json({"id": 0, "method": "Browser.close"})
            await asyncio.wait_for(asyncio.gather(listening, process.wait()), PATIENCE)
        await reading
