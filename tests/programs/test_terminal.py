"""A terminal that goes, that cannot do what a screen needs, or that is not alone; and signals."""

import signal
from pathlib import Path

import pytest

from tests.programs.test_client import client
from tests.support.on_terminal import on_terminal
from tests.support.screen import on_telnet, running_chat


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
async def test_a_signal_makes_it_say_goodbye_and_leave(tmp_path: Path, number: int) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "боб") as bob,
        on_terminal(tmp_path, chat.port) as alice,
    ):
        await alice.sees("alice (you)")
        alice.presses("begun and not said")
        await alice.sees("begun and not said")
        alice.process.send_signal(number)
        assert await alice.ends() == 128 + number
        await bob.hears("alice left")
        await bob.says("rename alice")
        await bob.hears("боб is now known as alice")
        assert alice.raw.rfind(b"\x1b[?1049l") > alice.raw.rfind(b"\x1b[?1049h")
        assert b"Traceback" not in alice.raw


async def test_without_its_terminal_it_says_goodbye_and_ends(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_terminal(tmp_path, chat.port) as alice,
    ):
        await alice.sees("alice (you)")
        alice.goes()
        assert await alice.ends() == 128 + signal.SIGHUP
        await bob.hears("alice left")
        await bob.says("rename alice")
        await bob.hears("bob is now known as alice")


async def test_what_is_shown_goes_to_the_terminal_also_when_stderr_does_not(tmp_path: Path) -> None:
    path = tmp_path / "errors"
    with path.open("wb") as file:
        async with (
            running_chat() as chat,
            on_terminal(tmp_path, chat.port, stderr=file.fileno()) as alice,
        ):
            await alice.sees("alice (you)")
            alice.presses("\x11")
            assert await alice.ends() == 0
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "ru_RU.KOI8-R", "LANG": "ru_RU.KOI8-R"},
    ],
)
async def test_whatever_the_locale_it_writes_utf_8(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "боб") as bob,
        on_terminal(tmp_path, chat.port, variables=variables) as alice,
    ):
        await alice.sees("alice (you)")
        await bob.sends("привет, 語")
        await alice.sees("боб: привет, 語")
        alice.presses("и тебе\r")
        await bob.hears("alice: и тебе")
        assert "╭" in "".join(alice.shown()) and b"\\u" not in alice.raw


@pytest.mark.parametrize(
    ("terminal", "what"),
    [("dumb", "TERM is dumb"), ("unknown", "TERM is unknown"), ("", "TERM is not set")],
)
def test_a_terminal_without_a_screen_is_told_of_plain(
    tmp_path: Path, terminal: str, what: str
) -> None:
    with client(tmp_path, TERM=terminal) as alice:
        assert alice.ends() == 1
        told = f"chat-tui: {what}, so there is no full screen here; there is --plain\r\n"
        assert alice.raw == told.encode()


async def test_a_screen_at_rest_writes_nothing(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_terminal(tmp_path, chat.port) as alice,
    ):
        await alice.sees("alice (you)")
        await bob.sends("see http://a.b there")
        await alice.sees("bob: see")
        for keys, shown in (
            ("half a line", "half a line"),
            ("\x06there", "1 of 1"),
            ("\x1b[27u\x10", "Search for commands"),
            ("\x1b[27u\x1bOQ", "Enter takes"),
        ):
            alice.presses(keys)
            await alice.sees(shown)
            await alice.rests(1.1)  # longer than a cursor's half second, and the clock's whole one
