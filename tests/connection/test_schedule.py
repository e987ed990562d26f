"""Scheduled messages, in made-up time: neither early nor twice, and nobody left in the dark."""

from collections.abc import Sequence

import pytest

from chat_server.journal.memory import MemoryJournal
from chat_server.protocol.events import (
    Bye,
    Event,
    Fired,
    History,
    Left,
    Message,
    Ok,
    Refused,
    Scheduled,
    Undelivered,
    Welcome,
)
from chat_server.rules.entries import Fire, Proposal
from chat_server.server import Server
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import Client, told
from tests.support.clock import DAWN, FakeClock
from tests.support.people import names
from tests.support.running import UNLIMITED, Running


@pytest.fixture
async def server(serve: Serve, clock: FakeClock) -> Running:
    """The server of every test here lives in made-up time; two complaints mute for 600 s."""
    return await serve(Settings(port=0, rate=0, reports=1), clock=clock)


@pytest.fixture
async def ann(server: Running) -> Client:
    return (await server.join_json("ann"))[0]


async def so_far(client: Client) -> list[Event]:
    """What a program has been told by now; the journal's order puts the fence behind it."""
    before, _ = await client.ask("send -u nobody fence")
    again, _ = await client.ask("send fence")
    return [*before, *again[:-1]]


async def test_message_is_sent_when_it_is_due_and_not_before(ann: Client, clock: FakeClock) -> None:
    before, _ = await ann.ask("send -t 10 tea")
    assert [told(event) for event in before] == ["scheduled"]
    clock.advance(9.999)
    assert await so_far(ann) == []
    clock.advance(0.001)
    message = await ann.next_event()
    assert isinstance(message, Message)
    assert (message.text, message.sender.name, message.to) == ("tea", "ann", None)
    assert (message.at, message.due, message.left) == (DAWN + 10, None, False)
    assert message.item == "1"
    assert await ann.next_event() == Fired("1", message.id)
    clock.advance(100)
    assert await so_far(ann) == []


async def test_message_for_later_than_a_minute_is_sent_though_nobody_talks(
    ann: Client, clock: FakeClock
) -> None:
    await ann.answer("send -t 150 tea")
    clock.advance(150)
    assert told(await ann.next_event()) == "message tea"


HOUR = 3600
YEAR = 365 * 24 * HOUR
settings_of_the_clock = pytest.mark.parametrize(
    "by", [-5, 5, -HOUR, HOUR, -YEAR, YEAR, -12 * YEAR, 12 * YEAR]
)


@settings_of_the_clock
async def test_message_comes_after_its_seconds_however_the_clock_is_set(
    ann: Client, clock: FakeClock, by: int
) -> None:
    await ann.answer("send -t 10 tea")
    clock.advance(4)
    clock.set_by(by)
    clock.advance(5)
    before = await so_far(ann)
    again = next(event for event in before if isinstance(event, Scheduled))
    assert (again.item.id, again.item.due) == ("1", DAWN + 10 + by)
    assert [told(event) for event in before] == ["scheduled"]
    clock.advance(1)
    message = await ann.next_event()
    assert isinstance(message, Message)
    assert (message.text, message.at, message.due) == ("tea", DAWN + 10 + by, None)


@settings_of_the_clock
async def test_what_is_said_shows_the_time_of_day_however_the_clock_is_set(
    ann: Client, clock: FakeClock, by: int
) -> None:
    for expected in (DAWN, DAWN + by, DAWN):
        clock.set_by(expected - clock.wall())
        before, _ = await ann.ask("send what time is it?")
        assert [event.at for event in before if isinstance(event, Message)] == [expected]
    history = await ann.answer("history")
    assert isinstance(history, History)
    assert [message.at for message in history.messages] == [DAWN, DAWN + by, DAWN]


@settings_of_the_clock
async def test_mute_and_held_name_last_as_long_however_the_clock_is_set(
    ann: Client, server: Running, clock: FakeClock, by: int
) -> None:
    bob = await server.join("bob")
    for reporter in (bob, await server.join("carol")):
        await reporter.say("report ann")
        await reporter.expect("Reported ann")
    dora, _ = await server.join_json("dora")
    await dora.close()
    await bob.expect("dora left")
    clock.set_by(by)
    await bob.say("rename dora")
    await bob.expect("for another 2 min.")
    clock.advance(120)
    await bob.say("rename dora")
    await bob.expect("bob is now known as dora")
    clock.advance(479)
    assert (await ann.refusal("send hi")).text == (
        "You are muted for another 1 second. Nothing was sent."
    )
    clock.advance(1)
    assert isinstance(await ann.answer("send hi"), Ok)


