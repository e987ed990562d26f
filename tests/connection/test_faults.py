"""What goes wrong on a connection, caused for real: nobody else notices, and nothing is lost."""

import asyncio
import socket

import pytest

from chat_server.doors.telnet import ASK_BINARY
from chat_server.protocol.events import Users
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import LARGE, PATIENCE, Client, open_socket, reset, told
from tests.support.clock import FakeClock
from tests.support.running import Running

pytestmark = pytest.mark.both_loops

IAC, WILL, WONT, DO, DONT, SB, SE = (bytes([code]) for code in (255, 251, 252, 253, 254, 250, 240))
ECHO, NAWS = bytes([1]), bytes([31])


# What is said wrongly


async def test_overlong_line_is_skipped_and_the_connection_lives_on(alice: Client) -> None:
    await alice.say("send " + "x" * 8187, "send " + "x" * 100_000, "send still here")
    assert (await alice.next_line()).startswith("! The message has 8187 characters")
    assert (await alice.next_line()).startswith("! The line is longer than 8192 bytes")
    assert (await alice.next_line()).endswith("alice: still here")


async def test_overlong_line_is_refused_before_its_end_comes(alice: Client) -> None:
    await alice.say_bytes(b"x" * 10_000)
    await alice.expect("! The line is longer than 8192 bytes")
    await alice.say_bytes(b"more of it\nsend here\n")
    assert (await alice.next_line()).endswith("alice: here")


async def test_line_that_is_not_utf8_is_refused(alice: Client, bob: Client) -> None:
    await alice.say_bytes(b"send caf\xe9\nsend caf\xc3\xa9\n")
    assert (await alice.next_line()).startswith("! The line is not UTF-8 (its byte 9 is 0xE9)")
    assert (await bob.next_line()).endswith("alice: café")


async def test_binary_rubbish_harms_nobody(alice: Client, server: Running) -> None:
    rubbish = await server.connect()
    await rubbish.say_bytes(bytes(range(256)) * 300 + b"\n" + bytes(range(128, 240)) + b"\nusers\n")
    await rubbish.expect("2 people are here")
    await alice.say("send unharmed")
    await alice.expect("alice: unharmed")


async def test_line_that_is_no_command_leaves_no_ghost(alice: Client, server: Running) -> None:
    client = await server.connect()
    await client.say("rename carol", "GET / HTTP/1.1", "send alive")
    await client.expect("! Unknown command: GET.")
    await client.expect("carol: alive")
    await client.close()
    await alice.expect("carol left")
    await alice.say("users")
    await alice.expect("1 person is here")


async def test_telnet_options_are_declined_and_are_not_text(alice: Client) -> None:
    await alice.say_bytes(
        b"se" + IAC + DO + ECHO + b"nd h" + IAC + WILL + NAWS + IAC + SB + NAWS
        + b"\0\x50\0\x18\nexit\n" + IAC + SE + b"i" + IAC + WONT + ECHO + b"\n"
    )  # fmt: skip
    told = await alice.bytes_until(b"\n")
    assert told.startswith(IAC + WONT + ECHO + IAC + DONT + NAWS + ASK_BINARY + b"[")
    assert told.endswith(b"alice: hi\r\n")


# The end of a connection


async def test_half_a_line_at_the_end_is_refused(alice: Client, server: Running) -> None:
    """As `printf 'send whole\\nsend ha' | nc -N` does."""
    bob = await server.join("bob")
    await bob.say_bytes(b"send whole\nsend ha")
    bob.say_no_more()
    assert [line.partition("] ")[2] or line for line in await bob.rest()] == [
        "bob: whole",
        "! The last line has no end, so it was not carried out. End every line by Enter.",
        "* Goodbye.",
    ]
    lines = await alice.until("bob left")
    assert [line.partition("] ")[2] for line in lines] == ["", "bob: whole", ""]


async def test_half_a_line_alone_is_refused_and_enters_nobody(
    alice: Client, server: Running
) -> None:
    client = await server.connect()
    await client.say_bytes(b"users")
    client.say_no_more()
    assert [line[:27] for line in await client.rest()] == [
        "! The last line has no end,",
        "* Goodbye.",
    ]
    await alice.say("send fence", "users")
    assert (await alice.until("1 person is here"))[0].endswith("fence")


async def test_goodbye_is_said_to_who_was_answered_and_never_entered(server: Running) -> None:
    client = await server.connect()
    await client.say("format json")
    client.say_no_more()
    assert await client.rest() == [
        '{"type":"ok"}',
        '{"type":"bye","reason":"hung_up","text":"Goodbye."}',
    ]


async def test_lines_before_the_end_are_carried_out(alice: Client, server: Running) -> None:
    """As `printf 'send hi\\n' | nc -N` does."""
    client = await server.connect()
    await client.say("send hi", "users")
    client.say_no_more()
    lines = await client.rest()
    assert lines[0].startswith("* Welcome, guest1.")
    assert lines[1].endswith("guest1: hi")
    assert lines[2:] == ["* 2 people are here:", "  alice, guest1", "* Goodbye."]
    assert (await alice.until("left"))[-2:] == [lines[1], "* guest1 left"]


