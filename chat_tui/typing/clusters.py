"""What people take for one character, the grapheme clusters of UAX 29: an emoji with its parts, a
flag, a letter with its marks, a syllable of Hangul or Devanagari.
"""

import re

_SINGLE = re.compile(r"[\x00-\u02ff\u0370-\u0482\u048a-\u0590]*")
"""Latin, Greek, Cyrillic and Armenian letters: without marks, each is a cluster."""


def ends(line: str) -> list[int]:
    """Return where the clusters of a line end."""
    if _SINGLE.fullmatch(line):
        return list(range(1, len(line) + 1))
    from wcwidth import iter_graphemes  # takes 80 ms, and most lines do without

    places: list[int] = []
    for cluster in iter_graphemes(line):
        places.append((places[-1] if places else 0) + len(cluster))
    return places


def before(line: str, place: int) -> int:
    """Return where the cluster begins that ends at a place, or in which the place is."""
    return max((end for end in ends(line) if end < place), default=0)


def after(line: str, place: int) -> int:
    """Return where the cluster ends that begins at a place, or in which the place is."""
    return min((end for end in ends(line) if end > place), default=len(line))


def beginning(line: str, place: int) -> int:
    """Return where the cluster begins in which a place is; the place where it is in none."""
    return place if place in (0, len(line)) else max(e for e in (0, *ends(line)) if e <= place)
