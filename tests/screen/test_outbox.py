"""What was typed and has no answer yet: shown, sent again, asked about, never forgotten."""

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from rich.style import Style

from chat_server.protocol.commands import Send
from chat_server.protocol.events import History, Ok, Refused
from chat_server.protocol.names import name
from chat_server.protocol.wording import local_time
from chat_tui.screens.unsent import UnsentScreen
from chat_tui.session.outbox import Outbox
from chat_tui.session.protocol import UNANSWERED
from tests.support.clock import DAWN, FakeClock
from tests.support.faults import Wire, command, connecting, scripted, wire_to
from tests.support.people import person
from tests.support.screen import (
    AtScreen,
    at_screen,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)

MUTED = Refused("muted", {"command": "send", "seconds": 60})
WHY = "You are muted for another 1 min. Nothing was sent."
CHOICE = "F3: send again, F4: drop"


def outbox_with(*lines: str) -> Outbox:
    outbox = Outbox()
    for line in lines:
        outbox.add(command(line))
    return outbox


def states(outbox: Outbox) -> list[tuple[str, str]]:
    return [(outgoing.line, outgoing.state) for outgoing in outbox.outgoing]


# The outbox by itself


def test_lines_wait_in_order_each_with_a_key_of_its_own() -> None:
    outbox = outbox_with("send -- one", "users", "send -- one")
    assert [outgoing.line for outgoing in outbox.waiting] == ["send -- one", "users", "send -- one"]
    assert [outgoing.key for outgoing in outbox.waiting] == ["line-1", "line-2", "line-3"]


def test_only_a_message_is_something_said() -> None:
    message, question = outbox_with("send -u bob -- hello", "users").outgoing
    assert message.said is not None
    assert message.said.text == "hello"
    assert question.said is None


def test_what_was_answered_is_gone() -> None:
    outbox = outbox_with("send -- one", "send -- two")
    answered = outbox.answer("line-1", Ok())
    assert answered is not None
    assert answered.line == "send -- one"
    assert states(outbox) == [("send -- two", "waiting")]


def test_a_key_is_not_given_again() -> None:
    outbox = outbox_with("send -- one")
    outbox.answer("line-1", Ok())
    assert outbox.add(Send("two")).key == "line-2"


def test_an_answer_to_nothing_that_waits_changes_nothing() -> None:
    outbox = outbox_with("send -- one")
    assert outbox.answer("line-7", Ok()) is None
    assert states(outbox) == [("send -- one", "waiting")]


def test_a_refused_message_stays_with_its_reason() -> None:
    outbox = outbox_with("send -- one", "send -- two")
    outbox.answer("line-1", MUTED)
    assert states(outbox) == [("send -- one", "refused"), ("send -- two", "waiting")]
    assert outbox.outgoing[0].reason == WHY
    assert [outgoing.line for outgoing in outbox.waiting] == ["send -- two"]


def test_a_refused_command_is_gone() -> None:
    outbox = outbox_with("cancel")
    outbox.answer("line-1", Refused("nothing_pending"))
    assert outbox.outgoing == []


def test_holding_is_for_what_waits() -> None:
    outbox = outbox_with("send -- one", "users")
    outbox.answer("line-1", MUTED)
    outbox.hold("Who knows?")
    assert states(outbox) == [("send -- one", "refused"), ("users", "held")]
    assert [outgoing.reason for outgoing in outbox.outgoing] == [WHY, "Who knows?"]
    assert outbox.waiting == []


def test_sending_again_begins_with_the_oldest_and_keeps_key_and_place() -> None:
    outbox = outbox_with("send -- one", "send -- two")
    outbox.hold("Who knows?")
    outbox.add(Send("three"))
    again = outbox.retry()
    assert again is not None
    assert (again.key, again.state, again.reason) == ("line-1", "waiting", "")
    assert states(outbox) == [
        ("send -- one", "waiting"),
        ("send -- two", "held"),
        ("send -- three", "waiting"),
    ]


def test_dropping_begins_with_the_oldest_and_spares_what_waits() -> None:
    outbox = outbox_with("send -- one", "send -- two")
    outbox.answer("line-2", MUTED)
    outbox.drop()
    assert states(outbox) == [("send -- one", "waiting")]
    outbox.drop()
    assert states(outbox) == [("send -- one", "waiting")]
    assert outbox.retry() is None