async def test_all_lines_before_the_end_are_carried_out_at_the_pace(
    serve: Serve, clock: FakeClock
) -> None:
    """As `(echo rename bob; 30 lines) | nc -N` does."""
    running = await serve(Settings(port=0, rate=1, burst=5), clock=clock)
    alice = await running.join("alice")
    client = await running.connect()
    await client.say("rename bob", *(f"send {n}." for n in range(30)))
    client.say_no_more()
    for n in range(30):
        await alice.expect(f"bob: {n}.")
        if n >= 3:
            clock.advance(1)
    await alice.expect("bob left")
    said = [line.partition("bob: ")[2] for line in await client.rest()]
    assert [text for text in said if text] == [f"{n}." for n in range(30)]
    assert client.seen[-1] == "* Goodbye."


async def test_all_lines_before_the_end_are_answered_though_reading_had_to_pause(
    serve: Serve,
) -> None:
    """More come than are kept unread, so the end itself is heard long after it came."""
    running = await serve(Settings(port=0, rate=1_000_000, burst=1))
    client = await running.connect()
    await client.say("rename bob", *["send to nobody -u nobody"] * 5_000)
    client.say_no_more()
    lines = await client.rest()
    assert sum("Nobody here is called nobody" in line for line in lines) == 5_000
    assert lines[-1] == "* Goodbye."


async def test_connection_that_says_nothing_and_closes_enters_nobody(
    serve: Serve, clock: FakeClock
) -> None:
    running = await serve(clock=clock)
    alice = await running.join("alice")
    for _ in range(3):
        client = await running.connect()
        client.say_no_more()
        assert await client.rest() == []
    reset(open_socket(running.host, running.port))
    clock.advance(1)
    await alice.say("send fence", "users")
    assert (await alice.until("1 person is here"))[0].endswith("fence")


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_abrupt_end_leaves_no_ghost(alice: Client, server: Running, how: str) -> None:
    connection = open_socket(server.host, server.port)
    connection.sendall(b"rename carol\n")
    await alice.expect("carol joined")
    if how == "reset":
        reset(connection)
    else:
        connection.close()
    assert await alice.next_line() == "* carol left"
    await alice.say("users", "rename carol")
    assert (await alice.until("now known"))[0] == "* 1 person is here:"


async def test_who_says_exit_and_is_gone_at_once_harms_nobody(
    alice: Client, server: Running
) -> None:
    """The goodbye of many of them finds a transport whose other end has been reset."""
    for number in range(200):
        visitor = open_socket(server.host, server.port)
        visitor.sendall(f"rename visitor{number}\nexit\n".encode())
        if number % 2:
            reset(visitor)
        else:
            visitor.close()
        await asyncio.sleep(0)
    await alice.say("send still here")
    await alice.expect("alice: still here")
    assert server.server.fault is None


async def test_who_is_resumed_elsewhere_after_they_closed_unheard_harms_nobody(
    serve: Serve, clock: FakeClock
) -> None:
    """Nothing is read from the old connection, so its end is news when it is told goodbye."""
    running = await serve(Settings(port=0, rate=1, burst=5), clock=clock)
    alice = await running.join("alice")
    ann, welcome = await running.join_json("ann")
    await ann.say(*["users"] * 12_000)
    for _ in range(3):
        await ann.expect_event(Users)
    await ann.close()
    again = await running.connect()
    await again.say("format json", f"@r resume {welcome.token}")
    _, answer = await again.until_answer("r")
    assert told(answer) == "ok"
    await alice.say("send still here")
    await alice.expect("alice: still here")


