"""Accounts over the wire: passwords on a line of their own, at telnet, at nc and for programs."""

import asyncio
import logging
from pathlib import Path

import pytest

from chat_server.connection.attempts import Allowance
from chat_server.connection.silence import ENTRY_SECONDS
from chat_server.connection.transport import TELNET_SECONDS
from chat_server.doors.telnet import ASK_BINARY
from chat_server.journal.sqlite import SqliteJournal
from chat_server.protocol.events import (
    Ask,
    Device,
    Joined,
    Left,
    Message,
    Ok,
    Refused,
    Tokens,
    Welcome,
    Whoami,
)
from tests.conftest import Join, Serve
from tests.support.client import Client
from tests.support.clock import FakeClock
from tests.support.running import Running, own_addresses_too

PASSWORD = "correct horse"
WILL_ECHO, WONT_ECHO = b"\xff\xfb\x01", b"\xff\xfc\x01"


async def registers(client: Client, password: str = PASSWORD) -> None:
    """Register in text."""
    await client.say("register")
    await client.expect("* New password for ")
    await client.say(password)
    await client.expect("* The same password again")
    await client.say(password)
    await client.expect("is yours now")


async def secret(client: Client, command: str, *secrets: str) -> Ok | Refused:
    """Say a command, and each secret that is asked for, as a program; return the last answer."""
    answer = await client.answer(command)
    for one in secrets:
        assert isinstance(answer, Ask), answer
        answer = await client.answer(f"secret {one}")
    assert isinstance(answer, Ok | Refused), answer
    return answer


async def program(server: Running, name: str) -> Client:
    """Join as a program, with an account of that name."""
    client, _ = await server.join_json(name)
    assert (await secret(client, "register", PASSWORD)).code == "registered"
    return client


def all_bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


# In text


async def test_who_registers_is_asked_twice_and_comes_back_with_the_password(
    alice: Client, server: Running
) -> None:
    await registers(alice)
    await alice.say("exit")
    await alice.rest()
    again = await server.join("bob")
    await again.say("login ALICE")
    await again.expect("* Password of ALICE (it can be seen as you type it)")
    await again.say(PASSWORD)
    await again.expect("* Welcome, alice. 1 person is here: alice.")
    await again.expect("* You are logged in as alice")


async def test_member_is_told_of_each_connection(alice: Client, server: Running) -> None:
    await registers(alice)
    other = await server.join("alice2")
    await other.say("login alice", PASSWORD)
    await other.expect("* You are logged in as alice")
    await other.say("whoami")
    told = await other.expect("* You are alice, a member since ")
    assert told.endswith(", over 2 connections")
    assert [await other.next_line() for _ in range(2)] == [
        "  from the server's machine",
        "  from the server's machine (this connection)",
    ]


async def test_two_passwords_that_differ_change_nothing(alice: Client) -> None:
    await alice.say("register", PASSWORD, "correct house")
    await alice.expect("! The two passwords differ")
    await alice.say("whoami")
    await alice.expect("* You are alice, a guest.")


async def test_password_is_too_short_or_not_typed_at_all(alice: Client) -> None:
    await alice.say("register", "1234567")
    await alice.expect("! A password has 8 to 128 characters.")
    await alice.say("register", "")
    await alice.expect("! Nothing was typed")
    await alice.say("users")
    await alice.expect("1 person is here")


async def test_password_is_no_command_and_nobody_hears_it(alice: Client, bob: Client) -> None:
    await alice.say("register", "send it to all", "send it to all", "send hello")
    assert [line.partition("] ")[2] for line in [await bob.next_line()]] == ["alice: hello"]
    await alice.expect("alice: hello")
    assert not any("send it" in line for line in alice.seen)


async def test_telnet_does_not_show_what_is_typed(server: Running) -> None:
    client = await server.connect()
    await client.say_bytes(b"\xff\xfb\x00rename alice\r\n")
    await client.bytes_until(b"Type help for the commands.\r\n")
    await client.say_bytes(b"register\r\n")
    await client.bytes_until(WILL_ECHO)
    assert await client.next_line() == "* New password for alice; an empty line cancels:"
    await client.say_bytes(b"\xff\xfd\x01" + PASSWORD.encode() + b"\r\n")
    assert await client.bytes_until(WONT_ECHO + b"\r\n") == WONT_ECHO + b"\r\n"
    await client.bytes_until(WILL_ECHO)
    assert await client.next_line() == "* The same password again; an empty line cancels:"
    await client.say_bytes(b"\xff\xfe\x01" + PASSWORD.encode() + b"\r\n")
    await client.bytes_until(WONT_ECHO + b"\r\n")
    await client.expect("* The name alice is yours now")


