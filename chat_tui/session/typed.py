"""What is typed, without characters that no line may contain; and what was typed before."""

from typing import NamedTuple

from chat_server.protocol.events import Person

KEPT_TYPED = 200
"""Texts that Up goes back to."""

_BREAKS = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
_REMOVED = [
    code for code in [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F),
                      *range(0x2066, 0x206A)] if code != 0x0A
]  # fmt: skip
_CLEANED: dict[int, str | None] = (
    dict.fromkeys(_REMOVED) | {0x09: " "} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd") | _BREAKS
)


def clean(text: str) -> str:
    """Take out what the server takes out of a line too, so that what is seen is what is sent.

    Control characters and bidirectional overrides go, a tab becomes a space, and whatever ends
    a line is a newline.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANED)


class Draft(NamedTuple):
    """What is typed and not yet sent, the place of the cursor in it, and for whom it is."""

    text: str = ""
    cursor: int = 0
    to: Person | None = None


class History:
    """What was typed and sent, where in it one is, and what was begun before one went back."""

    def __init__(self) -> None:
        self._typed: list[str] = []
        self._place: int | None = None
        self._begun = Draft()

    def remember(self, text: str) -> Draft:
        """Take in what was sent, and return to the end; return what had been begun there."""
        begun = self._begun
        self._begun = Draft()
        self._add(text)
        self._place = None
        return begun

    def leave(self, text: str) -> None:
        """Return from a text to the end; what is set aside is found by going back again."""
        if aside := self.aside(text).text:
            self._add(aside)
        self._place, self._begun = None, Draft()

    def draft(self, now: Draft) -> Draft:
        """Return what is typed now; for an earlier text, what was begun before going back."""
        is_sent = self._place is not None and now.text == self._typed[self._place]
        return self._begun if is_sent and self._begun.text else now

    def aside(self, text: str) -> Draft:
        """Return what was begun before one went back and changed an earlier text to this one."""
        begun = self._begun
        return Draft() if self.draft(Draft(text)) is begun else begun

    def earlier(self, now: Draft) -> str | None:
        """Go one back from what is typed now; None where there is nothing earlier."""
        place = len(self._typed) if self._place is None else self._place
        if place == 0:
            return None
        if self._place is None:
            self._begun = now
        self._place = place - 1
        return self._typed[self._place]

    def later(self) -> Draft | None:
        """Go one forward, at last to what was begun before going back; None without that."""
        if self._place is None:
            return None
        self._place += 1
        if self._place < len(self._typed):
            text = self._typed[self._place]
            return Draft(text, len(text))
        begun = self._begun
        self._place, self._begun = None, Draft()
        return begun

    def _add(self, text: str) -> None:
        if text not in self._typed[-1:]:
            self._typed.append(text)
            del self._typed[:-KEPT_TYPED]
