"""What came while nobody looked, or while there was no connection: counted, and told in a line."""

from collections.abc import Iterable

from chat_tui.state import Line, Said

WORTH_TELLING = 60.0
"""Seconds from which on it is told also that something came that was for nobody in particular."""


class Away:
    """Counts what comes while one is away."""

    def __init__(self) -> None:
        self._messages = 0
        self._mentions = 0
        self._sent = 0

    def hear(self, lines: Iterable[Line]) -> None:
        """Count what came."""
        for line in lines:
            if not isinstance(line, Said):
                continue
            self._sent += bool(line.item)
            if not line.is_mine:
                self._messages += 1
                self._mentions += line.is_mention

    def sent(self, number: int) -> None:
        """Count scheduled messages that turned out to have been sent."""
        self._sent += number

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
