"""Visitors in browsers: what their pages may say, how many there may be, and who may come."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiohttp
import pyte
import pytest
from aiohttp import WSMsgType, web

from chat_tui.web import server as under_test
from chat_tui.web import visitors as processes
from chat_tui.web.server import Pages, Place
from chat_tui.web.visitors import HIGHEST, WIDEST, Rubbish, Said, Size, parse_said
from tests.programs.test_web import served, serving
from tests.support.processes import end_of, program
from tests.support.screen import PATIENCE, on_telnet, running_chat, until

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pid = str(os.getpid()).encode()
sys.stdout.buffer.write(b"__GANGLION__\\nD" + len(pid).to_bytes(4, "big") + pid)
sys.stdout.buffer.flush()
time.sleep(1000)
"""
"""A client that says its number, and never goes by itself."""
TOKEN = "a-token"
Page = aiohttp.ClientWebSocketResponse[bool]


@contextlib.asynccontextmanager
async def opened(
    host: str = "127.0.0.1", token: str = "", program: str = STUBBORN
) -> AsyncIterator[str]:
    """Serve pages in this process, as if for a host; yield where."""
    pages = Pages([sys.executable, "-c", program], Place(host), token)
    runner = web.AppRunner(await pages.application(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Page]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/ws", headers={"Origin": url}) as page,
    ):
        yield page


async def client_of(page: Page) -> int:
    return int(await asyncio.wait_for(page.receive_bytes(), PATIENCE))


def is_running(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('["stdin", "при\\u0432ет"]', Said("stdin", "привет")),
        ('["resize", {"width": 80, "height": 24}]', Said("resize", Size(80, 24))),
        ('["ping", "17"]', Said("ping", "17")),
        ('["blur"]', Said("blur", None)),
        ('["focus"]', Said("focus", None)),
    ],
)
def test_what_our_page_says_is_understood(text: str, said: Said) -> None:
    assert parse_said(text) == said


RUBBISH = [
    "",
    "no JSON",
    "{}",
    "[]",
    "5",
    "[5]",
    '["stdin"]',
    '["stdin", 5]',
    '["stdin", null]',
    '["stdin", "\\ud800"]',
    '["resize", {"width": "80", "height": 24}]',
    '["resize", {"width": 80}]',
    '["resize", [80, 24]]',
    '["resize", {"width": 1e400, "height": 24}]',
    '["ping", {"a": 1}]',
    '["exec", "ls"]',
    '["stdin", ' + "[" * 100_000 + "]" * 100_000 + "]",
]


@pytest.mark.parametrize("number", range(len(RUBBISH)))
def test_what_no_page_of_ours_says_is_rubbish(number: int) -> None:
    with pytest.raises(Rubbish):
        parse_said(RUBBISH[number])


@pytest.mark.parametrize(
    ("size", "bounded"),
    [
        (Size(100_000, 100_000), Size(WIDEST, HIGHEST)),
        (Size(10**18, -5), Size(WIDEST, 1)),
        (Size(0, 0), Size(1, 1)),
        (Size(80, 24), Size(80, 24)),
    ],
)
def test_a_size_is_bounded(size: Size, bounded: Size) -> None:
    assert size.bounded == bounded


@pytest.mark.parametrize("rubbish", ['["stdin", 5]', "no JSON", b"bytes", "x" * 2_000_000])
async def test_rubbish_closes_its_page_with_one_line_in_the_log(
    rubbish: str | bytes, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.01)
    async with opened() as url, visiting(url) as page, visiting(url) as other:
        process = await client_of(page)
        if isinstance(rubbish, bytes):
            await page.send_bytes(rubbish)
        else:
            await page.send_str(rubbish)
        ended = await asyncio.wait_for(page.receive(), PATIENCE)
        assert ended.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING)
        await until(lambda: not is_running(process), "its end")
        assert is_running(await client_of(other))
    told = [each for each in caplog.records if each.name.startswith(("chat_tui", "textual"))]
    assert len(told) == 1 and "a page said" in told[0].getMessage()
    assert "\n" not in told[0].getMessage() and told[0].exc_info is None


async def test_a_client_that_does_not_go_is_ended_with_its_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.05)
    async with opened() as url:
        async with visiting(url) as page:
            process = await client_of(page)
        await until(lambda: not is_running(process), "its end")


async def test_where_a_client_ends_its_page_does_too() -> None:
    async with opened(program="print('__GANGLION__')") as url, visiting(url) as page:
        ended = await asyncio.wait_for(page.receive(), PATIENCE)
        assert ended.type == WSMsgType.CLOSE


