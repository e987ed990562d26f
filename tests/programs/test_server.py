"""The server as people start it: what it prints, logs and returns; and nc talking to it."""

import asyncio
import re
import signal
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat_server.protocol.events import Bye
from tests.support.client import PATIENCE, Client, open_socket
from tests.support.processes import (
    STARTS,
    ServerProcess,
    end_of,
    killed_at_last,
    listening,
    program,
    start,
)

FREE = {"CHAT_PORT": "0"}


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with listening("module", tmp_path, **FREE) as process:
        yield process


async def joined(process: ServerProcess, name: str) -> Client:
    client = await Client.open(process.host, process.port)
    await client.say(f"rename {name}")
    await client.expect(f"Welcome, {name}.")
    return client


@pytest.mark.parametrize("start_by", STARTS)
async def test_it_says_where_it_listens_on_a_line_of_its_own(tmp_path: Path, start_by: str) -> None:
    async with listening(start_by, tmp_path, **FREE) as process:
        assert re.fullmatch(r"listening on 127\.0\.0\.1:[1-9]\d*\n", process.said)
        await (await joined(process, "alice")).close()
        place = tmp_path / "chat.db"
        assert (await process.ended(signal.SIGTERM)).stdout == f"the chat is kept in {place}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("start_by", STARTS)
async def test_signal_ends_it_within_two_seconds_with_goodbyes(
    tmp_path: Path, start_by: str, number: int
) -> None:
    async with listening(start_by, tmp_path, **FREE, CHAT_RATE="0") as process:
        alice = await joined(process, "alice")
        ann = await Client.open(process.host, process.port)
        await ann.say("format json", "@a rename ann")
        await ann.until_answer("a")
        deaf = open_socket(process.host, process.port)
        deaf.sendall(b"rename deaf\n" + b"help\n" * 10_000)
        await alice.expect("deaf joined")
        begun = asyncio.get_running_loop().time()
        ended = await process.ended(number)
        assert asyncio.get_running_loop().time() - begun < 2
        assert ended.status == 0
        assert (await alice.rest())[-1] == "* The server is stopping. Goodbye."
        await ann.expect_event(Bye)
        assert "Traceback" not in ended.stderr
        deaf.close()
        await alice.close()
        await ann.close()


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("CHAT_PORT", "eighty", "a whole number from 0 to 65535"),
        ("CHAT_PORT", "65536", "a whole number from 0 to 65535"),
        ("CHAT_RATE", "-1", "a number from"),
        ("CHAT_BURST", "0", "a whole number from 1"),
        ("CHAT_JOURNAL", "paper:", "memory:"),
        ("CHAT_JOURNAL", "memory", "memory:"),
    ],
)
@pytest.mark.parametrize("start_by", STARTS)
async def test_bad_setting_stops_the_start_with_one_line(
    tmp_path: Path, start_by: str, variable: str, value: str, allowed: str
) -> None:
    process = await start(start_by, tmp_path, **FREE | {variable: value})
    async with killed_at_last(process):
        ended = await end_of(process)
    [line] = ended.stderr.splitlines()
    assert (ended.status, ended.stdout) == (1, "")
    for part in (variable, value, allowed):
        assert part in line


async def test_port_in_use_stops_the_start_with_one_line(
    process: ServerProcess, tmp_path: Path
) -> None:
    second = await start("module", tmp_path, CHAT_PORT=str(process.port), CHAT_JOURNAL="memory:")
    async with killed_at_last(second):
        ended = await end_of(second)
    [line] = ended.stderr.splitlines()
    assert (ended.status, ended.stdout) == (1, "")
    assert f"cannot listen on 127.0.0.1:{process.port}: Address already in use" in line


@pytest.mark.parametrize("host", ["no.such.host.invalid", "x" * 70, "203.0.113.1"])
async def test_address_that_cannot_be_had_stops_the_start_with_one_line(
    tmp_path: Path, host: str
) -> None:
    process = await start("module", tmp_path, CHAT_HOST=host, **FREE)
    async with killed_at_last(process):
        ended = await end_of(process)
    [line] = ended.stderr.splitlines()
    assert ended.status == 1
    assert f"cannot listen on {host}:0: " in line


async def test_settings_come_from_a_file_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_PORT=not-used\nCHAT_HOST=127.0.0.2\nCHAT_HISTORY=2\n")
    async with listening("module", tmp_path, **FREE) as process:
        assert process.host == "127.0.0.2"
        alice = await joined(process, "alice")
        await alice.say("send one", "send two", "send three", "history")
        await alice.expect("The last 2 messages")
        await alice.close()


async def test_it_logs_who_comes_and_goes_and_never_what_they_say(
    process: ServerProcess,
) -> None:
    alice, bob = await joined(process, "alice"), await joined(process, "bob")
    await alice.say("send open-word", "send -u bob private-word", "send -t 900 later-word")
    await alice.say("mistyped-word", "rename alicia", "exit", "exit")
    await alice.rest()
    await alice.close()
    await bob.say_bytes(b"\xfe binary-word\n" + b"x" * 10_000 + b"overlong-word\n")
    await bob.expect("! The line is longer")
    await bob.close()
    ended = await process.ended(signal.SIGTERM)
    for told in ("alice joined (127.0.0.1)", "alice is now known as alicia", "alicia left"):
        assert told in ended.stderr
    assert "-word" not in ended.stderr
    assert "127.0.0.1" not in ended.stdout


# nc


async def test_nc_says_what_is_piped_into_it(process: ServerProcess) -> None:
    """As `printf 'send hi\\n' | nc HOST PORT`: nc stays until the server closes."""
    nc_program = program("nc")
    alice = await joined(process, "alice")
    nc = await asyncio.create_subprocess_shell(
        f"printf 'send hi\\n' | {nc_program} {process.host} {process.port}",
        stdout=PIPE,
        stderr=PIPE,
    )
    await alice.expect("guest1: hi")
    await alice.close()
    ended = await process.ended(signal.SIGTERM)
    assert ended.status == 0
    assert "guest1: hi" in (await end_of(nc)).stdout


async def test_nc_that_closes_its_half_is_answered_and_ends(process: ServerProcess) -> None:
    """As `printf 'send hi\\nusers\\n' | nc -N HOST PORT`."""
    nc = await asyncio.create_subprocess_exec(
        *(program("nc"), "-N", process.host, str(process.port)),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    stdout, _ = await asyncio.wait_for(nc.communicate("send привет\nusers\n".encode()), PATIENCE)
    lines = stdout.decode().split("\r\n")
    assert lines[0].startswith("* Welcome, guest1.")
    assert lines[1].endswith("guest1: привет")
    assert lines[2:] == ["* 1 person is here:", "  guest1", "* Goodbye.", ""]