def test_undecided_is_what_waits_or_is_held_but_no_question_and_nothing_refused() -> None:
    outbox = outbox_with("send -- held", "users")
    outbox.hold("Who knows?")
    outbox.add(Send("waiting"))
    outbox.add(Send("refused"))
    outbox.answer("line-4", MUTED)
    assert [each.line for each in outbox.undecided] == ["send -- held", "send -- waiting"]


def test_what_is_for_somebody_knows_whom_or_else_which_name_it_bears() -> None:
    outbox = outbox_with("send -u боб -- hi", "report mallory", "send -- hi", "users")
    assert [outgoing.whom for outgoing in outbox.outgoing] == ["боб", "mallory", "", ""]
    known = outbox.add(command("send -u =id-bob -- =id-bob"), to=person("bob"))
    assert (known.whom, known.to) == ("", person("bob"))
    assert known.line == "send -u bob -- =id-bob"
    assert outbox.add(command("report =id-bob"), to=person("bob")).line == "report bob"


def test_what_is_held_says_what_our_user_has_to_know() -> None:
    outbox = outbox_with("send -u bob -- one", "report mallory", "send -- two")
    outbox.sendable("line-1")
    outbox.hold("Who knows?")
    assert [outgoing.why for outgoing in outbox.outgoing] == [
        "Who knows?; bob may be somebody else by now; this may have been said.",
        "Who knows?; mallory may be somebody else by now; this was not carried out.",
        "Who knows?; this was not said.",
    ]


def test_a_time_of_day_stays_one_until_it_is_sent() -> None:
    clock = FakeClock()
    outbox = Outbox(clock.now)
    outbox.add(Send("hi", name("bob"), 600), due=DAWN + 600)
    clock.advance(100)
    assert outbox.sendable("line-1") == Send("hi", name("bob"), 500)
    clock.advance(400)
    assert outbox.sendable("line-1") == Send("hi", name("bob"), 100)


def test_what_was_for_a_time_that_has_passed_is_asked_about_and_then_said_at_once() -> None:
    clock = FakeClock()
    outbox = Outbox(clock.now)
    outbox.add(Send("hi", None, 600), due=DAWN + 600)
    clock.advance(601)
    assert outbox.sendable("line-1") is None
    (held,) = outbox.outgoing
    assert held.why == f"{local_time(int(DAWN + 600)):%H:%M} has passed; this was not said."
    outbox.retry()
    assert outbox.sendable("line-1") == Send("hi")


def test_a_line_that_was_never_sent_can_be_taken_back() -> None:
    outbox = outbox_with("cancel 1", "cancel 2")
    outbox.sendable("line-1")
    assert not outbox.withdraw("line-1")
    assert outbox.withdraw("line-2")
    assert states(outbox) == [("cancel 1", "waiting")]


# On the screen


@contextlib.asynccontextmanager
async def on_a_wire() -> AsyncIterator[tuple[Wire, AtScreen]]:
    """Alice in a chat, over a wire that may fail."""
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice") as alice,
    ):
        await alice.sees("alice (you)")
        yield wire, alice


async def test_ones_own_message_is_there_at_once_and_plain_when_it_is_answered() -> None:
    async with on_a_wire() as (wire, alice):
        wire.is_deaf = True
        await alice.enters("hello")
        await until(lambda: alice.said() == ["… hello"])
        assert style_of(alice, "hello").italic
        wire.breaks()
        await alice.press("ctrl+r")
        await until(lambda: alice.said() == ["alice: hello"])
        assert not style_of(alice, "hello").italic


async def test_what_waits_says_to_whom_and_when() -> None:
    async with on_a_wire() as (wire, alice):
        wire.is_deaf = True
        await alice.enters("send psst -u bob")
        await alice.enters("send later -t 90")
        await until(lambda: alice.said() == ["… → bob: psst", "… in 1 min 30 s: later"])


async def test_what_waits_stays_below_what_others_say() -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.enters("hello")
        await alice.sees("… hello")
        alice.app._state.warn("careful", 0.0)
        alice.app._show()
        await until(lambda: alice.said() == ["! careful", "… hello"])


async def test_what_waits_is_wrapped_again_for_another_width() -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.enters("word " * 30 + "end")
        for width in (60, 120):
            await alice.resizes(width, 24)
            await until(lambda: alice.said() == ["… " + "word " * 30 + "end"])


async def test_a_question_on_its_way_is_not_shown_as_a_message() -> None:
    async with on_a_wire() as (wire, alice):
        wire.is_deaf = True
        await alice.enters("users")
        await alice.enters("hello")
        await until(lambda: alice.said() == ["… hello"])


