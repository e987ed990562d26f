"""Long answers in pieces: together they are what the answer is in one piece."""

import pytest

from chat_server.doors import line, pages
from chat_server.protocol.commands import explain
from chat_server.protocol.events import Event, Format, History, Item, Message, Pending, Users
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


@pytest.mark.parametrize("format_", ["text", "json"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_pages_are_the_whole_answer(answer: Event, format_: Format) -> None:
    assert b"".join(pages(answer, format_, NOW)) == line(answer, format_, NOW)
    yesterday = NOW + 86_400
    assert b"".join(pages(answer, format_, yesterday)) == line(answer, format_, yesterday)


@pytest.mark.parametrize("format_", ["text", "json"])
def test_no_page_of_a_history_is_long(format_: Format) -> None:
    made = list(pages(History(LINES, None), format_, NOW))
    assert len(made) > 5
    assert max(map(len, made)) < 20_000


@pytest.mark.parametrize("format_", ["text", "json"])
def test_history_is_rendered_no_further_than_it_is_read(format_: Format) -> None:
    """What cannot be rendered stands at its end, and is met only there."""
    broken = Message("x", NOW, person("alice"), None, "half a letter: \ud800")
    made = pages(History([*LINES, broken], None), format_, NOW)
    assert next(made)
    with pytest.raises(UnicodeEncodeError):
        list(made)
