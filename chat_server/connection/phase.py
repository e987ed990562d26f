"""Where a connection stands, from its first byte to its last.

    .------ entering was not saved ------.
    v                                    |
knocking ---- enters, or returns ----> here ---- goes ----> leaving
    |                                    |                     |
    | sent away, or hung up              | the server stops    | goodbye
    v                                    v                     v
  ended <--------------------------------+---------------------'
    |
    | what was told last is on its way        (from anywhere, where the other end is gone)
    v                                                          |
 closed <------------------------------------------------------'
"""

from enum import IntEnum


class Phase(IntEnum):
    """The later ones are greater; from `LEAVING` on no further line counts."""

    KNOCKING = 0
    """Nothing was said in the chat yet."""
    HERE = 1
    """In the chat, or on the way into it."""
    LEAVING = 2
    """On the way out; what the lines before caused is still told."""
    ENDED = 3
    """Told goodbye; what follows is told no more."""
    CLOSED = 4
    """Nothing is heard or told any more; what waits is still given."""


KNOCKING, HERE, LEAVING, ENDED, CLOSED = Phase

TRANSITIONS: dict[Phase, frozenset[Phase]] = {
    KNOCKING: frozenset((HERE, ENDED, CLOSED)),
    HERE: frozenset((KNOCKING, LEAVING, ENDED, CLOSED)),
    LEAVING: frozenset((ENDED, CLOSED)),
    ENDED: frozenset((CLOSED,)),
    CLOSED: frozenset(),
}


def passed(before: Phase, after: Phase) -> Phase:
    """Return the phase `after`; ValueError where it cannot follow `before`."""
    if after not in TRANSITIONS[before]:
        raise ValueError(f"a connection that is {before.name} cannot become {after.name}")
    return after
