"""Long answers in pieces: together they are what the answer is in one piece."""

import pytest

from chat_server.doors import JSON, TEXT, Door
from chat_server.protocol.commands import explain
from chat_server.protocol.events import Event, History, Item, Message, Pending, Users
from tests.support.people import people, person

NOW = 1_600_000_000.0
LINES = [Message(str(n), NOW + n, person("алиса"), None, f"{n} " + "я" * 500) for n in range(100)]
ITEMS = [Item(str(n), NOW, NOW + 60, None, "ж" * 2000) for n in range(20)]
NAMES = [f"гость{n}" for n in range(5000)]

ANSWERS: list[Event] = [
    History([], None),
    History(LINES[:1], 0),
    History(LINES, 7, re="k-1"),
    Users([]),
    Users(people("alice"), re="k"),
    Users(people(*NAMES), re="k"),
    Pending([]),
    Pending(ITEMS, re="k"),
    explain(),
    explain("send"),
]


@pytest.mark.parametrize("door", [TEXT, JSON], ids=["text", "json"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_pages_are_the_whole_answer(answer: Event, door: Door) -> None:
    assert b"".join(door.pages(answer, NOW)) == door.line(answer, NOW)
    yesterday = NOW + 86_400
    assert b"".join(door.pages(answer, yesterday)) == door.line(answer, yesterday)


@pytest.mark.parametrize("door", [TEXT, JSON], ids=["text", "json"])
def test_no_page_of_a_history_is_long(door: Door) -> None:
    made = list(door.pages(History(LINES, None), NOW))
    assert len(made) > 5
    assert max(map(len, made)) < 20_000


@pytest.mark.parametrize("door", [TEXT, JSON], ids=["text", "json"])
def test_history_is_rendered_no_further_than_it_is_read(door: Door) -> None:
    """What cannot be rendered stands at its end, and is met only there."""
    broken = Message("x", NOW, person("alice"), None, "half a letter: \ud800")
    made = door.pages(History([*LINES, broken], None), NOW)
    assert next(made)
    with pytest.raises(UnicodeEncodeError):
        list(made)
