"""Tokens that make somebody the same person again; only their hashes leave this file's care."""

import hashlib
import secrets

KEPT = 512
"""Tokens that one connection remembers; more than lines can be in flight."""


class Tokens:
    """The tokens that a connection was given, or came with, by their hashes."""

    __slots__ = ("_raw",)

    def __init__(self) -> None:
        self._raw: dict[str, str] = {}

    def fresh(self) -> str:
        """Make a token that nobody can guess; return its hash."""
        return self.known(secrets.token_urlsafe(24))

    def known(self, token: str) -> str:
        """Remember a token; return its hash."""
        hashed = hashlib.sha256(token.encode()).hexdigest()
        self._raw[hashed] = token
        if len(self._raw) > KEPT:
            del self._raw[next(iter(self._raw))]
        return hashed

    def in_use(self, hashed: str | None) -> str | None:
        """Return the token of a hash, and remember it longer than the others."""
        if hashed not in self._raw:
            return None
        token = self._raw[hashed] = self._raw.pop(hashed)
        return token
