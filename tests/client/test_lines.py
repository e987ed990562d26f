"""Lines of the chat as rows: wrapping, harmless characters, links, heights. Without a screen."""

import random

import pytest
from rich.cells import cell_len

from chat_server.protocol.events import Message
from chat_server.protocol.wording import local_time
from chat_tui.layout.heights import Heights
from chat_tui.layout.lines import (
    Layout,
    cells,
    character_at,
    clean,
    details,
    drawn,
    estimate,
    layout,
    plain,
    wrap,
)
from chat_tui.layout.links import links, opened
from chat_tui.layout.repaint import BUSY, CALM, KEY_TIME, LONGEST_WAIT, Pace
from chat_tui.session.state import Note, Said
from chat_tui.widgets.messages.painter import Marks, strips
from tests.support.clock import DAWN
from tests.support.people import person, says
from tests.support.zones import zone

TIME = f"{local_time(int(DAWN)):%H:%M}"
HOSTILE = [
    "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[31mred\x07\x9b5n",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "a\u200bb\u200dc\ufeffd\u00ade",
    "[@click=app.quit]x[/] [bold",
    "漢" * 2000,
    "e" + "\u0301" * 500,
    "👨\u200d👩\u200d👧 ❤\ufe0f 🇩🇪 👍🏽" * 30,
    "\ud800 lone",
    "a\tb\nc\rd",
    " " * 300 + "x",
    "x" * 3000,
    "ㅤ\u115f\uffa0" * 40,
]


def said(text: str, sender: str = "bob", to: str | None = None) -> Said:
    return Said(says(sender, text, to), is_mine=False)


def rows_of(shown: Layout) -> list[str]:
    return [shown.text[row.start : row.end] for row in shown.rows]


# Wrapping


def test_words_are_kept_whole_where_they_fit() -> None:
    assert wrap("one two three", 7) == [8]
    assert wrap("one two three", 13) == []


def test_a_word_that_is_wider_than_a_row_begins_where_there_is_room() -> None:
    assert wrap("see http://a.example/long/path", 12) == [12, 24]
    assert wrap("漢字漢字", 5) == [2]


def test_marks_stay_with_their_letter() -> None:
    assert wrap("e\u0301" * 4, 2) == [4]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [8, 20, 79])
def test_rows_join_to_the_text_and_fit_the_width(text: str, width: int) -> None:
    shown = layout(said(text), width)
    assert "".join(rows_of(shown)) == shown.text
    for row, piece in zip(shown.rows, rows_of(shown), strict=True):
        assert row.indent + cells(piece.rstrip()) <= width


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [8, 20, 79])
def test_a_picture_has_as_many_rows_as_its_height_and_each_its_width(text: str, width: int) -> None:
    from rich.style import Style

    shown = layout(said(text), width)
    drawn_rows = strips(shown, Marks(hits=((3, 9),), selected=(5, 30)), width, lambda name: Style())
    assert len(drawn_rows) == len(shown.rows)
    for strip in drawn_rows:
        assert strip.cell_length == width == cell_len(strip.text)


def test_random_texts_lose_nothing_when_they_are_wrapped() -> None:
    chance = random.Random(5)
    for _ in range(300):
        text = "".join(chance.choices("ab cd  ef漢e\u0301🎉", k=chance.randint(0, 200)))
        width = chance.randint(2, 40)
        breaks = wrap(text, width)
        assert breaks == sorted(set(breaks))
        ends = [*breaks, len(text)]
        for start, end in zip([0, *breaks], ends, strict=True):
            assert cells(text[start:end].rstrip()) <= width


def test_the_guess_of_a_height_is_right_for_what_fits_one_row() -> None:
    assert estimate(said("hello"), 80) == len(layout(said("hello"), 80).rows) == 1
    assert estimate(said("x" * 700), 80) == len(layout(said("x" * 700), 80).rows)


# Harmless


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_steers_a_terminal_is_drawn(text: str) -> None:
    shown = layout(Said(says(text[:30], text, text[:30]), is_mine=False), 40)
    raw = [character for character in drawn(shown.text) if not character.isprintable()]
    assert [character for character in raw if character not in "\xa0"] == []


