"""Code points that show nothing: which they are, and whether a text has anything else.

Python's Unicode tables lack the property Default_Ignorable_Code_Point; its ranges, with those that
are reserved, are from DerivedCoreProperties.txt (Unicode 16.0, the same since 14.0).
"""

import re
import unicodedata

_JOINING = "\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef"
"""Ignorable ones that belong to the sign before them: in emoji, flags and variants of letters."""
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
_BLANK = "\u2800\ufff9-\ufffb\U00013441\U00013442\U00016fe4\U0001d159"
"""Others without ink: Braille's blank, annotations, fillers of hieroglyphs, Khitan and music."""
_unseen = re.compile(f"[{_JOINING}{_IGNORABLE}{_BLANK}]")

GAP = 3
"""Columns of the longest gap that a text is shown with."""
_SPACES = " \t\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BLANKS = f"{_SPACES}{_IGNORABLE}{_BLANK}"
_gap = re.compile(f"[{_BLANKS}](?:[{_JOINING}]*[{_BLANKS}]){{{GAP},}}[{_JOINING}]*")


def is_unseen(character: str) -> bool:
    """Say whether a code point is to be ignored where it is shown, or is blank but no space."""
    return _unseen.match(character) is not None


def has_something_to_see(text: str) -> bool:
    """Say whether a text is more than blanks, what is ignored, and marks with nothing to mark.

    It has no controls, as no line has any.
    """
    if text.isascii():
        return text != "" and not text.isspace()
    if _is_seen(text[0]) and not is_unseen(text[0]):
        return True
    return any(map(_is_seen, _unseen.sub("", text)))


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] not in "ZM" and category != "Cc"


def with_short_gaps(text: str) -> str:
    """Return a text with no gap of more than `GAP` columns, whatever blank characters are in it.

    Otherwise blanks could fill a row of the terminal, and text on the next one imitate a line.
    """
    return _gap.sub(" " * GAP, text)
