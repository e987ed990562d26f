"""Who a connection says it is, without a socket: what is left of a question that nobody answers."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat_server.protocol.passwords import WRONG_PASSWORD
from tests.support.client import PATIENCE
from tests.support.playbook import Playbook


@pytest.fixture
async def bob() -> AsyncIterator[Playbook]:
    """Bob, a program who is in the chat."""
    bob = Playbook("json")
    bob.hears("rename bob\n")
    bob.settles()
    yield bob
    bob.passwords.close()


async def until_looked_at(playbook: Playbook) -> None:
    """Wait until no password is looked at any more."""

    async def another_is_hashed() -> None:
        made: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        playbook.passwords.hash("another", made.set_result)
        await made

    async def looked_at() -> None:
        while playbook.attempts.is_any_under_way:
            await another_is_hashed()

    await asyncio.wait_for(looked_at(), PATIENCE)


async def test_attempt_of_who_goes_meanwhile_is_over_and_counts(bob: Playbook) -> None:
    bob.hears("login alice\nsecret not the one\n")
    assert bob.attempts.is_any_under_way
    for _ in range(2):
        bob.attempts.failed("", "alice", bob.clock.monotonic())
    bob.dialogue.close()
    await until_looked_at(bob)
    assert bob.attempts.wait("", "alice", bob.clock.monotonic()) > 0
    assert WRONG_PASSWORD.code.encode() not in bob.is_told()
