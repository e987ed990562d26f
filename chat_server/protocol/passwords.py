"""Passwords: which are allowed, when two are the same, and how one is refused.

What is made of them so that they can be kept is in `chat_server/connection/passwords.py`.
"""

import unicodedata
from math import ceil

from chat_server.protocol.events import Refused

LEAST = 8
"""Code points of the shortest password that may be chosen."""
LIMIT = 128
"""Code points of the longest one."""
LONGEST_SPELLING = 4 * LIMIT
"""Code points that those may be typed as; more are not even looked at, let alone normalised."""

BAD_PASSWORD = Refused("bad_password", {"least": LEAST, "limit": LIMIT})
WRONG_PASSWORD = Refused("wrong_password")
"""Also the answer to a name that nobody has, so that nobody learns which names there are."""
BUSY = Refused("busy")
ACCOUNTS_OFF = Refused("accounts_off")


def too_many_attempts(seconds: float) -> Refused:
    """Refuse to look at another password before so many seconds are over."""
    return Refused("too_many_attempts", {"seconds": ceil(seconds)})


def prepared(secret: str) -> str | Refused:
    """Return a password as it is hashed, however it was typed (RFC 8265, 4.2: OpaqueString).

    Every space becomes U+0020, and letters are composed (NFC); case and width are kept.
    """
    opaque = in_one_form(secret)
    return opaque if LEAST <= len(opaque) <= LIMIT else BAD_PASSWORD


def in_one_form(secret: str) -> str:
    """Return what two ways of typing a password have in common; "" for one that nobody has."""
    if len(secret) > LONGEST_SPELLING:
        return ""
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in secret)
    return unicodedata.normalize("NFC", spaced)
