"""What is chosen in a scrollback, and where its caret goes. Without a screen."""

import pytest

from chat_server.protocol.wording import local_time
from chat_tui.session import transcript
from chat_tui.widgets.messages.scrollback import TextPosition
from chat_tui.widgets.messages.selection import LINE_END, Range, Selection
from tests.support.clock import DAWN
from tests.support.scrolling import scrolling, tell

HEAD = f"{local_time(int(DAWN)):%H:%M} bob: "
BODY = len(HEAD)
LONG = " ".join(f"word{number}" for number in range(20))


def at(sequence: int, character: int) -> TextPosition:
    return TextPosition(sequence, BODY + character)


def test_rows_that_were_only_wrapped_are_one() -> None:
    selection = Selection(scrolling("one", LONG))
    selection.choose(Range(at(1, 0), at(1, len(LONG))))
    assert selection.text == LONG


def test_a_part_of_the_first_line_and_whole_others_are_chosen() -> None:
    selection = Selection(scrolling("one two", "three", "four"))
    selection.choose(Range(at(0, 4), at(2, 2)))
    assert selection.text == f"two\n{HEAD}three\n{HEAD}fo"
    assert selection.within(0, BODY + 7) == (BODY + 4, BODY + 7)
    assert selection.within(1, BODY + 5) == (0, BODY + 5)
    assert selection.within(2, BODY + 4) == (0, BODY + 2)


def test_nothing_is_chosen_at_first_and_when_it_is_let_go() -> None:
    selection = Selection(scrolling("one"))
    assert (selection.range, selection.text, selection.within(0, 99)) == (None, "", None)
    selection.step(1)
    selection.choose(None)
    assert (selection.range, selection.caret, selection.text) == (None, None, "")


def test_a_range_without_an_end_goes_to_the_last_line() -> None:
    selection = Selection(scrolling("one", "two"))
    selection.choose(Range(at(0, 1), TextPosition(LINE_END, LINE_END)))
    assert selection.text == f"ne\n{HEAD}two"


def test_the_caret_begins_at_the_last_line_seen_and_steps_over_line_ends() -> None:
    selection = Selection(scrolling("one", "xy"))
    selection.step(1)
    assert (selection.caret, selection.text) == (at(1, 0), "x")
    selection.step(1)
    assert selection.text == "y"
    selection.step(-2 - BODY)
    assert selection.caret == at(0, 3)
    selection.step(1)
    assert selection.caret == TextPosition(1, 0)


def test_the_caret_stays_within_what_there_is() -> None:
    selection = Selection(scrolling("one"))
    for step in (1, -100):
        selection.step(step)
    assert selection.caret == TextPosition(0, 0)
    selection.step(1000)
    assert selection.caret == at(0, 3)


def test_stretching_chooses_from_where_it_began_in_both_directions() -> None:
    selection = Selection(scrolling("abcdef"))
    selection.step(1)
    for step, text in ((3, "abc"), (-1, "ab"), (-2, "a"), (-2, ": ")):
        selection.step(step, is_stretching=True)
        assert selection.text == text


def test_it_goes_by_words_and_over_line_ends() -> None:
    selection = Selection(scrolling("one two", "three four"))
    selection.step_word(1)
    selection.step_word(1)
    assert selection.caret == at(1, len("three "))
    selection.step_word(1, is_stretching=True)
    assert selection.text == "four"
    for _ in range(6):
        selection.step_word(-1)
    assert selection.caret is not None
    assert selection.caret.sequence == 0


def test_lines_are_chosen_as_a_whole_upwards_and_back_again() -> None:
    selection = Selection(scrolling("one", "two", "three"))
    texts = []
    for step in (-1, -1, -1, -1, 1, 1):
        selection.choose_lines(step)
        texts.append(selection.text)
    whole = [f"{HEAD}one\n{HEAD}two\n{HEAD}three", f"{HEAD}two\n{HEAD}three", "three"]
    assert texts == ["three", whole[1], whole[0], whole[0], whole[1], whole[2]]


def test_lines_are_chosen_downwards_where_there_are_some() -> None:
    scrollback = scrolling("one", "two", "three", "four", window=2)
    scrollback.go_home()
    selection = Selection(scrollback)
    selection.choose_lines(1)
    selection.choose_lines(1)
    assert selection.text == f"{HEAD}two\n{HEAD}three"


@pytest.mark.parametrize(
    ("character", "word"), [(0, "one"), (2, "one"), (3, ","), (4, " "), (5, "двa"), (8, "")]
)
def test_the_word_or_the_sign_at_a_place_is_chosen(character: int, word: str) -> None:
    selection = Selection(scrolling("one, двa"))
    assert selection.choose_word(at(0, character)) == bool(word)
    assert selection.text == word


def test_what_was_written_in_a_line_is_chosen_without_what_stands_before_it() -> None:
    selection = Selection(scrolling("one", LONG))
    selection.choose_written(1)
    assert selection.text == LONG


def test_links_are_chosen_one_after_the_other() -> None:
    one, two, three = (f"http://{host}.example" for host in "abc")
    selection = Selection(scrolling(f"see {one}", f"{two} and {three}", "none", window=3))
    chosen = []
    for step in (-1, -1, -1, -1, 1, 1, 1):
        is_there = selection.choose_link(step)
        chosen.append(selection.link if is_there else "")
    assert chosen == [three, two, one, "", two, three, ""]


def test_the_last_link_seen_is_chosen_wherever_the_caret_is() -> None:
    selection = Selection(scrolling("http://a.example", "http://b.example", "none"))
    selection.choose_link(-1)
    selection.choose_link(-1)
    assert selection.link == "http://a.example"
    assert selection.choose_last_link()
    assert selection.link == "http://b.example"
    assert not Selection(scrolling("none")).choose_last_link()


def test_a_link_is_at_each_of_its_characters_and_no_other() -> None:
    selection = Selection(scrolling("go http://a.example now"))
    links = [selection.link_at(at(0, character)) for character in (2, 3, 18, 19)]
    assert links == ["", "http://a.example", "http://a.example", ""]


def test_what_the_screen_chooses_takes_the_caret_away_unless_it_is_the_same() -> None:
    selection = Selection(scrolling("one two"))
    selection.step(1)
    selection.choose(selection.range)
    assert selection.caret == at(0, 0)
    selection.choose(Range(at(0, 0), at(0, 3)))
    assert selection.caret is None


def test_what_is_dropped_is_not_chosen_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 4)
    scrollback = scrolling("one", "two", "three")
    selection = Selection(scrollback)
    for _ in range(3):
        selection.choose_lines(-1)
    tell(scrollback, *["more"] * 3)
    assert selection.text == f"{HEAD}three"
    assert selection.caret is None
    tell(scrollback, *["more"] * 4)
    assert selection.text == ""
    selection.choose_lines(-1)
    assert selection.text == "more"


def test_the_anchor_moves_to_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 4)
    scrollback = scrolling("one", "two", "three", "four")
    scrollback.resize(40, 1)
    scrollback.go_home()
    selection = Selection(scrollback)
    for step in (1, 1, 1):
        selection.choose_lines(step)
    scrollback.follow()
    tell(scrollback, "more")
    selection.choose_lines(1)
    assert selection.text == f"{HEAD}two\n{HEAD}three\n{HEAD}four"
