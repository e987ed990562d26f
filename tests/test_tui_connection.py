"""The client's connection: in, waiting for a server, what breaks it, and the end."""

import asyncio
import contextlib
import itertools
import socket

import pytest

from chat_server.events import History, Refused
from chat_tui import connection as under_test
from chat_tui.connection import FIRST_WAIT, LONGEST_WAIT, waits
from tests.tui import on_telnet, running_chat, until
from tests.tui_faults import connecting, scripted


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


# Into the chat


async def test_it_comes_in_under_its_name_and_hears_what_was_said() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        await bob.sends("early words")
        async with connecting(chat.port) as client:
            await client.is_in()
            assert [status.state for status in client.statuses] == ["connecting", "connected"]
            assert client.welcomes[0].you == "alice"
            assert client.texts == ["early words"]


async def test_without_a_name_it_is_a_guest() -> None:
    async with running_chat() as chat, connecting(chat.port, name="") as client:
        await client.is_in()
        assert client.welcomes[0].you == "guest1"


async def test_a_name_that_is_taken_is_told() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "alice"),
        connecting(chat.port) as client,
    ):
        await client.is_in()
        refusals = [event.code for event in client.heard if isinstance(event, Refused)]
        assert (client.welcomes[0].you, refusals) == ("guest1", ["name_taken"])


async def test_an_answer_comes_with_the_line_that_it_answers() -> None:
    async with running_chat() as chat, connecting(chat.port) as client:
        await client.is_in()
        client.says("cancel")
        client.says("send hello")
        await until(lambda: len(client.answers) == 2)
        assert client.answers == [("cancel", "nothing_pending"), ("send hello", "ok")]


async def test_what_is_said_offline_is_sent_on_return_once_and_in_order() -> None:
    port = free_port()
    async with connecting(port) as client:
        await client.fails()
        for text in ("one", "two", "three"):
            client.says(f"send {text}")
        async with running_chat(port):
            client.connection.retry_now()
            await until(lambda: not client.outbox.outgoing)
            assert client.texts == ["one", "two", "three"]
            assert client.answers == [(f"send {text}", "ok") for text in client.texts]


# Waiting


def test_the_waits_grow_within_their_bounds() -> None:
    many = [list(itertools.islice(waits(), 10)) for _ in range(200)]
    for tries in zip(*many, strict=True):
        assert all(FIRST_WAIT <= wait <= LONGEST_WAIT for wait in tries)
    for number in range(5):
        usual = FIRST_WAIT * 2**number
        assert all(usual <= tries[number] <= 2 * usual for tries in many)
        assert len({tries[number] for tries in many}) > 50
    assert all(wait >= 0.5 * LONGEST_WAIT for tries in many for wait in tries[7:])


async def test_it_waits_longer_each_time_and_briefly_after_a_success() -> None:
    port = free_port()
    async with connecting(port) as client:
        await until(lambda: len(client.waited) == 2)
        assert client.status.reason == "connection refused"
        async with running_chat(port) as chat:
            await client.is_in()
            chat.cut_off_but_telnet()
            await until(lambda: len(client.waited) >= 3)
    first, second, *_, after_success = client.waited
    assert first <= 2 * FIRST_WAIT <= second
    assert after_success <= 2 * FIRST_WAIT


async def test_it_connects_at_once_when_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "FIRST_WAIT", 1000.0)
    monkeypatch.setattr(under_test, "LONGEST_WAIT", 1000.0)
    port = free_port()
    async with connecting(port) as client:
        await client.fails()
        async with running_chat(port):
            client.connection.retry_now()
            await client.is_in()


# What breaks it


@pytest.mark.parametrize(
    "rubbish",
    [
        b"* Welcome, alice. Type help for the commands.\r\n",
        b'{"type": "unheard-of"}\n',
        b'{"type": "message", "id": 5}\n',
        b"\xff\xfe\n",
        b"\n",
        b'{"type": "joined"',
    ],
)
async def test_what_is_not_understood_breaks_the_connection(rubbish: bytes) -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.hears("rename")
        script.says_bytes(rubbish)
        if not rubbish.endswith(b"\n"):
            script.hangs_up()
        await client.fails()
        assert client.status.reason.startswith("not understood: ")
        client.connection.retry_now()
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()


async def test_the_server_says_why_it_goes() -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with running_chat() as chat:
            client = await stack.enter_async_context(connecting(chat.port))
            await client.is_in()
        await client.fails()
        assert client.status.reason == "The server is stopping. Goodbye."


async def test_a_server_that_goes_without_a_word_is_noticed() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes()
        script.hangs_up()
        await client.fails()
        assert client.status.reason == "the server has closed the connection"


async def test_a_flood_leaves_others_their_turn() -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()
        others = asyncio.create_task(take_turns())
        seen: dict[int, None] = {}
        client.connection._hear = lambda event: seen.update({turns: None})
        script.says_bytes(b"".join(_line(number) for number in range(1000)))
        await until(lambda: client.connection._newest == "999")
        others.cancel()
        assert len(seen) >= 4


def _line(number: int) -> bytes:
    return b'{"type":"message","id":"%d","at":0,"sender":"b","to":null,"text":"x"}\n' % number


# The end


async def test_closing_says_goodbye_and_frees_the_name() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        async with connecting(chat.port) as client:
            await client.is_in()
        await bob.hears("alice left")
        await bob.says("rename alice")
        await bob.hears("bob is now known as alice")
        assert client.status.state == "closed"


async def test_closing_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "FIRST_WAIT", 1000.0)
    monkeypatch.setattr(under_test, "LONGEST_WAIT", 1000.0)
    async with connecting(free_port()) as client:
        await client.fails()
    assert client.status.state == "closed"


async def test_closing_before_the_connection_is_made_ends_it() -> None:
    async with scripted() as script:
        async with connecting(script.port) as client:
            await until(lambda: client.statuses)
        assert (client.status.state, client.welcomes) == ("closed", [])


async def test_a_server_that_ignores_the_goodbye_is_left_all_the_same() -> None:
    async with scripted() as script:
        script.ignores_goodbyes = True
        async with connecting(script.port) as client:
            await script.welcomes()
            await script.hears("history")
        assert client.status.state == "closed"
