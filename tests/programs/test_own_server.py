"""What `make chat` does: a server with the client, if none is there; and what becomes of it."""

import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_tui.screens.own_server import OwnServerScreen
from tests.programs.test_client import client, on_telnet
from tests.support.ports import free_port


def test_server_goes_on_without_its_first_client_if_that_one_wants_it(tmp_path: Path) -> None:
    """It listens where it is told, and starts wherever one is, whatever lies there."""
    port = str(free_port())
    (tmp_path / "logging.py").write_text("raise SystemExit('not the one that is meant')\n")
    settings = {"CHAT_HOST": "0.0.0.0", "CHAT_PORT": port, "PYTHONPATH": ""}
    with client(tmp_path, "--name", "alice", "--start-server", **settings) as alice:
        alice.sees("A server was started with you; the chat is")
        with on_telnet(port, "боб", host="127.0.0.2") as bob:
            alice.sees("people here (2)")
            alice.presses("\x11")
            alice.sees("боб is here")
            alice.sees("make server")
            alice.presses("\x1b")
            alice.misses("боб is here")
            alice.presses("still here\r")
            bob.hears("alice: still here")
            alice.presses("exit\r")
            alice.sees("боб is here")
            alice.presses("g")
            assert alice.ends() == 0
            bob.hears("alice left")
            alice.sees(f"The chat goes on at 127.0.0.1:{port}")
            bob.says("send all alone")
            bob.hears("боб: all alone")
            with client(tmp_path, "--name", "carol", "--start-server", **settings) as carol:
                carol.sees("all alone")
                carol.presses("\x11")
                assert carol.ends() == 0
            bob.hears("carol left")
            [number] = re.findall(rb"kill (\d+)", alice.raw)
            os.kill(int(number), signal.SIGTERM)
            bob.hears("The server is stopping. Goodbye.")


def test_a_window_that_is_closed_ends_the_chat_of_nobody_else(tmp_path: Path) -> None:
    port = str(free_port())
    with client(tmp_path, "--port", port, "--name", "alice", "--start-server") as alice:
        alice.sees("A server was started with you")
        with on_telnet(port, "bob") as bob:
            alice.sees("people here (2)")
            alice.process.send_signal(signal.SIGHUP)
            assert alice.ends() == 128 + signal.SIGHUP
            bob.hears("alice left")
            bob.says("send all alone")
            bob.hears("bob: all alone")
            [number] = re.findall(rb"kill (\d+)", alice.raw)
            os.kill(int(number), signal.SIGTERM)
            bob.hears("The server is stopping. Goodbye.")


def test_a_window_that_is_closed_with_nobody_else_there_leaves_no_server(tmp_path: Path) -> None:
    port = free_port()
    with client(tmp_path, "--port", str(port), "--name", "alice", "--start-server") as alice:
        alice.sees("A server was started with you")
        alice.process.send_signal(signal.SIGHUP)
        assert alice.ends() == 128 + signal.SIGHUP
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_of_two_who_start_in_the_same_moment_the_second_joins_the_first(tmp_path: Path) -> None:
    given = ("--port", str(free_port()), "--start-server")
    with (
        client(tmp_path, *given, "--name", "alice") as alice,
        client(tmp_path, *given, "--name", "bob") as bob,
    ):
        alice.sees("people here (2)")
        bob.sees("people here (2)")
        for person in (alice, bob):  # one of them has a server to take away
            person.process.terminate()
            person.ends()


@pytest.fixture(params=[b"HTTP/1.0 400 Bad request\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b""])
def no_chat(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let something else listen, which says this; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(request.param)

        serving = threading.Thread(target=serve)
        serving.start()
        yield str(listener.getsockname()[1])
        serving.join()


def test_port_of_something_else_is_told_with_what_to_do(tmp_path: Path, no_chat: str) -> None:
    with client(tmp_path, "--port", no_chat, "--start-server") as alice:
        assert alice.ends() == 1
        alice.sees(f"what listens on 127.0.0.1:{no_chat} is no chat")
        alice.sees(f"CHAT_PORT={int(no_chat) % 65535 + 1}")
    assert not (tmp_path / "chat.db").exists()


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (["Боб"], "Боб is here"),
        (["bob", "carol"], "bob and carol are here"),
        (list("abcdefgh"), "a, b, c, d, e and 3 more are here"),
    ],
)
def test_who_is_here_is_named_before_the_chat_ends_for_them(others: list[str], told: str) -> None:
    [asked] = OwnServerScreen(others).compose()
    assert told in str(asked.render())