def test_a_character_is_replaced_by_one_so_that_places_stay() -> None:
    assert clean("a\x1b[0mb\u202e\x9b\tc\n") == "a�[0mb�� c "


def test_what_is_copied_keeps_what_is_not_drawn() -> None:
    family = "👨\u200d👩\u200d👧"
    assert family in plain(said(family))
    assert drawn(family) == "👨👩👧"


# The parts of a line


def test_a_line_is_copied_with_its_time_and_its_sender() -> None:
    assert plain(said("hello", to="alice")) == f"{TIME} bob → alice: hello"
    assert plain(Note("fact", "bob joined", DAWN)) == "· bob joined"


def test_a_message_that_a_schedule_has_sent_says_so() -> None:
    line = Said(says("alice", "hello", item="7"), is_mine=True)
    assert plain(line) == f"{TIME} alice (scheduled 7): hello"
    assert plain(line._replace(is_mine=False)) == f"{TIME} alice: hello"


def test_details_have_the_full_date_and_the_id() -> None:
    day = local_time(int(DAWN))
    shown = "\n".join(details(said("hello")))
    assert f"{day:%A}, {day.day} {day:%B %Y, %H:%M:%S}" in shown
    assert "id 1" in shown


def test_the_character_in_a_column_is_found() -> None:
    shown = layout(said("漢字 words"), 80)
    at = shown.text.index("漢")
    column = cells(shown.text[:at])
    assert character_at(shown, 0, column) == (at, True)
    assert character_at(shown, 0, column + 1) == (at, True)
    assert character_at(shown, 0, column + 2) == (at + 1, True)
    assert character_at(shown, 0, 70) == (len(shown.text), False)


# Links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("(http://a.example/b_(c))", ["http://a.example/b_(c)"]),
        ("mailto:bob@a.example!", ["mailto:bob@a.example"]),
        (
            "HTTPS://A.EXAMPLE and http://b.example?q=1,",
            ["HTTPS://A.EXAMPLE", "http://b.example?q=1"],
        ),
        ("javascript:alert(1) file:///etc/passwd data:text/html,x", []),
        ("http:// https://", []),
        ("http://[::1 x", []),
        ("«https://a.example/x»", ["https://a.example/x"]),
        ("„http://a.example“, ‚http://b.example‘", ["http://a.example", "http://b.example"]),
        ("“http://a.example/x.”", ["http://a.example/x"]),
        ("‹http://a.example›—и тут", ["http://a.example"]),
        ("(http://a.example),и", ["http://a.example"]),
        ("[http://a.example/(b)]text", ["http://a.example/(b)"]),
        ("[here](http://a.example/b).", ["http://a.example/b"]),
        ("{http://a.example/b}/c", ["http://a.example/b"]),
        ("`http://a.example`'http://b.example'", ["http://a.example", "http://b.example"]),
        ("<http://a.example/b>", ["http://a.example/b"]),
        ("*http://a.example* _http://b.example_", ["http://a.example", "http://b.example"]),
        ("これはhttps://a.example/xを見て", ["https://a.example/x"]),
        ("请看https://a.example/x，谢谢", ["https://a.example/x"]),
        ("请看（https://a.example/x）。", ["https://a.example/x"]),
        (
            "看https://a.example：好；https://b.example！",
            ["https://a.example", "https://b.example"],
        ),
        ("「http://a.example」『http://b.example』", ["http://a.example", "http://b.example"]),
        ("ｶﾅhttp://a.exampleｶﾅ", ["http://a.example"]),
        ("링크https://a.example/x에서", ["https://a.example/x"]),
        ("ดูhttps://a.example/xนะ", ["https://a.example/x"]),
        ("смhttps://a.example/путь, да", ["https://a.example/путь"]),
        ("https://例え.jp/x https://www.例え.jpを", ["https://例え.jp/x", "https://www.例え.jp"]),
        ("mailto:bob@a.exampleまで", ["mailto:bob@a.example"]),
        ("xhttp://a.example", []),
    ],
)
def test_links_are_found(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in links(text)] == found


