"""The server on machines that are not as one wishes: its streams, its folder, its settings."""

import asyncio
import contextlib
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.environment import NAMES, BadSetting, CannotRead, variables
from chat_server.listening import listening as listening_at
from chat_server.log import WAITING, LineWriter
from chat_server.protocol.events import Bye
from chat_server.turned_away import SeldomLogged
from tests.support.client import PATIENCE, Client, open_socket
from tests.support.clock import FakeClock
from tests.support.ports import free_port
from tests.support.processes import (
    ROOT,
    ServerProcess,
    end_of,
    killed_at_last,
    listening,
    program,
    start,
)

MEMORY = {"CHAT_PORT": "0", "CHAT_JOURNAL": "memory:"}


# What is set


def test_service_links_are_ignored_and_told_of_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_PORT=7000\n")
    links = {
        "CHAT_PORT": "tcp://10.0.0.5:8000",
        "CHAT_PORT_8000_TCP": "tcp://10.0.0.5:8000",
        "CHAT_PORT_8000_TCP_ADDR": "10.0.0.5",
        "CHAT_PORT_8000_TCP_PORT": "8000",
        "CHAT_PORT_8000_TCP_PROTO": "tcp",
        "CHAT_SERVICE_HOST": "10.0.0.5",
        "CHAT_SERVICE_PORT": "8000",
        "CHAT_SERVICE_PORT_LINES": "8000",
        "CHAT_NAME": "/web/chat",
        "CHAT_ENV_PATH": "/bin",
        "CHAT_DB_PORT": "udp://10.0.0.6:1",
    }
    given, [warning] = variables(tmp_path, links)
    assert given == {"CHAT_PORT": "7000"}
    assert all(name in warning for name in links)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CHAT_PROT", "did you mean CHAT_PORT?"),
        ("chat_host", "did you mean CHAT_HOST?"),
        ("CHAT_MUTESECONDS", "did you mean CHAT_MUTE_SECONDS?"),
        ("CHAT_TOPIC", ".env.example lists what there is"),
    ],
)
@pytest.mark.parametrize("is_in_file", [True, False])
def test_misspelt_name_is_told_with_the_nearest_one(
    tmp_path: Path, name: str, meant: str, is_in_file: bool
) -> None:
    environment = {name: "1"}
    if is_in_file:
        (tmp_path / ".env").write_text(f"{name}=1\n")
        environment = {}
    _, [warning] = variables(tmp_path, environment)
    assert warning.startswith(f"{name} is no setting")
    assert warning.endswith(meant)


def test_every_setting_that_is_explained_is_known() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    assert set(re.findall(r"^#? ?(CHAT_[A-Z_]+)=", example, re.MULTILINE)) <= set(NAMES)


def test_names_of_others_are_no_business_of_ours(tmp_path: Path) -> None:
    others = {"CHATTER": "1", "PATH": "/bin", "CHATGPT_KEY": "x"}
    assert variables(tmp_path, others).warnings == ()
    assert variables(tmp_path, dict.fromkeys(NAMES, "1")).warnings == ()