async def silent(server: Running, clock: FakeClock) -> Client:
    """Connect, and be silent until one is a guest."""
    client = await server.connect()
    await server.join("somebody")  # who is taken in after it
    clock.advance(ENTRY_SECONDS)
    await client.expect("* Welcome, guest")
    return client


@pytest.mark.parametrize("pieces", [[b"login alice\r\n"], [b"login al", b"ice\r\nusers\r\n"]])
async def test_telnet_is_found_out_before_it_is_asked_for_a_password(
    serve: Serve, clock: FakeClock, pieces: list[bytes]
) -> None:
    server = await serve(clock=clock)
    await program(server, "alice")
    client = await silent(server, clock)
    for piece in pieces:
        await client.say_bytes(piece)
    await client.bytes_until(ASK_BINARY)
    await client.say_bytes(b"\xff\xfb\x00\xff\xfd\x00")
    await client.bytes_until(WILL_ECHO)
    assert await client.next_line() == "* Password of alice; an empty line cancels:"


async def test_what_ends_its_lines_as_telnet_and_is_none_is_warned_after_a_second(
    serve: Serve, clock: FakeClock
) -> None:
    server = await serve(clock=clock)
    await program(server, "alice")
    client = await silent(server, clock)
    await client.say_bytes(b"login alice\r\n")
    await client.bytes_until(ASK_BINARY)
    clock.advance(TELNET_SECONDS)
    warned = "* Password of alice (it can be seen as you type it); an empty line cancels:"
    assert await client.next_line() == warned
    await client.say_bytes(PASSWORD.encode() + b"\r\n")
    await client.expect("* You are logged in as alice")


async def test_who_goes_before_they_have_shown_whether_they_are_telnet_harms_nobody(
    serve: Serve, clock: FakeClock
) -> None:
    server = await serve(clock=clock)
    alice = await program(server, "alice")
    client = await silent(server, clock)
    await client.say_bytes(b"login alice\r\n")
    await client.bytes_until(ASK_BINARY)
    await client.close()
    await alice.answer("users")
    clock.advance(TELNET_SECONDS)
    await alice.expect_event(Left)
    assert (await secret(alice, "password", PASSWORD, "battery staple")).code == "password_changed"


async def test_first_line_login_makes_nobody_a_guest_meanwhile(
    alice: Client, server: Running
) -> None:
    await registers(alice)
    bob = await server.join("bob")
    again = await server.connect()
    await again.say("login alice", PASSWORD)
    await again.expect("* Welcome, alice. 2 people are here: alice, bob.")
    await again.say("send over here")
    await bob.expect("alice: over here")
    assert not any("joined" in line for line in bob.seen)


async def test_who_does_not_know_the_password_is_a_guest(alice: Client, server: Running) -> None:
    await registers(alice)
    mallory = await server.connect()
    await mallory.say("login alice", "12345678")
    await mallory.expect("! That name and password do not go together.")
    await mallory.say("users")
    await mallory.expect("* Welcome, guest1.")


async def test_what_waits_for_a_member_is_told_at_their_next_entering(
    alice: Client, bob: Client, server: Running
) -> None:
    await registers(alice)
    await alice.say("exit")
    await alice.rest()
    await bob.say("send -u alice see you")
    await bob.expect("bob -> alice: see you")
    await bob.expect("* alice is away: they get it when they come")
    again = await server.connect()
    await again.say("login alice", PASSWORD)
    await again.expect("bob -> alice: see you")


# For programs


async def test_program_is_asked_and_says_secret(server: Running) -> None:
    client, _ = await server.join_json("alice")
    ask = await client.answer("register")
    assert isinstance(ask, Ask)
    assert (ask.field, ask.name, ask.hidden) == ("new_password", "alice", False)
    answer = await client.answer(f"secret {PASSWORD}")
    assert isinstance(answer, Ok)
    assert (answer.code, answer.data) == ("registered", {"name": "alice"})
    who = await client.answer("whoami")
    assert isinstance(who, Whoami)
    assert (who.you.name, who.member, who.connections) == ("alice", True, 1)
    assert (who.devices, who.rank) == ([Device(None, this=True)], "")


