"""Names of people: which are allowed, and when two are the same.

Nothing here depends on who is there; whether a name is free, the chat decides.
"""

import unicodedata

import msgspec

from chat_server.events import Refused, shortened

MAX_NAME = 20
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
    """Make a name of any text, allowed or not; enough to look somebody up."""
    shown = unicodedata.normalize("NFC", text)
    key = name_key(shown)
    if key == shown:
        key = shown  # one string instead of two, for each person
    return Name(shown, key, key in _RESERVED or is_guest_key(key))


def parse_name(text: str) -> Name | Refused:
    """Check the letters and the length of a name that somebody wants to have."""
    wanted = name(text)
    if len(wanted.text) > MAX_NAME:
        return Refused(
            "name_too_long",
            f"The name {shortened(text)} has {len(wanted.text)} characters; "
            f"at most {MAX_NAME} are allowed.",
        )
    for position, character in enumerate(wanted.text):
        if not _allowed(character, first=position == 0):
            where = " at its beginning" if position == 0 else ""
            return Refused(
                "bad_name",
                f"The name {shortened(text)} has {character!r}{where}. A name is made of letters, "
                "digits, - _ and . and begins with a letter or digit.",
            )
    return wanted


def _allowed(character: str, *, first: bool) -> bool:
    category = unicodedata.category(character)
    if category[0] == "L" or category == "Nd":
        return True
    return not first and (category[0] == "M" or character in _PUNCTUATION)
