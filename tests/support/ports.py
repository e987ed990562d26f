"""Ports on which nobody listens, and that nobody else is given meanwhile."""

import socket

_kept: list[socket.socket] = []


def free_port() -> int:
    """Return a port that stays free until a test listens there.

    It is bound and not listened on, so the system gives it to no other program; who listens with
    SO_REUSEADDR, as servers do, can take it all the same.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    _kept.append(kept)
    port: int = kept.getsockname()[1]
    return port
