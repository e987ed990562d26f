"""How texts are compared where people do not tell one spelling from another. Pure."""

import re
import unicodedata

from chat_server.protocol.names import name_key


def folded(text: str) -> str:
    """Return what all spellings of a text have in common: ß is ss, ς is σ, and İ is i."""
    return name_key(text).replace("i\u0307", "i")


def found(query: str, text: str) -> list[tuple[int, int]]:
    """Return where a folded query stands in a text, in whole letters as they were written."""
    if not query or query not in folded(text):
        return []
    if text.isascii():
        return [match.span() for match in re.finditer(re.escape(query), text.lower())]
    starts: list[int] = []
    whole = ""
    pieces = _letters(text)
    for start, piece in pieces:
        whole += folded(piece)
        starts += [start] * (len(whole) - len(starts))
    ends = {start: start + len(piece) for start, piece in pieces}
    places: list[tuple[int, int]] = []
    for match in re.finditer(re.escape(query), whole):
        place = starts[match.start()], ends[starts[match.end() - 1]]
        if places and place[0] < places[-1][1]:
            place = places.pop()[0], place[1]
        places.append(place)
    return places


def _letters(text: str) -> list[tuple[int, str]]:
    """Take a text apart into letters with what belongs to them, each with its place."""
    starts: list[int] = []
    for place, character in enumerate(text):
        if not starts or not _belongs_to(text[starts[-1] : place], character):
            starts.append(place)
    return [
        (start, text[start:end])
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]


def _belongs_to(letter: str, character: str) -> bool:
    """Say whether a character is a mark on a letter, or becomes one with it, as Hangul does."""
    if unicodedata.category(character)[0] == "M":
        return True
    apart = unicodedata.normalize("NFKC", letter) + unicodedata.normalize("NFKC", character)
    return unicodedata.normalize("NFKC", letter + character) != apart
