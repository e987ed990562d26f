"""The lines of a conversation: their sequences, the dates among them, what is kept. Pure."""

import pytest

from chat_server.protocol.wording import local_time
from chat_tui.session import transcript as kept
from chat_tui.session.state import Line, Note, Said
from chat_tui.session.transcript import DELETED, KEPT_LINES, LONGEST_HOLD, Transcript
from tests.support import zones
from tests.support.clock import DAWN
from tests.support.scrolling import said
from tests.support.zones import zone

DAY = 24 * 3600.0


def texts(lines: list[Line] | Transcript) -> list[str]:
    return [line.message.text if isinstance(line, Said) else line.text for line in lines]


def numbered(count: int) -> Transcript:
    return Transcript(said(number) for number in range(count))


def test_a_line_keeps_its_sequence_while_the_oldest_are_dropped() -> None:
    transcript = numbered(KEPT_LINES + 3)
    assert (transcript.first, transcript.end, len(transcript)) == (3, KEPT_LINES + 3, KEPT_LINES)
    assert texts([transcript[3], transcript[KEPT_LINES]]) == ["number 3", f"number {KEPT_LINES}"]
    assert [transcript.get(sequence) for sequence in (2, KEPT_LINES + 3)] == [None, None]


def test_what_came_since_a_line_is_told() -> None:
    transcript = numbered(5)
    assert texts(transcript.since(3)) == ["number 3", "number 4"]
    assert transcript.since(5) == []


def test_with_a_reader_nothing_is_dropped_until_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept, "KEPT_LINES", 10)
    transcript = Transcript()
    transcript.has_reader = True
    for number in range(25):
        transcript.add(said(number))
    assert transcript.first == 0
    transcript.trim(held=7)
    assert transcript.first == 7
    transcript.trim()
    assert transcript.first == 15


def test_what_is_held_is_dropped_when_it_goes_on_and_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_LINES", 10)
    transcript = Transcript()
    transcript.has_reader = True
    for number in range(10 * LONGEST_HOLD + 1):
        transcript.add(said(number))
    transcript.trim(held=0)
    assert len(transcript) == 10


def test_a_day_is_dated_above_its_first_message_but_the_first() -> None:
    times = [DAWN, DAWN + 1, DAWN + DAY, DAWN + DAY + 1]
    transcript = Transcript(said(number, at=at) for number, at in enumerate(times))
    day = local_time(int(DAWN + DAY))
    dated = f"{day:%A}, {day.day} {day:%B %Y}"
    assert texts(transcript) == ["number 0", "number 1", dated, "number 2", "number 3"]


def test_what_the_chat_itself_tells_begins_no_day() -> None:
    transcript = Transcript([said(1), Note("fact", "later", DAWN + DAY), said(2)])
    assert texts(transcript) == ["number 1", "later", "number 2"]


@pytest.mark.parametrize(("month", "day", "east"), [(3, 26, 2), (10, 29, 1), (7, 1, 2)])
def test_days_of_23_and_25_hours_end_at_midnight(month: int, day: int, east: int) -> None:
    with zone():
        midnight = zones.at(2023, month, day + 1, 0, east=east)
        times = [midnight - 22 * 3600, midnight - 60, midnight + 60, midnight + 3000]
        transcript = Transcript(said(number, at=at) for number, at in enumerate(times))
        assert [isinstance(line, Note) for line in transcript] == [False, False, True, False, False]


def test_deleted_message_is_read_by_nobody_any_more() -> None:
    kept, rude = said(1), said(2)
    transcript = Transcript([kept, rude])
    transcript.delete(rude.message.id)
    transcript.delete("unknown")
    shown = [line.message.text for line in transcript if isinstance(line, Said)]
    assert shown == [kept.message.text, DELETED]
    assert transcript.changes == 1