@settings_of_the_clock
async def test_setting_of_the_clock_is_logged_once(
    ann: Client, clock: FakeClock, by: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock.set_by(by)
    for _ in range(3):
        await ann.answer("send hi")
    logged = [text for text in caplog.messages if "clock" in text]
    assert [text.partition(" by ")[0] for text in logged] == [
        f"the machine's clock was set {'forward' if by > 0 else 'back'}"
    ]


async def test_clock_that_is_slowly_put_right_is_followed_without_a_word(
    ann: Client, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.set_by(0.9)
    assert isinstance(await ann.answer("send hi"), Ok)
    assert [text for text in caplog.messages if "clock" in text] == []


async def test_messages_are_sent_in_the_order_of_their_times(ann: Client, clock: FakeClock) -> None:
    for seconds in (30, 10, 20):
        await ann.answer(f"send -t {seconds} at {seconds}")
    for seconds in (10, 20, 30):
        clock.advance(10)
        assert told(await ann.next_event()) == f"message at {seconds}"
        assert told(await ann.next_event()) == "fired"


async def test_sooner_one_scheduled_later_is_not_late(ann: Client, clock: FakeClock) -> None:
    await ann.answer("send -t 1000 second")
    await ann.answer("send -t 10 first")
    clock.advance(10)
    assert told(await ann.next_event()) == "message first"


async def test_cancelled_message_is_not_sent(ann: Client, clock: FakeClock) -> None:
    await ann.answer("send -t 10 tea")
    await ann.answer("cancel")
    clock.advance(10)
    assert await so_far(ann) == []


async def test_cancel_after_a_message_was_sent_is_refused(ann: Client, clock: FakeClock) -> None:
    await ann.answer("send -t 10 tea")
    clock.advance(10)
    await ann.expect_event(Fired)
    assert (await ann.refusal("cancel")).code == "nothing_pending"
    assert (await ann.refusal("cancel 1")).code == "nothing_pending"
    assert isinstance(await ann.answer("send still here"), Ok)


async def test_private_message_finds_its_person_under_another_name(
    ann: Client, server: Running, clock: FakeClock
) -> None:
    bob = await server.join("bob")
    await ann.answer("send -u bob -t 10 psst")
    await bob.say("rename robert")
    await bob.expect("robert")
    impostor = await server.join("bob")
    clock.advance(10)
    await bob.expect("ann -> robert: psst")
    await impostor.say("send fence")
    assert "psst" not in "".join(await impostor.until("fence"))


async def test_message_to_somebody_gone_is_told_undelivered(
    ann: Client, server: Running, clock: FakeClock
) -> None:
    bob = await server.join("bob")
    await ann.answer("send -u bob -t 10 psst")
    await bob.close()
    left = (await so_far(ann))[-1]
    assert isinstance(left, Left)
    assert names(left.people) == ["bob"]
    clock.advance(10)
    undelivered = await ann.next_event()
    because = "bob is not here"
    assert undelivered == Undelivered("1", "not_here", left.people[0], "psst", because=because)


async def test_message_that_failed_while_its_sender_was_away_is_in_the_next_welcome(
    server: Running, clock: FakeClock
) -> None:
    ann, welcome = await server.join_json("ann")
    bob = await server.join("bob")
    carol = await server.join("carol")
    await ann.answer("send -u bob -t 10 psst")
    await ann.close()
    await carol.expect("ann left")
    await bob.say("exit")
    await carol.expect("bob left")
    clock.advance(10)
    again = await server.connect()
    await again.say("format json", f"@r resume {welcome.token}")
    returned = await again.expect_event(Welcome)
    [undelivered] = returned.undelivered
    assert (undelivered.reason, undelivered.because) == ("not_here", "bob is not here")
    assert undelivered.to is not None
    assert (undelivered.to.name, undelivered.text) == ("bob", "psst")


async def test_muted_persons_scheduled_message_waits_until_the_mute_ends(
    ann: Client, server: Running, clock: FakeClock
) -> None:
    await ann.answer("send -t 10 rude")
    reporters = [await server.join("bob"), await server.join("carol")]
    for reporter in reporters:
        await reporter.say("report ann")
        await reporter.expect("Reported ann")
    clock.advance(10)
    assert not any(isinstance(event, Message) for event in await so_far(ann))
    clock.advance(590)
    message = await ann.expect_event(Message)
    assert (message.text, message.due) == ("rude", DAWN + 10)
    assert isinstance(await ann.answer("send sorry"), Ok)


async def test_reconnecting_does_not_lift_a_mute(server: Running) -> None:
    ann, welcome = await server.join_json("ann")
    for name in ("bob", "carol"):
        reporter = await server.join(name)
        await reporter.say("report ann")
        await reporter.expect("Reported ann")
    await ann.close()
    again = await server.connect()
    await again.say("format json", f"@r resume {welcome.token}")
    await again.until_answer("r")
    assert (await again.refusal("send hi")).code == "muted"


async def test_message_of_somebody_who_left_is_sent_and_marked(
    ann: Client, server: Running, clock: FakeClock
) -> None:
    bob, _ = await server.join_json("bob")
    await bob.say("send -t 100 from afar")
    await bob.expect_event(Scheduled)
    await bob.close()
    await ann.expect_event(Left)
    clock.advance(100)
    message = await ann.expect_event(Message)
    assert (message.text, message.sender.name, message.left) == ("from afar", "bob", True)


async def test_what_a_program_has_scheduled_ends_with_its_goodbye(
    ann: Client, server: Running, clock: FakeClock
) -> None:
    bob, _ = await server.join_json("bob")
    await bob.say("send -t 10 from afar", "exit")
    refused = await bob.expect_event(Refused)
    assert (refused.code, refused.data) == ("pending_ends", {"items": ["1"]})
    await bob.say("exit")
    bye = await bob.expect_event(Bye)
    assert bye.data == {"items": ["1"]}
    await ann.expect_event(Left)
    clock.advance(10)
    assert not any(isinstance(event, Message) for event in (await so_far(ann)))


async def test_message_of_somebody_who_left_telnet_ends_and_they_are_told(
    ann: Client, server: Running, clock: FakeClock
) -> None:
    bob = await server.join("bob")
    await bob.say("send -t 10 from afar", "exit")
    await bob.expect("! 1 scheduled message ends with you: 1. To leave all the same: exit")
    await bob.say("exit")
    assert (await bob.rest())[-1] == "* Goodbye. 1 scheduled message ends with you: 1."
    await ann.expect("bob")
    clock.advance(10)
    assert not any(isinstance(event, Message) for event in (await so_far(ann)))


async def test_who_only_piped_lines_in_is_told_what_ends_with_them(server: Running) -> None:
    bob = await server.join("bob")
    await bob.say("send -t 10 one", "send -t 10 two")
    bob.say_no_more()
    assert (await bob.rest())[-1] == "* Goodbye. 2 scheduled messages end with you: 1, 2."


async def test_name_of_a_broken_connection_is_free_after_two_minutes(
    ann: Client, server: Running, clock: FakeClock
) -> None:
    bob = await server.join("bob")
    await ann.close()
    await bob.expect("ann left")
    clock.advance(119.9)
    await bob.say("rename ann")
    await bob.expect("! ann is kept for somebody whose connection broke, for another 1 second")
    clock.advance(0.1)
    await bob.say("rename ann")
    await bob.expect("bob is now known as ann")


async def test_person_can_be_resumed_for_a_day(server: Running, clock: FakeClock) -> None:
    ann, welcome = await server.join_json("ann")
    bob = await server.join("bob")
    await ann.close()
    await bob.expect("ann left")
    clock.advance(24 * 3600 - 1)
    again = await server.connect()
    await again.say("format json", f"@r resume {welcome.token}")
    assert (await again.until_answer("r"))[1] == Ok(re="r")
    await again.close()
    await bob.expect("ann left")
    clock.advance(24 * 3600)
    late = await server.connect()
    await late.say("format json", f"@r resume {welcome.token}")
    assert told((await late.until_answer("r"))[1]) == "refused bad_token"


class CountingJournal(MemoryJournal):
    """A journal that counts how many scheduled messages each batch fires."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.fired: list[int] = []

    async def append(self, batch: Sequence[Proposal]) -> None:
        if fired := sum(isinstance(proposal.command, Fire) for proposal in batch):
            self.fired.append(fired)
        await super().append(batch)


async def scheduled_together(running: Running, people: int) -> Client:
    """Let many people schedule twenty messages each for the same second; return one who hears."""
    alice = await running.join("alice")
    for number in range(people):
        person = await running.join(f"p{number}")
        await person.say(*(f"send -t 60 {number}/{n}." for n in range(20)))
        await person.expect(f"{number}/19.")
    return alice


async def test_much_that_is_due_together_is_sent_in_order_some_at_a_time(
    serve: Serve, clock: FakeClock
) -> None:
    journal = CountingJournal(clock)
    running = await serve(clock=clock, journal=journal)
    alice = await scheduled_together(running, 10)
    clock.advance(60)
    lines = [line for line in await alice.until("9/19.") if "/" in line]
    assert [line.split()[-1] for line in lines] == [
        f"{p}/{n}." for p in range(10) for n in range(20)
    ]
    assert sum(journal.fired) == 200
    assert max(journal.fired) <= 16


async def test_stop_does_not_wait_until_all_that_is_due_is_sent(clock: FakeClock) -> None:
    journal = CountingJournal(clock)
    server = Server(UNLIMITED, journal, clock)
    async with server.running() as (host, port):
        running = Running(server, host, port)
        await scheduled_together(running, 10)
        clock.advance(60)
    assert sum(journal.fired) <= 16
    assert server.chat.next_due() is not None
    await running.close_clients()