async def test_fault_of_one_connection_costs_that_connection_and_one_log_line(
    alice: Client,
    bob: Client,
    server: Running,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it is: here, what answers `history` breaks, in whichever way it can."""

    def broken(*arguments: object) -> None:
        raise RuntimeError("the handler is closed")

    monkeypatch.setattr(server.server.chat, "history", broken)
    carol = await server.join("carol")
    await carol.say("history")
    assert await carol.rest() == []
    await bob.expect("carol left")
    await alice.say("send still here")
    await bob.expect("alice: still here")
    assert [line for line in caplog.messages if "fault" in line] == [
        "closed carol (127.0.0.1) for a fault: RuntimeError('the handler is closed')"
    ]


async def test_whatever_follows_exit_costs_nothing_of_what_was_answered(
    alice: Client, server: Running
) -> None:
    await alice.say(*[f"send {LARGE}"] * 500, "history 1")
    await alice.expect("* The last message")
    bob = await server.join("bob")
    await bob.say("history 500", "exit", *["users"] * 40_000)
    lines = await bob.rest()
    assert sum(LARGE in line for line in lines) == 500
    assert lines[-1] == "* Goodbye."


# Too slow, and too fast


async def test_slow_reader_is_cut_off_and_nobody_else_notices(
    alice: Client, bob: Client, server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    deaf = await enter_unread(server, alice, "deaf")
    said = await talk_until(alice, "* deaf left")
    assert [line for line in caplog.messages if line.startswith("cut off deaf (127.0.0.1): ")]
    await bob.say("send unhurt")
    assert sum(LARGE in line for line in await bob.until("unhurt")) == said
    deaf.close()


async def enter_unread(server: Running, alice: Client, name: str) -> socket.socket:
    """Enter by a socket that nobody reads from."""
    connection = open_socket(server.host, server.port)
    connection.sendall(f"rename {name}\n".encode())
    await alice.expect(f"{name} joined")
    return connection


async def talk_until(alice: Client, told: str) -> int:
    """Let Alice say large messages until she is told something; return how many she said."""
    for said in range(20, 10_000, 20):
        await alice.say(*[f"send {LARGE}"] * 20, "history 1")
        await alice.expect("* The last message")
        if told in alice.seen:
            return said
    pytest.fail(f"never told {told}")


async def test_long_answer_may_exceed_the_outbox_once(alice: Client, server: Running) -> None:
    """A history of 8 MB is given to whoever asks, at the pace at which they read it."""
    await alice.say(*[f"send {LARGE}"] * 1000)
    for _ in range(1000):
        await alice.next_line()
    reader = await server.join("reader")
    await reader.say("history 1000", "history 1000", "users")
    lines = await reader.until("2 people are here")
    assert sum(LARGE in line for line in lines) == 2000


async def test_long_answer_does_not_let_more_wait_of_what_others_say(
    alice: Client, server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody asks for much, and reads nothing of it."""
    await alice.say(*[f"send {LARGE}"] * 500, "history 1")
    await alice.expect("* The last message")
    deaf = await enter_unread(server, alice, "deaf")
    deaf.sendall(b"history 500\n")
    await talk_until(alice, "* deaf left")
    [cut_off] = [line for line in caplog.messages if line.startswith("cut off deaf")]
    assert 256 < int(cut_off.split()[4]) < 4096 + 200
    deaf.close()


async def test_flood_is_slowed_and_never_refused(serve: Serve, clock: FakeClock) -> None:
    running = await serve(Settings(port=0, rate=2, burst=10), clock=clock)
    alice, bob = await running.join("alice"), await running.join("bob")
    await alice.say(*(f"send {n}." for n in range(15)))
    assert await heard_now(bob) == [f"alice: {n}." for n in range(9)]
    clock.advance(0.499)
    assert await heard_now(bob) == []
    clock.advance(0.001)
    assert await heard_now(bob) == ["alice: 9."]
    clock.advance(0.5)
    assert await heard_now(bob) == ["alice: 10."]
    for n in range(11, 15):
        clock.advance(0.5)
        await bob.expect(f"alice: {n}.")
    assert not [line for line in alice.seen if line.startswith("!")]


async def heard_now(bob: Client) -> list[str]:
    """What others have said by now; Bob's own words go the same way, behind theirs."""
    await bob.say("send fence")
    lines = await bob.until("bob: fence")
    return [line.partition("] ")[2] for line in lines[:-1]]


async def test_new_names_have_a_pace_of_their_own(serve: Serve, clock: FakeClock) -> None:
    running = await serve(Settings(port=0, rate=100, burst=100), clock=clock)
    alice, bob = await running.join("alice"), await running.join("bob")
    await alice.expect("bob joined")
    await bob.say(*(f"rename bob{n}" for n in range(7)), "send done")
    await bob.expect("known as bob4")
    await alice.expect("known as bob4")
    clock.advance(9.9)
    await alice.say("users")
    assert await alice.until("alice, bob4") == ["* 2 people are here:", "  alice, bob4"]
    clock.advance(0.1)
    assert await alice.next_line() == "* bob4 is now known as bob5"
    clock.advance(10)
    assert await alice.next_line() == "* bob5 is now known as bob6"
    assert (await alice.next_line()).endswith("bob6: done")


async def test_pasting_thirty_lines_works(serve: Serve) -> None:
    running = await serve(Settings(port=0, rate=50, burst=20))
    alice = await running.join("alice")
    await alice.say(*(f"send {n}." for n in range(30)))
    for n in range(30):
        assert (await alice.next_line()).endswith(f"alice: {n}.")


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_hang_up_is_noticed_while_nothing_is_read(
    serve: Serve, clock: FakeClock, how: str
) -> None:
    """More than 64 KiB wait to be taken up, so the connection is not being read."""
    running = await serve(Settings(port=0, rate=0.1, burst=5), clock=clock)
    alice = await running.join("alice")
    connection = open_socket(running.host, running.port)
    await flood(connection, b"users\n" * 1000, first=b"rename carol\n")
    await alice.expect("carol joined")
    if how == "reset":
        reset(connection)
    else:
        connection.close()
    clock.advance(1)
    await alice.expect("carol left")


async def flood(connection: socket.socket, chunk: bytes, first: bytes = b"") -> None:
    """Send for as long as the other end takes it."""
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, first)
    try:
        while True:
            await asyncio.wait_for(loop.sock_sendall(connection, chunk * 100), PATIENCE / 20)
    except asyncio.TimeoutError:
        return
