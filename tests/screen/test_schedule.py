"""What is done to scheduled messages: cancelled, edited, sent now, and undone again."""

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Item
from chat_server.protocol.wording import local_time
from chat_tui.app import ChatApp
from chat_tui.config.settings import Settings
from chat_tui.session.schedule_edits import SENT_ANYWAY, UNDO_SECONDS, Changes, again
from chat_tui.widgets.schedule import clock
from tests.support.clock import DAWN, FakeClock
from tests.support.faults import wire_to
from tests.support.people import person
from tests.support.screen import (
    AtScreen,
    at_screen,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)

ITEM = Item("7", DAWN, DAWN + 60, person("bob"), "-u is an option")
EVERYONES = Item("8", DAWN, DAWN + 60, None, "hello")


# What is done, by itself


def test_a_line_says_again_what_an_item_said_to_the_letter() -> None:
    assert again(ITEM, DAWN + 17.5) == Send("-u is an option", "id-bob", 43)
    assert again(EVERYONES, DAWN + 61) == Send("hello")


def test_what_is_edited_is_written_without_for_whom_it_is() -> None:
    change = Changes().begin("edited", ITEM, DAWN, DAWN + 17.5, "line-1")
    assert change.edited == "send -t 43 -- -u is an option"


def test_a_cancelled_item_is_scheduled_again_once_the_server_has_cancelled_it() -> None:
    changes = Changes()
    changes.begin("cancelled", ITEM, DAWN, DAWN, "line-1")
    undone = changes.undo(DAWN + 1, DAWN + 1)
    assert undone is not None
    assert undone[1] is None
    assert changes.answered("line-1", DAWN + 2, is_ok=True) == again(ITEM, DAWN + 2)
    assert changes.undo(DAWN + 2, DAWN + 2) is None


def test_what_was_sent_before_it_was_cancelled_is_not_scheduled_again() -> None:
    changes = Changes()
    changes.begin("cancelled", ITEM, DAWN, DAWN, "line-1")
    changes.undo(DAWN + 1, DAWN + 1)
    assert changes.answered("line-1", DAWN + 2, is_ok=False) is None
    assert changes.shown(DAWN + 2) == []


def test_nothing_can_be_undone_after_its_time() -> None:
    changes = Changes()
    changes.begin("cancelled", ITEM, DAWN, DAWN, "line-1")
    changes.answered("line-1", DAWN, is_ok=True)
    assert changes.undo(DAWN + UNDO_SECONDS, DAWN) is None


def test_an_item_is_sent_now_only_after_the_server_has_cancelled_it() -> None:
    changes = Changes()
    changes.begin("sending", ITEM, DAWN, DAWN, "")
    assert changes.due(DAWN + UNDO_SECONDS - 1, DAWN, [ITEM]) == []
    assert changes.due(DAWN + UNDO_SECONDS, DAWN, [ITEM]) == [ITEM]
    changes.cancelling(ITEM, "line-2")
    assert changes.due(DAWN + UNDO_SECONDS, DAWN, [ITEM]) == []
    assert changes.answered("line-2", DAWN, is_ok=True) == Send("-u is an option", "id-bob")


def test_an_item_that_will_soon_be_sent_anyway_is_left_to_the_server() -> None:
    changes = Changes()
    changes.begin("sending", ITEM, DAWN, DAWN, "")
    assert changes.due(DAWN + 9, ITEM.due - SENT_ANYWAY, [ITEM]) == []
    assert changes.due(DAWN + 9, ITEM.due, []) == []
    assert changes.shown(DAWN + 9) == []


def test_a_time_of_another_day_says_which() -> None:
    at = DAWN + 30 * 3600
    assert clock(DAWN, DAWN) == f"{local_time(int(DAWN)):%H:%M}"
    assert clock(at, DAWN) == f"{local_time(int(at)):%a %H:%M}"
    late = local_time(int(DAWN + 9 * 86400))
    assert clock(DAWN + 9 * 86400, DAWN) == f"{late.day} {late:%b %H:%M}"


# At the screen


