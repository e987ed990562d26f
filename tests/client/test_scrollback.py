"""Where one is in what was said, while it grows, shrinks and wraps anew. Without a screen."""

import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.protocol.commands import Send
from chat_tui.layout.lines import UNREAD, Layout, layout
from chat_tui.session import transcript
from chat_tui.session.outbox import Outbox
from chat_tui.session.state import Line
from chat_tui.session.transcript import Transcript
from chat_tui.widgets.messages.scrollback import Scrollback, TextPosition
from tests.support.scrolling import all_rows, said, scrolling, shown, tell

NUMBERS = [f"number {number}" for number in range(20)]


def waiting(count: int) -> Outbox:
    outbox = Outbox()
    for number in range(count):
        outbox.add(Send(f"line {number}"))
    return outbox


def test_it_follows_the_end() -> None:
    scrollback = scrolling(*NUMBERS)
    assert shown(scrollback) == NUMBERS[-4:]
    tell(scrollback, "one more")
    assert shown(scrollback) == [*NUMBERS[-3:], "one more"]


def test_what_fits_is_shown_from_the_top() -> None:
    scrollback = scrolling("one", "two")
    assert (shown(scrollback), scrollback.y) == (["one", "two"], 0)


def test_scrolled_up_it_stays_while_lines_come() -> None:
    scrollback = scrolling(*NUMBERS)
    scrollback.move(-6)
    before = shown(scrollback)
    tell(scrollback, *["more"] * 50)
    assert shown(scrollback) == before == NUMBERS[10:14]


def test_scrolled_up_it_stays_while_the_oldest_are_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 20)
    scrollback = scrolling(*(f"{number} " + "word " * 20 for number in range(20)))
    scrollback.move(-10)
    before = shown(scrollback)
    for _ in range(10):
        tell(scrollback, *["more"] * 3)
        assert shown(scrollback) == before
    assert scrollback.first > 0


def test_what_is_read_is_dropped_when_it_goes_on_and_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 20)
    scrollback = scrolling(*NUMBERS)
    scrollback.go_home()
    tell(scrollback, *["more"] * 100)
    assert shown(scrollback) == ["more"] * 4
    assert (scrollback.first, scrollback.position) == (100, (100, 0))


def test_whoever_scrolls_down_to_the_end_follows_it_again() -> None:
    scrollback = scrolling(*NUMBERS)
    follows = []
    for rows in (-3, 2, 5):
        scrollback.move(rows)
        follows.append(scrollback.is_following)
    assert follows == [False, False, True]
    assert shown(scrollback) == NUMBERS[-4:]


def test_it_follows_once_everything_fits() -> None:
    scrollback = scrolling(*NUMBERS)
    scrollback.go_home()
    scrollback.resize(40, 30)
    assert scrollback.is_following


@pytest.mark.parametrize("unread_line", [None, 1])
@pytest.mark.parametrize("row", [1, 2, 7])
def test_the_first_character_seen_stays_in_the_first_row_for_every_width(
    unread_line: int | None, row: int
) -> None:
    scrollback = scrolling("before", " ".join(f"w{n}" for n in range(100)), *NUMBERS, width=50)
    scrollback.mark_unread(unread_line)
    scrollback.put(1, -row)
    for width in (90, 23, 70, 50):
        first = shown(scrollback)[0].split()[0]
        scrollback.resize(width, 4)
        assert first in shown(scrollback)[0].split()


def test_only_what_is_seen_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    laid: list[Line] = []

    def counted(line: Line, width: int) -> Layout:
        laid.append(line)
        return layout(line, width)

    monkeypatch.setattr("chat_tui.widgets.messages.scrollback.layout", counted)
    scrollback = scrolling(*["word " * 30] * 1000, window=10)
    assert len(laid) <= 10
    scrollback.resize(60, 10)
    assert len(laid) <= 20
    hidden = Scrollback(Transcript([said(1)]))
    hidden.take_in()
    assert len(laid) <= 20


