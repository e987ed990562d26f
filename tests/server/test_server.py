"""The server as a whole: its end, its journal's faults, and a crowd."""

import asyncio
import re
import socket

import pytest

from chat_server.clock import SystemClock
from chat_server.journal.memory import MemoryJournal
from chat_server.protocol.events import Bye, Joined, Users
from chat_server.rules.chat import Chat
from chat_server.rules.entries import NodesGone, Snapshot
from chat_server.server import Server
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import LARGE, PATIENCE, Client, open_socket
from tests.support.clock import FakeClock
from tests.support.faulty_journal import FaultyJournal
from tests.support.people import names
from tests.support.running import UNLIMITED, Running, run

pytestmark = pytest.mark.both_loops


# The end


async def test_stopping_tells_everyone_goodbye_and_saves_the_chat() -> None:
    journal = FaultyJournal(SystemClock())
    server = Server(UNLIMITED, journal, SystemClock())
    async with server.running() as (host, port):
        running = Running(server, host, port)
        alice = await running.join("alice")
        ann, _ = await running.join_json("ann")
        await alice.say("send hello", "send -t 900 later")
        await alice.expect("Scheduled")
    assert (await alice.rest())[-1] == "* The server is stopping. Goodbye."
    await ann.expect_event(Bye)
    assert await ann.rest() == []
    assert isinstance(journal.appended[-1].command, NodesGone)
    assert journal.saved is not None
    chat = Chat("again", journal.saved)
    assert chat.here() == 0
    assert chat.next_due() is not None
    await running.close_clients()


class NeverSaving(FaultyJournal):
    """A journal on whose disk a snapshot would take for ever."""

    was_given_up = False

    async def save(self, snapshot: Snapshot) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.was_given_up = True