async def scheduled(person: AtScreen, line: str, text: str) -> None:
    """Schedule something, and go to it."""
    await person.enters(line)
    await person.sees_in("schedule", text)
    while person.focus != "schedule":
        await person.press("f6")


async def test_what_was_cancelled_is_put_back_for_the_same_time() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await scheduled(alice, "send later -u bob -t 60", "later")
        await alice.press("c")
        await alice.sees_in("schedule", "cancelled · u undo · 5\nlater")
        await alice.sees("Cancelled 1: later")
        chat.clock.advance(2)
        await alice.press("u")
        await alice.sees_in("schedule", "0:58 to bob")
        await alice.misses("u undo")
        chat.clock.advance(58)
        await until(lambda: not alice.main.schedule.count)
        await alice.press("alt+2")
        await alice.hears("alice → bob")


async def test_editing_puts_the_message_into_the_input_with_what_is_left_of_its_time() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await alice.write("draft")
        await alice.press("f6", "f6", "f6", "escape")
        await alice.press(*["backspace"] * 5)
        await scheduled(alice, "send later -u bob -t 60", "later")
        await alice.press("escape")
        await alice.write("draft")
        await alice.press("shift+f6")
        chat.clock.advance(10)
        await alice.press("e")
        await until(lambda: alice.typed == "send -t 50 -- later")
        assert (alice.focus, alice.tabs()) == ("composer", "1 everyone [2 bob]")
        await alice.sees("Cancelled 1: later")
        await alice.press("!", "enter")
        await alice.sees_in("schedule", "0:50 to bob")
        await alice.sees_in("schedule", "later!")
        await alice.press("alt+1")
        assert alice.typed == "draft"


async def test_undoing_an_edit_puts_everything_back() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await scheduled(alice, "send later -t 60", "later")
        await alice.press("e")
        await until(lambda: alice.typed == "send -t 60 -- later")
        await alice.sees_in("schedule", "edited · u undo · 5")
        await alice.press("alt+z")
        await alice.sees_in("schedule", "1:00 to everyone")
        assert alice.typed == ""


async def test_sending_now_waits_so_that_it_can_be_undone() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await scheduled(alice, "send later -t 60", "later")
        await alice.press("s")
        await alice.sees_in("schedule", "sent in 5 s · u undo")
        await alice.press("u")
        await alice.sees_in("schedule", "1:00 to everyone")
        chat.clock.advance(6)
        await alice.sees_in("schedule", "0:54 to everyone")
        await alice.press("s")
        await alice.sees_in("schedule", "sent in 5 s · u undo")
        chat.clock.advance(5)
        await bob.hears("alice: later")
        await alice.sees_in("schedule", "Nothing yet.")
        assert chat.said() == ["later"]


async def test_the_message_says_that_it_was_scheduled() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send later -t 60")
        await alice.sees_in("schedule", "later")
        chat.clock.advance(60)
        await alice.hears("(scheduled")


async def test_two_things_are_undone_one_after_the_other() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send one -t 60")
        await scheduled(alice, "send two -t 90", "two")
        await alice.press("c")
        await alice.sees("Cancelled 1")
        await alice.press("down", "c")
        await alice.sees("Cancelled 2")
        await alice.press("u")
        await alice.sees_in("schedule", "1:30 to everyone")
        await alice.press("u")
        await alice.sees_in("schedule", "1:00 to everyone")


async def test_a_message_is_being_cancelled_until_the_server_has_answered() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", clock=chat.clock) as alice,
    ):
        await alice.sees("● connected")
        await scheduled(alice, "send later -t 600", "later")
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await alice.press("c")
        await alice.sees_in("schedule", "cancelling …\nlater")
        chat.clock.advance(UNDO_SECONDS + 1)
        await alice.press("f6")
        await alice.sees_in("schedule", "cancelling …\nlater")
        await alice.sees("… cancel 1")
        await alice.press("ctrl+q")
        await alice.sees("1 line has not been sent. Quit all the same?")
        await alice.press("escape")
        wire.is_closed = False
        await alice.press("ctrl+r")
        await alice.sees_in("schedule", "Nothing yet.")
        await alice.sees("Cancelled 1: later")


