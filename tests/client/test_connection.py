"""The client's connection: in, waiting for a server, what breaks it, and the end."""

import asyncio
import contextlib
import errno
import gc
import itertools
import os
import socket

import pytest

from chat_server.protocol.events import Bye, History, Left, Ok, Refused
from chat_server.protocol.json_lines import line
from chat_server.protocol.wording import goodbye
from chat_tui.session import connection as under_test
from chat_tui.session import protocol
from chat_tui.session.connection import FIRST_WAIT, LONGEST_WAIT, waits, why_stopped
from tests.support.faults import Recorder, connecting, scripted
from tests.support.people import renamed, says, welcome
from tests.support.ports import free_port
from tests.support.screen import on_telnet, running_chat, until

# Into the chat


async def test_it_comes_in_under_its_name_and_hears_what_was_said() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        await bob.sends("early words")
        async with connecting(chat.port) as client:
            await client.is_in()
            assert [status.state for status in client.statuses] == ["connecting", "connected"]
            assert client.welcomes[0].you.name == "alice"
            assert client.texts == ["early words"]


async def test_without_a_name_it_is_a_guest() -> None:
    async with running_chat() as chat, connecting(chat.port, name="") as client:
        await client.is_in()
        assert client.welcomes[0].you.name == "guest1"


async def test_a_name_that_is_taken_is_told() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "alice"),
        connecting(chat.port) as client,
    ):
        await client.is_in()
        refusals = [event.code for event in client.heard if isinstance(event, Refused)]
        assert (client.welcomes[0].you.name, refusals) == ("guest1", ["name_taken"])


async def test_an_answer_comes_with_the_line_that_it_answers() -> None:
    async with running_chat() as chat, connecting(chat.port) as client:
        await client.is_in()
        client.says("cancel")
        client.says("send -- hello")
        await until(lambda: len(client.answers) == 2)
        assert client.answers == [("cancel", "nothing_pending"), ("send -- hello", "ok")]


async def test_what_is_said_offline_is_sent_on_return_once_and_in_order() -> None:
    port = free_port()
    async with connecting(port) as client:
        await client.fails()
        for text in ("one", "two", "three"):
            client.says(f"send -- {text}")
        async with running_chat(port):
            client.connection.retry_now()
            await until(lambda: not client.outbox.outgoing)
            assert client.texts == ["one", "two", "three"]
            assert client.answers == [(f"send -- {text}", "ok") for text in client.texts]


# Its name


async def test_a_name_is_taken_as_soon_as_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "ASK_AGAIN", 1000.0)
    async with running_chat() as chat, contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(on_telnet(chat.port, "bob"))
        alice = await stack.enter_async_context(on_telnet(chat.port, "Алиса"))
        client = await stack.enter_async_context(connecting(chat.port, "Алиса"))
        await client.is_in()
        await alice.says("exit")
        await until(lambda: client.renamed == [("guest1", "Алиса")])
        assert sum(isinstance(event, Refused) for event in client.heard) == 1


async def test_a_name_that_is_kept_is_asked_for_until_it_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "ASK_AGAIN", 0.01)
    async with scripted() as script, connecting(script.port) as client:
        await script.hears("format json")
        taken = Refused("name_taken", {"name": "alice"}, re=await script.hears("rename alice"))
        script.says(welcome("guest1", token="t"), taken)
        script.says(History([], None, re=await script.hears("history")))
        for _ in range(3):
            script.says(
                Refused("name_taken", {"name": "alice"}, re=await script.hears("rename alice"))
            )
        key = await script.hears("rename alice")
        script.says(renamed("guest1", "alice"), Ok(re=key))
        await until(lambda: client.renamed == [("guest1", "alice")])
        client.says("send -- hi")
        await script.hears("send -- hi")
        assert not any("rename" in line for line in script.lines)
        assert sum(isinstance(event, Refused) for event in client.heard) == 1


async def test_who_has_chosen_another_name_is_not_renamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "ASK_AGAIN", 0.01)
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "alice") as alice,
        connecting(chat.port) as client,
    ):
        await client.is_in()
        client.says("rename carol")
        await until(lambda: client.renamed == [("guest1", "carol")])
        await alice.says("exit")
        await until(lambda: any(isinstance(event, Left) for event in client.heard))
        client.says("users")
        await until(lambda: len(client.answers) == 2)
        assert client.renamed == [("guest1", "carol")]


# Where the server is