def test_the_scroll_bar_leads_to_both_ends_whatever_was_guessed() -> None:
    scrollback = scrolling(*("漢字 " * (number % 30) for number in range(300)))
    chance = random.Random(3)
    for _ in range(20):
        scrollback.scroll_to(chance.randint(0, scrollback.rows - scrollback.window))
        assert len(shown(scrollback)) == 4
    scrollback.scroll_to(0)
    assert scrollback.position == (0, 0)
    scrollback.scroll_to(scrollback.rows - scrollback.window)
    assert scrollback.is_following


def test_a_little_on_the_scroll_bar_is_as_many_rows_whatever_was_guessed() -> None:
    scrollback = scrolling(*("漢字 " * (number % 30) for number in range(40)), window=3)
    rows = shown(scrollback)[::-1]
    while scrollback.y:
        scrollback.scroll_to(scrollback.y - 1)
        rows.append(shown(scrollback)[0])
    assert rows[::-1] == all_rows(scrollback)


def test_every_row_is_seen_once_on_the_way_up() -> None:
    scrollback = scrolling(*("word " * (number * 7 % 60) for number in range(40)))
    rows = shown(scrollback)[::-1]
    while scrollback.y:
        scrollback.move(-1)
        rows.append(shown(scrollback)[0])
    assert rows[::-1] == all_rows(scrollback)
    assert scrollback.rows == len(rows)


def test_what_has_no_answer_stands_below_everything() -> None:
    scrollback = scrolling(*NUMBERS)
    scrollback.show_outgoing(waiting(2).outgoing)
    assert shown(scrollback) == [*NUMBERS[-2:], "line 0", "line 1"]
    tell(scrollback, "one more")
    assert shown(scrollback) == [NUMBERS[-1], "one more", "line 0", "line 1"]


def test_what_has_no_answer_is_wrapped_for_another_width() -> None:
    scrollback = scrolling("one", window=6)
    outbox = Outbox()
    outbox.add(Send("word " * 10))
    scrollback.show_outgoing(outbox.outgoing)
    for width, rows in ((80, 1), (20, 4), (40, 2)):
        scrollback.resize(width, 6)
        assert len(shown(scrollback)) == 1 + rows


def test_more_than_fits_that_has_no_answer_can_be_scrolled_over() -> None:
    scrollback = scrolling(*NUMBERS)
    scrollback.show_outgoing(waiting(10).outgoing)
    assert shown(scrollback) == [f"line {number}" for number in range(6, 10)]
    scrollback.move(-1)
    assert shown(scrollback)[0] == "line 5"
    scrollback.move(-7)
    assert shown(scrollback)[:3] == [*NUMBERS[-2:], "line 0"]
    scrollback.move(8)
    assert scrollback.is_following


def test_the_unread_line_stands_above_what_came_after_it_was_put_there() -> None:
    scrollback = scrolling("one", "two", window=6)
    scrollback.mark_unread(scrollback.end)
    assert shown(scrollback) == ["one", "two"]
    tell(scrollback, "three", "four")
    assert shown(scrollback) == ["one", "two", UNREAD, "three", "four"]
    scrollback.mark_unread(None)
    assert shown(scrollback) == ["one", "two", "three", "four"]


def test_the_unread_line_has_its_row_before_it_was_ever_seen() -> None:
    scrollback = scrolling(*NUMBERS)
    scrollback.mark_unread(scrollback.end)
    scrollback.go_home()
    tell(scrollback, "new", "newer")
    assert scrollback.rows == len(NUMBERS) + 3


def test_what_is_read_stays_when_the_unread_line_goes() -> None:
    scrollback = scrolling(*NUMBERS)
    scrollback.mark_unread(10)
    scrollback.put(10, -1)
    assert shown(scrollback)[0] == NUMBERS[10]
    scrollback.mark_unread(18)
    assert shown(scrollback)[0] == NUMBERS[10]