def test_what_is_empty_in_the_environment_leaves_the_file_its_say(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_PORT=7000\nCHAT_NAME=Ян\n")
    given = variables(tmp_path, {"CHAT_PORT": "", "CHAT_NAME": " "}).given
    assert given == {"CHAT_PORT": "7000", "CHAT_NAME": "Ян"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("CHAT_NAME=été\n".encode("latin-1"), "is not UTF-8 (byte 11 is 0xe9)"),
        ("CHAT_NAME=Ян\n".encode("cp1251"), "is not UTF-8 (byte 11 is 0xdf)"),
        ("CHAT_PORT=1\n".encode("utf-16"), "is not UTF-8 (byte 1 is 0xff)"),
        ("CHAT_PORT=1\n".encode("utf-16-le"), "perhaps UTF-16"),
    ],
)
def test_file_that_is_not_utf_8_is_named_with_what_to_do(
    tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(CannotRead) as caught:
        variables(tmp_path, {})
    assert str(tmp_path / ".env") in str(caught.value)
    assert why in str(caught.value)
    assert str(caught.value).endswith("save it as UTF-8")


def test_mark_at_the_beginning_of_the_file_belongs_to_no_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_PORT=7000\n", encoding="utf-8-sig")
    assert variables(tmp_path, {}) == ({"CHAT_PORT": "7000"}, ())


def test_folder_in_the_place_of_the_file_is_told_of_and_not_read(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    given, [warning] = variables(tmp_path, {"CHAT_PORT": "7000"})
    assert given == {"CHAT_PORT": "7000"}
    assert f"{tmp_path / '.env'} is a folder" in warning


def test_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(".env")
    with pytest.raises(CannotRead, match=r"cannot read .*/\.env: .*Make it readable"):
        variables(tmp_path, {})


def test_control_characters_are_in_no_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('CHAT_HOST="a\\nb"\n')
    with pytest.raises(BadSetting, match=r"CHAT_HOST is 'a\\nb'; allowed: text without control"):
        variables(tmp_path, {})


# The start of the process


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"CHAT_JOURNAL": "sqlite::memory:"}, ("CHAT_JOURNAL", "sqlite::memory:", "memory: is")),
        ({"CHAT_JOURNAL": "sqlite:~nosuch/chat.db"}, ("CHAT_JOURNAL", "~nosuch/chat.db", "home")),
        ({"CHAT_HOST": " , "}, ("CHAT_HOST", "','", "host names or addresses")),
        ({"CHAT_HOST": "127.0.0.1,no.such.host.invalid"}, ("no.such.host.invalid", "CHAT_HOST")),
    ],
)
async def test_what_cannot_be_had_stops_the_start_with_one_line(
    tmp_path: Path, given: dict[str, str], parts: tuple[str, ...]
) -> None:
    process = await start("module", tmp_path, **MEMORY | given)
    async with killed_at_last(process):
        ended = await end_of(process)
    [line] = ended.stderr.splitlines()
    assert (ended.status, ended.stdout) == (1, "")
    assert all(part in line for part in parts)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_too_few_open_files_stop_the_start_with_one_line(tmp_path: Path, loop: str) -> None:
    under = (program("prlimit"), "--nofile=12")
    process = await start("module", tmp_path, under=under, CHAT_PORT="0", CHAT_LOOP=loop)
    async with killed_at_last(process):
        ended = await end_of(process)
    [line] = ended.stderr.splitlines()
    assert (ended.status, ended.stdout) == (1, "")
    assert "12 open files" in line


async def test_home_folder_is_where_its_sign_stands(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "CHAT_JOURNAL": "sqlite:~/чат.db"}
    async with listening("module", tmp_path, **MEMORY | home) as process:
        ended = await process.ended(signal.SIGTERM)
    assert ended.stdout == f"the chat is kept in {tmp_path}/чат.db\n"
    assert (tmp_path / "чат.db").is_file()


