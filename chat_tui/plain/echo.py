"""A terminal that does not show what is typed (termios: ECHO without, ECHONL with)."""

import contextlib
import termios
from collections.abc import Iterator

_LOCAL = 3
"""Where the local modes stand among a terminal's attributes."""


@contextlib.contextmanager
def unseen(descriptor: int) -> Iterator[None]:
    """Let a terminal show of what is typed only that a line has ended; drop at last what nobody
    has read.
    """
    shown = termios.tcgetattr(descriptor)
    hidden = [*shown]
    hidden[_LOCAL] = (shown[_LOCAL] & ~termios.ECHO) | termios.ECHONL
    termios.tcsetattr(descriptor, termios.TCSANOW, hidden)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # the terminal is gone
            termios.tcflush(descriptor, termios.TCIFLUSH)
            termios.tcsetattr(descriptor, termios.TCSANOW, shown)
