"""How texts are compared where people do not tell one spelling from another. Pure."""

import re
import unicodedata

# What follows a letter and belongs to it: marks, and the later parts of a Hangul syllable.
_JAMO = range(0x1160, 0x1200)


def folded(text: str) -> str:
    """Return what all spellings of a text have in common (UAX 15, NFKC and casefold).

    ß is ss, ς is σ, and İ, which casefolds to two characters, is i.
    """
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", lowered).replace("i\u0307", "i")


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
    starts = [
        place
        for place, character in enumerate(text)
        if not place or not (unicodedata.category(character)[0] == "M" or ord(character) in _JAMO)
    ]
    return [
        (start, text[start:end])
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]
