"""Links in what people write: where they are, and which of them may be opened. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from chat_tui.session.scripts import HANGUL, UNSPACED

SCHEMES = ("http", "https", "mailto")
_EAST = UNSPACED + HANGUL
_QUOTES = "\"'`\u00ab\u00bb\u2018-\u201f\u2039\u203a"
_PUNCTUATION = "\u2014\u2015\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
"""Dashes between sentences, and what Chinese and Japanese put at the ends of them."""
_LINK = re.compile(
    r"(?<![A-Za-z0-9])(?i:https?://|mailto:)"
    # An East Asian host name is part of the link; elsewhere in it such letters are text that
    # follows without a space.
    rf"(?:(?:[A-Za-z0-9-]+\.){{0,9}}[{_EAST}][-\w]{{0,62}}(?:\.[-\w]{{1,63}}){{0,9}}?\.[A-Za-z]{{2,63}}"
    r"(?![A-Za-z]))?"
    rf"[^\s<>{_QUOTES}{_PUNCTUATION}{_EAST}]*"
)
_ADDRESS = re.compile(r"\w[\w.+=~-]*@\w[\w.-]*")
"""One plain mail address, in which no program can see an option or anything else."""
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_OPENERS = {opener: closer for closer, opener in _CLOSERS.items()}
_ENDS = ".,;:!?*_~|…\N{REPLACEMENT CHARACTER}"
"""What ends a sentence, or stands on both sides of a text to mark it."""


def links(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Find the links in a text from a place on; what only ends a sentence is not part of one."""
    if ":" not in text[start:]:
        return
    for match in _LINK.finditer(text, start):
        end = _end(text, match.start(), match.end())
        if opened(text[match.start() : end]):
            yield match.start(), end


def opened(link: str) -> str:
    """Return a link as it may be given to a browser, or "" if it may not be.

    Of a mailto link only the address remains (RFC 6068): programs act on the rest, and may even
    attach files.
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    if parts.scheme.lower() == "mailto":
        link = f"mailto:{parts.path}" if _ADDRESS.fullmatch(parts.path) else ""
    elif parts.scheme.lower() not in SCHEMES or not parts.netloc:
        return ""
    return quote(link, safe="!#$%&'()*+,/:;=?@[]~-._")


def _end(text: str, start: int, end: int) -> int:
    """Return where a link ends: where a bracket closes that opened before it, or a sentence."""
    is_open = dict.fromkeys(_CLOSERS, 0)
    for place in range(start, end):
        character = text[place]
        if character in _OPENERS:
            is_open[_OPENERS[character]] += 1
        elif character in _CLOSERS:
            is_open[character] -= 1
            if is_open[character] < 0:
                end = place
                break
    while end > start and text[end - 1] in _ENDS:
        end -= 1
    return end
