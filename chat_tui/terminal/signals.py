"""Which signals end a way of chatting."""

import signal

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


def ending() -> list[int]:
    """Return those that end us: all that whoever started us has not had ignored, as nohup does."""
    known = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    return [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]
