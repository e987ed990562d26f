"""`python -m chat_server`: the server, until SIGINT, SIGTERM or SIGHUP."""

import signal
import sys

WHERE = "chat-server: this runs on Linux, macOS and Windows' WSL, not on Windows itself"


def main() -> None:
    """Run the server; the exit status is 0 after a signal, 1 where it could not start."""
    if sys.platform == "win32":
        sys.exit(WHERE)
    # Until the server listens to signals itself, Ctrl+C ends it at once and without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from chat_server.program import run  # while this is imported, too

    sys.exit(run())


if __name__ == "__main__":
    main()
