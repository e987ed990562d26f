"""Both programs for real: as processes, the client on a terminal of 80 by 24."""

import contextlib
import fcntl
import os
import pty
import queue
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which what was waited for counts as never coming."""
SHOW_ALTERNATE, LEAVE_ALTERNATE = b"\x1b[?1049h", b"\x1b[?1049l"
TAKES_PASTES = b"\x1b[?2004h"
"""What the client says once keys are its own."""


def environment(**variables: str) -> dict[str, str]:
    """What the programs find, whoever runs the tests: no CHAT_… of theirs, and a terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    return kept | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT)} | variables


class Terminal:
    """A terminal with a program on it, and what one sees there."""

    def __init__(self, arguments: list[str], folder: Path, variables: dict[str, str]) -> None:
        self.raw = b""
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self._end, program_end = pty.openpty()
        fcntl.ioctl(program_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._settings = termios.tcgetattr(self._end)
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "example_client.py"), *arguments],
            stdin=program_end,
            stdout=program_end,
            stderr=program_end,
            cwd=folder,
            env=environment(CHAT_CONFIG=str(folder / "client.toml"), **variables),
            start_new_session=True,
        )
        self._program_end = os.fdopen(program_end, "wb", buffering=0)
        self._written: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._take_in, daemon=True)
        self._reader.start()

    def _take_in(self) -> None:
        """Take in what is written, whatever else one waits for: a full terminal stops a program."""
        with contextlib.suppress(OSError):
            while said := os.read(self._end, 65536):
                self._written.put(said)

    def presses(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def sees(self, part: str) -> None:
        self._until(lambda: part in "\n".join(self._screen.display), part)

    def is_written_over(self, text: str) -> None:
        """Let another program write on the terminal, when the client is done for a moment."""
        while self._read(0.2):
            pass
        self._stream.feed(f"\x1b[10;10H{text}".encode())

    def stops(self, number: int) -> None:
        """Stop the program by a signal, and wait until it is."""
        self.process.send_signal(number)
        status = Path(f"/proc/{self.process.pid}/stat")
        self._until(lambda: status.read_text().rpartition(") ")[2][0] == "T", "its stop")

    def goes_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def misses(self, part: str) -> None:
        self._until(lambda: part not in "\n".join(self._screen.display), f"no {part}")

    def comes_back(self) -> None:
        """Wait until the client has the terminal again, after it lent it to another program."""
        self._until(
            lambda: self.raw.rfind(TAKES_PASTES) > self.raw.rfind(LEAVE_ALTERNATE), "its return"
        )

    def ends(self) -> int:
        """Wait for the program's end; return its exit status."""
        self._until(lambda: self.process.poll() is not None, "its end")
        self._program_end.close()
        self._reader.join(PATIENCE)  # now that nobody is left who could write more
        while self._read(0):
            pass
        return self.process.returncode

    def is_as_before(self) -> bool:
        """Say whether the terminal is back to how the program found it."""
        is_left = self.raw.rfind(LEAVE_ALTERNATE) > self.raw.rfind(SHOW_ALTERNATE) >= 0
        return is_left and termios.tcgetattr(self._end) == self._settings

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._program_end.close()
        self._reader.join(PATIENCE)
        os.close(self._end)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            shown = "\n".join(self._screen.display)
            assert time.monotonic() < end, f"waited in vain for {what} on\n{shown}"
            self._read(0.05)

    def _read(self, seconds: float) -> bool:
        """Show what was written; say whether something was, within some seconds."""
        try:
            said = self._written.get(timeout=seconds)
        except queue.Empty:
            return False
        self.raw += said
        self._stream.feed(said)
        return True


@contextlib.contextmanager
def client(folder: Path, *arguments: str, **variables: str) -> Iterator[Terminal]:
    terminal = Terminal(list(arguments), folder, variables)
    try:
        yield terminal
    finally:
        terminal.close()


@contextlib.contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server on a free port; yield the port."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "example_server.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment(CHAT_PORT="0"),
    )
    try:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], PATIENCE)[0], "the server says nothing"
        ready = re.fullmatch(rb"listening on 127\.0\.0\.1:(\d+)\n", process.stdout.readline())
        assert ready is not None
        yield ready[1].decode()
    finally:
        process.terminate()
        try:
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.wait(PATIENCE)
            if process.stdout is not None:
                process.stdout.close()