async def test_stopping_gives_up_a_snapshot_that_takes_too_long(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = NeverSaving(SystemClock())
    server = Server(UNLIMITED, journal, SystemClock())

    async def run_until_alice_has_spoken() -> Client:
        async with server.running() as (host, port):
            alice = await Running(server, host, port).join("alice")
            await alice.say("send hello")
            await alice.expect("alice: hello")
        return alice

    alice = await asyncio.wait_for(run_until_alice_has_spoken(), PATIENCE)
    assert (await alice.rest())[-1] == "* The server is stopping. Goodbye."
    assert journal.was_given_up
    assert [line for line in caplog.messages if line.startswith("no snapshot: it takes too long")]
    assert isinstance(journal.appended[-1].command, NodesGone)
    await alice.close()


async def test_stopping_carries_out_what_was_said() -> None:
    server = Server(UNLIMITED, FaultyJournal(SystemClock()), SystemClock())
    async with server.running() as (host, port):
        running = Running(server, host, port)
        alice, bob = await running.join("alice"), await running.join("bob")
        await alice.say("send last words", "users")
        await alice.expect("2 people are here")
    assert (await bob.until("Goodbye"))[0].endswith("alice: last words")
    await running.close_clients()


async def test_stopping_does_not_wait_for_a_slow_reader() -> None:
    """More waits for somebody than all the buffers on the way hold."""
    loop = asyncio.get_running_loop()
    server = Server(UNLIMITED, FaultyJournal(SystemClock()), SystemClock())
    async with server.running() as (host, port):
        alice = await Running(server, host, port).join("alice")
        await alice.say(*[f"send {LARGE}"] * 1000, "users")
        await alice.expect("1 person is here")
        deaf = open_socket(host, port)
        deaf.setblocking(False)
        await loop.sock_sendall(deaf, b"rename deaf\nhistory 1000\n")
        await alice.expect("deaf joined")
        await alice.say("send fence", "users")
        await alice.expect("2 people are here")
        begun = loop.time()
    assert loop.time() - begun < 2
    assert await count_to_the_end(deaf) < 1000 * len(LARGE.encode())
    deaf.close()
    await alice.close()


async def count_to_the_end(connection: socket.socket) -> int:
    """Read all bytes that still come, and count them."""
    loop = asyncio.get_running_loop()
    count = 0
    while chunk := await asyncio.wait_for(loop.sock_recv(connection, 2**20), PATIENCE):
        count += len(chunk)
    return count


async def test_port_in_use_is_an_os_error(server: Running) -> None:
    clock = SystemClock()
    with pytest.raises(OSError, match="in use"):
        async with run(Settings(port=server.port), MemoryJournal(clock), clock):
            pass


# The journal's faults


@pytest.mark.parametrize("place", ["before", "after"])
async def test_what_could_not_be_journaled_is_tried_again_and_counts_once(
    serve: Serve, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    journal = FaultyJournal(SystemClock())
    running = await serve(journal=journal)
    alice, bob = await running.join("alice"), await running.join("bob")
    await alice.expect("bob joined")
    failing = journal.failing_before if place == "before" else journal.failing_after
    failing += [OSError("disk full"), OSError("disk full")]
    await alice.say("send one", "send -t 900 two")
    await bob.say("send three", "rename robert")
    await bob.expect("now known as robert")
    await alice.say("send fence", "pending")
    assert [said(line) for line in await alice.until("1 scheduled message:")] == [
        "alice: one",
        "* Scheduled 1",
        "bob: three",
        "* bob is now known as robert",
        "alice: fence",
        "* You have 1 scheduled message:",
    ]
    await alice.say("send done")
    await bob.expect("alice: done")
    failures = [line for line in caplog.messages if "disk full" in line]
    assert failures == ["cannot write to the journal, trying again: disk full"]
    assert [line for line in caplog.messages if "failures" in line] == [
        "saved again, after 2 failures"
    ]


def said(line: str) -> str:
    """A line without its times."""
    return re.sub(r"^\[[\d:]+\] | for \d.*", "", line)


async def test_nothing_is_told_before_it_is_journaled(serve: Serve) -> None:
    journal = FaultyJournal(SystemClock())
    running = await serve(journal=journal)
    alice = await running.join("alice")
    journal.failing_before += [OSError("disk full")]
    failing = len(journal.appended)
    await alice.say("send hello")
    await alice.expect("hello")
    assert len(journal.appended) == failing + 1


async def test_fault_of_the_journal_ends_the_server(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    journal = FaultyJournal(SystemClock())
    running = await serve(journal=journal)
    alice = await running.join("alice")
    journal.failing_before += [ValueError("not a journal")]
    await alice.say("send hello")
    await asyncio.wait_for(running.server.end.wait(), PATIENCE)
    assert isinstance(running.server.fault, ValueError)
    assert "the chat cannot go on: ValueError('not a journal')" in caplog.messages


# A crowd


async def test_crowd_is_spared_who_comes_and_goes(serve: Serve, clock: FakeClock) -> None:
    running = await serve(clock=clock)
    alice = await running.join("alice")
    ann, _ = await running.join_json("ann")
    crowd = [await running.join(f"n{n}") for n in range(60)]
    await alice.expect("n47 joined")
    clock.advance(1)
    await alice.expect("* 12 joined; 62 are here")
    await crowd[0].say("rename zero")
    assert (await crowd[0].until("now known"))[-1] == "* n0 is now known as zero"
    for client in crowd[1:6]:
        await client.say("exit")
        await client.rest()
    clock.advance(1)
    assert await alice.next_line() == "* 5 left, 1 renamed; 57 are here"
    newcomer = await running.join("late")
    assert newcomer.seen == ["* Welcome, late. 58 people are here. Type help for the commands."]
    joined = [name for event in await joins(ann) for name in names(event.people)]
    assert joined == [*(f"n{n}" for n in range(60)), "late"]


async def joins(ann: Client) -> list[Joined]:
    """The arrivals that a program has been told of; programs are spared nothing."""
    before, users = await ann.ask("users")
    assert isinstance(users, Users)
    assert len(users.people) == 58
    return [event for event in before if isinstance(event, Joined)]


async def test_everyone_in_a_crowd_hears_a_message(serve: Serve) -> None:
    running = await serve()
    alice = await running.join("alice")
    crowd = [await running.join(f"n{n}") for n in range(80)]
    await alice.say("send hello")
    for client in crowd:
        await client.expect("alice: hello")