async def test_a_command_that_changes_something_is_shown_until_it_is_answered() -> None:
    async with on_a_wire() as (wire, alice):
        wire.is_deaf = True
        await alice.enters("rename ada")
        await until(lambda: alice.said() == ["… rename ada"])
        wire.breaks()
        await alice.press("ctrl+r")
        await alice.sees("ada (you)")
        await alice.misses("… rename ada")


async def test_a_refused_message_is_red_and_says_why() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send psst -u bob")
        await alice.sees("F4: drop")
        (refused,) = alice.said()
        assert refused.startswith("! → bob: psst  (Nobody here is called bob.")
        assert refused.endswith(f"{CHOICE})")
        colour = style_of(alice, "psst").color
        assert colour is not None
        red, green, blue = colour.get_truecolor()
        assert red > max(green, blue)


async def test_f3_sends_a_refused_message_again() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send psst -u bob")
        await alice.sees("F4: drop")
        async with on_telnet(chat.port, "bob") as bob:
            await alice.sees("bob joined")
            await alice.press("f3")
            await bob.hears("alice -> bob: psst")
            await alice.sees("alice → bob: psst")
            await alice.misses("F4: drop")


async def test_f3_never_sends_to_another_of_the_name_what_one_who_left_did_not_hear() -> None:
    async with running_chat() as chat, at_screen(chat, size=(140, 24)) as alice:
        async with on_telnet(chat.port, "bob") as bob:
            await alice.sees("bob joined")
            await alice.write("send psst -u bob")
            await bob.says("exit")
            await alice.hears("bob left")
            await alice.press("enter")
        await alice.hears("→ bob: psst  (")
        assert alice.tabs() == "1 everyone [2 bob (left) (not sent)]"
        async with on_telnet(chat.port, "bob") as another:
            await alice.sees("people here (2)")
            await alice.press("f3", "alt+1")
            await alice.hears("bob joined")
            await alice.enters("marked")
            await another.hears("alice: marked")
            assert not any("psst" in line for line in another.heard)


async def test_f3_in_vain_is_refused_again() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send psst -u bob")
        await alice.sees("F4: drop")
        before = alice.said()
        await alice.press("f3")
        await alice.enters("marked")
        await alice.sees("alice: marked")
        await until(lambda: alice.said() == ["alice: marked", *before])


async def test_f4_drops_the_refused_message_and_then_the_next() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send one -u bob")
        await alice.enters("send two -u bob")
        await alice.sees("→ bob: two")
        await until(lambda: " ".join(alice.said()).count("Nobody here is called bob") == 2)
        assert " ".join(alice.said()).count(CHOICE) == 1
        await alice.press("f4")
        await alice.misses("→ bob: one")
        await alice.sees("→ bob: two")
        assert " ".join(alice.said()).count(CHOICE) == 1
        await alice.press("f4")
        await alice.misses("→ bob: two")
        await alice.enters("marked")
        await until(lambda: alice.said() == ["alice: marked"])
        assert chat.said() == ["marked"]


async def test_where_one_is_somebody_new_nothing_is_sent_until_f3() -> None:
    async with (
        running_chat() as old,
        running_chat() as new,
        wire_to(old.port) as wire,
        offline_at_screen(wire.port, "alice") as alice,
    ):
        await alice.sees("alice (you)")
        wire.is_deaf = True
        await alice.enters("one")
        await alice.enters("two")
        wire.target = new.port
        wire.breaks()
        await alice.press("ctrl+r")
        await alice.sees("! one  (The server does not know us any more;")
        await alice.sees("● connected")
        await alice.sees("you are alice")
        await alice.enters("marked")
        await alice.sees("alice: marked")
        assert new.said() == ["marked"]
        await alice.press("f3")
        await alice.sees("alice: one")
        await alice.press("f4")
        await alice.misses("! two")
        assert new.said() == ["marked", "one"]


