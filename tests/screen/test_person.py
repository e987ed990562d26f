"""All about a person: what is known of them, and what one may do about them."""

import pytest

from chat_tui.screens.person import PersonScreen
from tests.screen.test_passwords import registers
from tests.support.faults import wire_to
from tests.support.screen import (
    PASSWORD,
    AtScreen,
    at_screen,
    member_on_telnet,
    offline_at_screen,
    on_telnet,
    running_chat,
    until,
)

NAMES = pytest.mark.parametrize("name", ["bob", "борис"])


async def looks_at(alice: AtScreen, name: str) -> None:
    """Open all about somebody who is here, by their place among the people."""
    await until(lambda: name in [row.removesuffix(" (you)") for row in alice.people()], name)
    while alice.focus != "people":
        await alice.press("f6")
    await alice.press("home")
    for row in alice.people():
        if row.removesuffix(" (you)") == name:
            break
        await alice.press("down")
    await alice.press("i")
    assert isinstance(alice.app.screen, PersonScreen)


async def does(alice: AtScreen, title: str) -> None:
    """Choose something that may be done."""
    await alice.sees(title)
    titles = list(entries(alice))
    for _ in range([row.startswith(title) for row in titles].index(True)):
        await alice.press("down")
    await alice.press("enter")
    assert not isinstance(alice.app.screen, PersonScreen)


def entries(alice: AtScreen) -> list[str]:
    """Return what may be done, as it is shown."""
    pane = alice.app.screen.query_one("#entries")
    rows = alice.shown()[pane.region.y : pane.region.bottom]
    return [row[pane.region.x : pane.region.right].strip() for row in rows]


def facts(alice: AtScreen) -> list[str]:
    """Return what is known, as it is shown, a row each."""
    pane = alice.app.screen.query_one("#facts")
    rows = alice.shown()[pane.region.y : pane.region.bottom]
    return [" ".join(row[pane.region.x : pane.region.right].split()) for row in rows if row.strip()]


# Of somebody else


@NAMES
async def test_who_is_looked_at_is_told_of_and_written_to(name: str) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, name) as bob,
        at_screen(chat) as alice,
    ):
        await looks_at(alice, name)
        assert facts(alice)[0] == name
        assert "presence here" in facts(alice)
        assert entries(alice) == [
            "Write to them",
            f"Report them…  /report {name}",
            f"Ignore them  /ignore {name}",
        ]
        await alice.press("enter")
        assert alice.focus == "composer"
        await alice.enters("hello")
        assert (await bob.hears(f"alice -> {name}")).endswith("hello")


async def test_what_needs_a_reason_is_begun_in_the_input_and_the_rest_done_at_once() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "борис"), at_screen(chat) as alice:
        await looks_at(alice, "борис")
        await does(alice, "Report them…")
        assert (alice.typed, alice.focus) == ("/report борис ", "composer")
        await alice.press("ctrl+u")
        await looks_at(alice, "борис")
        await does(alice, "Ignore them")
        assert alice.typed == ""
        await looks_at(alice, "борис")
        assert "ignored nothing that they say is shown" in facts(alice)
        await does(alice, "Hear them again")
        await looks_at(alice, "борис")
        assert "Ignore them  /ignore борис" in entries(alice)


async def test_keys_that_come_at_once_do_what_they_do_one_by_one() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await alice.press("f6")
        while alice.focus != "people":
            await alice.press("f6")
        await alice.sends("\x1b[F" + "i" + "\x1b[B" + "\r" + "spam")
        assert alice.typed == "/report bob spam"


async def test_the_palette_has_whom_one_writes_with_and_oneself() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await looks_at(alice, "bob")
        await alice.press("enter", "ctrl+p", *"all", "space", *"about")
        await alice.sees("All about bob")
        await alice.press("enter")
        await until(lambda: isinstance(alice.app.screen, PersonScreen), "bob")
        assert facts(alice)[0] == "bob"
        await alice.press("escape", "ctrl+p", *"devices")
        await alice.sees("Your account and devices")
        await alice.press("enter")
        await until(lambda: isinstance(alice.app.screen, PersonScreen), "alice")
        assert facts(alice)[0] == "alice (you)"


async def test_who_leaves_meanwhile_is_not_written_to() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        async with on_telnet(chat.port, "bob"):
            await looks_at(alice, "bob")
        await alice.sees("presence  left")
        assert entries(alice) == ["Ignore them  /ignore bob"]


async def test_only_who_keeps_order_is_shown_how() -> None:
    async with (
        running_chat(owners=("alice",)) as chat,
        at_screen(chat) as alice,
        member_on_telnet(chat.port, "bob") as bob,
    ):
        await looks_at(alice, "bob")
        assert not [row for row in entries(alice) if "/mute" in row]
        await alice.press("escape", "escape")
        await registers(alice)
        await looks_at(alice, "bob")
        await does(alice, "Make them a moderator")
        await bob.hears("moderator")
        await looks_at(alice, "bob")
        await alice.sees("a member and a moderator")
        assert "Make them no moderator any more  /moderator bob off" in entries(alice)
        await does(alice, "Mute them…")
        assert alice.typed == "/mute bob "


# Of oneself


async def test_ones_own_devices_are_told_once_they_are_known() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await looks_at(alice, "alice")
        await alice.sees("a guest")
        assert entries(alice) == ["Make your name your own…  register", "Log in…  login"]
        await alice.press("escape", "escape")
        await registers(alice)
        async with on_telnet(chat.port, "guest5") as other:
            for line in ("login alice", PASSWORD):
                await other.says(line)
            await other.hears("You are logged in")
            await looks_at(alice, "alice")
            await alice.sees("a member since")
            devices = [row for row in facts(alice) if "from the server's machine" in row]
            assert len(devices) == 2
            assert "this connection" in devices[0]
            await does(alice, "Log out")
            await alice.hears("logged out")


async def test_offline_nothing_is_known_of_ones_devices_until_one_is_back() -> None:
    async with (
        running_chat() as chat,
        wire_to(chat.port) as wire,
        offline_at_screen(wire.port, "alice", clock=chat.clock) as alice,
    ):
        await alice.sees("alice (you)")
        await until(lambda: alice.has_caught_up, "what was said before")
        wire.breaks()
        await alice.misses("● connected")
        await looks_at(alice, "alice")
        await alice.sees("not known: there is no connection")
        await alice.sees("a guest")