async def test_what_is_cancelled_offline_is_put_back_without_a_trace() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", clock=chat.clock) as alice,
    ):
        await alice.sees("● connected")
        await scheduled(alice, "send later -t 600", "later")
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await alice.press("c")
        await alice.sees_in("schedule", "cancelling …")
        await alice.press("u")
        await alice.sees_in("schedule", "10:00 to everyone")
        wire.is_closed = False
        await alice.press("ctrl+r")
        await alice.sees("● connected")
        await alice.press("escape")
        await alice.enters("marked")
        await alice.sees("alice: marked")
        assert [item.id for item in alice.app._state.pending] == ["1"]


async def test_undoing_is_refused_where_whom_it_was_for_has_left() -> None:
    async with running_chat() as chat, at_screen(chat, size=(120, 24)) as alice:
        async with on_telnet(chat.port, "bob") as bob:
            await alice.sees("bob joined")
            await scheduled(alice, "send later -u bob -t 600", "later")
            await alice.press("c")
            await alice.sees("Cancelled 1: later")
            await bob.says("exit")
            await alice.sees("bob left")
        async with on_telnet(chat.port, "bob"):
            await alice.sees("bob joined")
            await alice.press("u")
            await alice.hears("→ bob: at")
            await alice.hears("F3: send again, F4: drop")
            await alice.sees_in("schedule", "Nothing yet.")


async def test_what_is_scheduled_follows_its_recipients_new_name() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        at_screen(chat, size=(120, 24)) as alice,
    ):
        await scheduled(alice, "send later -u bob -t 600", "later")
        await bob.says("rename боб")
        await alice.sees_in("schedule", "10:00 to боб")
        await alice.press("c")
        await alice.sees("Cancelled 1: later")
        await alice.press("u")
        await alice.sees_in("schedule", "10:00 to боб")


async def test_setting_the_clock_of_this_machine_changes_no_span() -> None:
    """The clock that people see is set an hour on while a message is scheduled."""
    async with running_chat() as chat:
        wall = FakeClock()
        app = ChatApp(Settings(port=chat.port, name="alice"), wall.now, None, chat.clock.monotonic)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            alice = AtScreen(app, pilot)
            await alice.sees("alice (you)")
            await scheduled(alice, "send later -t 600", "later")
            wall.advance(3600)
            await alice.press("f6")
            await alice.sees_in("schedule", "10:00 to everyone")
            await alice.press("shift+f6", "e")
            await until(lambda: alice.typed == "send -t 600 -- later")
            await alice.sees_in("schedule", "edited · u undo · 5")
            wall.advance(-7200)
            await alice.press("alt+z")
            await alice.sees_in("schedule", "10:00 to everyone")


async def test_what_is_put_back_offline_is_so_for_the_same_time() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", clock=chat.clock) as alice,
    ):
        await alice.sees("● connected")
        await scheduled(alice, "send later -t 600", "later")
        await alice.press("c")
        await alice.sees("Cancelled 1: later")
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await alice.press("u")
        due = local_time(int(chat.clock.now() + 600))
        await alice.sees(f"… at {due:%H:%M}: later")
        chat.clock.advance(100)
        wire.is_closed = False
        await alice.press("ctrl+r")
        await alice.sees_in("schedule", "8:20 to everyone")


async def test_what_was_for_everyone_stays_so_when_it_is_edited_from_another_conversation() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hi -u alice")
        await alice.sees("2 bob (1)")
        await alice.enters("send dinner -t 600")
        await alice.sees_in("schedule", "dinner")
        await alice.press("alt+2")
        await alice.write("half a th")
        alice.main.schedule.focus()
        await alice.press("home", "e")
        await alice.hears("Cancelled 1: dinner")
        assert alice.typed == "send -t 600 -- dinner"
        await until(lambda: alice.hint.endswith("Enter schedules this for everyone."))
        await alice.press("alt+2")
        assert alice.typed == "half a th"
        await alice.press("alt+z")
        await alice.hears("dinner")
        await alice.press("alt+1")
        assert alice.typed == ""
