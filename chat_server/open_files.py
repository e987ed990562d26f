"""The limit of open files, which is the limit of connections."""

import logging
import resource

ENOUGH = 65_536
"""Open files beyond which no chat will want to go; a limit of millions costs the system memory."""
FEW = 1024
"""Open files that are too few for a large chat."""

log = logging.getLogger("chat_server")


def raise_limit() -> None:
    """Let as many connections be open as the system allows, and say where that is not many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _number(hard)
    if _number(soft) < min(allowed, ENOUGH):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(min(allowed, ENOUGH)), hard))
    if allowed <= FEW:
        log.warning(
            "the system allows %d open files, so no more than as many people; ulimit -Hn raises it",
            allowed,
        )


def _number(limit: int) -> float:
    return float("inf") if limit == resource.RLIM_INFINITY else limit
