"""`python -m chat_tui`: the client."""

import signal
import sys

WHERE = "chat-tui: this runs on Linux, macOS and Windows' WSL, not on Windows itself"


def main() -> None:
    """Run the client; what it needs to know stands in arguments, the environment or `.env`."""
    if sys.platform == "win32":
        sys.exit(WHERE)
    # While the rest is imported, Ctrl+C ends us at once and without a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from chat_tui.program import run

    sys.exit(run())


if __name__ == "__main__":
    main()
