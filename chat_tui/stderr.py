"""What is said beside the chat, to whoever started the client: warnings, and why it failed."""

import sys


def tell(text: str) -> None:
    """Write a text to stderr, where there is one that takes it; it is None if it was closed.

    One that does not take it is given up: Python would try again at the end, and call that a
    failure of the program.
    """
    if sys.stderr is not None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            sys.stderr = None