async def test_where_one_is_somebody_new_commands_are_shown_and_asked_about_too() -> None:
    async with (
        running_chat() as old,
        running_chat() as new,
        on_telnet(new.port, "mallory") as mallory,
        wire_to(old.port) as wire,
        offline_at_screen(wire.port, "alice", size=(120, 24)) as alice,
    ):
        await alice.sees("alice (you)")
        wire.target = new.port
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await alice.enters("report mallory")
        await alice.enters("hello")
        await alice.enters("pending")
        await until(lambda: alice.said()[-3:] == ["… report mallory", "… hello", "… pending"])
        wire.is_closed = False
        await alice.press("ctrl+r")
        await alice.sees("● connected")
        await alice.hears("! report mallory  (The server does not know us any more; mallory may be")
        await alice.hears("You have no scheduled messages.")
        await alice.hears("! hello  (The server does not know us any more; this was not said.")
        await alice.press("f4")
        await alice.misses("! report mallory")
        await alice.press("f3")
        await mallory.hears("alice: hello")
        assert new.said() == ["hello"]


@pytest.mark.parametrize("line", ["psst -u bob", "psst -u bob -t 600"])
async def test_what_waits_over_a_break_goes_to_whom_it_was_for_whoever_has_their_name(
    line: str,
) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", size=(120, 24), clock=chat.clock) as alice,
    ):
        await until(lambda: alice.people() == ["alice (you)", "bob", "carol"])
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await alice.enters(f"send {line}")
        await bob.says("rename rob")
        await carol.hears("bob is now known as rob")
        await carol.says("rename bob")
        await bob.hears("carol is now known as bob")
        wire.is_closed = False
        await alice.press("ctrl+r")
        await alice.sees("● connected")
        if "-t" in line:
            await alice.sees_in("schedule", "10:00 to rob")
            chat.clock.advance(600)
        await bob.hears("alice -> rob: psst")
        await alice.press("alt+1")
        await alice.enters("marked")
        await carol.hears("alice: marked")
        assert not any("psst" in line for line in carol.heard)


async def test_what_waits_over_a_break_for_somebody_who_leaves_is_refused_and_shown() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", size=(120, 24)) as alice,
    ):
        async with on_telnet(chat.port, "bob"):
            await alice.sees("bob joined")
            wire.is_closed = True
            wire.breaks()
            await alice.sees("offline")
            await alice.enters("send psst -u bob")
        async with on_telnet(chat.port, "mallory") as mallory:
            await until(lambda: "bob" not in chat.names)
            await mallory.says("rename bob")
            await mallory.hears("bob")
            wire.is_closed = False
            await alice.press("ctrl+r")
            await alice.hears("→ bob: psst  (")
            await alice.hears("F3: send again, F4: drop")
            await alice.press("f4", "alt+1")
            await alice.enters("marked")
            await mallory.hears("alice: marked")
            assert not any("psst" in line for line in mallory.heard)


@pytest.mark.parametrize("line", ["psst -u bob", "psst -u bob -t 600"])
async def test_what_is_for_a_name_of_which_nothing_is_known_is_asked_about_after_a_break(
    line: str,
) -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", size=(120, 24)) as alice,
    ):
        await alice.sees("● connected")
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await alice.enters("hello")
        await alice.enters(f"send {line}")
        async with on_telnet(chat.port, "bob") as bob:
            wire.is_closed = False
            await alice.press("ctrl+r")
            await bob.hears("alice: hello")
            await alice.hears("bob may be somebody else by now; this was not said. F3: send again")
            assert chat.said() == ["hello"]
            await alice.press("f4")
            await alice.misses("psst")


async def test_what_is_refused_without_its_key_does_not_wait_for_ever() -> None:
    async with scripted() as script, connecting(script.port) as client:
        await script.welcomes()
        script.says(History([], None, re=await script.hears("history")))
        await client.is_in()
        for number in range(UNANSWERED):
            client.says(f"send -- {number}")
        client.says("rename x")
        client.says("send -- the end")
        for _ in range(UNANSWERED + 1):
            script.says(Refused("line_too_long", {"limit": 8192}))
        script.says(Ok(re=await script.hears("send -- the end")))
        await until(lambda: client.answers[-1:] == [("send -- the end", "ok")])
        assert client.outbox.waiting == []
        assert len(client.outbox.outgoing) == UNANSWERED
        assert client.answers[UNANSWERED] == ("rename x", "line_too_long")


async def test_what_is_typed_with_more_than_a_line_may_have_is_said_if_its_message_is_not() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes("send" + " " * 9000 + "hi")
        await alice.press("enter")
        await alice.sees("alice: hi")


def style_of(person: AtScreen, text: str) -> Style:
    """Find how a text in the pane of messages is drawn."""
    return next(_styles(person, text))


def _styles(person: AtScreen, text: str) -> Iterator[Style]:
    for strip in person.app.screen._compositor.render_strips()[1:-4]:
        for part in strip:
            if part.style is not None and text in part.text:
                yield part.style


