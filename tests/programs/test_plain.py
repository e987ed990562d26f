"""The client as lines: what a pipe, a file, a script and a terminal without a screen give it."""

import asyncio
import contextlib
import os
import pty
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from chat_server.protocol.events import History, Ok, Refused
from tests.support.faults import Scripted, scripted
from tests.support.people import says, welcome
from tests.support.processes import Ended, killed_at_last, program
from tests.support.screen import PATIENCE, on_telnet, running_chat, until

ROOT = Path(__file__).parents[2]


class Plain:
    """Somebody, or a script, that chats by lines."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.heard: list[str] = []

    async def says(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        await self.process.stdin.drain()

    async def hears(self, part: str) -> str:
        """Read on up to a line with a part; return the line."""
        assert self.process.stdout is not None
        while True:
            line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
            assert line, f"it ended before {part!r}; it said {self.heard}"
            self.heard.append(line.decode().removesuffix("\n"))
            if part in self.heard[-1]:
                return self.heard[-1]

    async def ends(self) -> Ended:
        """Have nothing more to say, and wait for its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        stdout, stderr = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        assert self.process.returncode is not None
        said = "".join(f"{line}\n" for line in self.heard) + stdout.decode()
        return Ended(self.process.returncode, said, stderr.decode())

    async def is_sent(self, number: int) -> int:
        """Get a signal; return the exit status."""
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    return kept | {"PYTHONPATH": str(ROOT), "CHAT_CONFIG": "none.toml", "TERM": "xterm-256color"}


def command(port: int, *arguments: str) -> list[str]:
    return [
        *(sys.executable, str(ROOT / "example_client.py"), "--plain"),
        *("--port", str(port), "--name", "alice", *arguments),
    ]


@contextlib.asynccontextmanager
async def plain(
    port: int, folder: Path, *arguments: str, under: Sequence[str] = (), **variables: str
) -> AsyncIterator[Plain]:
    process = await asyncio.create_subprocess_exec(
        *under,
        *command(port, *arguments),
        cwd=folder,
        env=environment() | variables,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    async with killed_at_last(process):
        yield Plain(process)


async def given(text: bytes, port: int, folder: Path, *arguments: str) -> Ended:
    """Run it with something to read from a pipe."""
    async with plain(port, folder, *arguments) as alice:
        stdout, stderr = await asyncio.wait_for(alice.process.communicate(text), PATIENCE)
        assert alice.process.returncode is not None
        return Ended(alice.process.returncode, stdout.decode(), stderr.decode())


async def test_every_line_of_a_pipe_is_said_and_shown_as_telnet_does(tmp_path: Path) -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        ended = await given("hello\nusers\nsend привет -u bob\nlast".encode(), chat.port, tmp_path)
        assert ended.status == 0 and ended.stderr == ""
        await bob.hears("alice: hello")
        await bob.hears("alice -> bob: привет")
        await bob.hears("alice: last")
        await bob.hears("alice left")
        kinds = ["*", "[", "*", "  bob, alice", "[", "["]
        shown = ended.stdout.splitlines()
        assert all(line.startswith(kind) for line, kind in zip(shown, kinds, strict=False)), shown
        assert shown[0].startswith("* Welcome, alice. 2 people are here: bob, alice.")
        assert shown[4].endswith("] alice -> bob: привет")


async def test_a_file_of_many_lines_is_said_in_order(tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(300)]
    (tmp_path / "lines").write_text("\n".join(lines))
    async with running_chat() as chat:
        with (tmp_path / "lines").open("rb") as file:
            process = await asyncio.create_subprocess_exec(
                *command(chat.port), cwd=tmp_path, env=environment(), stdin=file, stdout=PIPE
            )
        async with killed_at_last(process):
            await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 0
        assert chat.said() == lines


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("send hello -u nobody", "! Nobody here is called nobody"),
        ("cancel 99", "! "),
        ("sned hello", "! Not sent: Did you mean the command send?"),
        ("psst -u bob", "! Not sent: -u is for the command send."),
        ("send", "! Not sent: "),
    ],
)
async def test_a_line_that_cannot_be_carried_out_is_told_and_fails(
    tmp_path: Path, line: str, why: str
) -> None:
    async with running_chat() as chat:
        ended = await given(f"{line}\nafter\n".encode(), chat.port, tmp_path)
        assert ended.status == 1
        assert any(told.startswith(why) for told in ended.stdout.splitlines()), ended.stdout
        assert chat.said() == ["after"]