def test_a_line_is_revealed_a_third_from_the_top_and_reached_by_the_shortest_way() -> None:
    scrollback = scrolling(*NUMBERS, window=6)
    scrollback.reveal(17)
    assert scrollback.is_following
    scrollback.reveal(5)
    assert shown(scrollback)[2] == NUMBERS[5]
    scrollback.reach(1)
    assert shown(scrollback)[0] == NUMBERS[1]
    scrollback.reach(12)
    assert shown(scrollback)[-1] == NUMBERS[12]


def test_one_comes_back_to_a_bookmark_and_to_the_end() -> None:
    scrollback = scrolling(*NUMBERS)
    following = scrollback.bookmark
    scrollback.move(-5)
    bookmark, before = scrollback.bookmark, shown(scrollback)
    scrollback.go_home()
    scrollback.go_back(bookmark)
    assert shown(scrollback) == before
    scrollback.go_back(following)
    assert scrollback.is_following


def test_a_place_in_the_window_is_a_character_of_a_line() -> None:
    scrollback = scrolling("one", "word " * 20, window=8)
    scrollback.mark_unread(1)
    assert scrollback.character_at(0, 6 + len("bob: ")) == (TextPosition(0, 11), True)
    assert scrollback.character_at(0, 39) == (TextPosition(0, 14), False)
    assert scrollback.character_at(1, 20) == (TextPosition(1, 0), False)
    row = scrollback.layout(1).rows[1]
    assert scrollback.character_at(3, 6) == (TextPosition(1, row.start), True)
    assert scrollback.character_at(7, 0) == (scrollback.text_end(1), False)


def test_an_empty_one_can_be_moved_in_and_asked() -> None:
    scrollback = scrolling()
    scrollback.move(-1)
    scrollback.go_home()
    scrollback.follow()
    assert (scrollback.rows, scrollback.y, scrollback.text()) == (0, 0, "")
    assert scrollback.character_at(0, 0) == (TextPosition(0, 0), False)


def test_the_parts_of_the_pane_know_no_screen() -> None:
    modules = ", ".join(
        f"chat_tui.widgets.messages.{name}"
        for name in ("reading", "scrollback", "search", "selection")
    )
    program = f"import {modules}, sys; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


MOVES = st.one_of(
    st.tuples(st.just("tell"), st.lists(st.integers(0, 30), min_size=1, max_size=6)),
    st.tuples(st.just("move"), st.integers(-30, 30)),
    st.tuples(st.just("scroll_to"), st.integers(0, 80)),
    st.tuples(st.just("resize"), st.tuples(st.integers(12, 60), st.integers(1, 12))),
    st.tuples(st.just("send"), st.integers(0, 8)),
    st.tuples(st.just("mark"), st.integers(0, 3)),
    st.tuples(st.just("follow"), st.none()),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MOVES, max_size=25))
def test_whatever_is_done_a_part_of_the_whole_is_seen(
    moves: list[tuple[str, list[int] | int | tuple[int, int] | None]],
) -> None:
    """The window is full wherever there is enough, and at the end if it follows."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(transcript, "KEPT_LINES", 12)
        scrollback = scrolling("one", "two")
        for what, how in moves:
            match what, how:
                case "tell", list(words):
                    tell(scrollback, *("word " * count for count in words))
                case "move", int(rows):
                    scrollback.move(rows)
                case "scroll_to", int(y):
                    scrollback.scroll_to(y)
                case "resize", (width, window):
                    scrollback.resize(width, window)
                case "send", int(count):
                    scrollback.show_outgoing(waiting(count).outgoing)
                case "mark", int(back):
                    scrollback.mark_unread(scrollback.end - back)
                case _:
                    scrollback.follow()
            whole, seen = all_rows(scrollback), shown(scrollback)
            assert len(seen) == min(scrollback.window, len(whole))
            begins = range(len(whole) - len(seen) + 1)
            assert any(whole[begin : begin + len(seen)] == seen for begin in begins)
            if scrollback.is_following:
                assert whole[len(whole) - len(seen) :] == seen
