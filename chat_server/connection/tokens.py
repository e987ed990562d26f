"""Tokens that make somebody the same person again; the chat is given only their hashes."""

import hashlib
import secrets

LENGTH = 32
"""Characters of every token: 24 bytes in Base64."""


class Tokens:
    """The tokens that a connection was given, or came with, by their hashes."""

    __slots__ = ("_raw",)

    def __init__(self) -> None:
        self._raw: dict[str, str] = {}

    def fresh(self) -> str:
        """Make a token that nobody can guess; return its hash."""
        return self.known(secrets.token_urlsafe(24))

    def known(self, token: str) -> str:
        """Remember a token, until another one is known to be in use; return its hash."""
        token_hash = hashed(token)
        self._raw[token_hash] = token
        return token_hash

    def knows(self, token_hash: str) -> bool:
        return token_hash in self._raw

    def in_use(self, token_hash: str | None) -> str | None:
        """Return the token of a hash, and forget all others; None where it is not known here."""
        token = self._raw.get(token_hash or "")
        if token_hash is not None and token is not None:
            self._raw = {token_hash: token}
        return token


def hashed(token: str) -> str:
    """Return what the chat knows of a token: from it nobody finds the token."""
    return hashlib.sha256(token.encode()).hexdigest()