async def test_a_host_whose_first_address_is_dead_is_reached_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first address neither accepts nor refuses: its queue is full."""
    async with running_chat() as chat, contextlib.AsyncExitStack() as stack:
        dead = stack.enter_context(socket.create_server(("127.0.0.2", chat.port), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(dead.getsockname())
        loop = asyncio.get_running_loop()

        async def addresses(*asked: object, **more: object) -> list[tuple[object, ...]]:
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, chat.port))
                for host in ("127.0.0.2", "127.0.0.1")
            ]

        monkeypatch.setattr(loop, "getaddrinfo", addresses)
        async with connecting(chat.port) as client:
            await client.is_in()


async def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "CONNECT_SECONDS", 0.05)
    with contextlib.ExitStack() as stack:
        dead = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(dead.getsockname())
        async with connecting(dead.getsockname()[1]) as client:
            await client.fails()
            assert client.status.reason == "no answer"


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
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        b'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"\n',
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"-ERR unknown command 'format'\r\n",
        b"\x15\x03\x01\x00\x02\x02\n",
        b"\n",
    ],
)
async def test_where_no_chat_answers_it_tries_no_more_until_asked_to(answer: bytes) -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.hears("rename")
        script.says_bytes(answer)
        await until(lambda: client.status.state == "stopped")
        assert client.status.reason == "what answers is no chat server"
        assert not client.waited
        client.connection.retry_now()
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()


@pytest.mark.parametrize("reason", ["kicked", "banned", "dismissed"])
async def test_who_is_sent_away_comes_again_only_when_they_want_to(reason: str) -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()
        script.says(Bye(reason, {"by": "mona", "reason": "{spam}"}))
        await until(lambda: client.status.state == "stopped")
        told = why_stopped(client.status.reason, "here")
        assert (
            told == client.status.reason == goodbye(Bye(reason, {"by": "mona", "reason": "{spam}"}))
        )
        assert not client.waited
        client.connection.retry_now()
        await script.welcomes()


async def test_what_the_chat_says_in_words_before_it_lets_us_in_is_no_other_program() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.hears("rename")
        script.says_bytes(b"* Welcome, guest1. 2 people are here.\r\n[21:07:00] bob: hi\r\n")
        script.says_bytes(b"! The server is full.\r\n")
        await client.fails()
        assert client.status.reason == "The server is full."


async def test_who_does_not_let_us_in_is_left_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(under_test, "WELCOME_SECONDS", 0.01)
    async with scripted() as script, connecting(script.port) as client:
        await client.fails()
        assert client.status.reason == "it says nothing that a chat server says"


async def test_a_network_that_vanishes_before_we_are_let_in_is_not_a_silent_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def vanish(reader: asyncio.StreamReader) -> bytes | None:
        raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    monkeypatch.setattr(under_test, "next_line", vanish)
    async with scripted() as script, connecting(script.port) as client:
        await client.fails()
        assert client.status.reason == "connection timed out"


async def test_half_a_line_is_none() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.hears("rename")
        script.says_bytes(b'{"type": "joined"')
        script.hangs_up()
        await client.fails()
        assert client.status.reason == "the server has closed the connection"


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
        client.listen = lambda event: seen.update({turns: None})
        script.says_bytes(b"".join(_line(number) for number in range(1000)))
        await until(lambda: len(client.texts) == 1000)
        others.cancel()
        assert len(seen) >= 4


def _line(number: int) -> bytes:
    return line(says("bob", "x", number=number))


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


async def test_ending_it_at_any_moment_of_connecting_leaves_no_socket_open() -> None:
    async with running_chat() as chat:
        for turns in range(12):
            running = asyncio.ensure_future(Recorder(chat.port, "alice").connection.run())
            for _ in range(turns):
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait([running])
            del running
            gc.collect()  # which says what was left open


async def test_a_server_that_ignores_the_goodbye_is_left_all_the_same() -> None:
    async with scripted() as script:
        script.ignores_goodbyes = True
        async with connecting(script.port) as client:
            await script.welcomes()
            await script.hears("history")
        assert client.status.state == "closed"


async def test_whoever_ends_it_says_goodbye() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
        client = Recorder(chat.port, "alice")
        running = asyncio.create_task(client.connection.run())
        await client.is_in()
        running.cancel()
        await bob.hears("alice left")
        await bob.says("rename alice")
        await bob.hears("bob is now known as alice")
