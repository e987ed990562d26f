"""What keys leave in a line that nobody edited where it was typed (ECMA-48, RFC 854)."""

import re
import unicodedata

BACKSPACE, DELETE, ERASE_LINE, ERASE_WORD, ESCAPE = 0x08, 0x7F, 0x15, 0x17, 0x1B
BELL = 0x07
EDITING = bytes((BACKSPACE, DELETE, ERASE_LINE, ERASE_WORD, ESCAPE, BELL))
"""Bytes that mean something for the letters beside them; the bell ends some sequences."""

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)(?:\[[A-E]|[0-?]*[ -/]*[@-~]?)"  # CSI; Linux has a second bracket
    r"|(?:\x1b[NO]|[\x8e\x8f])[ -~]?"  # SS2, SS3
    r"|(?:\x1b[]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS …
    r"|\x1b[ -/]*[0-~]?"
)
"""A control sequence, whole, or as much of it as there is at the end of a line."""
_ERASES = re.compile("[\x08\x7f\x15\x17]")
_JOINER = "\u200d"
_REMOVED = dict.fromkeys(
    [
        *range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029,
        *range(0x202A, 0x202F), *range(0x2066, 0x206A),
    ]
)  # fmt: skip


def edited(text: str) -> str:
    """Return what a line says once its keys have been carried out and its controls are gone."""
    text = _SEQUENCE.sub("", text.removeprefix("\ufeff"))
    if _ERASES.search(text):
        text = _erased(text)
    return text if text.isprintable() else text.translate(_REMOVED)


def _erased(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character in "\x08\x7f":
            _erase_character(kept)
        elif character == "\x15":
            kept.clear()
        elif character == "\x17":
            _erase_word(kept)
        else:
            kept.append(character)
    return "".join(kept)


def _erase_character(kept: list[str]) -> None:
    """Take away what one sees as one character: with its marks, and with what it is joined to."""
    while kept:
        last = kept.pop()
        if unicodedata.category(last)[0] == "M" or last == _JOINER:
            continue
        if not (kept and kept[-1] == _JOINER):
            return


def _erase_word(kept: list[str]) -> None:
    while kept and kept[-1].isspace():
        kept.pop()
    while kept and not kept[-1].isspace():
        kept.pop()
