"""Rows as they are drawn: what is chosen, found, new and pointed at. Without a screen."""

from collections.abc import Callable

import pytest
from rich.style import Style
from textual.strip import Strip

from chat_server.protocol.commands import Send
from chat_tui.layout.lines import UNREAD, Layout
from chat_tui.session.outbox import Outbox
from chat_tui.widgets.messages.painter import CURRENT, Marks, Painter, strips
from chat_tui.widgets.messages.scrollback import Scrollback, TextPosition
from chat_tui.widgets.messages.search import Search
from chat_tui.widgets.messages.selection import Range, Selection
from tests.support.scrolling import scrolling, tell


class Pane:
    """A scrollback with all that is drawn on it; a style says its own name."""

    def __init__(self, scrollback: Scrollback) -> None:
        self.scrollback = scrollback
        self.selection = Selection(scrollback)
        self.search = Search(scrollback)
        self.painter = Painter(
            scrollback, self.selection, self.search, lambda name: Style(link=name)
        )

    def rows(self) -> list[str]:
        return [strip.text for strip in self.strips()]

    def strips(self) -> list[Strip]:
        return [self.painter.row(down) for down in range(self.scrollback.window)]

    def styled(self, style: str) -> list[str]:
        """Return the parts that are drawn in a style."""
        parts = [part for strip in self.strips() for part in strip]
        return [part.text for part in parts if part.style and part.style.link == style]


def test_every_row_is_as_wide_as_the_window_and_blank_below_the_end() -> None:
    pane = Pane(scrolling("one", "word " * 20, width=30, window=12))
    assert {strip.cell_length for strip in pane.strips()} == {30}
    assert [row.strip() for row in pane.rows()[-3:]] == ["", "", ""]
    assert pane.rows()[0].rstrip().endswith("bob: one")


def test_what_is_found_is_marked_and_the_current_one_pointed_at() -> None:
    pane = Pane(scrolling("needle and needle", "hay", "needle"))
    pane.search.find("needle")
    assert pane.styled("text\nhit") == ["needle"] * 3
    assert [CURRENT in row for row in pane.rows()] == [False, False, True, False]
    pane.search.step(-1)
    assert [CURRENT in row for row in pane.rows()] == [True, False, False, False]
    pane.search.end()
    assert pane.styled("text\nhit") == []
    assert not any(CURRENT in row for row in pane.rows())


def test_what_is_chosen_is_marked_until_it_is_let_go() -> None:
    pane = Pane(scrolling("one two"))
    body = pane.scrollback.layout(0).body
    pane.selection.choose(Range(TextPosition(0, body + 4), TextPosition(0, body + 7)))
    assert pane.styled("text\nselected") == ["two"]
    pane.selection.choose(None)
    assert pane.styled("text\nselected") == []


def test_the_unread_line_stands_above_a_line() -> None:
    pane = Pane(scrolling("one", "two"))
    pane.scrollback.mark_unread(1)
    assert [UNREAD in row for row in pane.rows()] == [False, True, False, False]


def test_what_has_no_answer_is_drawn_below_everything() -> None:
    pane = Pane(scrolling("one"))
    outbox = Outbox()
    outbox.add(Send("hello"))
    pane.scrollback.show_outgoing(outbox.outgoing)
    assert pane.rows()[1].strip() == "… hello"
    outbox.add(Send("again"))
    pane.scrollback.show_outgoing(outbox.outgoing)
    assert pane.rows()[2].strip() == "… again"
    pane.scrollback.show_outgoing([])
    assert pane.rows()[1].strip() == ""


def test_what_was_drawn_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Layout] = []

    def counted(
        layout: Layout, marks: Marks, width: int, style_of: Callable[[str], Style]
    ) -> list[Strip]:
        drawn.append(layout)
        return strips(layout, marks, width, style_of)

    monkeypatch.setattr("chat_tui.widgets.messages.painter.strips", counted)
    pane = Pane(scrolling("one", "two", window=3))
    for _ in range(3):
        pane.rows()
    assert len(drawn) == 2
    tell(pane.scrollback, "three")
    pane.rows()
    assert len(drawn) == 3
    pane.selection.choose_lines(-1)
    pane.rows()
    assert len(drawn) == 4


def test_for_another_width_rows_are_drawn_anew() -> None:
    pane = Pane(scrolling("one", width=30))
    for width in (30, 50, 20):
        pane.scrollback.resize(width, 4)
        assert {strip.cell_length for strip in pane.strips()} == {width}


def test_styles_are_looked_up_anew_when_they_are_others() -> None:
    styles = {"bold": True}
    scrollback = scrolling("one")
    painter = Painter(
        scrollback,
        Selection(scrollback),
        Search(scrollback),
        lambda name: Style(bold=styles["bold"]),
    )
    assert all(part.style and part.style.bold for part in painter.row(0))
    styles["bold"] = False
    painter.forget_styles()
    assert not any(part.style and part.style.bold for part in painter.row(0))
