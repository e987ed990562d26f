"""What is meant for somebody is for them, whoever has their name by then; or it is refused."""

import pytest

from chat_server.protocol.events import Joined, Left, Renamed
from tests.support.faults import wire_to
from tests.support.people import person
from tests.support.screen import (
    AtScreen,
    OnTelnet,
    at_screen,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)

SECRET = "the password is 1234"


async def passes_on_its_name(bob: OnTelnet, carol: OnTelnet) -> None:
    """Let bob be called rob, and carol bob."""
    await bob.says("rename rob")
    await carol.hears("bob is now known as rob")
    await carol.says("rename bob")
    await bob.hears("carol is now known as bob")


def never_heard(person: OnTelnet) -> bool:
    return not any(SECRET in line for line in person.heard)


async def marks(person: AtScreen, *others: OnTelnet) -> None:
    """Say something to everyone, and wait until it is heard."""
    await person.press("escape", "alt+1")
    await person.enters("marked")
    for other in others:
        await other.hears(": marked")


async def schedules(person: AtScreen) -> None:
    """Schedule a secret for bob, and go to it."""
    await person.enters(f"send {SECRET} -u bob -t 600")
    await person.sees_in("schedule", "10:00 to bob")
    person.main.schedule.focus()
    await person.press("home")


@pytest.mark.parametrize("keys", [("s",), ("c", "u"), ("e", "enter"), ("e", "alt+z")])
async def test_what_was_scheduled_for_somebody_reaches_them_when_another_has_their_name(
    keys: tuple[str, ...],
) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        at_screen(chat, size=(120, 30)) as alice,
    ):
        await schedules(alice)
        first, *then = keys
        if then:
            await alice.press(first)
            await alice.sees(f"Cancelled 1: {SECRET[:10]}")
        await passes_on_its_name(bob, carol)
        await until(lambda: alice.people() == ["alice (you)", "bob", "rob"])
        await alice.press(*then or keys)
        if keys == ("s",):
            await alice.sees_in("schedule", "u undo")
            chat.clock.advance(5)
        else:
            await alice.sees_in("schedule", "10:00 to rob")
            chat.clock.advance(600)
        await bob.hears(f"alice -> rob: {SECRET}")
        await marks(alice, carol)
        assert never_heard(carol)


async def test_an_edited_message_is_for_somebody_who_takes_another_name_meanwhile() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        at_screen(chat, size=(120, 30)) as alice,
    ):
        await passes_on_its_name(bob, carol)
        await alice.sees("rob")
        await alice.enters(f"send {SECRET} -u rob -t 600")
        await alice.sees_in("schedule", "10:00 to rob")
        alice.main.schedule.focus()
        await alice.press("home", "e")
        await until(lambda: alice.typed == f"send -t 600 -- {SECRET}")
        await bob.says("rename bobby")
        await carol.hears("bobby")
        await carol.says("rename rob")
        await alice.sees("[2 bobby]")
        await alice.press("!", "enter")
        await alice.sees_in("schedule", "10:00 to bobby")
        chat.clock.advance(600)
        await bob.hears(f"alice -> bobby: {SECRET}!")
        await marks(alice, carol)
        assert never_heard(carol)


async def test_of_two_scheduled_messages_with_one_text_the_one_is_marked_that_was_sent() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob"),
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", (120, 24), chat.clock) as alice,
    ):
        await alice.sees("bob")
        for delay in (900, 60):
            await alice.enters(f"send later -t {delay}")
        await until(lambda: alice.main.schedule.count == 2)
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        chat.clock.advance(60)
        wire.is_closed = False
        await alice.press("ctrl+r")
        await alice.hears("alice (left, scheduled 2): later")
        assert [item.id for item in alice.app._state.pending] == ["1"]


async def test_two_people_who_had_one_name_one_after_the_other_have_two_tabs() -> None:
    async with running_chat() as chat, at_screen(chat, size=(120, 30)) as alice:
        async with on_telnet(chat.port, "bob") as bob:
            await bob.sends("from the first -u alice")
            await alice.sees("2 bob (1)")
        await alice.sees("2 bob (left) (1)")
        async with on_telnet(chat.port, "bob") as another:
            await another.sends("from the second -u alice")
            await alice.sees("3 bob (1)")
            assert alice.tabs() == "[1 everyone] 2 bob (left) (1)  3 bob (1)"
            await alice.press("alt+2")
            await alice.hears("bob → alice: from the first")
            assert "second" not in "".join(alice.said())
            await alice.press("alt+3")
            await alice.hears("bob → alice: from the second")
            assert "first" not in "".join(alice.said())


