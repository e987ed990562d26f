"""Choosing text in the pane of messages, with the mouse or with keys, and what is done with it.

A place in the text is an `Offset`: y is the number of the record, x the character in its text.
So it stays while records come, are dropped, or are wrapped for another width.
"""

import re

from textual.content import Content
from textual.events import Click, MouseMove
from textual.geometry import Offset
from textual.message import Message
from textual.selection import Selection

from chat_tui.layout.lines import Layout, character_at, details, drawn, plain
from chat_tui.layout.links import opened
from chat_tui.session.state import Said
from chat_tui.widgets.messages.painter import Marks
from chat_tui.widgets.messages.scrollback import Scrollback

_WORD = re.compile(r"\w+|\W")


class Choosing(Scrollback):
    """Records of which text can be chosen: to copy it, to open its links, to learn more of it."""

    class LinkOpened(Message):
        """A link is to be opened; it is one that may be."""

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    class Copied(Message):
        """A text is to be copied."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class DetailsWanted(Message):
        """Everything about a message is to be shown."""

        def __init__(self, said: Said) -> None:
            super().__init__()
            self.said = said

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self._caret: Offset | None = None
        self._fixed: Offset | None = None
        self._chosen: Selection | None = None
        self._shown_selection: Selection | None = None
        self._hovered = -1

    # What is chosen

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return a part of the text as it was written; rows that were only wrapped are one."""
        start, end = self._ends(selection)
        if not self._lines:
            return None
        texts = []
        for sequence in range(start.y, end.y + 1):
            text = plain(self._lines[sequence - self._first])
            last = end.x if sequence == end.y else len(text)
            texts.append(text[start.x if sequence == start.y else 0 : last])
        return "\n".join(texts), "\n"

    def selected_text(self) -> str:
        """Return what is chosen."""
        selection = self.text_selection
        chosen = self.get_selection(selection) if selection is not None else None
        return chosen[0] if chosen else ""

    def text(self) -> str:
        """Return everything that is kept, a line for a record."""
        return "\n".join(plain(line) for line in self._lines)

    def _ends(self, selection: Selection) -> tuple[Offset, Offset]:
        """Return where a selection begins and ends in what is still kept."""
        start = selection.start or Offset(0, self._first)
        end = selection.end or Offset(1_000_000, self._end - 1)
        if start.y < self._first:
            start = Offset(0, self._first)
        if end.y >= self._end:
            end = Offset(1_000_000, self._end - 1)
        return start, end

    def selection_updated(self, selection: Selection | None) -> None:
        if selection is None or selection != self._chosen:
            self._caret = self._fixed = self._chosen = None
        for changed in (self._shown_selection, selection):
            if changed is not None:
                start, end = self._ends(changed)
                for sequence in [kept for kept in self._strips if start.y <= kept <= end.y]:
                    del self._strips[sequence]
        self._shown_selection = selection
        self.refresh()

    def _marks(self, sequence: int, shown: Layout) -> Marks:
        marks = super()._marks(sequence, shown)
        selection = self._shown_selection
        if selection is None:
            return marks
        start, end = self._ends(selection)
        if not start.y <= sequence <= end.y:
            return marks
        first = start.x if sequence == start.y else 0
        last = end.x if sequence == end.y else len(shown.text)
        return marks._replace(selected=(first, min(last, len(shown.text))))

    # With the mouse

    def offset_at(self, x: int, y: int) -> Offset:
        """Return the place in the text at a place of the screen, or the nearest to it."""
        return self._character_at(x, y)[0]

    def _character_at(self, x: int, y: int) -> tuple[Offset, bool]:
        """Return a place in the text, and whether there is a character under the pointer."""
        if not self._lines:
            return Offset(0, self._first), False
        region = self.scrollable_content_region
        column = min(max(x - region.x, 0), max(0, region.width - 1))
        down = min(max(y - region.y, 0), max(0, region.height - 1))
        index, row = self._heights.at(self.scroll_offset.y + down)
        if index >= len(self._lines):
            last = self._end - 1
            return Offset(len(self._layout(last).text), last), False
        sequence = self._first + index
        row -= sequence == self._lead
        if row < 0:
            return Offset(0, sequence), False
        place, is_there = character_at(self._layout(sequence), row, column)
        return Offset(place, sequence), is_there and region.contains(x, y)

    def on_click(self, event: Click) -> None:
        event.prevent_default()
        place, is_there = self._character_at(int(event.screen_x), int(event.screen_y))
        if self._line(place.y) is None:
            return
        text = self._layout(place.y).text
        if event.chain == 2:
            words = [word.span() for word in _WORD.finditer(text)]
            found = [word for word in words if word[0] <= place.x < word[1]]
            if found:
                self._choose(Offset(found[0][0], place.y), Offset(found[0][1], place.y))
        elif event.chain >= 3:
            self._choose(self._begin(place.y), Offset(len(text), place.y))
        elif is_there and self.text_selection is None and (link := self._link_at(place)):
            self.post_message(self.LinkOpened(link))

    def on_mouse_move(self, event: MouseMove) -> None:
        place, is_there = self._character_at(int(event.screen_x), int(event.screen_y))
        hovered = place.y if is_there else -1
        if hovered != self._hovered:
            self._hovered = hovered
            said = self._line(hovered) if is_there else None
            about = drawn("\n".join(details(said))) if isinstance(said, Said) else ""
            self.tooltip = Content(about) if about else None

    def _link_at(self, place: Offset) -> str:
        shown = self._layout(place.y)
        found = [link for link in shown.links if link[0] <= place.x < link[1]]
        return opened(shown.text[slice(*found[0])]) if found else ""

    # With keys

    def _choose(self, fixed: Offset, caret: Offset) -> None:
        """Choose from one place to another, before or behind it."""
        start, end = sorted((fixed, caret), key=lambda place: (place.y, place.x))
        self._chosen = Selection(start, end + Offset(start == end, 0))
        self._caret, self._fixed = caret, fixed
        self.screen.selections = {self: self._chosen}
        self._reach(caret.y)

    def _begin(self, sequence: int) -> Offset:
        """Return where what was written begins in a record."""
        return Offset(self._layout(sequence).body, sequence)

    def _last_seen(self) -> int:
        """Return the last record that is seen."""
        bottom = self._settled_y + self._window - 1 - len(self._tail_strips)
        index = self._heights.at(max(0, bottom))[0]
        return self._first + min(index, len(self._lines) - 1)

    def _trim(self) -> None:
        """Let go of places in what is not kept any more."""
        super()._trim()
        if self._caret is not None and self._caret.y < self._first:
            self._caret = self._fixed = None
        elif self._fixed is not None and self._fixed.y < self._first:
            self._fixed = Offset(0, self._first)

    def action_caret(self, step: int, is_stretching: bool = False) -> None:
        """Go on so many characters, from the last message seen at first."""
        if not self._lines:
            return
        caret = self._caret
        self._go(self._begin(self._last_seen()) if caret is None else self._stepped(caret, step))
        if caret is not None and is_stretching and self._fixed is not None:
            self._choose(self._fixed, self._caret or caret)
        elif self._caret is not None:
            self._choose(self._caret, self._caret)

    def action_caret_word(self, step: int, is_stretching: bool = False) -> None:
        """Go on by words."""
        if self._caret is None:
            self.action_caret(step, is_stretching)
            return
        text = self._layout(self._caret.y).text
        starts = [word.start() for word in re.finditer(r"\w+", text)]
        if step > 0:
            behind = [start for start in starts if start > self._caret.x]
            place = behind[0] if behind else len(text) + 1
        else:
            before = [start for start in starts if start < self._caret.x]
            place = before[-1] if before else -1
        self.action_caret(place - self._caret.x, is_stretching)

    def action_choose_word(self, step: int) -> None:
        """Choose by words."""
        self.action_caret_word(step, is_stretching=True)

    def _go(self, caret: Offset) -> None:
        if self._caret is None:
            self._fixed = caret
        self._caret = caret

    def _stepped(self, place: Offset, step: int) -> Offset:
        """Step over characters; over the end of a record to the next."""
        sequence, character = place.y, place.x + step
        if character < 0 and sequence > self._first:
            return Offset(len(self._layout(sequence - 1).text), sequence - 1)
        if character > len(self._layout(sequence).text) and sequence < self._end - 1:
            return Offset(0, sequence + 1)
        return Offset(min(max(character, 0), len(self._layout(sequence).text)), sequence)

    def action_choose(self, step: int) -> None:
        """Choose the last message seen, then the ones above or below it too, as a whole."""
        if not self._lines:
            return
        if self._caret is None or self._fixed is None:
            last = self._last_seen()
            self._choose(Offset(len(self._layout(last).text), last), self._begin(last))
            return
        fixed = self._fixed
        sequence = min(max(self._caret.y + step, self._first), self._end - 1)
        if sequence < fixed.y:
            fixed, caret = Offset(len(self._layout(fixed.y).text), fixed.y), Offset(0, sequence)
        elif sequence > fixed.y:
            fixed, caret = Offset(0, fixed.y), Offset(len(self._layout(sequence).text), sequence)
        else:
            fixed, caret = Offset(len(self._layout(sequence).text), sequence), self._begin(sequence)
        self._choose(fixed, caret)

    def action_choose_link(self, step: int) -> None:
        """Choose the next link above or below, from what is seen at first."""
        if not self._lines:
            return
        here = self._caret or Offset(1_000_000, self._last_seen())
        stop = self._first - 1 if step < 0 else self._end
        for sequence in range(here.y, stop, step):
            for start, end in self._layout(sequence).links[::step]:
                is_on = sequence != here.y or (start - here.x) * step > 0
                if is_on:
                    self._choose(Offset(end, sequence), Offset(start, sequence))
                    return

    def action_open_link(self) -> None:
        """Open the link that is chosen, or the last one seen."""
        if self._caret is None or not self._link_at(self._caret):
            self._caret = None
            self.action_choose_link(-1)
        if self._caret is not None and (link := self._link_at(self._caret)):
            self.post_message(self.LinkOpened(link))

    def action_copy(self) -> None:
        """Copy what is chosen, or the last message seen."""
        if self.text_selection is None:
            self.action_choose(-1)
        if text := self.selected_text():
            self.post_message(self.Copied(text))

    def action_details(self) -> None:
        """Open a link that is chosen; of a message show everything."""
        if not self._lines:
            return
        caret = self._caret
        if caret is not None and (link := self._link_at(caret)) and self.selected_text() in link:
            self.post_message(self.LinkOpened(link))
            return
        said = self._line(self._last_seen() if caret is None else caret.y)
        if isinstance(said, Said):
            self.post_message(self.DetailsWanted(said))

    def let_go(self) -> bool:
        """Choose nothing any more. Return whether anything was chosen."""
        is_chosen = self.text_selection is not None
        if is_chosen:
            self.screen.clear_selection()
        return is_chosen
