"""What has not been seen of a scrollback, and where one stopped reading. Without a screen."""

import pytest

from chat_tui.layout.lines import UNREAD
from chat_tui.session import transcript
from chat_tui.session.state import Line, Note
from chat_tui.widgets.messages.reading import Reading
from chat_tui.widgets.messages.scrollback import Scrollback
from tests.support.clock import DAWN
from tests.support.scrolling import said, scrolling, shown, tell


def come(reading: Reading, scrollback: Scrollback, *lines: Line | str) -> None:
    """Let lines come, which are seen where the end is followed."""
    reading.take_in(tell(scrollback, *lines), is_seen=scrollback.is_following)


def test_what_others_say_unseen_is_counted_and_what_of_it_is_for_oneself() -> None:
    scrollback = scrolling(*["hay"] * 20)
    reading = Reading(scrollback)
    come(reading, scrollback, "seen")
    assert reading.unread == (0, 0)
    scrollback.move(-5)
    mine, note = said(1, is_mine=True), Note("fact", "bob joined", DAWN)
    come(reading, scrollback, "one", mine, note, said(2, is_mention=True))
    come(reading, scrollback, "two")
    assert reading.unread == (3, 1)
    reading.read()
    assert reading.unread == (0, 0)


def test_the_unread_line_is_put_below_what_was_seen() -> None:
    scrollback = scrolling("one", window=9)
    reading = Reading(scrollback)
    reading.stop()
    assert not reading.go_on()
    come(reading, scrollback, "two", "three")
    assert shown(scrollback) == ["one", UNREAD, "two", "three"]
    reading.stop()
    come(reading, scrollback, "four")
    assert shown(scrollback) == ["one", "two", "three", UNREAD, "four"]


def test_it_stays_above_the_first_that_was_not_seen() -> None:
    scrollback = scrolling(*["hay"] * 20)
    reading = Reading(scrollback)
    scrollback.move(-5)
    come(reading, scrollback, "one")
    come(reading, scrollback, "two")
    reading.stop()
    assert scrollback.unread_line == 20
    come(reading, scrollback, "three")
    reading.stop()
    assert scrollback.unread_line == 20


def test_it_stays_above_what_was_seen_of_what_came_while_there_is_more() -> None:
    scrollback = scrolling(*["hay"] * 20)
    reading = Reading(scrollback)
    reading.stop()
    come(reading, scrollback, "seen")
    scrollback.move(-8)
    come(reading, scrollback, "unseen")
    reading.stop()
    assert scrollback.unread_line == 20


def test_one_goes_on_reading_with_the_unread_line_in_view() -> None:
    scrollback = scrolling(*["hay"] * 20, window=8)
    reading = Reading(scrollback)
    reading.stop()
    come(reading, scrollback, *["new"] * 20)
    assert reading.go_on()
    assert shown(scrollback)[2:4] == [UNREAD, "new"]


def test_where_more_came_than_is_kept_one_goes_on_reading_at_the_first_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transcript, "KEPT_LINES", 20)
    scrollback = scrolling("one", window=8)
    reading = Reading(scrollback)
    reading.stop()
    come(reading, scrollback, *["new"] * 40)
    assert reading.go_on()
    assert shown(scrollback)[:2] == [UNREAD, "new"]
    assert scrollback.y == 0


def test_whoever_says_something_has_read_what_is_above() -> None:
    for lines in ([said(1, is_mine=True)], [said(1, is_mine=True, at=DAWN + 24 * 3600)]):
        scrollback = scrolling(said(0))
        reading = Reading(scrollback)
        reading.stop()
        come(reading, scrollback, *lines, "hay")
        assert UNREAD not in shown(scrollback)
        assert not reading.go_on()


def test_a_message_that_was_scheduled_says_nobody_is_there() -> None:
    scrollback = scrolling("one")
    reading = Reading(scrollback)
    reading.stop()
    come(reading, scrollback, said(1, is_mine=True, item="7"))
    assert shown(scrollback) == ["one", UNREAD, "number 1"]
