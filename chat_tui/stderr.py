"""What is said beside the chat, to whoever started the client: warnings, and why it failed."""

import contextlib
import sys


def tell(text: str) -> None:
    """Write a text to stderr, where there is one that takes it; it is None if it was closed."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
