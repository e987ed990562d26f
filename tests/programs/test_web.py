"""The full-screen client in a browser: who gets it, who does not, and that two people talk."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import aiohttp
import pytest

from chat_tui.config.settings import BadSetting
from chat_tui.web.server import Place, parse_place
from tests.support.browser import browser
from tests.support.processes import end_of, killed_at_last
from tests.support.screen import PATIENCE, on_telnet, running_chat

ROOT = Path(__file__).parents[2]


async def start(
    folder: Path, *arguments: str, under: Sequence[str] = (), **variables: str
) -> Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    mine = {"PYTHONPATH": str(ROOT), "CHAT_CONFIG": str(folder / "client.toml")}
    return await asyncio.create_subprocess_exec(
        *under,
        *(sys.executable, str(ROOT / "example_client.py"), *arguments),
        cwd=folder,
        env=kept | mine | variables,
        stdout=PIPE,
        stderr=PIPE,
    )


@contextlib.asynccontextmanager
async def serving(
    folder: Path, port: int, *arguments: str, under: Sequence[str] = ()
) -> AsyncIterator[tuple[str, Process]]:
    """Serve the client; yield its address, and what serves it."""
    given = ("--serve", "127.0.0.1:0", "--port", str(port), *arguments)
    process = await start(folder, *given, under=under)
    async with killed_at_last(process):
        assert process.stdout is not None
        said = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()
        told = re.fullmatch(r"The chat is at (http://127\.0\.0\.1:\d+) .*\n", said)
        assert told is not None, said
        yield told[1], process


@contextlib.asynccontextmanager
async def served(folder: Path, port: int, *arguments: str) -> AsyncIterator[str]:
    """Serve the client; yield its address, and stop it as Ctrl+C does."""
    async with serving(folder, port, *arguments) as (url, process):
        yield url
        process.send_signal(signal.SIGINT)
        ended = await end_of(process)
        assert (ended.status, ended.stderr) == (0, "")


async def test_two_people_talk_one_of_them_in_a_browser(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        served(tmp_path, chat.port, "--name", "zoe") as url,
    ):
        async with browser(tmp_path) as page:
            await page.opens(url)
            await page.sees("zoe (you)")
            empty = await page.picture()
            await bob.hears("zoe joined")
            await bob.sends("привет, is it nice in there?")
            await page.sees("bob: привет, is it nice in there?")
            await page.writes("it is: 語 and [b]more[/b]")
            await bob.hears("zoe: it is: 語 and [b]more[/b]")
            await page.sees("zoe: it is: 語 and [b]more[/b]")
            assert await page.picture() != empty
            places = {address.split("/")[2] for address in page.asked if "://" in address}
            assert places == {url.split("/")[2]}, "the page needs something from elsewhere"
        await bob.hears("zoe left")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/ws", {"Origin": "https://evil.example"}),
        ("/ws", {}),
        ("/ws", {"Host": "evil.example:8080", "Origin": "http://evil.example:8080"}),
        ("/", {"Host": "evil.example"}),
    ],
)
async def test_no_other_site_gets_in(tmp_path: Path, path: str, headers: Mapping[str, str]) -> None:
    async with (
        running_chat() as chat,
        served(tmp_path, chat.port) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}{path}", headers=headers) as answer,
    ):
        assert answer.status == 403
        assert "only for" in await answer.text()


async def test_what_is_no_request_is_refused_in_a_line_at_most(tmp_path: Path) -> None:
    rubbish = (b"Host: [1", b"Host: 127.0.0.1\r\nOrigin: //[", b"No-Host: here")
    async with serving(tmp_path, 1) as (url, process):
        port = int(url.rpartition(":")[2])
        for head in rubbish:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\n" + head + b"\r\n\r\n")
            assert b" 400 " in await reader.readline(), head
            writer.close()
        process.send_signal(signal.SIGINT)
        ended = await end_of(process)
    assert ended.stderr == "chat-tui: somebody asked what is no request, and is left\n"


async def test_every_page_is_a_person_of_its_own_and_may_not_be_framed(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        served(tmp_path, chat.port) as url,
        aiohttp.ClientSession() as session,
    ):
        async with session.get(url) as answer:
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "https://" not in await answer.text()
        for _ in range(2):
            async with session.ws_connect(f"{url}/ws", headers={"Origin": url}):
                await bob.hears(" joined")
            await bob.hears(" left")


async def test_who_lets_others_in_is_warned(tmp_path: Path) -> None:
    process = await start(tmp_path, "--serve", "0.0.0.0:0")
    async with killed_at_last(process):
        assert process.stdout is not None
        said = [await asyncio.wait_for(process.stdout.readline(), PATIENCE) for _ in range(2)]
        assert said[1].startswith(b"WARNING: there is no password.")


async def test_a_place_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await end_of(await start(tmp_path, "--serve", str(port)))
    told = f"chat-tui: cannot listen at 127.0.0.1:{port}: address already in use\n"
    assert ended == (1, "", told)


async def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    missing = 'raise ModuleNotFoundError("gone", name="textual_serve")'
    (tmp_path / "textual_serve.py").write_text(missing)
    ended = await end_of(
        await start(tmp_path, "--serve", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    )
    install = f"{sys.executable} -m pip install textual-serve"
    told = f"chat-tui: --serve needs textual_serve: {install}\n"
    assert ended == (1, "", told)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", Place("127.0.0.1", 8080)),
        ("9000", Place("127.0.0.1", 9000)),
        ("0.0.0.0:9000", Place("0.0.0.0", 9000)),
        ("[::1]:9000", Place("::1", 9000)),
        ("localhost:", Place("localhost", 8080)),
    ],
)
def test_a_place_is_a_host_and_a_port_or_either(text: str, place: Place) -> None:
    assert parse_place(text) == place


def test_what_is_no_place_is_refused() -> None:
    with pytest.raises(BadSetting):
        parse_place("127.0.0.1:web")


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("me", False)],
)
def test_only_loopback_is_local(host: str, is_local: bool) -> None:
    assert Place(host).is_local == is_local