async def test_a_name_is_ignored_however_it_is_spelt() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "alice") as alice,
        at_screen(chat, "bob") as bob,
    ):
        await bob.enters("/ignore ＡＬＩＣＥ")
        await bob.hears("Nothing of alice is shown from now on; /unignore alice ends that.")
        await alice.sends("hidden")
        await alice.says("rename Алиса")
        await alice.sends("hidden too")
        await bob.enters("/unignore ａлиса")
        await bob.hears("You do not ignore ａлиса.")
        await bob.enters("/unignore АЛИСА")
        await bob.hears("What АЛИСА says is shown again from now on.")
        await alice.sends("seen")
        await bob.hears("Алиса: seen")
        assert "hidden" not in "".join(bob.said())


async def test_names_that_are_swapped_wholly_during_a_break_swap_nobody() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", (120, 30), chat.clock) as alice,
    ):
        await alice.sees("carol")
        await bob.sends("I am the first -u alice")
        await carol.sends("I am the second -u alice")
        await alice.enters(f"send {SECRET} -u bob -t 600")
        await alice.enters("/ignore carol")
        await alice.press("alt+2")
        await alice.write("for the first")
        wire.is_closed = True
        wire.breaks()
        await alice.sees("offline")
        await bob.says("rename swapping")
        await carol.hears("swapping")
        await carol.says("rename bob")
        await bob.hears("carol is now known as bob")
        await bob.says("rename carol")
        await carol.hears("is now known as carol")
        wire.is_closed = False
        await alice.press("ctrl+r")
        await until(lambda: alice.tabs() == "1 everyone [2 carol] 3 bob (1)")
        await alice.sees_in("schedule", "to carol")
        assert alice.typed == "for the first"
        await alice.press("enter")
        await bob.hears("alice -> carol: for the first")
        await carol.sends("unheard")
        await bob.sends("heard")
        await alice.press("alt+1")
        await alice.hears("carol: heard")
        assert "unheard" not in "".join(alice.said())
        await alice.enters("/ignore")
        await alice.hears("You ignore: bob")


@pytest.mark.parametrize("line", [f"send {SECRET} -u bob", f"send {SECRET} -u bob -t 600"])
async def test_a_line_in_flight_is_for_whom_it_was_when_the_name_changes_hands(line: str) -> None:
    """The server has given the name to another, and alice has not heard of it yet."""
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", (120, 24), chat.clock) as alice,
    ):
        await alice.sees("carol")
        wire.is_deaf = True
        await passes_on_its_name(bob, carol)
        assert alice.people() == ["alice (you)", "bob", "carol"]
        await alice.enters(line)
        if "-t" in line:
            await until(lambda: len(chat.server.chat.due_by(chat.clock.now() + 600)) == 1)
            chat.clock.advance(600)
        await bob.hears(f"alice -> rob: {SECRET}")
        wire.is_deaf = False
        await marks(alice, carol)
        assert never_heard(carol)


