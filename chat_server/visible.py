"""What one sees of a text: code points that show nothing, and blanks.

The ranges are those of Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt), which
`unicodedata` does not know.
"""

import unicodedata

_IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_BLANK_PATTERN = "\u2800"
"""The one symbol that shows nothing though it is neither white space nor ignorable (Braille)."""

UNSEEN = "".join(f"{chr(first)}-{chr(last)}" for first, last in _IGNORABLE)
"""Code points that show nothing, as a class of a regular expression has them."""
BLANKS = rf"\s{_BLANK_PATTERN}{UNSEEN}"
"""Those, and the ones that show as room without ink."""


def is_ignorable(character: str) -> bool:
    """Say whether a character shows nothing where a program does not know it."""
    code = ord(character)
    return any(first <= code <= last for first, last in _IGNORABLE)


def has_something_to_see(text: str) -> bool:
    """Say whether a text is more than blanks and characters that show nothing."""
    return any(map(_is_seen, text))


def _is_seen(character: str) -> bool:
    if character.isascii():
        return character.isprintable() and character != " "
    if character.isspace() or character == _BLANK_PATTERN or is_ignorable(character):
        return False
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")
