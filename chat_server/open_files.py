"""The limit of open files, which is the limit of connections."""

import logging
import os
import resource

ENOUGH = 65_536
"""Open files beyond which no chat will want to go; a limit of millions costs the system memory."""
LEAST = 32
"""Open files with which the server can be started, whichever loop and journal it has."""
FEW = 1024
"""Open files that are too few for a large chat."""

OWN = 8
"""Open files that the server may need for itself besides those that it has."""
UNDER_WAY = 6
"""Turns' worth of connections (see `at_once`) that are open but not counted: asyncio takes three
turns to take one up, two turns' more are let in meanwhile, and one's are being turned away."""
FEW_OPENED = 32
"""How many are open where the system does not say it."""
MOST = 10_000_000
"""More than any system has."""

log = logging.getLogger("chat_server")


class TooFew(OSError):
    """The system allows so few open files that the server cannot start; the message says so."""


def raise_limit() -> None:
    """Let as many connections be open as the system allows, and say where that is not many.

    Raises TooFew.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _number(hard)
    if _number(soft) < min(allowed, ENOUGH):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(min(allowed, ENOUGH)), hard))
    if allowed < LEAST:
        raise TooFew(
            f"the system allows {allowed} open files, and the server needs {LEAST} at least; "
            "ulimit -Hn raises it"
        )
    if allowed <= FEW:
        log.warning(
            "the system allows %d open files, so no more than as many people; ulimit -Hn raises it",
            allowed,
        )


def at_once() -> int:
    """Say how many connections may be taken up in one turn, before anybody counts them."""
    return min(64, max(3, _soft() // 64))


def room() -> int:
    """Count the connections that may still be opened.

    Some files are left for those who are taken up, or turned away, at the same time, and some for
    the journal, which may have to open its file again.
    """
    return max(1, _soft() - _opened() - UNDER_WAY * at_once() - OWN)


def _soft() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return int(min(_number(soft), MOST))


def _opened() -> int:
    """Count the files that are open in this process."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return FEW_OPENED


def _number(limit: int) -> float:
    return float("inf") if limit == resource.RLIM_INFINITY else limit