async def test_who_is_ignored_is_not_heard(tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text('ignored = ["bob"]\n')
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        await bob.sends("unheard")
        ended = await given(b"hello\n", chat.port, tmp_path)
        assert ended.status == 0
        assert "unheard" not in ended.stdout and "alice: hello" in ended.stdout


async def test_whom_one_ignores_from_now_on_is_not_heard(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        plain(chat.port, tmp_path) as alice,
    ):
        await alice.hears("Welcome, alice")
        await alice.says("/ignore bob")
        await alice.hears("* Nothing of bob is shown from now on")
        await bob.sends("unheard")
        await alice.says("said after it")
        await alice.hears("alice: said after it")
        await alice.says("/unignore bob")
        await alice.hears("* What bob says is shown again from now on.")
        await bob.sends("heard")
        await alice.hears("bob: heard")
        assert not any("unheard" in line for line in alice.heard)
        assert (await alice.ends()).status == 0


async def test_nothing_is_read_after_exit(tmp_path: Path) -> None:
    async with running_chat() as chat:
        ended = await given(b"before\nexit\nafter\n", chat.port, tmp_path)
        assert ended.status == 0
        assert chat.said() == ["before"]


async def test_without_a_server_it_says_what_was_not_said_and_fails(tmp_path: Path) -> None:
    async with running_chat() as chat:
        port = chat.port
    ended = await given(b"hello\nthere\n", port, tmp_path, "--wait", "0.3")
    assert ended == (
        1,
        f"! Not connected to 127.0.0.1:{port}: connection refused. "
        "Trying again; what you write waits.\n"
        "! Not answered, and so perhaps not said: send -- hello\n"
        "! Not answered, and so perhaps not said: send -- there\n",
        "",
    )


async def test_after_a_break_it_is_the_same_person_and_nothing_is_lost(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        plain(chat.port, tmp_path) as alice,
    ):
        await alice.hears("Welcome, alice")
        chat.cut_off_but_telnet()
        await alice.hears("! Not connected")
        await alice.says("while away")
        await bob.sends("meanwhile")
        await alice.hears("* Connected again")
        await alice.hears("bob: meanwhile")
        await bob.hears("alice: while away")
        ended = await alice.ends()
        assert ended.status == 0
        assert chat.said() == ["meanwhile", "while away"] or chat.said() == [
            "while away",
            "meanwhile",
        ]
        assert sum("Not connected" in line for line in ended.stdout.splitlines()) == 1


async def test_what_may_have_been_said_is_not_said_again_to_a_server_that_forgot_us(
    tmp_path: Path,
) -> None:
    async with scripted() as script, plain(script.port, tmp_path) as alice:
        await welcomed(script)
        await alice.says("once")
        await script.hears("send -- once")
        script.breaks()
        script.says(Refused("bad_token", {"hours": 24}, re=await script.hears("resume")))
        key = await script.hears("rename alice")
        script.says(welcome("alice", chat="new", token="t"), Ok(re=key))
        script.says(History([], None, re=await script.hears("history")))
        told = await alice.hears("this may have been said")
        assert told.startswith("! ") and told.endswith("(send -- once)")
        assert (await alice.ends()).status == 1
        assert not any("once" in line for line in script.lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_makes_it_leave_in_order(tmp_path: Path, number: int) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        plain(chat.port, tmp_path) as alice,
    ):
        await alice.hears("Welcome, alice")
        assert await alice.is_sent(number) == 128 + number
        await bob.hears("alice left")
        assert (await alice.ends()).stderr == ""


async def test_who_was_told_to_stay_when_its_terminal_goes_stays(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        plain(chat.port, tmp_path, under=[program("nohup")]) as alice,
    ):
        await alice.hears("Welcome, alice")
        alice.process.send_signal(signal.SIGHUP)
        await alice.says("still here")
        await bob.hears("alice: still here")


async def test_it_leaves_when_nobody_reads_any_more(tmp_path: Path) -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        read, write = os.pipe()
        process = await asyncio.create_subprocess_exec(
            *command(chat.port),
            cwd=tmp_path,
            env=environment(),
            stdin=PIPE,
            stdout=write,
            stderr=PIPE,
        )
        os.close(write)
        async with killed_at_last(process):
            await bob.hears("alice joined")
            os.close(read)
            await bob.sends("is anybody there?")
            await bob.hears("alice left")
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 128 + signal.SIGPIPE
            assert process.stderr is not None
            assert await process.stderr.read() == b""


async def test_it_speaks_where_it_cannot_write_at_all(tmp_path: Path) -> None:
    async with running_chat() as chat:
        line = " ".join(f"'{word}'" for word in command(chat.port))
        process = await asyncio.create_subprocess_shell(
            f"echo hello | {line} >&-", cwd=tmp_path, env=environment()
        )
        async with killed_at_last(process):
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        assert chat.said() == ["hello"]


@pytest.mark.parametrize("elsewhere", ["2>&-", "2>/dev/full"])
async def test_where_warnings_cannot_be_written_it_speaks_all_the_same(
    tmp_path: Path, elsewhere: str
) -> None:
    async with running_chat() as chat:
        line = " ".join(f"'{word}'" for word in command(chat.port))
        process = await asyncio.create_subprocess_shell(
            f"echo hello | {line} {elsewhere}",
            cwd=tmp_path,
            env=environment() | {"CHAT_PORTS": "3", "PYTHONUNBUFFERED": ""},
            stdout=PIPE,
        )
        async with killed_at_last(process):
            said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 0
        assert "alice: hello" in said.decode()


HOSTILE = (
    "[b]x[/b] \x1b]8;;http://evil\x07click\x1b[2J \x9b31m\r\n"
    "* bob left\u202e\u2028\x00 [@click=app.quit]"
)


async def test_nothing_of_what_people_say_steers_a_terminal_or_begins_a_line(
    tmp_path: Path,
) -> None:
    async with scripted() as script, plain(script.port, tmp_path) as alice:
        await welcomed(script)
        script.says(says("b\x1bob\n", HOSTILE))
        line = await alice.hears("[b]x[/b]")
        assert line.isprintable() and line.startswith("[") and "* bob left" in line
        ended = await alice.ends()
        assert all(shown.isprintable() for shown in ended.stdout.splitlines())
        assert not any(shown.startswith("* bob left") for shown in ended.stdout.splitlines())


async def welcomed(script: Scripted) -> None:
    await script.welcomes()
    script.says(History([], None, re=await script.hears("history")))


async def test_on_a_terminal_a_broken_line_cannot_imitate_another(tmp_path: Path) -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        end, program_end = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *command(chat.port),
            cwd=tmp_path,
            env=environment(),
            stdin=program_end,
            stdout=program_end,
            stderr=program_end,
        )
        os.close(program_end)
        async with killed_at_last(process):
            await bob.hears("alice joined")
            await bob.says(f"send x{' ' * 60}* bob left {'語' * 50}")
            await bob.hears("bob: x   * bob left")
            os.write(end, b"hi\n\x04")
            await bob.hears("alice: hi")
            await bob.hears("alice left")
            assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        shown = os.read(end, 65536).decode()
        os.close(end)
        assert "\x1b" not in shown
        rows = shown.splitlines()
        assert not any(row.startswith(("* bob left", "語")) for row in rows), rows