async def test_there_are_only_so_many_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "MOST_VISITORS", 1)
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.01)
    async with opened() as url:
        async with visiting(url) as page:
            process = await client_of(page)
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with visiting(url):
                    pass
            assert refused.value.status == 503
        await until(lambda: not is_running(process))
        await asyncio.wait_for(_comes_in(url), PATIENCE)


async def _comes_in(url: str) -> None:
    """Visit as soon as there is room: the one before is let go a moment after its process."""
    while True:
        with contextlib.suppress(aiohttp.WSServerHandshakeError):
            async with visiting(url) as page:
                await client_of(page)
                return


# Who may come where others can get to


async def status_of(url: str, path: str, **headers: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.text()


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", "/ws", "/ws?token=wrong"])
async def test_without_the_token_nobody_comes_in(path: str) -> None:
    async with opened("0.0.0.0", TOKEN) as url:
        status, text = await status_of(url, path, Origin=url)
        assert (status, text) == (403, "This chat is only for who has its address with token.\n")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "0.0.0.0.evil.example"])
@pytest.mark.parametrize("path", ["/", "/ws"])
async def test_nobody_comes_in_by_the_name_of_another_site(host: str, path: str) -> None:
    async with opened("0.0.0.0", TOKEN) as url:
        status, text = await status_of(
            url, f"{path}?token={TOKEN}", Host=host, Origin=f"http://{host}"
        )
        assert (status, text) == (403, "This chat is only for its own address.\n")


async def test_no_page_of_another_site_speaks_here_even_with_the_token() -> None:
    async with opened("0.0.0.0", TOKEN) as url:
        for origin in ("https://evil.example", "null"):
            status, _ = await status_of(url, f"/ws?token={TOKEN}", Origin=origin)
            assert status == 403


async def test_with_the_token_one_comes_in_and_the_page_keeps_it_for_itself() -> None:
    async with (
        opened("0.0.0.0", TOKEN) as url,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
    ):
        async with session.get(f"{url}/?token={TOKEN}") as answer:
            assert answer.status == 200
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            (cookie,) = answer.cookies.values()
            assert cookie["httponly"] and cookie["samesite"] == "Strict"
        async with session.ws_connect(f"{url}/ws", headers={"Origin": url}) as page:
            await client_of(page)
        async with session.get(url) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_this_machine_has_many_names(host: str) -> None:
    async with opened("127.0.0.2") as url:
        status, _ = await status_of(url, "/", Host=f"{host}:8080")
        assert status == 200


# What visitors leave behind


LIKES = 'theme = "nord"\nmoves = "none"\n'


class AtPage:
    """Somebody who sees what a page shows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)

    async def sees(self, part: str) -> None:
        while part not in "\n".join(self._screen.display):
            self._stream.feed(await asyncio.wait_for(self.page.receive_bytes(), PATIENCE))

    async def enters(self, line: str, shown: str) -> None:
        """Type a line, send it once it is there, and wait for what it shows."""
        await self.page.send_json(["stdin", line])
        await self.sees(line)
        await self.page.send_json(["stdin", "\r"])
        await self.sees(shown)


@pytest.mark.parametrize("before", [None, LIKES])
async def test_a_visitor_never_changes_the_owners_file(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "client.toml"
    if before is not None:
        path.write_text(before)
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "боб") as bob,
        served(tmp_path, chat.port, "--name", "zoe") as url,
        visiting(url) as page,
    ):
        await bob.hears("zoe joined")
        zoe = AtPage(page)
        await zoe.sees("zoe (you)")
        await zoe.enters("/ignore mallory", "Nothing of mallory")
        await zoe.enters("/moves smart", "You are told of people")
        await page.close()
        await bob.hears("zoe left")
        await bob.says("rename zoe")
        await bob.hears("боб is now known as zoe")
    assert (path.read_text() if path.exists() else None) == before


async def test_clients_end_when_who_serves_them_is_killed(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        serving(tmp_path, chat.port, "--name", "zoe") as (url, process),
        visiting(url),
    ):
        await bob.hears("zoe joined")
        process.kill()
        await bob.hears("zoe left")
        await bob.says("rename zoe")
        await bob.hears("bob is now known as zoe")


@pytest.mark.parametrize("under", [[], ["nohup"]])
async def test_a_hang_up_ends_it_unless_it_is_to_stay(tmp_path: Path, under: Sequence[str]) -> None:
    programs = [program(name) for name in under]
    async with (
        running_chat() as chat,
        serving(tmp_path, chat.port, under=programs) as (url, process),
    ):
        process.send_signal(signal.SIGHUP)
        if under:
            assert (await status_of(url, "/"))[0] == 200
        else:
            assert (await end_of(process)).status == 128 + signal.SIGHUP