# Quitting


@pytest.mark.parametrize("key", ["escape", "enter", "n"])
async def test_quitting_with_a_message_unsaid_asks_and_one_may_stay(key: str) -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.enters("hello")
        await alice.press("ctrl+q")
        await alice.sees("1 message has not been sent. Quit all the same?")
        await alice.press(key)
        await alice.misses("Quit all the same?")
        await alice.sees("… hello")
        assert alice.app.is_running


@pytest.mark.parametrize("key", ["y", "q", "ctrl+q"])
async def test_quitting_all_the_same(key: str) -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.enters("one")
        await alice.enters("two")
        await alice.write("exit")
        await alice.press("enter")
        await alice.sees("2 messages have not been sent. Quit all the same?")
        await alice.press(key)
        await until(lambda: not alice.app.is_running)


async def test_quitting_asks_about_what_was_begun_and_what_was_taken_back_to_edit() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob") as bob, at_screen(chat) as alice:
        await bob.sends("hi -u alice")
        await alice.sees("2 bob (1)")
        await alice.press("alt+2")
        await alice.write("half a th")
        await alice.press("alt+1")
        await alice.enters("send later -t 600")
        await alice.sees_in("schedule", "later")
        alice.main.schedule.focus()
        await alice.press("home", "e")
        await alice.sees("Cancelled 1: later")
        await alice.press("ctrl+q")
        await alice.sees("2 messages have not been sent. Quit all the same?")
        box = "\n".join(alice.pane("unsent"))
        assert "begun: send -t 600 -- later" in box
        assert "begun: half a th" in box
        await alice.press("escape")
        assert alice.typed == "send -t 600 -- later"


async def test_quitting_asks_about_a_message_that_is_held_too() -> None:
    async with (
        running_chat() as old,
        running_chat() as new,
        wire_to(old.port) as wire,
        offline_at_screen(wire.port, "alice") as alice,
    ):
        await alice.sees("alice (you)")
        wire.is_deaf = True
        await alice.enters("hello")
        wire.target = new.port
        wire.breaks()
        await alice.press("ctrl+r")
        await alice.sees("! hello")
        await alice.press("ctrl+q")
        await alice.sees("1 message has not been sent.")


async def test_a_refused_message_does_not_ask() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send psst -u bob")
        await alice.sees("F4: drop")
        await alice.press("ctrl+q")
        await until(lambda: not alice.app.is_running)


async def test_quitting_asks_about_a_command_that_waits_and_shows_it() -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.enters("hello")
        await alice.enters("cancel 7")
        await alice.press("ctrl+q")
        await alice.sees("2 lines have not been sent. Quit all the same?")
        box = "\n".join(alice.pane("unsent"))
        assert "hello" in box
        assert "cancel 7" in box


async def test_a_question_that_waits_does_not_ask() -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.enters("users")
        await alice.sees("… users")
        await alice.press("ctrl+q")
        await until(lambda: not alice.app.is_running)


async def test_quitting_asks_about_drafts_and_scheduled_messages_once_and_says_their_end() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await alice.enters("send psst -u bob")
        await alice.write("for bob")
        await alice.press("alt+1")
        await alice.enters("send later -t 600")
        await alice.sees_in("schedule", "later")
        await alice.press("ctrl+q")
        await alice.sees("1 message has not been sent. Quit all the same?")
        await alice.sees("begun: for bob")
        await alice.sees("What has not been sent is lost then.")
        await alice.sees("1 scheduled message ends with you: it is not sent.")
        await alice.press("escape")
        await alice.press("alt+2", "enter")
        await until(lambda: not alice.typed)
        await alice.enters("exit")
        await alice.sees("Quit all the same?")
        assert "lost" not in "\n".join(alice.pane("unsent"))
        await alice.press("y")
        await until(lambda: not alice.app.is_running)


async def test_the_question_before_quitting_fits_the_smallest_screen() -> None:
    waiting = outbox_with(*(f"send -- {'漢字' * 40}{number}" for number in range(9))).undecided
    async with offline_at_screen(1, "alice", (60, 15)) as alice:
        await alice.app.push_screen(UnsentScreen(waiting, ["a draft"], scheduled=2))
        await alice.sees("10 messages have not been sent. Quit all the same?")
        await alice.sees("and 6 more")
        await alice.sees("Escape: stay    y: quit")
        assert "╰" in alice.shown()[-1]
