"""Names of people: which are allowed, and when two are the same.

Nothing here depends on who is there; whether a name is free, the chat decides.
"""

import unicodedata

import msgspec

from chat_server.protocol.events import Data, Refused, shortened
from chat_server.protocol.lookalikes import digits_of, is_unsafe_mix, scripts_of, skeleton
from chat_server.protocol.unseen import is_unseen

MAX_NAME = 20
"""Characters of a name, as it is shown."""
LONGEST_SPELLING = 4 * MAX_NAME
"""Code points that those may be typed as; more are not even looked at, let alone normalised."""
MAX_MARKS = 2
"""Accents and the like, of no script in particular, on one letter of a name."""
MAX_OWN_MARKS = 4
"""Marks on one letter, those of its own script included, which may need more (UTS 39, 5.4)."""
_PUNCTUATION = "-_."
_RESERVED = ("server", "everyone")
_RESERVED_LOOKS = frozenset(map(skeleton, _RESERVED))
_LOOKS_OF_DIGITS = frozenset(skeleton("0123456789"))


class Name(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name as it is shown (NFC) and as it is compared, with another's and to the eye.

    All forms are settled once, before anything is journaled: Unicode tables differ
    between versions of Python, and every node must come to the same names.
    """

    text: str
    key: str
    reserved: bool = False
    skeletons: tuple[str, ...] = ()
    """What names that look like it have one of, too; empty where that is the key alone."""


def name_key(text: str) -> str:
    """Return what two spellings of the same name have in common (UAX 15, NFKC and casefold)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def is_guest_key(key: str) -> bool:
    """Say whether a key is one that the server gives to guests, in any script's digits."""
    return key.startswith("guest") and key[5:].isdecimal()


def name(text: str) -> Name:
    """Make a name of a text that is not too long, allowed or not; enough to look somebody up."""
    shown = unicodedata.normalize("NFC", text)
    key = name_key(shown)
    if key == shown:
        key = shown  # one string instead of two, for each person
    looks = skeletons(shown, key)
    return Name(shown, key, _is_reserved(key, looks), () if looks == (key,) else looks)


def skeletons(shown: str, key: str) -> tuple[str, ...]:
    """Return what a name looks like: folded, and as it is shown where that is something else."""
    return tuple(dict.fromkeys((skeleton(key), skeleton(shown))))


def look_alike(one: str, other: str) -> bool:
    """Say whether two names, as they are shown, are too much alike for two people at once."""
    looks = skeletons(one, name_key(one))
    return not set(looks).isdisjoint(skeletons(other, name_key(other)))


def _is_reserved(key: str, looks: tuple[str, ...]) -> bool:
    """Say whether a name is the server's or a guest's, or looks like one."""
    return is_guest_key(key) or any(
        one in _RESERVED_LOOKS
        or (one.startswith("guest") and len(one) > 5 and _LOOKS_OF_DIGITS.issuperset(one[5:]))
        for one in looks
    )


def find_name(text: str) -> Name | None:
    """Make a name to look somebody up; None where nobody can have it, because it is too long."""
    if len(text) > LONGEST_SPELLING:
        return None
    sought = name(text)
    return sought if len(sought.text) <= MAX_NAME else None


def parse_name(text: str) -> Name | Refused:
    """Check the letters and the length of a name that somebody wants to have."""
    if len(text) > LONGEST_SPELLING:
        return _too_long(text, len(text))
    wanted = name(text)
    if len(wanted.text) > MAX_NAME:
        return _too_long(text, len(wanted.text))
    for position, character in enumerate(wanted.text):
        if not _allowed(character, first=position == 0):
            return Refused(
                "bad_name",
                {"name": shortened(text), "character": character, "position": position + 1},
            )
    if not all(map(_may_stand, _marks(wanted.text))):
        return Refused("bad_name", {"name": shortened(text), "limit": MAX_MARKS})
    return _mixed(wanted) if is_unsafe_mix(wanted.key) else wanted


def _mixed(name: Name) -> Refused:
    digits = digits_of(name.key)
    mixed: Data = {"digits": digits} if len(digits) > 1 else {"scripts": scripts_of(name.key)}
    return Refused("mixed_scripts", {"name": name.text, **mixed})


def _too_long(text: str, length: int) -> Refused:
    return Refused("name_too_long", {"name": shortened(text), "length": length, "limit": MAX_NAME})


def _allowed(character: str, *, first: bool) -> bool:
    """Say whether a name may have a character (RFC 8264, 9.11: none that is to be ignored)."""
    category = unicodedata.category(character)
    if is_unseen(character):
        return False
    if category[0] == "L" or category == "Nd":
        return True
    return not first and (category[0] == "M" or character in _PUNCTUATION)


def _marks(text: str) -> list[str]:
    """Return the marks of each letter that has some."""
    marked = [c if unicodedata.category(c)[0] == "M" else " " for c in text]
    return "".join(marked).split()


def _may_stand(marks: str) -> bool:
    """Say whether a letter may have these marks.

    Pointed Hebrew, Tibetan or Burmese need three and more of their own marks; those that Unicode
    calls just COMBINING, of no script, are what letters are buried under.
    """
    common = sum(unicodedata.name(mark, "").startswith("COMBINING") for mark in marks)
    thin = [mark for mark in marks if unicodedata.category(mark) != "Mc"]
    is_piled = len(marks) > MAX_MARKS and len(set(marks)) < len(marks)
    return common <= MAX_MARKS and len(thin) <= MAX_OWN_MARKS and not is_piled
