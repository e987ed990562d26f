"""Names of people: which are allowed, and when two are the same.

Nothing here depends on who is there; whether a name is free, the chat decides.
"""

import unicodedata

import msgspec

from chat_server.events import Refused, shortened
from chat_server.visible import is_ignorable

MAX_NAME = 20
MOST_CODE_POINTS = 4 * MAX_NAME
"""Code points that a name may be typed with; more are not looked at, let alone normalised."""
_MOST_MARKS = 2
"""Marks of no script's own on one letter: accents, and what is piled up with them."""
_MOST_MARKS_OF_A_SCRIPT = 4
"""Marks on one letter where a script writes with them: Burmese needs four, Hindi three."""
_PUNCTUATION = "-_."
_RESERVED = ("server", "everyone")


class Name(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name as it is shown (NFC) and as it is compared.

    Both forms are settled once, before anything is journaled: Unicode tables differ
    between versions of Python, and every node must come to the same names.
    """

    text: str
    key: str
    reserved: bool = False


def name_key(text: str) -> str:
    """Return what two spellings of the same name have in common (UAX 15, NFKC and casefold)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def is_guest_key(key: str) -> bool:
    """Say whether a key is one that the server gives to guests, in any script's digits."""
    return key.startswith("guest") and key[5:].isdecimal()


def name(text: str) -> Name:
    """Make a name of a text of at most MOST_CODE_POINTS, allowed or not: to look somebody up."""
    assert len(text) <= MOST_CODE_POINTS
    shown = unicodedata.normalize("NFC", text)
    key = name_key(shown)
    if key == shown:
        key = shown  # one string instead of two, for each person
    return Name(shown, key, key in _RESERVED or is_guest_key(key))


def parse_recipient(text: str) -> Name | Refused:
    """Make the name of somebody who may be here; what no name can be is nobody's."""
    return nobody(text) if len(text) > MOST_CODE_POINTS else name(text)


def nobody(text: str) -> Refused:
    """Refuse what was meant for somebody who is not here."""
    return Refused(
        "nobody_of_that_name",
        f"Nobody here is called {shortened(text)}. Type users to see who is here.",
    )


def parse_name(text: str) -> Name | Refused:
    """Check the letters and the length of a name that somebody wants to have."""
    if len(text) > MOST_CODE_POINTS:
        return _too_long(text, len(text))
    wanted = name(text)
    if len(wanted.text) > MAX_NAME:
        return _too_long(text, len(wanted.text))
    for position, character in enumerate(wanted.text):
        if not _allowed(character, first=position == 0):
            where = " at its beginning" if position == 0 else ""
            return Refused(
                "bad_name",
                f"The name {shortened(text)} has {_quoted(character)}{where}. A name is made of "
                "letters, digits, - _ and . and begins with a letter or digit.",
            )
    if letter := _overloaded_letter(wanted.text):
        return Refused(
            "bad_name",
            f"The name {shortened(text)} has too many marks on {letter}. "
            f"A letter has at most {_MOST_MARKS}.",
        )
    return wanted


def _too_long(text: str, length: int) -> Refused:
    return Refused(
        "name_too_long",
        f"The name {shortened(text)} has {length} characters; at most {MAX_NAME} are allowed.",
    )


def _quoted(character: str) -> str:
    """Name a character, by its number where one does not see it."""
    return f"U+{ord(character):04X}" if is_ignorable(character) else repr(character)


def _allowed(character: str, *, first: bool) -> bool:
    category = unicodedata.category(character)
    if is_ignorable(character):
        return False
    if category[0] == "L" or category == "Nd":
        return True
    return not first and (category[0] == "M" or character in _PUNCTUATION)


def _overloaded_letter(text: str) -> str:
    """Return the letter that has more marks on it than anybody writes; "" where none has."""
    letter, marks = "", ""
    for character in text:
        if unicodedata.category(character)[0] != "M":
            letter, marks = character, ""
            continue
        marks += character
        accents = sum(map(_is_of_no_script, marks))
        is_piled = marks.count(character) > 1 and len(marks) > _MOST_MARKS
        if accents > _MOST_MARKS or len(marks) > _MOST_MARKS_OF_A_SCRIPT or is_piled:
            return letter
    return ""


def _is_of_no_script(mark: str) -> bool:
    """Say whether a mark goes on letters of any script (UAX 24: its script is Inherited)."""
    return unicodedata.name(mark, "").startswith(("COMBINING", "VARIATION"))
