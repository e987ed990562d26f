"""Which signals end a way of chatting."""

import signal

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


def ending() -> list[int]:
    """Return the signals that end us, without those that were ignored at the start, as by nohup."""
    known = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    return [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]