@pytest.mark.parametrize("arguments", [[], ["--start-server"]])
def test_without_a_terminal_the_screen_points_to_plain(
    tmp_path: Path, arguments: list[str]
) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "chat_tui", *arguments],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (started.returncode, started.stdout) == (1, "")
    assert started.stderr == "chat-tui: this is no terminal; for pipes and files there is --plain\n"


async def test_a_locale_of_ascii_is_no_reason_to_write_anything_but_utf_8(tmp_path: Path) -> None:
    only_ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "боб") as bob,
        plain(chat.port, tmp_path, **only_ascii) as alice,
    ):
        assert "боб" in await alice.hears("Welcome, alice")
        await alice.says("привет")
        await bob.hears("alice: привет")


async def test_where_the_locale_lacks_letters_a_line_says_so(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "боб"),
        plain(chat.port, tmp_path, PYTHONIOENCODING="latin-1") as alice,
    ):
        await alice.hears("! Letters that iso8859-1 does not have are shown as ?; LC_ALL=C.UTF-8")
        assert "???" in await alice.hears("Welcome, alice")


# Passwords


async def test_the_line_after_a_command_that_asks_for_it_is_a_password(tmp_path: Path) -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        lines = "hello\nregister\ncorrect horse\nwhoami\nsend long ago -u bob\nlast\n"
        ended = await given(lines.encode(), chat.port, tmp_path)
        assert (ended.status, ended.stderr) == (0, "")
        assert "* New password for alice; an empty line cancels:" in ended.stdout
        assert "* The name alice is yours now" in ended.stdout
        assert "* You are alice, a member since" in ended.stdout
        assert "horse" not in ended.stdout
        await bob.hears("alice: last")
        lines = "login alice\ncorrect horse\nback\n"
        ended = await given(lines.encode(), chat.port, tmp_path, "--name", "carol")
        assert "* You are logged in as alice" in ended.stdout
        assert "long ago" not in ended.stdout
        await bob.hears("alice: back")
        assert "horse" not in "\n".join(bob.heard) + ended.stdout


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("login nobody\ncorrect horse", "! That name and password do not go together."),
        ("password\ncorrect horse\nbattery staple", "! You have no account."),
        ("register\nhorse", "! A password has 8 to 128 characters."),
        ("login nobody\n", "! Nothing is typed."),
    ],
)
async def test_a_password_is_said_to_nobody_whatever_is_answered(
    tmp_path: Path, lines: str, why: str
) -> None:
    async with running_chat() as chat:
        ended = await given(f"{lines}\nafter\n".encode(), chat.port, tmp_path)
        assert ended.status == 1
        assert any(told.startswith(why) for told in ended.stdout.splitlines()), ended.stdout
        assert "horse" not in ended.stdout and "staple" not in ended.stdout
        assert chat.said() == ["after"]