def test_a_text_that_is_one_long_link_is_read_once() -> None:
    """What would be read again from each of its places would take minutes."""
    for part in ("a.", "例", "a-", "(", "http://", "http://a.例"):
        text = "http://" + part * (200_000 // len(part))
        assert len(list(links(text))) <= 200_000


def test_a_link_is_opened_without_anything_that_could_steer() -> None:
    assert opened("http://a.example/\x1b]0;x\x07 é") == "http://a.example/%1B]0;x%07%20%C3%A9"
    assert opened("file:///etc/passwd") == ""
    assert opened("--help") == ""


# Heights


def test_rows_are_found_by_sums_that_follow_corrections() -> None:
    heights = Heights()
    for height in (1, 2, 3):
        heights.append(height)
    assert (heights.total, heights.at(3), heights.at(6)) == (6, (2, 0), (3, 0))
    heights[1] = 5
    assert (heights.total, heights.top(2), heights.at(5)) == (9, 6, (1, 4))
    heights.drop(1)
    assert (heights.total, heights.at(0), len(heights)) == (8, (0, 0), 2)


# Pace


def test_the_first_line_is_painted_at_once_and_the_next_one_later() -> None:
    pace = Pace()
    pace.came(1, 10.0)
    assert pace.wait(10.0) == 0
    pace.painted(10.0)
    pace.came(1, 10.01)
    assert pace.wait(10.01) == pytest.approx(CALM - 0.01)


def test_many_lines_are_painted_less_often() -> None:
    pace = Pace()
    pace.painted(10.0)
    pace.came(50, 10.05)
    pace.painted(10.05)
    pace.came(50, 10.06)
    assert pace.wait(10.06) == pytest.approx(BUSY - 0.01)


def test_a_paint_waits_for_a_key_but_not_for_ever() -> None:
    pace = Pace()
    pace.key(10.0)
    pace.came(1, 10.001)
    assert pace.wait(10.001) == pytest.approx(KEY_TIME - 0.001)
    pace.key(10.001 + LONGEST_WAIT)
    assert pace.wait(10.001 + LONGEST_WAIT) == 0


@pytest.mark.parametrize(
    ("link", "given"),
    [
        ("mailto:bob@a.example", "mailto:bob@a.example"),
        ("mailto:боб@чат.рф", "mailto:%D0%B1%D0%BE%D0%B1@%D1%87%D0%B0%D1%82.%D1%80%D1%84"),
        ("MAILTO:bob@a.example?attach=/etc/passwd", "mailto:bob@a.example"),
        ("mailto:bob@a.example?cc=eve@b.example&bcc=c@d&body=yes#x", "mailto:bob@a.example"),
        ("mailto:bob@a.example?Attachment=~/.ssh/id_rsa", "mailto:bob@a.example"),
        ("mailto:bob@a.example,eve@b.example", ""),
        ("mailto:bob@a.example%0ABcc:eve@b.example", ""),
        ("mailto:bob'@a.example,attachment='/etc/passwd", ""),
        ("mailto:-attach@a.example", ""),
        ("mailto:?to=bob@a.example&attach=/etc/passwd", ""),
        ("mailto://bob@a.example/?attach=x", ""),
        ("http://a.example/?attach=/etc/passwd", "http://a.example/?attach=/etc/passwd"),
        ("http:a.example", ""),
    ],
)
def test_a_mail_is_opened_with_its_address_and_nothing_to_act_on(link: str, given: str) -> None:
    assert opened(link) == given


def test_a_message_tells_that_its_sender_was_away_or_that_it_waited() -> None:
    with zone("UTC"):
        one = Said(Message("1", 1_700_000_000.0, person("bob"), None, "hi", away=True), False)
        assert plain(one) == "22:13 bob (away): hi"
        waited = one._replace(has_waited=True)
        assert plain(waited) == "22:13 bob (away, waited since 14 November): hi"
        assert details(waited)[2:4] == [
            "the sender was away by then",
            "it waited for you while you were away",
        ]
