"""A closed server: it asks for a password of its own, or lets in its members alone."""

import pytest

from chat_server.clock import SystemClock
from chat_server.protocol.events import Ask, Bye, Ok, Refused, Welcome
from chat_server.rules.presence import PERSON_KEPT
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import Client
from tests.support.clock import FakeClock
from tests.support.running import Running

KEYED = Settings(port=0, rate=0, password="sesame")
FOR_MEMBERS = Settings(port=0, rate=0, guests=False)
PASSWORD = "correct horse"


async def member(server: Running, name: str) -> str:
    """Make an account over an open connection; return the token of its program."""
    client, _ = await server.join_json(name)
    assert isinstance(await client.answer("register"), Ask)
    assert isinstance(await client.answer(f"secret {PASSWORD}"), Ok)
    made = await client.answer("token create")
    assert isinstance(made, Ok)
    await client.say("exit")
    await client.expect_event(Bye)
    return str(made.data["token"])


class Closing:
    """A server that closes once its members are there."""

    def __init__(self, server: Running, token: str) -> None:
        self.server = server
        self.token = token


@pytest.fixture
async def closing(serve: Serve) -> Closing:
    server = await serve(clock=SystemClock())
    token = await member(server, "alice")
    server.server.settings = FOR_MEMBERS
    return Closing(server, token)


async def test_server_with_a_password_asks_for_it_and_lets_nobody_else_in(serve: Serve) -> None:
    server = await serve(KEYED)
    client = await server.connect()
    await client.say("hello")
    await client.expect("* Password of this chat (it can be seen as you type it)")
    await client.say("open")
    await client.expect("! That is not the password of this chat.")
    await client.say("hello")
    await client.expect("* Password of this chat")
    await client.say("sesame")
    await client.expect("* Welcome, guest1. 1 person is here: guest1.")


async def test_member_may_log_in_where_the_password_of_the_server_is_asked_for(
    serve: Serve,
) -> None:
    server = await serve(clock=SystemClock())
    await member(server, "alice")
    server.server.settings = KEYED
    client = await server.connect()
    await client.expect("* Password of this chat")
    await client.say("login alice", "not the one")
    await client.expect("! That name and password do not go together.")
    await client.expect("* Password of this chat")
    await client.say("login alice", PASSWORD)
    await client.expect("* Welcome, alice. 1 person is here: alice.")


async def test_who_looks_on_is_asked_at_once(serve: Serve) -> None:
    server = await serve(KEYED, clock=SystemClock())
    client = await server.connect()
    await client.expect("* Password of this chat")
    await client.say("open")
    await client.expect("! That is not the password of this chat.")
    await client.expect("* Password of this chat")


async def test_program_is_asked_for_it_with_its_first_line(serve: Serve) -> None:
    server = await serve(KEYED)
    client = await server.connect()
    await client.say("format json", "@a rename alice")
    _, ask = await client.until_answer("a")
    assert isinstance(ask, Ask)
    assert (ask.field, ask.name) == ("chat_password", "")
    assert (await client.refusal("secret open")).code == "wrong_chat_password"
    assert isinstance(await client.answer("send hi"), Ask)
    answer = await client.answer("secret sesame")
    assert isinstance(answer, Ok)
    assert answer.code == "admitted"
    await client.say("@b rename alice")
    before, _ = await client.until_answer("b")
    assert isinstance(before[-1], Welcome)
    assert before[-1].you.name == "alice"


async def test_password_of_a_server_cannot_be_guessed_fast(serve: Serve, clock: FakeClock) -> None:
    server = await serve(KEYED, clock=clock)
    client = await server.connect()
    await client.say("format json", "@a users")
    await client.until_answer("a")
    for _ in range(3):
        assert (await client.refusal("secret open")).code == "wrong_chat_password"
        await client.answer("users")
    assert (await client.refusal("secret sesame")).code == "too_many_attempts"


@pytest.mark.parametrize("line", ["send hi", "users", "rename bob", "history", "report alice"])
async def test_server_for_members_refuses_every_line_of_a_guest(
    closing: Closing, line: str
) -> None:
    client = await closing.server.connect()
    await client.say("format json")
    assert (await client.refusal(line)).code == "members_only"
    assert (await client.refusal(line)).code == "members_only"
    assert closing.server.server.chat.here() == 0


async def test_who_looks_on_is_told_once_what_the_server_wants(closing: Closing) -> None:
    client = await closing.server.connect()
    await client.expect("! This chat is for its members. If you are one: login NAME")
    await client.say("exit")
    assert await client.rest() == ["* Goodbye."]


async def test_member_comes_in_by_password(closing: Closing) -> None:
    client = await closing.server.connect()
    await client.say("login alice", PASSWORD)
    await client.expect("* Welcome, alice. 1 person is here: alice.")


async def test_program_comes_in_by_token_and_nobody_by_an_unknown_one(closing: Closing) -> None:
    client = await closing.server.connect()
    await client.say("format json", f"@a resume {'x' * 32}")
    _, refused = await client.until_answer("a")
    assert isinstance(refused, Refused)
    assert refused.code == "bad_token"
    assert closing.server.server.chat.here() == 0
    await client.say(f"@b resume {closing.token}")
    before, _ = await client.until_answer("b")
    assert isinstance(before[-1], Welcome)
    assert before[-1].you.name == "alice"


async def test_token_that_counts_no_more_lets_nobody_in(serve: Serve) -> None:
    clock = FakeClock()
    server = await serve(clock=clock)
    alice, welcome = await server.join_json("alice")
    await alice.answer("register")
    await alice.answer(f"secret {PASSWORD}")
    bob = await server.join("bob")
    await alice.close()
    await bob.expect("* alice left")
    server.server.settings = FOR_MEMBERS
    clock.advance(PERSON_KEPT)
    client = await server.connect()
    await client.say("format json", f"@r resume {welcome.token}", "@h send here I am")
    _, refused = await client.until_answer("r")
    assert isinstance(refused, Refused)
    assert refused.code == "bad_token"
    _, refused = await client.until_answer("h")
    assert isinstance(refused, Refused)
    assert refused.code == "members_only"
    assert server.server.chat.here() == 1


async def test_who_logs_out_where_no_guest_may_be_leaves(closing: Closing) -> None:
    client = await closing.server.connect()
    await client.say("login alice", PASSWORD, "logout")
    assert (await client.rest())[-1] == "* Goodbye."


async def test_two_letters_that_are_one_open_the_chat_however_they_are_typed(serve: Serve) -> None:
    server = await serve(Settings(port=0, rate=0, password="caf\u00e9"))
    client: Client = await server.connect()
    await client.say("hello")
    await client.expect("* Password of this chat")
    await client.say("cafe\u0301")
    await client.expect("* Welcome, guest1.")
