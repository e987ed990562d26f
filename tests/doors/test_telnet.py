"""The real telnet client under a terminal, without any setting."""

import asyncio
import os
import pty
from collections.abc import AsyncIterator

import pytest

from chat_server.clock import SystemClock
from tests.conftest import Serve
from tests.support.client import PATIENCE, Client
from tests.support.processes import killed_at_last, program
from tests.support.running import Running


@pytest.fixture
async def server(serve: Serve) -> Running:
    """One where silence makes a guest, as whoever uses telnet waits for it."""
    return await serve(clock=SystemClock())


class Telnet:
    """A terminal with telnet in it: what is typed, and what it shows."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._shown = b""
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(terminal, self._show)

    def _show(self) -> None:
        try:
            self._shown += os.read(self._terminal, 65536)
        except OSError:  # Linux's way to say that the program at the other side has ended.
            asyncio.get_running_loop().remove_reader(self._terminal)
        self._more.set()

    def type(self, line: str) -> None:
        os.write(self._terminal, f"{line}\r".encode())

    async def shows(self, text: str) -> None:
        """Wait until a text is shown, and forget what was shown up to it."""
        while text.encode() not in self._shown:
            self._more.clear()
            try:
                await asyncio.wait_for(self._more.wait(), PATIENCE)
            except asyncio.TimeoutError:
                pytest.fail(f"no {text}; shown: {self._shown.decode(errors='replace')}")
        self._shown = self._shown.partition(text.encode())[2]

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._terminal)
        os.close(self._terminal)


@pytest.fixture
async def telnet(server: Running) -> AsyncIterator[Telnet]:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(program("telnet"), server.host, str(server.port)),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    telnet = Telnet(ours)
    async with killed_at_last(process):
        yield telnet
        telnet.close()


async def test_telnet_user_chats_in_cyrillic(alice: Client, telnet: Telnet) -> None:
    await telnet.shows("* Welcome, guest1. 2 people are here: alice, guest1.")
    telnet.type("rename Вера")
    await telnet.shows("* guest1 is now known as Вера")
    telnet.type("send привет, это telnet")
    await telnet.shows("] Вера: привет, это telnet")
    await alice.expect("Вера: привет, это telnet")
    await alice.say("send и тебе привет: я рада")
    await telnet.shows("] alice: и тебе привет: я рада")
    telnet.type("exit")
    await telnet.shows("* Goodbye.")
    await telnet.shows("Connection closed by foreign host.")
    await alice.expect("* Вера left")


async def test_telnet_user_is_told_what_was_wrong(alice: Client, telnet: Telnet) -> None:
    await telnet.shows("* Welcome, guest1.")
    telnet.type("hello")
    await telnet.shows("! Unknown command: hello. To say it to everyone: send hello")
    telnet.type("/send -u alice still here")
    await telnet.shows("guest1 -> alice: still here")


async def test_letters_that_telnet_takes_for_control_keys_come_through(
    alice: Client, telnet: Telnet
) -> None:
    """Without binary mode GNU telnet sends its own commands for bytes of я and у."""
    await telnet.shows("* Welcome, guest1.")
    telnet.type("send я тут")
    await telnet.shows("] guest1: я тут")
    await alice.expect("guest1: я тут")


async def test_once_telnet_is_known_every_letter_comes_through(
    alice: Client, telnet: Telnet
) -> None:
    letters = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
    await telnet.shows("* Welcome, guest1.")
    telnet.type("users")
    await telnet.shows("  alice, guest1")
    telnet.type(f"send {letters.upper()} {letters}")
    await alice.expect(f"guest1: {letters.upper()} {letters}")


async def test_a_first_line_that_telnet_garbled_is_refused_and_the_next_comes_through(
    alice: Client, telnet: Telnet
) -> None:
    await telnet.shows("* Welcome, guest1.")
    telnet.type("send хорошо")
    await telnet.shows("! The line is not UTF-8")
    telnet.type("send хорошо")
    await alice.expect("guest1: хорошо")
