"""What a journal cannot do.

JournalError
├── UnknownScheme   the address of a journal names no kind that there is
├── CannotOpen      there is no journal to be had at an address
├── CutOff          the journal goes on without us, or is not what it was
└── NotSaved        a batch was not appended, and is certainly not there
"""


class JournalError(Exception):
    """What a journal cannot do, in words for the one who runs the server."""


class UnknownScheme(JournalError):
    """The address of a journal names no kind that there is."""

    def __init__(self, url: str, known: str) -> None:
        super().__init__(f"there is no journal {url!r}; allowed: {known}")


class CannotOpen(JournalError):
    """There is no journal to be had at an address; the message says why, and what to do."""


class CutOff(JournalError):
    """What is in the journal now does not go on from what was read; the message says why."""


class NotSaved(JournalError):
    """A batch was not appended, and is certainly not there; the message says why."""
