"""The client without a server, and back in the chat."""

import contextlib
import re

from chat_server.protocol.wording import local_time
from tests.support.clock import DAWN, FakeClock
from tests.support.screen import at_screen, offline_at_screen, on_telnet, running_chat, until


async def test_without_a_server_the_screen_is_there_and_counts_down() -> None:
    async with running_chat() as chat:
        port = chat.port
    async with offline_at_screen(port, "alice") as alice:
        await alice.sees("messages")
        await alice.sees(f"Ctrl+R at once · 127.0.0.1:{port}: connection ref")
        await until(lambda: re.match(r"○ offline, again in [1-9]\d? s, ", alice.status))


async def test_what_is_typed_offline_waits_in_sight_and_is_sent_on_return() -> None:
    async with running_chat() as chat:
        port = chat.port
    async with offline_at_screen(port, "alice") as alice:
        await alice.sees("offline")
        await alice.enters("one")
        await alice.enters("rename ada")
        await alice.enters("two")
        await until(lambda: alice.said() == ["… one", "… rename ada", "… two"])
        async with running_chat(port) as chat, on_telnet(port, "bob") as bob:
            await alice.press("ctrl+r")
            await alice.sees("ada: two")
            await alice.misses("…")
            await bob.hears("alice: one")
            await bob.hears("ada: two")
            assert chat.said() == ["one", "two"]


async def test_the_question_before_leaving_tells_of_what_there_is_now() -> None:
    async with running_chat() as chat:
        port = chat.port
    async with offline_at_screen(port, "alice") as alice:
        await alice.sees("offline")
        await alice.enters("queued")
        await alice.press("ctrl+q")
        await alice.sees("1 message has not been sent.")
        async with running_chat(port), on_telnet(port, "bob") as bob:
            alice.app.action_retry()
            await bob.hears("alice: queued")
            await alice.misses("has not been sent")
            await alice.sees("Quit all the same?")
            await alice.press("escape")


async def test_ctrl_r_connects_at_once() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        chat.cut_off_but_telnet()
        await alice.sees("offline")
        await alice.press("ctrl+r")
        await alice.sees("● connected")


async def test_coming_back_shows_what_was_missed_and_nothing_twice() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("one")
        await alice.enters("two")
        await alice.sees("alice: two")
        chat.cut_off_but_telnet()
        await bob.hears("alice left")
        await bob.sends("three")
        await alice.press("ctrl+r")
        await alice.sees("bob: three")
        await bob.sends("four")
        await alice.sees("bob: four")
        assert alice.said() == ["bob: one", "alice: two", "bob: three", "bob: four"]
        assert alice.people() == ["alice (you)", "bob"]


async def test_scheduled_messages_are_there_again_after_a_break() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send later -t 60")
        await alice.sees_in("schedule", "later")
        chat.cut_off_but_telnet()
        await alice.sees("offline")
        chat.clock.advance(20)
        await alice.press("ctrl+r")
        await alice.sees("● connected")
        due = local_time(int(chat.clock.now() + 40))
        await alice.sees_in("schedule", f"0:40 to everyone\n{due:%H:%M} later")
        assert "Nothing yet." not in alice.pane("schedule")


async def test_a_server_that_started_anew_is_announced() -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with running_chat() as chat, on_telnet(chat.port, "bob") as bob:
            alice = await stack.enter_async_context(at_screen(chat))
            await bob.sends("gone words")
            await alice.sees("bob: gone words")
        await alice.sees("The server is stopping. Goodbye.")
        async with running_chat(chat.port):
            await alice.press("ctrl+r")
            await alice.sees("The server has started anew")
            await alice.sees("● connected")
            await alice.sees("alice (you)")
            assert "bob: gone words" in alice.said()


async def test_the_countdown_follows_the_servers_clock() -> None:
    """The client's clock may be hours off; what counts is the server's."""
    behind = FakeClock()
    behind.advance(-7200)
    async with (
        running_chat() as chat,
        offline_at_screen(chat.port, "alice", clock=behind) as alice,
    ):
        await alice.sees("alice (you)")
        assert behind.now() < DAWN
        await alice.enters("send later -t 60")
        await until(lambda: alice.pane("schedule")[0] == "1:00 to everyone")


async def test_a_time_of_day_that_is_typed_offline_stays_one() -> None:
    async with running_chat() as chat:
        port = chat.port
    clock = FakeClock()
    later = local_time(int(DAWN) + 1800)
    async with offline_at_screen(port, "alice", clock=clock) as alice:
        await alice.sees("offline")
        await alice.enters(f"send wake up -t {later:%H:%M}")
        await alice.sees(f"… at {later:%H:%M}: wake up")
        clock.advance(600)
        async with running_chat(port) as chat:
            await alice.press("ctrl+r")
            await alice.sees_in("schedule", "wake up")
            (item,) = alice.app._state.pending
            minute = later.replace(second=0)
            assert item.due - chat.clock.now() == minute.timestamp() - clock.now()


async def test_a_time_of_day_that_has_passed_offline_is_asked_about() -> None:
    async with running_chat() as chat:
        port = chat.port
    clock = FakeClock()
    later = local_time(int(DAWN) + 1800)
    async with offline_at_screen(port, "alice", clock=clock) as alice:
        await alice.sees("offline")
        await alice.enters(f"send wake up -t {later:%H:%M}")
        clock.advance(3600)
        async with running_chat(port) as chat:
            await alice.press("ctrl+r")
            await alice.hears(f"! wake up  ({later:%H:%M} has passed; this was not said. F3: send")
            assert chat.said() == []
            await alice.press("f3")
            await alice.sees("alice: wake up")


async def test_a_time_of_day_stays_one_while_a_question_is_open() -> None:
    later = local_time(int(DAWN) + 1800)
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write(f"send -t {later:%H:%M} one\ntwo\nthree\nfour")
        await alice.press("enter")
        await alice.sees("y: send")
        chat.clock.advance(300)
        await alice.press("y")
        await until(lambda: alice.main.schedule.count == 4)
        due = later.replace(second=0).timestamp()
        assert {item.due for item in alice.app._state.pending} == {due}
