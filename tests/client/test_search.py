"""Seeking in a scrollback: hits, mentions, and the way back. Without a screen."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.wording import local_time
from chat_tui.session import transcript
from chat_tui.session.folding import folded, found
from chat_tui.session.state import Note
from chat_tui.widgets.messages.scrollback import Scrollback
from chat_tui.widgets.messages.search import Hits, Search
from tests.support.clock import DAWN
from tests.support.scrolling import said, scrolling, shown, tell

HAY = ["hay"] * 10


def search_in(scrollback: Scrollback, query: str) -> Search:
    search = Search(scrollback)
    search.find(query)
    return search


def test_the_newest_hit_above_where_one_was_is_shown() -> None:
    scrollback = scrolling("needle", *HAY, "Needle", *HAY, "needle", *HAY)
    scrollback.move(-15)
    search = search_in(scrollback, "nEEdle")
    assert search.hits == Hits(3, 2)
    assert "Needle" in shown(scrollback)


def test_the_first_hit_is_shown_where_there_is_none_above() -> None:
    scrollback = scrolling(*HAY, "needle", *HAY)
    scrollback.go_home()
    assert search_in(scrollback, "needle").hits == Hits(1, 1)
    assert "needle" in shown(scrollback)


def test_hits_are_gone_through_in_a_circle() -> None:
    search = search_in(scrolling("needle", *HAY, "needle", *HAY, "needle"), "needle")
    currents = [search.hits.current]
    for step in (-1, -1, -1, 1, 1):
        search.step(step)
        currents.append(search.hits.current)
    assert currents == [3, 2, 1, 3, 1, 2]


def test_each_letter_is_sought_from_where_one_was_and_the_end_leads_back() -> None:
    scrollback = scrolling("nut", *HAY, "needle", "hay", *HAY)
    scrollback.move(-2)
    before = shown(scrollback)
    search = Search(scrollback)
    for query, hits in (
        ("n", Hits(2, 2)),
        ("nu", Hits(1, 1)),
        ("nux", Hits(0, 0)),
        ("nu", Hits(1, 1)),
        ("ee", Hits(1, 1)),
        ("e", Hits(1, 1)),
    ):
        search.find(query)
        assert search.hits == hits
    search.end()
    assert shown(scrollback) == before
    assert (search.hits, search.current) == (Hits(0, 0), None)


def test_one_may_stay_where_it_led_to() -> None:
    scrollback = scrolling("needle", *HAY)
    search = search_in(scrollback, "needle")
    search.end(is_staying=True)
    assert "needle" in shown(scrollback)
    assert search.current is None


def test_who_followed_before_follows_afterwards() -> None:
    scrollback = scrolling("needle", *HAY)
    search = search_in(scrollback, "needle")
    tell(scrollback, "more")
    search.end()
    assert scrollback.is_following


def test_nothing_is_sought_without_a_text() -> None:
    search = search_in(scrolling("one"), "")
    assert (search.hits, search.within(0, "one")) == (Hits(0, 0), ())


def test_what_comes_is_sought_too() -> None:
    scrollback = scrolling("needle")
    search = search_in(scrollback, "needle")
    assert search.take_in(tell(scrollback, "hay", "needle two"))
    assert search.hits == Hits(2, 1)
    assert not search.take_in(tell(scrollback, "hay"))


def test_what_is_dropped_is_found_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 12)
    scrollback = scrolling("needle", *HAY, "needle")
    search = search_in(scrollback, "needle")
    assert search.take_in(tell(scrollback, "hay"))
    assert search.hits == Hits(1, 1)
    assert search.take_in(tell(scrollback, "needle", *HAY, *HAY))
    assert search.hits == Hits(0, 0)


def test_once_the_hit_that_was_shown_is_dropped_down_leads_to_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 12)
    scrollback = scrolling("needle", *HAY, "needle")
    search = search_in(scrollback, "needle")
    search.step(-1)
    scrollback.follow()
    search.take_in(tell(scrollback, "needle"))
    assert search.hits == Hits(2, 0)
    search.step(1)
    assert search.hits == Hits(2, 1)


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("strasse", "die Straße dort", "Straße"),
        ("STRAßE", "die STRASSE dort", "STRASSE"),
        ("σοφος", "ο ΣΟΦΌΣ και ο ΣΟΦΟΣ", "ΣΟΦΟΣ"),
        ("istanbul", "eski İSTANBUL", "İSTANBUL"),
        ("İ", "ipek", "i"),
        ("привет", "ПРИВЕТ всем", "ПРИВЕТ"),
        (unicodedata.normalize("NFD", "zoë"), "for Zoë alone", "Zoë"),
        ("ｂｏｂ", "bob", "bob"),
    ],
)
def test_what_is_counted_is_what_is_marked(query: str, text: str, marked: str) -> None:
    scrollback = scrolling("xyz", text)
    search = search_in(scrollback, query)
    assert search.hits.count == 1 + (folded(query) in "bob")
    shown_text = scrollback.layout(1).text
    assert marked in [shown_text[start:end] for start, end in search.within(1, shown_text)]


@given(st.text(max_size=12), st.text(max_size=3))
def test_a_text_is_found_wherever_its_folding_is(text: str, query: str) -> None:
    wanted = folded(query)
    places = found(wanted, text)
    assert bool(places) == (bool(wanted) and wanted in folded(text))
    assert all(first < end <= len(text) for first, end in places)
    assert all(wanted in folded(text[first:end]) for first, end in places)


def test_the_time_before_a_message_is_neither_found_nor_marked() -> None:
    time = f"{local_time(int(DAWN)):%H:%M}"
    scrollback = scrolling("hay", f"at {time}")
    search = search_in(scrollback, time)
    assert search.hits == Hits(1, 1)
    text = scrollback.layout(1).text
    assert search.within(1, text) == ((len(text) - 5, len(text)),)


def test_what_the_chat_itself_tells_is_found_as_it_is_shown() -> None:
    scrollback = scrolling(Note("divider", "anew", DAWN), Note("fact", "bob joined", DAWN))
    search = search_in(scrollback, "── anew")
    assert search.hits.count == 1
    text = scrollback.layout(0).text
    assert [text[start:end] for start, end in search.within(0, text)] == ["── anew"]


def test_mentions_are_gone_through_from_what_is_seen() -> None:
    lines = [said(number, is_mention=number in (2, 10, 18)) for number in range(20)]
    scrollback = scrolling(*lines)
    search = Search(scrollback)
    led_to = []
    for step in (-1, -1, -1, -1, 1, 1, 1):
        is_there = search.step_mention(step)
        led_to.append(search.current if is_there else None)
    assert led_to == [18, 10, 2, None, 10, 18, None]


def test_a_mention_is_pointed_at_until_it_is_forgotten_a_hit_until_the_search_ends() -> None:
    scrollback = scrolling("one", said(1, "two", is_mention=True))
    search = Search(scrollback)
    assert search.step_mention(-1)
    search.forget_mention()
    assert search.current is None
    search.find("one")
    search.forget_mention()
    assert search.current == 0


def test_where_there_is_nothing_nothing_is_found() -> None:
    search = search_in(scrolling(), "needle")
    search.step(-1)
    assert not search.step_mention(-1)
    assert search.hits == Hits(0, 0)