@pytest.mark.parametrize("way", ["tab", "option", "report", "ignore"])
async def test_who_is_meant_is_who_is_seen_although_the_screen_is_a_moment_late(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was heard is shown up to 50 ms later; here it is not shown before Enter."""
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        at_screen(chat, size=(120, 24)) as alice,
    ):
        await bob.sends("hi -u alice")
        await alice.sees("2 bob (1)")
        if way == "tab":
            await alice.press("alt+2")
        monkeypatch.setattr(alice.main, "show_state", lambda *shown: None)
        await passes_on_its_name(bob, carol)
        await until(lambda: [*_names(alice)] == ["rob", "bob", "alice"])
        assert alice.people() == ["alice (you)", "bob", "carol"]
        typed = {"tab": SECRET, "option": f"send {SECRET} -u bob"}
        await alice.enters(typed.get(way, f"{'/' if way == 'ignore' else ''}{way} bob"))
        monkeypatch.undo()
        if way in typed:
            await bob.hears(f"alice -> rob: {SECRET}")
        elif way == "report":
            await bob.sends("what comes next is shown again")
            await alice.hears("Reported rob")
        else:
            await alice.enters("/ignore")
            await alice.hears("You ignore: rob")
        await marks(alice, carol)
        assert never_heard(carol)


def _names(alice: AtScreen) -> list[str]:
    return [each.name for each in alice.app._state.people.here.values()]


async def test_a_name_that_was_typed_stands_for_who_had_it_when_it_was_typed() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        at_screen(chat, size=(120, 24)) as alice,
    ):
        await alice.write(f"send {SECRET} -u bob")
        await passes_on_its_name(bob, carol)
        await until(lambda: alice.people() == ["alice (you)", "bob", "rob"])
        await alice.press("enter")
        await bob.hears(f"alice -> rob: {SECRET}")
        await alice.press("alt+1")
        await alice.write(f"send {SECRET} -u rob")
        await alice.press("alt+2")
        await bob.says("exit")
        await alice.sees("[2 rob (left)]")
        await carol.says("rename rob")
        await until(lambda: alice.people() == ["alice (you)", "rob"])
        await alice.press("alt+1", "enter")
        await alice.hears("F3: send again, F4: drop")
        await marks(alice, carol)
        assert never_heard(carol)


async def test_who_comes_back_is_written_to_where_they_were() -> None:
    """Their connection broke, and they were given another name when they came back."""
    async with running_chat() as chat, at_screen(chat, size=(120, 24)) as alice:
        bob = person("bob")
        alice.app._hear(Joined([bob], chat.clock.now()))
        await alice.sees("bob joined")
        await alice.press("f6", "f6", "down", "enter")
        await alice.sees("[2 bob]")
        alice.app._hear(Left([bob], chat.clock.now()))
        await alice.sees("[2 bob (left)]")
        await alice.write("are you there?")
        await alice.press("enter")
        assert alice.hint.startswith("bob has left; nobody hears this.")
        alice.app._hear(Joined([person("guest7", "bob")], chat.clock.now()))
        await alice.sees("[2 guest7]")
        await until(lambda: alice.hint == "Enter sends this to guest7.")
        alice.app._hear(Renamed(bob, "guest7", chat.clock.now()))
        await alice.sees("[2 bob]")
        assert alice.typed == "are you there?"


@pytest.mark.parametrize(
    ("begun", "meanwhile", "then"),
    [
        (f"send -u bob {SECRET[:10]}", (), ()),
        ("send -u bob", (), ()),
        (f"send {SECRET} -u bob", ("up",), ("down",)),
        (f"send {SECRET} -u bob", ("up", "alt+2"), ("alt+1",)),
        (f"send {SECRET} -u bob", ("alt+2",), ("alt+1",)),
    ],
)
async def test_a_name_stands_for_who_had_it_when_it_came_into_the_text(
    begun: str, meanwhile: tuple[str, ...], then: tuple[str, ...]
) -> None:
    """It changes hands while one writes on, or looks elsewhere."""
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        at_screen(chat, size=(120, 24)) as alice,
    ):
        await carol.sends("hi -u alice")
        await alice.sees("2 carol (1)")
        await alice.enters("said before")
        await alice.write(begun)
        await alice.press(*meanwhile)
        await passes_on_its_name(bob, carol)
        await until(lambda: alice.people() == ["alice (you)", "bob", "rob"])
        await alice.press(*then)
        if not alice.typed.endswith("bob") or SECRET not in alice.typed:
            rest = SECRET[10:] if SECRET[:10] in alice.typed else f" {SECRET}"
            await alice.write(rest)
        await alice.press("enter")
        await bob.hears(f"alice -> rob: {SECRET}")
        await marks(alice, carol)
        assert never_heard(carol)


async def test_a_name_that_is_typed_anew_stands_for_who_has_it_now() -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        on_telnet(chat.port, "carol") as carol,
        at_screen(chat, size=(120, 24)) as alice,
    ):
        await alice.write("send hello -u bob")
        await passes_on_its_name(bob, carol)
        await until(lambda: alice.people() == ["alice (you)", "bob", "rob"])
        await alice.press("backspace", "b", "enter")
        await carol.hears("alice -> bob: hello")