async def test_program_that_logs_in_first_is_never_a_guest(server: Running) -> None:
    await program(server, "alice")
    client = await server.connect()
    await client.say("format json", "@l login alice", f"@s secret {PASSWORD}")
    before, _ = await client.until_answer("l")
    assert [type(event) for event in before] == [Ok]
    before, answer = await client.until_answer("s")
    assert [type(event) for event in before] == [Welcome]
    assert isinstance(answer, Ok)


async def test_secret_that_nobody_asked_for_is_refused(server: Running) -> None:
    client, _ = await server.join_json("alice")
    assert (await client.refusal(f"secret {PASSWORD}")).code == "nothing_asked"


async def test_another_command_takes_the_place_of_a_question(server: Running) -> None:
    client = await program(server, "alice")
    assert isinstance(await client.answer("password"), Ask)
    assert isinstance(await client.answer("login bob"), Ask)
    assert (await client.refusal(f"secret {PASSWORD}")).code == "wrong_password"


@pytest.mark.parametrize("line", ["send hi", "users", "rename alicia", "format text", "help"])
async def test_any_other_command_takes_the_place_of_a_question(server: Running, line: str) -> None:
    client = await program(server, "alice")
    assert isinstance(await client.answer("password"), Ask)
    await client.say(line, "format json", "@a users")
    await client.expect('"re":"a"')
    assert (await client.refusal(f"secret {PASSWORD}")).code == "nothing_asked"


async def test_own_password_changes_nothing_of_who_one_becomes_meanwhile(server: Running) -> None:
    bob, welcome = await server.join_json("bob")
    await secret(bob, "register", PASSWORD)
    mallory = await program(server, "mallory")
    for line in ("unregister", "password"):
        assert isinstance(await mallory.answer(line), Ask)
        await mallory.say(f"@r resume {welcome.token}")
        await mallory.until_answer("r")
        assert (await mallory.refusal(f"secret {PASSWORD}")).code == "nothing_asked"


async def test_question_may_be_answered_after_a_line_that_is_refused(server: Running) -> None:
    client, _ = await server.join_json("alice")
    assert isinstance(await client.answer("register"), Ask)
    assert (await client.refusal("sekret correct horse")).code == "unknown_command"
    assert isinstance(await client.answer(f"secret {PASSWORD}"), Ok)


async def test_password_that_was_changed_ends_the_other_connections(server: Running) -> None:
    alice = await program(server, "alice")
    thief = await server.join("thief")
    await thief.say("login alice", PASSWORD)
    await thief.expect("* Welcome, alice.")
    assert (await secret(alice, "password", PASSWORD, "battery staple")).code == "password_changed"
    await thief.expect("* You have ended this connection over another one.")
    assert await thief.rest() == []


async def test_password_is_changed_by_who_knows_the_one_before(server: Running) -> None:
    client = await program(server, "alice")
    wrong = await secret(client, "password", "not the one")
    changed = await secret(client, "password", PASSWORD, "battery staple")
    assert (wrong.code, changed.code) == ("wrong_password", "password_changed")
    other, _ = await server.join_json("bob")
    assert (await secret(other, "login alice", PASSWORD)).code == "wrong_password"
    assert (await secret(other, "login alice", "battery staple")).code == "logged_in"


async def test_account_ends_with_its_password(server: Running) -> None:
    client = await program(server, "alice")
    assert (await secret(client, "unregister", "not the one")).code == "wrong_password"
    assert (await secret(client, "unregister", PASSWORD)).code == "unregistered"
    assert (await client.refusal("unregister")).code == "not_a_member"


async def test_unknown_name_is_refused_as_a_wrong_password_is(server: Running) -> None:
    await program(server, "alice")
    other, _ = await server.join_json("bob")
    wrong = await secret(other, "login alice", "not the one")
    unknown = await secret(other, "login nobody", "not the one")
    assert wrong.code == "wrong_password"
    assert (wrong.code, wrong.data) == (unknown.code, unknown.data)


