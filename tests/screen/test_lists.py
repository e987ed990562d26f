"""The lists of people and of scheduled messages: who was chosen is who is meant, whoever comes."""

import random

import pytest

from chat_server.protocol.events import Cancelled, Item, Joined, Left, Person, Renamed, Scheduled
from chat_tui.widgets.people import PeopleList
from tests.support.clock import DAWN
from tests.support.people import joined, left, renamed
from tests.support.screen import AtScreen, at_screen, running_chat, until

SEED = 7


async def hears(person: AtScreen, *heard: Joined | Left | Renamed | Scheduled | Cancelled) -> None:
    """Tell the client something, and wait until it is shown."""
    for event in heard:
        person.app._hear(event)
    await until(lambda: not person.app._repainting.is_due)
    await person.settles()


def chosen(person: AtScreen) -> str:
    people = person.main.people
    return people.entry(people.chosen).plain if people.chosen else ""


async def test_whoever_was_chosen_stays_chosen_while_people_come_and_leave() -> None:
    chance = random.Random(SEED)
    here = [f"p{number:02}" for number in range(20)]
    async with running_chat() as chat, at_screen(chat) as alice:
        await hears(alice, joined(*here))
        alice.main.people.focus()
        for round_number in range(60):
            coming = f"q{chance.randrange(100):02}{round_number}"
            going = chance.choice(here)
            alice.main.people.action_first()
            for _ in range(chance.randrange(10)):
                alice.main.people.action_step(1)
            before = chosen(alice)
            here.append(coming)
            here.remove(going)
            await hears(alice, joined(coming), left(going))
            assert chosen(alice) == ("" if before == going else before)


async def test_enter_opens_whoever_was_chosen_although_others_came_above() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await hears(alice, joined("bob", "carol"))
        await alice.press("f6", "f6", "down", "down")
        assert chosen(alice) == "carol"
        alice.app._hear(joined("anna", "bella", "боб"))
        alice.app._hear(left("bob"))
        await alice.press("enter")
        await alice.sees("[2 carol]")


async def test_who_takes_another_name_stays_chosen() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await hears(alice, joined("bob", "carol"))
        await alice.press("f6", "f6", "down")
        await hears(alice, renamed("bob", "zoë"), Joined([Person("another", "bob")], DAWN))
        assert chosen(alice) == "zoë"
        await alice.press("enter")
        await alice.sees("[2 zoë]")


async def test_nobody_is_meant_once_the_chosen_one_has_left() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await hears(alice, joined("bob", "carol", "dave"))
        await alice.press("f6", "f6", "down", "down")
        await hears(alice, left("carol"))
        await alice.press("enter", "space")
        assert (alice.tabs(), alice.typed, alice.focus) == ("", "", "people")
        await hears(alice, joined("carol"))
        assert chosen(alice) == ""
        await alice.press("down")
        assert chosen(alice) == "carol"


async def test_a_click_chooses_who_is_seen_there() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await hears(alice, joined(*(f"p{number:02}" for number in range(40))))
        await alice.press("f6", "f6", "end")
        row = 1 + alice.pane("people").index("p30")
        await alice.pilot.click("#people", offset=(3, row))
        await alice.sees("[2 p30]")


async def test_what_is_looked_at_stays_while_others_come_above_it() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await hears(alice, joined(*(f"p{number:02}" for number in range(60))))
        alice.main.people.scroll_to(y=20, animate=False, immediate=True)
        await alice.settles()
        before = alice.people()
        await hears(alice, joined("anna", "bella", "p11a"))
        assert alice.people() == before
        alice.main.people.focus()
        await alice.press("end", "up", "up")
        before = alice.people()
        await hears(alice, joined("carla"), left("p03", "p04"))
        assert alice.people() == before


async def test_the_next_scheduled_message_is_not_cancelled_in_place_of_one_that_went() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.enters("send one -t 60")
        await alice.enters("send two -t 600")
        await alice.sees_in("schedule", "two")
        alice.main.schedule.focus()
        await alice.press("home")
        assert alice.main.schedule.chosen == "1"
        chat.clock.advance(60)
        await until(lambda: alice.main.schedule.count == 1)
        await alice.press("c", "e", "s")
        assert [item.text for item in alice.app._state.pending] == ["two"]
        assert alice.typed == ""
        await alice.press("down", "c")
        await alice.sees("Cancelled 2: two")


async def test_a_scheduled_message_stays_chosen_when_one_comes_before_it() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        item = Item("7", DAWN, DAWN + 600, None, "mine")
        await hears(alice, Scheduled(item))
        alice.main.schedule.focus()
        await alice.press("home")
        await hears(alice, Scheduled(Item("8", DAWN, DAWN + 5, None, "sooner")))
        assert alice.main.schedule.chosen == "7"
        await hears(alice, Cancelled("8", "sooner"))
        assert alice.main.schedule.chosen == "7"


async def test_of_five_thousand_people_only_those_seen_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await hears(alice, joined(*(f"p{number:04}" for number in range(5000))))
        drawn: list[str] = []
        entry = PeopleList.entry

        def counted(people: PeopleList, key: str) -> object:
            drawn.append(key)
            return entry(people, key)

        monkeypatch.setattr(PeopleList, "entry", counted)
        rows = len(alice.pane("people"))
        await hears(alice, joined("anna"))
        await hears(alice, left("p4000"))
        assert 0 < len(drawn) <= 3 * rows
        drawn.clear()
        for number in range(1000):
            alice.app._hear(joined(f"q{number}"))
        await hears(alice)
        assert len(drawn) <= 3 * rows
        alice.main.people.focus()
        await alice.press("end")
        assert alice.people()[-1] == "q999"
