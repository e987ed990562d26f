"""The selection: which text of a scrollback is chosen, and where moves of its caret lead. Pure.

It is between an anchor, where it began, and a caret, which moves. What is dropped of the
scrollback is not chosen any more.
"""

import re
from typing import NamedTuple

from chat_tui.layout.lines import plain
from chat_tui.layout.links import opened
from chat_tui.widgets.messages.scrollback import Scrollback, TextPosition

LINE_END = 1_000_000
"""A character behind the end of every line."""
_WORD = re.compile(r"\w+")
_WORD_OR_SIGN = re.compile(r"\w+|\W")


class Range(NamedTuple):
    """The text from `start` up to `end`."""

    start: TextPosition
    end: TextPosition


class Selection:
    """What is chosen in a scrollback, with the mouse or by moving the caret."""

    def __init__(self, scrollback: Scrollback) -> None:
        self._scrollback = scrollback
        self._range: Range | None = None
        self._anchor: TextPosition | None = None
        self._caret: TextPosition | None = None

    # What is chosen

    @property
    def range(self) -> Range | None:
        return self._range

    @property
    def caret(self) -> TextPosition | None:
        """Where keys move from; None where they have not moved, or its line was dropped."""
        caret = self._caret
        return caret if caret is not None and caret.sequence >= self._scrollback.first else None

    @property
    def text(self) -> str:
        """What is chosen, as it was written: rows that were only wrapped are one."""
        return "" if self._range is None else self.text_in(self._range)

    def text_in(self, chosen: Range) -> str:
        """Return what a range has, as it was written."""
        start, end = self._kept(chosen)
        texts = []
        for sequence in range(start.sequence, end.sequence + 1):
            text = plain(self._scrollback.transcript[sequence])
            last = end.character if sequence == end.sequence else len(text)
            texts.append(text[start.character if sequence == start.sequence else 0 : last])
        return "\n".join(texts)

    def within(self, sequence: int, length: int) -> tuple[int, int] | None:
        """Return what is chosen in a line's text of so many characters."""
        if self._range is None:
            return None
        start, end = self._kept(self._range)
        if not start.sequence <= sequence <= end.sequence:
            return None
        first = start.character if sequence == start.sequence else 0
        last = end.character if sequence == end.sequence else length
        return first, min(last, length)

    def _kept(self, chosen: Range) -> Range:
        """Return what is still kept of a range."""
        first, end = self._scrollback.first, self._scrollback.end
        kept = max(chosen.start, TextPosition(first, 0))
        return Range(kept, min(chosen.end, TextPosition(end - 1, LINE_END)))

    # Choosing

    def choose(self, chosen: Range | None) -> None:
        """Choose a range, or nothing; the caret stays where it is if it has chosen that."""
        if chosen is None or chosen != self._range:
            self._range, self._anchor, self._caret = chosen, None, None

    def choose_word(self, at: TextPosition) -> bool:
        """Choose the word, or the sign, that a character is in. Return whether there is one."""
        text = self._scrollback.layout(at.sequence).text
        for word in _WORD_OR_SIGN.finditer(text):
            if word.start() <= at.character < word.end():
                self._choose(
                    TextPosition(at.sequence, word.start()), TextPosition(at.sequence, word.end())
                )
                return True
        return False

    def choose_written(self, sequence: int) -> None:
        """Choose what was written in a line."""
        self._choose(self._scrollback.body(sequence), self._scrollback.text_end(sequence))

    def choose_lines(self, step: int) -> None:
        """Choose the last line seen, then the ones above or below it too, as a whole."""
        scrollback = self._scrollback
        caret, anchor = self.caret, self._anchor
        if caret is None or anchor is None:
            last = scrollback.last_seen()
            self._choose(scrollback.text_end(last), scrollback.body(last))
            return
        sequence = min(max(caret.sequence + step, scrollback.first), scrollback.end - 1)
        if sequence < anchor.sequence:
            self._choose(scrollback.text_end(anchor.sequence), TextPosition(sequence, 0))
        elif sequence > anchor.sequence:
            self._choose(TextPosition(anchor.sequence, 0), scrollback.text_end(sequence))
        else:
            self._choose(scrollback.text_end(sequence), scrollback.body(sequence))

    def step(self, step: int, *, is_stretching: bool = False) -> None:
        """Go on so many characters, from the last line seen at first."""
        caret = self.caret
        if caret is None:
            caret = self._scrollback.body(self._scrollback.last_seen())
            self._choose(caret, caret)
            return
        caret = self._stepped(caret, step)
        anchor = self._anchor if is_stretching else None
        self._choose(caret if anchor is None else anchor, caret)

    def step_word(self, step: int, *, is_stretching: bool = False) -> None:
        """Go on by a word; negative: back."""
        caret = self.caret
        if caret is None:
            self.step(step)
            return
        text = self._scrollback.layout(caret.sequence).text
        starts = [word.start() for word in _WORD.finditer(text)]
        if step > 0:
            to = next((start for start in starts if start > caret.character), len(text) + 1)
        else:
            to = next((start for start in reversed(starts) if start < caret.character), -1)
        self.step(to - caret.character, is_stretching=is_stretching)

    def choose_link(self, step: int) -> bool:
        """Choose the next link above (negative) or below, from what is seen at first.

        Return whether there is one.
        """
        return self._choose_link(self.caret or self._last_seen, step)

    def choose_last_link(self) -> bool:
        """Choose the last link that is seen, or the next above. Return whether there is one."""
        return self._choose_link(self._last_seen, -1)

    def _choose_link(self, here: TextPosition, step: int) -> bool:
        scrollback = self._scrollback
        stop = scrollback.first - 1 if step < 0 else scrollback.end
        for sequence in range(here.sequence, stop, step):
            for start, end in scrollback.layout(sequence).links[::step]:
                if sequence != here.sequence or (start - here.character) * step > 0:
                    self._choose(TextPosition(sequence, end), TextPosition(sequence, start))
                    return True
        return False

    @property
    def _last_seen(self) -> TextPosition:
        return TextPosition(self._scrollback.last_seen(), LINE_END)

    # Links

    @property
    def link(self) -> str:
        """The link that the caret is at, as it may be opened, or ""."""
        caret = self.caret
        return "" if caret is None else self.link_at(caret)

    def link_at(self, at: TextPosition) -> str:
        """Return the link that a character is in, as it may be opened, or ""."""
        shown = self._scrollback.layout(at.sequence)
        for start, end in shown.links:
            if start <= at.character < end:
                return opened(shown.text[start:end])
        return ""

    def _choose(self, anchor: TextPosition, caret: TextPosition) -> None:
        """Choose from one place to another, before or behind it; at least one character."""
        start, end = sorted((anchor, caret))
        if start == end:
            end = TextPosition(end.sequence, end.character + 1)
        self._range, self._anchor, self._caret = Range(start, end), anchor, caret

    def _stepped(self, at: TextPosition, step: int) -> TextPosition:
        """Step over characters; over the end of a line to the next."""
        scrollback = self._scrollback
        sequence, character = at.sequence, at.character + step
        end = scrollback.text_end(sequence)
        if character < 0 and sequence > scrollback.first:
            return scrollback.text_end(sequence - 1)
        if character > end.character and sequence < scrollback.end - 1:
            return TextPosition(sequence + 1, 0)
        return TextPosition(sequence, min(max(character, 0), end.character))