@pytest.mark.parametrize("program", ["example_server.py", "example_client.py"])
def test_folder_that_is_gone_stops_the_start_with_one_line(tmp_path: Path, program: str) -> None:
    command = 'mkdir gone; cd gone; rmdir "$PWD"; exec "$@"'
    arguments = ["--plain"] if "client" in program else []
    ended = subprocess.run(
        ["sh", "-c", command, "sh", sys.executable, str(ROOT / program), *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    [line] = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "the folder in which this was started" in line


# Streams


@pytest.mark.parametrize(
    ("redirection", "why"),
    [
        (">&-", "Bad file descriptor"),
        ("> /dev/full", "No space left on device"),
        ("<&- >&-", "Bad file descriptor"),
    ],
)
async def test_where_it_listens_is_logged_where_stdout_does_not_take_it(
    tmp_path: Path, redirection: str, why: str
) -> None:
    under = ("sh", "-c", f'exec "$@" {redirection}', "sh")
    process = await start("module", tmp_path, under=under, **MEMORY)
    async with killed_at_last(process):
        assert process.stderr is not None
        line = (await asyncio.wait_for(process.stderr.readline(), PATIENCE)).decode()
        assert f"stdout cannot be written to ({why}): listening on 127.0.0.1:" in line
        alice = await Client.open("127.0.0.1", int(line.rpartition(":")[2]))
        await alice.say("rename alice")
        await alice.expect("Welcome, alice.")
        await alice.close()
        process.terminate()
        ended = await end_of(process)
    assert ended.status == 0
    assert "WARNING" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture
def full_pipe(tmp_path: Path) -> Iterator[int]:
    """Make a pipe that nobody reads, and into which nothing more goes."""
    os.mkfifo(tmp_path / "pipe")
    pipe = os.open(tmp_path / "pipe", os.O_RDWR | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(pipe, b"x" * 4096)
    os.set_blocking(pipe, True)
    yield pipe
    os.close(pipe)


@pytest.mark.parametrize("stream", ["1", "2"])
async def test_stream_that_nobody_reads_keeps_nobody_waiting(
    tmp_path: Path, full_pipe: int, stream: str
) -> None:
    port = free_port()
    under = ("sh", "-c", f'exec "$@" {stream}> pipe', "sh")
    process = await start("module", tmp_path, under=under, **MEMORY | {"CHAT_PORT": str(port)})
    async with killed_at_last(process):
        said = process.stdout if stream == "2" else process.stderr
        assert said is not None
        alice = await opened(port)
        await alice.say("rename alice", "users")
        await alice.expect("1 person is here")
        process.terminate()
        ended = await end_of(process)
        assert (await alice.rest())[-1] == "* The server is stopping. Goodbye."
        await alice.close()
    assert ended.status == 0
    assert "Traceback" not in ended.stderr


async def test_start_that_fails_ends_though_nobody_reads_why(
    tmp_path: Path, full_pipe: int
) -> None:
    under = ("sh", "-c", 'exec "$@" 2> pipe', "sh")
    process = await start("module", tmp_path, under=under, CHAT_PORT="x")
    async with killed_at_last(process):
        assert (await end_of(process)).status == 1


async def opened(port: int) -> Client:
    """Open a connection as soon as somebody listens."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < end:
        with contextlib.suppress(OSError):
            return await Client.open("127.0.0.1", port)
        await asyncio.sleep(0.01)
    pytest.fail("nobody listens")


def test_lines_that_nobody_reads_are_counted(full_pipe: int) -> None:
    lines = LineWriter(full_pipe, dropped=lambda number: f"dropped {number}")
    for number in range(WAITING + 50):
        lines.write(f"line {number}")
    said = ""
    while (dropped := re.search(r"^dropped (\d+)\n", said, re.MULTILINE)) is None:
        said += os.read(full_pipe, 65536).decode()
    written = re.findall(r"^x*line (\d+)$", said[: dropped.start()], re.MULTILINE)
    assert 49 <= int(dropped[1]) <= 50
    lines.close()
    while said.count("line") + int(dropped[1]) < WAITING + 50:
        said += os.read(full_pipe, 65536).decode()
    numbers = re.findall(r"line (\d+)", said)
    assert numbers[: len(written)] == written
    assert numbers == [str(number) for number in range(len(numbers))]


def test_terminal_that_was_stopped_keeps_nobody_waiting() -> None:
    """As Ctrl+S does it, which stops what is written to a terminal."""
    screen, terminal = pty.openpty()
    termios.tcflow(terminal, termios.TCOOFF)
    lines = LineWriter(terminal)
    for number in range(20):
        lines.write(f"line {number}")
    termios.tcflow(terminal, termios.TCOON)
    said = b""
    while b"line 19" not in said:
        said += os.read(screen, 65536)
    lines.close()
    os.close(screen)
    os.close(terminal)


# Where it listens


def has_ipv6() -> bool:
    with contextlib.suppress(OSError):
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    return False


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ("::", ["[::]", "0.0.0.0"]),
        ("[::1]", ["[::1]"]),
        ("127.0.0.1, 127.0.0.2,127.0.0.1", ["127.0.0.1", "127.0.0.2"]),
        ("[::1],127.0.0.1", ["[::1]", "127.0.0.1"]),
        ("127.0.0.1,0.0.0.0,127.0.0.2", ["0.0.0.0"]),
        ("::1,::", ["[::]", "0.0.0.0"]),
    ],
)
@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_every_listener_has_a_line_and_all_have_one_port(
    tmp_path: Path, hosts: str, said: list[str], loop: str
) -> None:
    settings = MEMORY | {"CHAT_HOST": hosts, "CHAT_LOOP": loop}
    async with listening("module", tmp_path, **settings) as process:
        for host in said:
            one = {"[::]": "::1", "0.0.0.0": "127.0.0.1"}.get(host, host.strip("[]"))
            person = await Client.open(one, process.port)
            await person.say("rename alice", "exit")
            await person.expect("Welcome, alice.")
            await person.close()
        ended = await process.ended(signal.SIGHUP)
    assert ended.status == 0
    lines = process.said + ended.stdout
    assert lines.splitlines()[:-1] == [f"listening on {host}:{process.port}" for host in said]


async def test_server_that_ignores_the_hang_up_survives_it(tmp_path: Path) -> None:
    """As `nohup` has it."""
    under = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    async with listening("module", tmp_path, under=under, **MEMORY) as process:
        process.process.send_signal(signal.SIGHUP)
        alice = await Client.open(process.host, process.port)
        await alice.say("rename alice", "users")
        await alice.expect("1 person is here")
        ended = await process.ended(signal.SIGTERM)
        assert (await alice.rest())[-1] == "* The server is stopping. Goodbye."
        await alice.close()
    assert ended.status == 0


@pytest.mark.both_loops
async def test_a_peer_whose_network_vanished_is_noticed_in_two_minutes() -> None:
    accepted: asyncio.Future[asyncio.BaseTransport]
    accepted = asyncio.get_running_loop().create_future()

    class Accepting(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.set_result(transport)

    async with listening_at(Accepting, "127.0.0.1", 0, at_once=4) as [(host, port)]:
        with socket.create_connection((host, port)):
            transport = await accepted
            options: socket.socket = transport.get_extra_info("socket")
            assert options.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            for option, value in {
                "TCP_KEEPIDLE": 60,
                "TCP_KEEPINTVL": 20,
                "TCP_KEEPCNT": 3,
                "TCP_USER_TIMEOUT": 120_000,
            }.items():
                if (number := getattr(socket, option, None)) is not None:
                    assert options.getsockopt(socket.IPPROTO_TCP, number) == value
            transport.close()


# More people than there are descriptors

AT_ONCE = 4
"""Connections that are taken up in one turn where there are few descriptors."""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_who_finds_the_server_full_is_told_and_those_who_are_there_go_on(
    tmp_path: Path, loop: str
) -> None:
    under = (program("prlimit"), "--nofile=60")
    settings = MEMORY | {"CHAT_LOOP": loop}
    async with listening("module", tmp_path, under=under, **settings) as process:
        people = [await Client.open(process.host, process.port) for _ in range(100)]
        heard = await asyncio.gather(*(person.next_line() for person in people))
        full = [line == "* The server is full. Goodbye." for line in heard]
        most = full.index(True)
        assert 10 < most < 60
        assert full == [number >= most for number in range(100)]
        await people[0].say("send still here")
        await people[most - 1].expect("guest1: still here")
        gone = people[:AT_ONCE]  # as many as may have come in before anybody counted them
        for person in gone:
            await person.say("exit")
        await people[AT_ONCE].expect(f"guest{AT_ONCE} left")
        for person in (*gone, *people[most:]):
            await person.close()
        late = await welcomed(process)
        more = [await Client.open(process.host, process.port) for _ in range(2 * AT_ONCE)]
        await more[-1].say("format json")
        assert (await more[-1].expect_event(Bye)).reason == "full"
        ended = await process.ended(signal.SIGTERM)
        for person in (*people[AT_ONCE:most], late, *more):
            await person.close()
    [told] = [line for line in ended.stderr.splitlines() if "the server is full" in line]
    [limit] = re.findall(r"(\d+) connections", told)
    assert int(limit) <= most < int(limit) + AT_ONCE
    assert "ERROR" not in ended.stderr


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
async def test_crowd_that_comes_all_at_once_is_told_without_running_out_of_files(
    tmp_path: Path, loop: str
) -> None:
    under = (program("prlimit"), "--nofile=200")
    settings = MEMORY | {"CHAT_LOOP": loop}
    async with listening("module", tmp_path, under=under, **settings) as process:
        doors = [open_socket(process.host, process.port) for _ in range(250)]
        people = [Client(*await asyncio.open_connection(sock=door)) for door in doors]
        heard = await asyncio.gather(*(person.next_line() for person in people))
        assert heard.count("* The server is full. Goodbye.") > 50
        ended = await process.ended(signal.SIGTERM)
        for person in people:
            await person.close()
    assert "no open files left" not in ended.stderr


async def welcomed(process: ServerProcess) -> Client:
    """Come in as soon as the server knows that somebody is gone."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < end:
        client = await Client.open(process.host, process.port)
        if "Welcome" in await client.next_line():
            return client
        await client.close()
    pytest.fail("the server stays full")


def test_what_happens_again_and_again_is_logged_once_a_minute_with_a_count(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    seldom = SeldomLogged(clock, "full")
    for _ in range(500):
        seldom.happened()
    clock.advance(61)
    seldom.happened()
    assert caplog.messages == ["full (times: 1)", "full (times: 500)"]


# As one starts them


def started(program: str, before: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a program of ours after some Python, in a process of its own."""
    arguments = ["--plain"] if "client" in program else []
    script = f"{before}\nimport runpy; runpy.run_path({str(ROOT / program)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("program", ["example_server.py", "example_client.py"])
def test_windows_is_told_where_it_runs(tmp_path: Path, program: str) -> None:
    """There, what the programs are made of is not to be had."""
    windows = (
        "import sys; sys.platform = 'win32'\n"
        "for name in ('fcntl', 'resource', 'termios', 'tty', 'pty', 'uvloop'):\n"
        "    sys.modules[name] = None"
    )
    ended = started(program, windows, tmp_path)
    [line] = ended.stderr.splitlines()
    assert ended.returncode == 1
    assert line.endswith("this runs on Linux, macOS and Windows' WSL, not on Windows itself")


@pytest.mark.parametrize("program", ["example_server.py", "example_client.py"])
def test_ctrl_c_while_the_program_is_read_ends_it_without_a_traceback(
    tmp_path: Path, program: str
) -> None:
    """It comes when something is imported that all of it needs."""
    (tmp_path / "dotenv.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n"
    )
    not_ignored = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    ended = started(program, not_ignored, tmp_path)
    assert (ended.stdout, ended.stderr) == ("", "")
    assert ended.returncode == -signal.SIGINT
