"""How a connection becomes somebody: by its first line, or by its silence."""

import pytest

from chat_server.clock import SystemClock
from chat_server.doors.telnet import ASK_BINARY
from chat_server.protocol.events import Ok, Users, Welcome
from chat_server.settings import Settings
from tests.conftest import Join, Serve
from tests.support.client import Client, told
from tests.support.clock import FakeClock
from tests.support.faulty_journal import FaultyJournal
from tests.support.people import names
from tests.support.running import Running

pytestmark = pytest.mark.both_loops


async def test_first_line_rename_enters_as_that_with_one_announcement(
    alice: Client, server: Running
) -> None:
    bob = await server.connect()
    await bob.say("rename bob", "send hi")
    assert (await bob.next_line()).startswith("* Welcome, bob. 2 people are here: alice, bob.")
    assert (await bob.next_line()).endswith("bob: hi")
    assert await alice.next_line() == "* bob joined"
    assert (await alice.next_line()).endswith("bob: hi")


async def test_another_first_line_enters_as_guest_and_is_carried_out(
    alice: Client, server: Running
) -> None:
    guest = await server.connect()
    await guest.say("send hi")
    assert (await guest.next_line()).startswith("* Welcome, guest1.")
    assert (await guest.next_line()).endswith("guest1: hi")
    assert await alice.until("hi") == ["* guest1 joined", alice.seen[-1]]


async def test_first_line_that_is_no_command_enters_and_is_refused(
    alice: Client, server: Running
) -> None:
    guest = await server.connect()
    await guest.say("hello")
    assert (await guest.next_line()).startswith("* Welcome, guest1.")
    assert (await guest.next_line()).startswith("! Unknown command: hello.")
    await guest.say("exit")
    await guest.expect("Goodbye")
    assert await alice.next_line() == "* guest1 joined"
    assert await alice.next_line() == "* guest1 left"


async def test_silent_connection_enters_as_guest_after_300_ms(
    serve: Serve, clock: FakeClock
) -> None:
    running = await serve(clock=clock)
    alice = await running.join("alice")
    silent = await running.connect()
    await alice.say("users")
    await alice.expect("1 person is here")
    clock.advance(0.299)
    await alice.say("send fence", "users")
    await alice.expect("1 person is here")
    clock.advance(0.001)
    assert (await silent.next_line()).startswith("* Welcome, guest1. 2 people are here")
    assert await alice.until("joined") == ["  alice", "* guest1 joined"]


async def test_silent_connection_enters_by_the_real_clock(serve: Serve) -> None:
    server = await serve(clock=SystemClock())
    silent = await server.connect()
    assert (await silent.next_line()).startswith("* Welcome, guest1.")


async def test_line_in_time_stops_the_timer(serve: Serve, clock: FakeClock) -> None:
    journal = FaultyJournal(clock)
    running = await serve(clock=clock, journal=journal)
    alice = await running.join("alice")
    clock.advance(10)
    await alice.say("send fence", "users")
    assert (await alice.until("1 person is here"))[0].endswith("fence")
    entered = [proposal.command for proposal in journal.appended if proposal.connection]
    assert [type(command).__name__ for command in entered] == ["Enter", "Send"]


async def test_format_alone_does_not_enter(serve: Serve, clock: FakeClock) -> None:
    running = await serve(clock=clock)
    alice = await running.join("alice")
    client = await running.connect()
    await client.say("format json")
    assert await client.next_event() == Ok()
    await alice.say("users")
    await alice.expect("1 person is here")
    clock.advance(0.3)
    welcome = await client.next_event()
    assert isinstance(welcome, Welcome)
    assert welcome.you.name == "guest1"
    assert welcome.token


async def test_taken_name_makes_a_guest_who_is_told(alice: Client, server: Running) -> None:
    second = await server.connect()
    await second.say("rename ALICE")
    assert (await second.next_line()).startswith("* Welcome, guest1.")
    assert await second.next_line() == "! ALICE is taken. Choose another name."
    assert await alice.next_line() == "* guest1 joined"


async def test_bad_name_makes_a_guest_who_is_told(server: Running) -> None:
    client = await server.connect()
    await client.say("rename _x")
    assert (await client.next_line()).startswith("* Welcome, guest1.")
    assert (await client.next_line()).startswith("! The name _x has '_' at its beginning.")


async def test_taken_name_is_refused_after_the_welcome_in_json(
    alice: Client, server: Running
) -> None:
    client = await server.connect()
    await client.say("format json", "@a rename alice")
    before, answer = await client.until_answer("a")
    assert [told(event) for event in before] == ["ok", "welcome guest1"]
    assert told(answer) == "refused name_taken"


async def test_nobody_is_told_of_their_own_arrival(join: Join) -> None:
    alice = await join("alice")
    bob = await join("bob")
    await bob.say("send fence")
    assert len(await bob.until("fence")) == 1
    assert await alice.until("fence") == ["* bob joined", alice.seen[-1]]


async def test_program_is_not_told_of_its_own_arrival(server: Running) -> None:
    client = await server.connect()
    await client.say("format json", "@a rename ann", "@b users")
    before, _ = await client.until_answer("a")
    assert [told(event) for event in before] == ["ok", "welcome ann"]
    before, users = await client.until_answer("b")
    assert isinstance(users, Users)
    assert (before, names(users.people)) == ([], ["ann"])


async def test_number_of_a_guest_does_not_return(server: Running) -> None:
    for n in range(1, 4):
        guest = await server.connect()
        await guest.say("exit")
        assert (await guest.rest())[0].startswith(f"* Welcome, guest{n}. 1 person is here")


async def test_arrivals_at_once_are_one_line(serve: Serve, clock: FakeClock) -> None:
    running = await serve(Settings(port=0, rate=0), clock=clock)
    alice = await running.join("alice")
    silent = [await running.connect() for _ in range(3)]
    await alice.say("users")
    await alice.expect("1 person is here")
    clock.advance(0.3)
    for client in silent:
        await client.expect("Welcome")
    assert await alice.until("joined") == ["  alice", "* guest1, guest2, guest3 joined"]


async def test_only_what_seems_to_be_telnet_is_asked_for_binary_mode(serve: Serve) -> None:
    server = await serve(clock=SystemClock())
    silent, newline = await server.connect(), await server.connect()
    await newline.expect("* Welcome, guest")
    await silent.expect("* Welcome, guest")
    await silent.say_bytes(b"pending\r\n")
    hasty = await server.connect()
    await hasty.say_bytes(b"rename hasty\r\npending\r\n")
    await newline.say_bytes(b"pending\n")
    for client, is_asked in ((silent, True), (hasty, False), (newline, False)):
        told = await client.bytes_until(b"no scheduled messages.\r\n")
        assert (ASK_BINARY in told) is is_asked
