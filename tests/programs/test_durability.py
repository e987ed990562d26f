"""What was acknowledged survives: a kill, a full disk, and whatever the file may suffer."""

import os
import re
import resource
import signal
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from chat_server.protocol.events import History, Ok, Refused, Welcome
from tests.support.client import Client
from tests.support.processes import Ended, ServerProcess, end_of, listening, program, start
from tests.support.torture import SETTINGS, torture

UNLIMITED = resource.RLIM_INFINITY
CALLS = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg"


class Serving:
    """A server in a process, and who joined it."""

    def __init__(self, server: ServerProcess, clients: AsyncExitStack) -> None:
        self.process = server.process
        self.killed = server.killed
        self._server = server
        self._clients = clients

    async def connect(self) -> Client:
        client = await Client.open(self._server.host, self._server.port)
        self._clients.push_async_callback(client.close)
        return client

    async def join(self, name: str) -> Client:
        client = await self.connect()
        await client.say("format json", f"@in rename {name}")
        await client.until_answer("in")
        return client

    def allow_file_size(self, size: int) -> None:
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, UNLIMITED))


@asynccontextmanager
async def serving(folder: Path, *under: str) -> AsyncIterator[Serving]:
    async with (
        listening("module", folder, under=under, **SETTINGS) as server,
        AsyncExitStack() as clients,
    ):
        yield Serving(server, clients)


async def started_in_vain(folder: Path, **settings: str) -> Ended:
    process = await start("module", folder, CHAT_PORT="0", **settings)
    return await end_of(process)


async def said_by(client: Client) -> list[str]:
    history = await client.answer("history 1000")
    assert isinstance(history, History)
    return [message.text for message in history.messages]


async def test_nothing_acknowledged_is_lost_or_doubled_by_a_kill(tmp_path: Path) -> None:
    result = await torture(tmp_path, enough=300)
    assert result.acknowledged >= 300
    assert (result.lost, result.doubled, result.disordered) == (0, 0, 0)


