"""Who sends more than others can bear: it is taken up at a pace, and in turns."""

from collections.abc import Sequence

import pytest

from chat_server.clock import SystemClock
from chat_server.connection.transport import UNREAD
from chat_server.journal.memory import MemoryJournal
from chat_server.protocol.commands import Send
from chat_server.rules.entries import Proposal
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import Client
from tests.support.clock import FakeClock
from tests.support.running import Running, own_addresses_too

pytestmark = pytest.mark.both_loops

IAC_NOP = b"\xff\xf1"
SLOW = Settings(port=0, rate=1, burst=5, max_line=1024, bytes=1024, bytes_burst=4096)
"""Five lines, or 5 KiB of anything else, at once, and one a second after that."""


async def seconds_until_heard(alice: Client, clock: FakeClock) -> int:
    """Let seconds pass, one by one, until Alice hears what comes last."""
    for seconds in range(1000):
        await alice.say("users")
        if any("loud: now" in line for line in await alice.until("people are here")):
            return seconds
        clock.advance(1)
    pytest.fail("never heard")


@pytest.mark.parametrize(
    "rubbish",
    [IAC_NOP * 10_000, b"x" * 20_000, b"\0" * 20_000],
    ids=["telnet", "no end", "controls"],
)
async def test_bytes_that_make_no_lines_are_paced_too(
    serve: Serve, clock: FakeClock, rubbish: bytes
) -> None:
    running = await serve(SLOW, clock=clock)
    alice = await running.join("alice")
    client = await running.join("loud")
    await alice.expect("loud joined")
    await client.say_bytes(rubbish + b"\nsend now\n")
    assert await seconds_until_heard(alice, clock) >= 14


@pytest.mark.parametrize(
    "line",
    ["", "@", "@key", "@key nonsense", "users", "send", "x" * 2000, "send " + "y" * 1000, "\x1b"],
)
@pytest.mark.parametrize("format_", ["text", "json"])
async def test_lines_of_every_kind_have_the_same_pace(
    serve: Serve, clock: FakeClock, line: str, format_: str
) -> None:
    running = await serve(SLOW, clock=clock)
    alice = await running.join("alice")
    client = await running.join("loud")
    await alice.expect("loud joined")
    await client.say(f"format {format_}", *[line] * 10, "send now")
    assert 7 <= await seconds_until_heard(alice, clock) <= 20


async def test_line_that_is_not_utf8_has_the_same_pace(serve: Serve, clock: FakeClock) -> None:
    running = await serve(SLOW, clock=clock)
    alice = await running.join("alice")
    client = await running.join("loud")
    await alice.expect("loud joined")
    await client.say_bytes(b"caf\xe9\n" * 10 + b"send now\n")
    assert 7 <= await seconds_until_heard(alice, clock) <= 20


async def test_those_of_one_address_say_so_many_bytes_in_a_minute(
    serve: Serve, clock: FakeClock
) -> None:
    settings = Settings(port=0, rate=1000, burst=1000, guest_bytes_per_minute=64 * 1024)
    running = await serve(settings, clock=clock, counted=own_addresses_too)
    alice = await running.join("alice", "127.0.0.2")
    other, loud = await running.join("other"), await running.join("loud")
    await alice.expect("loud joined")
    await other.say(*["send " + "x" * 1000] * 40)
    for _ in range(40):
        await alice.expect("other: x")
    await loud.say(*["send " + "x" * 1000] * 40, "send now")
    assert 10 <= await seconds_until_heard(alice, clock) <= 30


@pytest.mark.parametrize(("answer_bytes", "least", "most"), [(64 * 1024, 100, 200), (0, 0, 50)])
async def test_who_asks_for_long_answers_again_and_again_waits_for_them(
    serve: Serve, clock: FakeClock, answer_bytes: int, least: int, most: int
) -> None:
    settings = Settings(port=0, rate=1000, burst=1000, answer_bytes=answer_bytes)
    running = await serve(settings, clock=clock)
    alice = await running.join("alice")
    await alice.say(*["send " + "x" * 1000] * 20)
    client = await running.join("loud")
    await alice.expect("loud joined")
    await client.say(*["history"] * 10, "send now")
    assert least <= await seconds_until_heard(alice, clock) <= most


class WeighingJournal(MemoryJournal):
    """A journal that weighs the messages of each batch, and keeps who said them."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.weights: list[int] = []
        self.said: list[str] = []

    async def append(self, batch: Sequence[Proposal]) -> None:
        texts = [p.command.text for p in batch if isinstance(p.command, Send)]
        self.weights.append(sum(map(len, texts)))
        self.said += texts
        await super().append(batch)


async def flooded(running: Running, people: int) -> list[Client]:
    """Let people say 200 messages of 1 KB each, all at once; nobody reads on."""
    loud = [await running.join(f"loud{n}") for n in range(people)]
    for client in loud:
        await client.say(*["send " + "z" * 1000] * 200)
    return loud


async def test_what_all_say_together_is_taken_up_in_bounded_turns(serve: Serve) -> None:
    journal = WeighingJournal()
    running = await serve(journal=journal)
    alice = await running.join("alice")
    await flooded(running, 20)
    await alice.say("send the last word")
    await alice.expect("alice: the last word")
    while sum(journal.weights) < 20 * 200 * 1000:
        await alice.next_line()
    # As many short turns are one batch as two milliseconds have, on a fast machine over a hundred;
    # without bounds, all that the twenty may have unread is.
    assert max(journal.weights) < 20 * UNREAD * 3 // 4


async def test_who_says_little_is_heard_before_those_who_flood(serve: Serve) -> None:
    """Everybody may say 200 lines at once; those who have done so wait for those who have not."""
    journal = WeighingJournal()
    running = await serve(Settings(port=0, rate=100, burst=250), journal=journal)
    alice = await running.join("alice")
    await flooded(running, 20)
    await alice.say("send a word")
    await alice.expect("alice: a word")
    assert journal.said.index("a word") < 20 * 200