class OnTelnet:
    """A second person, on a bare connection."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self._connection = connection
        self._lines = connection.makefile("r", encoding="utf-8", newline="\r\n")

    def says(self, line: str) -> None:
        self._connection.sendall(f"{line}\r\n".encode())

    def hears(self, part: str) -> str:
        return next(line for line in self._lines if part in line)

    def close(self) -> None:
        self._lines.close()


@contextlib.contextmanager
def on_telnet(port: str, name: str, host: str = "127.0.0.1") -> Iterator[OnTelnet]:
    with (
        socket.create_connection((host, int(port)), PATIENCE) as connection,
        contextlib.closing(OnTelnet(connection)) as person,
    ):
        person.says(f"rename {name}")
        person.hears("Welcome")
        yield person


def test_two_people_chat(tmp_path: Path) -> None:
    with (
        server(tmp_path) as port,
        on_telnet(port, "Борис") as boris,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        boris.hears("alice joined")
        alice.sees("people here (2)")
        boris.says("send Привет, мир")
        alice.sees("Борис: Привет, мир")
        alice.presses("И тебе привет\r")
        assert boris.hears("alice: ").endswith("alice: И тебе привет\r\n")
        alice.sees("alice: И тебе привет")


def test_a_scheduled_message_comes_into_its_pane_and_leaves_it(tmp_path: Path) -> None:
    with (
        server(tmp_path) as port,
        on_telnet(port, "bob") as bob,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses("send later -t 2\r")
        alice.sees("scheduled (1)")
        alice.sees("to everyone")
        alice.sees("alice (scheduled 1): later")
        alice.misses("scheduled (1)")
        alice.sees("Nothing yet.")
        bob.hears("alice: later")


@pytest.mark.parametrize("keys", ["\x11", "exit\r"])
def test_quitting_ends_well_and_leaves_the_terminal_as_it_was(tmp_path: Path, keys: str) -> None:
    with (
        server(tmp_path) as port,
        on_telnet(port, "bob") as bob,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(keys)
        assert alice.ends() == 0
        assert alice.is_as_before()
        bob.hears("alice left")


def test_what_another_program_wrote_over_the_screen_goes_away_on_ctrl_l(tmp_path: Path) -> None:
    with server(tmp_path) as port, client(tmp_path, "--port", port, "--name", "alice") as alice:
        alice.sees("alice (you)")
        alice.is_written_over("wall: going down")
        alice.sees("wall: going down")
        alice.presses("\x0c")
        alice.misses("wall: going down")
        alice.sees("alice (you)")


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_the_screen_is_written_anew_when_a_stopped_client_goes_on(
    tmp_path: Path, number: int
) -> None:
    with server(tmp_path) as port, client(tmp_path, "--port", port, "--name", "alice") as alice:
        alice.sees("alice (you)")
        alice.presses("begun")
        alice.sees("begun")
        alice.stops(number)
        alice.is_written_over("$ ls")
        alice.sees("$ ls")
        alice.goes_on()
        alice.misses("$ ls")
        alice.sees("alice (you)")
        alice.presses("!")
        alice.sees("begun!")


def test_without_colours_none_is_sent(tmp_path: Path) -> None:
    with server(tmp_path) as port, client(tmp_path, "--port", port, NO_COLOR="1") as alice:
        alice.sees("(you)")
        colours = re.compile(rb"\x1b\[[0-9;]*?(?<![0-9])(3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;[25])")
        assert colours.search(alice.raw) is None


def test_fast_typing_is_not_mixed_up(tmp_path: Path) -> None:
    with (
        server(tmp_path) as port,
        on_telnet(port, "bob") as bob,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses("one\rtwp\x7fo\rthree\r")
        said = [bob.hears("alice: ").partition("alice: ")[2].strip() for _ in range(3)]
        assert said == ["one", "two", "three"]


def test_the_client_brings_its_own_server_and_takes_it_away(tmp_path: Path) -> None:
    port = str(free_port())
    with client(tmp_path, "--port", port, "--name", "alice", "--start-server") as alice:
        alice.sees("alice (you)")
        with on_telnet(port, "bob") as bob:
            alice.sees("people here (2)")
            alice.presses("\x11")
            alice.sees("bob is here")
            alice.presses("e")
            bob.hears("The server is stopping. Goodbye.")
            assert alice.ends() == 0
    with pytest.raises(ConnectionRefusedError), on_telnet(port, "bob"):
        pass


def test_a_server_that_is_there_is_used_and_left(tmp_path: Path) -> None:
    with server(tmp_path) as port:
        with client(tmp_path, "--port", port, "--name", "alice", "--start-server") as alice:
            alice.sees("alice (you)")
            alice.presses("\x11")
            assert alice.ends() == 0
        with on_telnet(port, "bob") as bob:
            bob.says("users")
            bob.hears("1 person is here")


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_JOURNAL=stone:tablet\n")
    with client(tmp_path, "--port", str(free_port()), "--start-server") as alice:
        assert alice.ends() == 1
        alice.sees("chat-tui: the server did not start:")
        alice.sees("there is no journal 'stone:tablet'")