class AtTerminal:
    """Somebody who chats by lines at a terminal, and what it has shown."""

    def __init__(self, end: int) -> None:
        self._end = end
        self.shown = ""

    def types(self, text: str) -> None:
        os.write(self._end, text.encode())

    def read(self) -> None:
        with contextlib.suppress(OSError):
            self.shown += os.read(self._end, 65536).decode()

    async def sees(self, part: str) -> None:
        await until(lambda: part in self.shown, lambda: f"{part!r} in {self.shown!r}")


@contextlib.asynccontextmanager
async def at_terminal(port: int, folder: Path) -> AsyncIterator[AtTerminal]:
    end, program_end = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *command(port),
        cwd=folder,
        env=environment(),
        stdin=program_end,
        stdout=program_end,
        stderr=program_end,
    )
    os.close(program_end)
    loop, person = asyncio.get_running_loop(), AtTerminal(end)
    loop.add_reader(end, person.read)
    try:
        async with killed_at_last(process):
            yield person
    finally:
        loop.remove_reader(end)
        os.close(end)


async def test_a_terminal_shows_no_password_and_shows_again_what_is_said(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        at_terminal(chat.port, tmp_path) as alice,
    ):
        await alice.sees("Welcome, alice")
        alice.types("register\n")
        await alice.sees("New password for alice; an empty line cancels:")
        alice.types("correct horse\n")
        await alice.sees("The same password again; an empty line cancels:")
        alice.types("correct horse\n")
        await alice.sees("The name alice is yours now")
        alice.types("seen again\n")
        await bob.hears("alice: seen again")
        await alice.sees("alice: seen again")
        assert "horse" not in alice.shown
        assert alice.shown.count("seen again") == 2
        assert chat.said() == ["seen again"]


async def test_two_passwords_that_differ_at_a_terminal_change_nothing(tmp_path: Path) -> None:
    async with running_chat() as chat, at_terminal(chat.port, tmp_path) as alice:
        await alice.sees("Welcome, alice")
        alice.types("register\n")
        await alice.sees("New password for alice")
        alice.types("correct horse\n")
        await alice.sees("The same password again")
        alice.types("battery staple\n")
        await alice.sees("The two are not the same")
        alice.types("whoami\n")
        await alice.sees("You are alice, a guest.")