async def test_a_message_is_on_the_disk_before_anyone_is_told(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    under = (program("strace"), "-f", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(trace))
    async with serving(tmp_path, *under) as server:
        alice = await server.join("alice")
        assert isinstance(await alice.answer("send a-needle-to-be-found"), Ok)
        os.kill(_child_of(server.process.pid), signal.SIGTERM)
        await end_of(server.process)
    calls = _calls(trace)
    written = _first(calls, r"pwrite64\(\d+, .*a-needle")
    [descriptor] = re.findall(r"pwrite64\((\d+),", written.text)
    later = [call for call in calls if call.begun > written.ended]
    synced = _first(later, rf"f(data)?sync\({descriptor}\) += 0")
    told = _first(calls, r"(write|writev|sendto|sendmsg)\(\d+, .*a-needle")
    assert synced.ended < told.begun


def _child_of(process: int) -> int:
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


class _Call(NamedTuple):
    """A call of the system, and in which lines of a trace it begins and ends."""

    begun: int
    ended: int
    text: str


def _calls(trace: Path) -> list[_Call]:
    """Read the calls of all threads; one that others' calls interrupt stands in two lines."""
    calls: list[_Call] = []
    unfinished: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(trace.read_text().splitlines()):
        thread, _, call = line.partition(" ")
        if call.endswith("<unfinished ...>"):
            unfinished[thread] = number, call.removesuffix("<unfinished ...>").rstrip()
        elif resumed := re.match(r"\s*<\.\.\. \w+ resumed>(.*)", call):
            begun, beginning = unfinished.pop(thread)
            calls.append(_Call(begun, number, beginning + resumed[1]))
        else:
            calls.append(_Call(number, number, call))
    return calls


def _first(calls: list[_Call], pattern: str) -> _Call:
    return next(call for call in calls if re.search(pattern, call.text))


async def test_a_full_disk_refuses_what_it_cannot_keep_until_there_is_room(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        alice = await server.join("alice")
        room = (tmp_path / "chat.db-wal").stat().st_size + 20_000
        server.allow_file_size(room)
        answers = [await alice.answer(f"send {number} {'x' * 1900}") for number in range(20)]
        assert {type(answer) for answer in answers} == {Ok, Refused}
        refused = next(answer for answer in answers if isinstance(answer, Refused))
        assert refused.code == "not_saved"
        server.allow_file_size(UNLIMITED)
        assert isinstance(await alice.answer("send there is room again"), Ok)
        kept = [str(n) for n, answer in enumerate(answers) if isinstance(answer, Ok)]
        before = await said_by(alice)
        assert [text.split()[0] for text in before] == [*kept, "there"]
        await server.killed()
    async with serving(tmp_path) as server:
        assert await said_by(await server.join("bob")) == before


async def test_a_disk_that_is_full_stops_the_start_with_one_line(tmp_path: Path) -> None:
    async with serving(tmp_path):
        pass
    limit = (program("prlimit"), "--fsize=100")
    process = await start("module", tmp_path, under=limit, **SETTINGS)
    ended = await end_of(process)
    assert ended.status == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("chat-server: cannot ")
    assert "chat.db" in line


async def test_nobody_enters_while_nothing_can_be_saved_and_everybody_after(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        server.allow_file_size(0)
        bob = await server.connect()
        await bob.say("rename bob", "send hello")
        await bob.expect("! This could not be saved")
        await bob.expect("! This could not be saved")
        server.allow_file_size(UNLIMITED)
        await bob.say("rename bob", "send hello")
        await bob.expect("Welcome, bob.")
        await bob.expect("bob: hello")


async def test_a_file_that_is_moved_away_refuses_until_it_is_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        alice = await server.join("alice")
        (tmp_path / "chat.db").rename(tmp_path / "away.db")
        assert isinstance(await alice.answer("send into the void"), Refused)
        (tmp_path / "away.db").rename(tmp_path / "chat.db")
        assert isinstance(await alice.answer("send back again"), Ok)
        assert await said_by(alice) == ["back again"]


async def test_a_file_that_another_program_locks_refuses_until_it_is_free(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        alice = await server.join("alice")
        other = sqlite3.connect(tmp_path / "chat.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert isinstance(await alice.answer("send too early"), Refused)
        other.execute("ROLLBACK")
        other.close()
        assert isinstance(await alice.answer("send in time"), Ok)
        assert await said_by(alice) == ["in time"]


@pytest.mark.parametrize("name", ["chat.db", "symlink.db", "hard link.db"])
async def test_a_second_server_on_the_same_file_does_not_start(tmp_path: Path, name: str) -> None:
    async with serving(tmp_path):
        if name == "symlink.db":
            (tmp_path / name).symlink_to("chat.db")
        elif name == "hard link.db":
            (tmp_path / name).hardlink_to(tmp_path / "chat.db")
        assert not (tmp_path / "chat.db.lock").exists()
        ended = await started_in_vain(tmp_path, CHAT_JOURNAL=f"sqlite:{name}")
    assert ended.status == 1
    assert ended.stderr == (
        f"chat-server: another server keeps its chat in {name} already. "
        "Stop that one, or choose another file with CHAT_JOURNAL.\n"
    )


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        ("sqlite:missing/chat.db", "cannot keep the chat in missing/chat.db: No such file"),
        ("sqlite:folder", "cannot keep the chat in folder: Is a directory. Set CHAT_"),
        ("sqlite:rubbish.db", "rubbish.db is damaged (file is not a database)"),
        ("sqlite:foreign.db", "foreign.db is not a chat's file"),
        ("sqlite:newer.db", "newer.db is of a newer program (its version is 99, ours 5)"),
        ("sqlite:", "sqlite: needs the name of a file"),
    ],
)
async def test_a_file_that_cannot_be_used_stops_the_start_and_is_left_alone(
    tmp_path: Path, journal: str, said: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "rubbish.db").write_bytes(b"rubbish " * 1000)
    _database(tmp_path / "foreign.db", "CREATE TABLE birds (name TEXT)")
    _database(tmp_path / "newer.db", "PRAGMA application_id = 0x43484154; PRAGMA user_version = 99")
    before = _contents(tmp_path)
    ended = await started_in_vain(tmp_path, CHAT_JOURNAL=journal)
    assert ended.status == 1
    [line] = ended.stderr.splitlines()
    assert said in line
    assert _contents(tmp_path) == before


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.db")}


def _database(path: Path, script: str) -> None:
    database = sqlite3.connect(path)
    database.executescript(script)
    database.close()


async def test_what_was_said_scheduled_and_reported_survives_a_kill(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        alice = await server.join("alice")
        await alice.answer("send good morning -t 3600")
        await alice.answer("send hello")
        await server.killed()
    async with serving(tmp_path) as server:
        bob = await server.join("bob")
        assert await said_by(bob) == ["hello"]
        await bob.answer("rename Alice")
        refusal = await bob.refusal("rename alice")
        assert refusal.code == "name_taken"


async def test_a_backup_taken_while_the_server_runs_is_a_whole_chat(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        alice = await server.join("alice")
        await alice.answer("send before the backup")
        _backup(tmp_path / "chat.db", tmp_path / "backup.db")
        assert isinstance(await alice.answer("send after the backup"), Ok)
    restored = tmp_path / "restored"
    restored.mkdir()
    (tmp_path / "backup.db").rename(restored / "chat.db")
    async with serving(restored) as server:
        assert await said_by(await server.join("bob")) == ["before the backup"]


def _backup(path: Path, to: Path) -> None:
    source, target = sqlite3.connect(path), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()


async def test_a_complaint_a_mute_and_a_schedule_survive_a_kill(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        alice = await server.connect()
        await alice.say("format json", "@in rename alice")
        welcome = await alice.expect_event(Welcome)
        await alice.answer("send good morning -t 3600")
        for name in ("bob", "carol", "dora"):
            await (await server.join(name)).answer("report alice")
        await server.killed()
    async with serving(tmp_path) as server:
        again = await server.connect()
        await again.say("format json", f"@in resume {welcome.token}")
        back = await again.expect_event(Welcome)
        assert back.you.name == "alice"
        assert [item.text for item in back.pending] == ["good morning"]
        await again.say("send hi")
        assert (await again.expect_event(Refused)).code == "muted"


async def test_what_came_due_while_no_server_ran_is_sent_at_the_start(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        alice = await server.join("alice")
        await alice.answer("send wake up -t 1")
        await server.killed()
    async with serving(tmp_path) as server:
        bob = await server.connect()
        await bob.say("rename bob", "history")
        await bob.expect("alice: wake up")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
async def test_nobody_else_can_read_what_people_said(tmp_path: Path, umask: int) -> None:
    async with serving(
        tmp_path, program("sh"), "-c", f'umask {umask:03o}; exec "$@"', "sh"
    ) as server:
        assert isinstance(await (await server.join("alice")).answer("send psst -u alice"), Ok)
        assert _modes(tmp_path) == dict.fromkeys(("chat.db", "chat.db-shm", "chat.db-wal"), 0o600)
        await server.killed()
    _open_to_all(tmp_path)
    async with serving(tmp_path):
        assert _modes(tmp_path) == dict.fromkeys(("chat.db", "chat.db-shm", "chat.db-wal"), 0o600)


async def test_nobody_else_can_read_the_files_that_a_symlink_means(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "chat.db").symlink_to("real/chat.db")
    async with serving(tmp_path) as server:
        await server.join("alice")
        await server.killed()
    _open_to_all(real)
    async with serving(tmp_path):
        assert _modes(real) == dict.fromkeys(("chat.db", "chat.db-shm", "chat.db-wal"), 0o600)


def _open_to_all(folder: Path) -> None:
    for file in folder.glob("chat.db*"):
        file.chmod(0o644)


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.glob("chat.db*")}


async def test_the_start_says_where_the_chat_is_kept(tmp_path: Path) -> None:
    async with listening("module", tmp_path, **SETTINGS) as server:
        assert server.process.stdout is not None
        place = tmp_path / "chat.db"
        assert await server.process.stdout.readline() == f"the chat is kept in {place}\n".encode()
    async with listening("module", tmp_path, CHAT_PORT="0", CHAT_JOURNAL="memory:") as server:
        assert server.process.stdout is not None
        said = await server.process.stdout.readline()
        assert said == b"the chat is forgotten when the server stops\n"


async def test_damage_that_shows_only_in_reading_stops_the_start_with_one_line(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as server:
        alice = await server.join("alice")
        await alice.answer("send hello")
        await server.killed()
    _change(tmp_path / "chat.db", "UPDATE batches SET proposals = x'c1' WHERE first = 4")
    ended = await started_in_vain(tmp_path, CHAT_JOURNAL="sqlite:chat.db")
    assert ended.status == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("chat-server: chat.db is damaged")


def _change(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    assert database.execute(statement).rowcount == 1
    database.commit()
    database.close()


async def test_a_snapshot_of_a_newer_program_stops_the_start_with_one_line(tmp_path: Path) -> None:
    async with listening("module", tmp_path, **SETTINGS) as process:
        await process.ended(signal.SIGTERM)
    _change(tmp_path / "chat.db", "UPDATE snapshots SET state = x'81a776657273696f6e63'")
    ended = await started_in_vain(tmp_path, CHAT_JOURNAL="sqlite:chat.db")
    assert ended.status == 1
    [line] = ended.stderr.splitlines()
    assert "the snapshot in chat.db is of a newer program (its state's version is 99, " in line


async def test_a_damaged_snapshot_stops_the_start_with_one_line(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.join("alice")
    async with listening("module", tmp_path, **SETTINGS) as process:
        await process.ended(signal.SIGTERM)
    _change(tmp_path / "chat.db", "UPDATE snapshots SET state = x'c1'")
    ended = await started_in_vain(tmp_path, CHAT_JOURNAL="sqlite:chat.db")
    assert ended.status == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("chat-server: the snapshot in chat.db is damaged")
