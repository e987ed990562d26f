"""Links in what people write: where they are, and which of them may be opened. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

SCHEMES = ("http", "https", "mailto")
_LINK = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"'`\u3000-\u303f\uff00-\uff0f]+", re.IGNORECASE)
_CLOSERS = {")": "(", "]": "[", "}": "{"}


def links(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Find the links in a text from a place on; what only ends a sentence is not part of one."""
    if ":" not in text[start:]:
        return
    for match in _LINK.finditer(text, start):
        end = _end(text, match.start(), match.end())
        if opened(text[match.start() : end]):
            yield match.start(), end


def opened(link: str) -> str:
    """Return a link as it may be given to a browser, or "" if it may not be."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    if parts.scheme.lower() not in SCHEMES or not (parts.netloc or parts.path):
        return ""
    if parts.scheme.lower() != "mailto" and not parts.netloc:
        return ""
    return quote(link, safe="!#$%&'()*+,/:;=?@[]~-._")


def _end(text: str, start: int, end: int) -> int:
    while end > start:
        last = text[end - 1]
        link = text[start:end]
        closes = last in _CLOSERS and link.count(last) > link.count(_CLOSERS[last])
        if not closes and last not in ".,;:!?*_~…�":
            break
        end -= 1
    return end
