"""Whether our user looks, and what came while they did not: counted, and told in a line."""

from collections.abc import Iterable

from chat_tui.session.state import Line, Said

WORTH_TELLING = 60.0
"""Seconds away after which messages are told even if none was for our user in particular."""

TYPING = 10.0
"""Seconds after a key for which our user is taken to read the conversation that they type in."""
NO_KEYS = 120.0
"""Seconds without a key after which nobody looks, where the terminal does not tell its focus."""


class Attention:
    """Whether our user looks here; times are of a clock that nobody sets.

    Most terminals tell when they have the focus (CSI I, CSI O). tmux and screen do not unless they
    are told to: as long as nothing was heard of it, keys are all that shows that somebody is there.
    """

    def __init__(self, now: float) -> None:
        self.tells_focus = False
        """Whether the terminal has ever told who has the focus."""
        self.since = now
        """When somebody was there for certain the last time."""
        self._typed_at: float | None = None

    def key(self, now: float) -> None:
        """Take note of a key, or of the mouse."""
        self.since = self._typed_at = now

    def is_typing(self, now: float) -> bool:
        """Say whether there was a key just now."""
        return self._typed_at is not None and now - self._typed_at < TYPING

    def is_idle(self, now: float) -> bool:
        """Say whether nobody seems to be there any more."""
        return not self.tells_focus and now - self.since >= NO_KEYS


class Away:
    """Counts what comes while one is away."""

    def __init__(self) -> None:
        self._messages = 0
        self._mentions = 0
        self._sent = 0

    def hear(self, lines: Iterable[Line]) -> None:
        """Count what came."""
        for line in lines:
            if not isinstance(line, Said) or line.is_past:
                continue
            self._sent += bool(line.item)
            if not line.is_mine:
                self._messages += 1
                self._mentions += line.is_mention

    def told(self, seconds: float) -> str:
        """Say what came in so many seconds, "" for nothing worth it, and begin anew."""
        messages, mentions, sent = self._messages, self._mentions, self._sent
        self._messages = self._mentions = self._sent = 0
        if not (mentions or sent or (messages and seconds >= WORTH_TELLING)):
            return ""
        parts = []
        if messages:
            parts.append(_many(messages, "message"))
        if mentions:
            parts.append(f"{mentions} for you")
        if sent:
            parts.append(f"{_many(sent, 'scheduled message')} sent")
        return f"While you were away: {', '.join(parts)}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
