"""How our user is called to a terminal that they do not look at: when, and with which bytes.

The text of a notification is somebody else's, so only what can be printed is left of it.
"""

from typing import Literal

from chat_server.protocol.events import shortened
from chat_tui.session.state import Said

Notify = Literal["bell", "osc9", "osc777", "none"]
BELL = "\x07"
TITLE = "chat"
LONGEST = 160
"""Characters of a message that a notification tells."""


class Notices:
    """Says what to write to the terminal, at most every so many seconds.

    `is_tmux`: the terminal is one of tmux, which passes on only what is wrapped for it.
    """

    def __init__(self, how: Notify, seconds: float, *, is_tmux: bool = False) -> None:
        self._how: Notify = how
        self._seconds = seconds
        self._is_tmux = is_tmux
        self._rang: float | None = None

    def ring(self, said: Said, now: float) -> str:
        """Return what to write for a message that came now; "" for nothing."""
        is_new = said.has_waited or not said.is_replayed
        if not said.is_mention or said.is_mine or not is_new:
            return ""
        if self._rang is not None and 0 <= now - self._rang < self._seconds:
            return ""
        self._rang = now
        return sequence(self._how, _told(said), is_tmux=self._is_tmux)


def sequence(how: Notify, text: str, *, is_tmux: bool = False) -> str:
    """Write a text as the terminal takes it.

    OSC 9 is of iTerm2, OSC 777 of rxvt-unicode: ESC ] 9 ; TEXT BEL, and
    ESC ] 777 ; notify ; TITLE ; TEXT BEL.
    """
    told = shortened(printable(text), LONGEST)
    sequences = {
        "bell": BELL,
        "osc9": f"\x1b]9;{TITLE}: {told}{BELL}",
        "osc777": f"\x1b]777;notify;{TITLE};{told}{BELL}",
        "none": "",
    }
    written = sequences[how]
    if is_tmux and written.startswith("\x1b"):
        escaped = written.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{escaped}\x1b\\"
    return written


def printable(text: str) -> str:
    """Leave of a text what only prints: no controls, and nothing that turns its direction."""
    return "".join(character if character.isprintable() else " " for character in text)


def _told(said: Said) -> str:
    to = "" if said.message.to is None else " to you"
    return f"{said.message.sender.name}{to}: {said.message.text}"