async def test_too_many_accounts_from_one_address_have_to_wait(
    serve: Serve, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_server.connection.attempts.OF_ACCOUNTS", Allowance(2, 3600.0))
    server = await serve(clock=clock, counted=own_addresses_too)
    for called in ("alice", "bob"):
        await program(server, called)
    other, _ = await server.join_json("carol")
    refused = await other.refusal("register")
    assert (refused.code, refused.data) == ("too_many_accounts", {"seconds": 60})
    clock.advance(60)
    assert (await secret(other, "register", PASSWORD)).code == "registered"


async def test_after_three_wrong_passwords_one_has_to_wait(serve: Serve, clock: FakeClock) -> None:
    server = await serve(clock=clock)
    await program(server, "alice")
    other, _ = await server.join_json("bob")
    for _ in range(3):
        assert (await secret(other, "login alice", "not the one")).code == "wrong_password"
    refused = await secret(other, "login alice")
    assert (refused.code, refused.data) == ("too_many_attempts", {"seconds": 60})
    assert (await secret(other, "login carol", "not the one")).code == "wrong_password"
    clock.advance(60)
    assert (await secret(other, "login alice", PASSWORD)).code == "logged_in"


async def test_attempts_over_many_connections_count_together(server: Running) -> None:
    await program(server, "alice")
    others = [(await server.join_json(f"bob{number}"))[0] for number in range(5)]
    for other in others:
        assert isinstance(await other.answer("login alice"), Ask)
    answers = await asyncio.gather(*[other.answer("secret not the one") for other in others])
    codes = sorted(answer.code for answer in answers if isinstance(answer, Refused))
    assert len(codes) == 5
    assert codes.count("wrong_password") <= 3


async def test_token_is_shown_once_and_lets_a_program_in(server: Running) -> None:
    client = await program(server, "alice")
    made = await client.answer("token create backup")
    assert isinstance(made, Ok)
    token = made.data["token"]
    listed = await client.answer("token list")
    assert isinstance(listed, Tokens)
    assert [(one.id, one.label) for one in listed.tokens] == [(made.id, "backup")]
    bot = await server.connect()
    await bot.say("format json", f"@r resume {token}")
    welcome = await bot.expect_event(Welcome)
    assert (welcome.you.name, welcome.token != token) == ("alice", True)
    await client.answer(f"token revoke {made.id}")
    late = await server.connect()
    await late.say("format json", f"@r resume {token}")
    _, refused = await late.until_answer("r")
    assert isinstance(refused, Refused)
    assert refused.code == "bad_token"


async def test_what_is_said_while_a_password_is_checked_waits_for_it(server: Running) -> None:
    await program(server, "alice")
    client, _ = await server.join_json("bob")
    await client.say("@l login alice", f"@s secret {PASSWORD}", "@m send it is me")
    await client.until_answer("s")
    before, _ = await client.until_answer("m")
    assert [event.sender.name for event in before if isinstance(event, Message)] == ["alice"]


async def test_who_goes_while_a_password_is_checked_harms_nobody(
    server: Running, join: Join
) -> None:
    await program(server, "alice")
    carol = await join("carol")
    for _ in range(3):
        client = await server.connect()
        await client.say("login alice", PASSWORD)
        await client.close()
    await carol.say("send still here")
    await carol.expect("carol: still here")


async def test_password_is_in_no_file_and_no_log(
    serve: Serve, tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "chat.db"
    server = await serve(journal=SqliteJournal(path, clock), clock=clock)
    client = await program(server, "alice")
    await secret(client, "password", PASSWORD, "battery staple")
    await secret(client, "login alice", "a wrong one")
    await client.answer("users")
    kept = all_bytes_in(tmp_path)
    assert b"argon2id" in kept
    for password in (PASSWORD, "battery staple", "a wrong one"):
        assert password.encode() not in kept
        assert password not in caplog.text


async def test_who_logs_out_is_a_guest_with_a_token(server: Running) -> None:
    client = await program(server, "alice")
    await client.say("@o logout")
    before, answer = await client.until_answer("o")
    welcome = before[-1]
    assert isinstance(welcome, Welcome)
    assert (welcome.you.name, welcome.token is not None) == ("guest1", True)
    assert not any(isinstance(event, Joined) for event in before)
    assert isinstance(answer, Ok)
    assert answer.code == "logged_out"
