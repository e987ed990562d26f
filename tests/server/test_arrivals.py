"""Who is let in, and what those are told who are not; addresses of this machine count here."""

import pytest

from chat_server.protocol.events import Bye, Event
from chat_server.rules.addresses import counted
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import Client
from tests.support.clock import FakeClock
from tests.support.running import Running, own_addresses_too

pytestmark = pytest.mark.both_loops

HERE, THERE = "127.0.0.1", "127.0.0.2"
FEW = Settings(port=0, rate=0, connections_per_address=2, new_per_minute=3)


async def turned_away(running: Running, source: str) -> Event:
    """Come as a program from an address; return the one event that is told, and no other."""
    client = await running.connect(source)
    await client.say("format json")
    bye = await client.next_event()
    assert await client.rest() == []
    return bye


async def leave(client: Client, other: Client, name: str) -> None:
    await client.close()
    await other.expect(f"{name} left")


async def test_address_has_so_many_connections_and_others_have_their_own(serve: Serve) -> None:
    running = await serve(FEW, counted=own_addresses_too)
    alice, bob = await running.join("alice", HERE), await running.join("bob", HERE)
    third = await running.connect(HERE)
    assert await third.rest() == [
        "* Your address has 2 connections, which is as many as it may have. "
        "Come back when one of them has ended. Goodbye."
    ]
    assert await turned_away(running, HERE) == Bye(
        "too_many_of_address",
        {"limit": 2},
        "Your address has 2 connections, which is as many as it may have. "
        "Come back when one of them has ended. Goodbye.",
    )
    await running.join("carol", THERE)
    await alice.expect("carol joined")
    await leave(bob, alice, "bob")
    await running.join("dave", HERE)
    assert not [line for line in alice.seen if "guest" in line]


async def test_who_connects_too_often_is_told_when_to_come_back(
    serve: Serve, clock: FakeClock
) -> None:
    running = await serve(FEW, clock=clock, counted=own_addresses_too)
    alice = await running.join("alice", THERE)
    for name in ("ann", "bob", "carol"):
        await leave(await running.join(name, HERE), alice, name)
    bye = await turned_away(running, HERE)
    assert isinstance(bye, Bye)
    assert (bye.reason, bye.data) == ("too_often", {"seconds": 20})
    clock.advance(20)
    await running.join("dave", HERE)
    await alice.expect("dave joined")


async def test_server_has_so_many_connections_wherever_they_come_from(serve: Serve) -> None:
    running = await serve(Settings(port=0, rate=0, connections=2))
    alice, bob = await running.join("alice", HERE), await running.join("bob", THERE)
    assert await turned_away(running, HERE) == Bye("full", {}, "The server is full. Goodbye.")
    await leave(bob, alice, "bob")
    await running.join("carol", HERE)


async def test_this_machine_has_any_number_of_connections(serve: Serve) -> None:
    running = await serve(FEW, counted=counted)
    for number in range(6):
        await running.join(f"n{number}", HERE)


async def test_log_has_one_line_a_minute_for_each_limit(
    serve: Serve, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    running = await serve(
        Settings(port=0, rate=0, connections=3, connections_per_address=1, new_per_minute=2),
        clock=clock,
        counted=own_addresses_too,
    )
    alice = await running.join("alice", THERE)
    for name in ("ann", "bob"):
        await leave(await running.join(name, HERE), alice, name)
    for _ in range(2):
        await turned_away(running, THERE)
        await turned_away(running, HERE)
    await running.join("dave", "127.0.0.3")
    await running.join("eve", "127.0.0.4")
    await turned_away(running, HERE)
    clock.advance(60)
    await turned_away(running, THERE)
    assert [line for line in caplog.messages if "times" in line] == [
        "turned away who has as many connections from one address as "
        "CHAT_CONNECTIONS_PER_ADDRESS allows; last, 127.0.0.2 (times: 1)",
        "turned away who connects more often than CHAT_NEW_PER_MINUTE allows; "
        "last, 127.0.0.1 (times: 1)",
        "the server is full: 3 connections; CHAT_CONNECTIONS raises how many there may be; "
        "last, 127.0.0.1 (times: 1)",
        "the server is full: 3 connections; CHAT_CONNECTIONS raises how many there may be; "
        "last, 127.0.0.2 (times: 1)",
    ]
