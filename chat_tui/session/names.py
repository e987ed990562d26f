"""Names in what people write: when two are the same, and whether a text calls one. Pure."""

import re
import unicodedata

from chat_server.protocol.names import name_key
from chat_tui.session.folding import folded
from chat_tui.session.scripts import HANGUL, KATAKANA, UNSPACED


def same(name: str, other: str) -> bool:
    """Say whether two names are the same to people."""
    return name_key(name) == name_key(other)


def calls(text: str, name: str) -> bool:
    """Say whether a text has a name in it as a word of its own (UAX 29).

    What may be part of a name belongs to the word: bob-2 is somebody else than bob.
    """
    wanted = folded(name)
    if not wanted:
        return False
    said = folded(text)
    if not said.isascii():
        said = _INVISIBLE.sub("", said.replace(_ZERO_WIDTH_SPACE, " "))
    start = said.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (_goes_on_before(said, start) or _goes_on_after(said, end)):
            return True
        start = said.find(wanted, start + 1)
    return False


_ZERO_WIDTH_SPACE = "\u200b"
_INVISIBLE = re.compile("[\u00ad\u200c-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_JOINER = "-._"
"""What may stand within a name, beside letters and digits."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_KATAKANA = re.compile(f"[{KATAKANA}]")
_HANGUL = re.compile(f"[{HANGUL}]")


def _goes_on_before(text: str, start: int) -> bool:
    """Say whether the word that begins at a place is part of one that began before it."""
    before = start - 1
    if before > 0 and text[before] in _JOINER:
        before -= 1
        return _is_letter(text[before]) and not _UNSPACED.match(text[before])
    while before > 0 and _is_mark(text[before]):
        before -= 1
    return before >= 0 and _are_one(text[before], text[start])


def _goes_on_after(text: str, end: int) -> bool:
    """Say whether the word that ends at a place goes on."""
    if end >= len(text):
        return False
    after = text[end]
    if after == "_" or _is_mark(after):
        return True
    if after in _JOINER:
        beyond = text[end + 1 : end + 2]
        return bool(beyond) and _is_letter(beyond) and not _UNSPACED.match(beyond)
    return _are_one(text[end - 1], after)


def _are_one(left: str, right: str) -> bool:
    """Say whether no word ends between two characters."""
    if not (_is_letter(left) and _is_letter(right)):
        return False
    if _UNSPACED.match(left) or _UNSPACED.match(right):
        return bool(_KATAKANA.match(left) and _KATAKANA.match(right))
    return bool(_HANGUL.match(left)) == bool(_HANGUL.match(right)) or right.isdecimal()


def _is_letter(character: str) -> bool:
    return character.isalnum() or _is_mark(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"
