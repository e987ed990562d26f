"""Whether our user looks at the chat: they are called while they do not, and told on their return.

Times are of a clock that nobody sets.
"""

from collections.abc import Callable, Iterable

from chat_tui.session.away import Attention, Away
from chat_tui.session.conversations import Conversations
from chat_tui.session.notifications import Notices
from chat_tui.session.state import EVERYONE, ChatState, Line, Said


class Watch:
    """Takes what comes into the conversations, and knows who sees it.

    `call` writes a notice to the terminal; `looked_away` marks where one stopped reading,
    and `looked_back` shows what is told then.
    """

    def __init__(
        self,
        state: ChatState,
        conversations: Conversations,
        notices: Notices,
        now: Callable[[], float],
        *,
        call: Callable[[str], None],
        looked_away: Callable[[], None],
        looked_back: Callable[[], None],
    ) -> None:
        self._state = state
        self._conversations = conversations
        self._notices = notices
        self._now = now
        self._call = call
        self._looked_away, self._looked_back = looked_away, looked_back
        self._attention = Attention(now())
        self._away = Away()
        self._left_at: float | None = None
        self._broke_at: float | None = None
        self.is_familiar = False
        """Whether what was said before we came has been shown."""

    def take(self) -> None:
        """Take what is new into the conversations, and call our user for what is for them."""
        self.notice_absence()
        lines = self._conversations.take(self._state)
        is_watched = self._conversations.is_watched
        if self.is_familiar:
            self._away.hear(line for line in lines if not is_watched or _is_replayed(line))
        if not (is_watched and self._attention.tells_focus):
            self._ring(lines)

    def notice_absence(self) -> None:
        """Look away after a while without keys, if the terminal does not tell its focus."""
        if self._left_at is None and self._attention.is_idle(self._now()):
            self._look_away(self._attention.since)

    def blur(self) -> None:
        """Take note that the terminal is not looked at any more."""
        self._attention.tells_focus = True
        self._look_away(self._now())

    def focus(self) -> None:
        """Take note that the terminal is looked at again."""
        self._attention.tells_focus = True
        self._look_back()

    def key(self) -> None:
        """Take note of what only somebody does who is there."""
        self._attention.key(self._now())
        if not self._attention.tells_focus:
            self._look_back()

    def broke(self) -> None:
        """Take note that there is no connection."""
        if self._broke_at is None:
            self._broke_at = self._now()

    def caught_up(self) -> None:
        """Take what was said before we came as known; tell what came in a break."""
        self.take()
        if not self.is_familiar:
            self.is_familiar = True
            self._conversations.read_all()
        elif self._conversations.is_watched and self._broke_at is not None:
            self._tell_away(self._now() - self._broke_at)
        self._broke_at = None

    def _look_away(self, since: float) -> None:
        self._left_at = since
        self._conversations.watch(is_watched=False)
        self._looked_away()

    def _look_back(self) -> None:
        left, self._left_at = self._left_at, None
        if left is not None:
            self.take()
            self._conversations.watch(is_watched=True)
            self._tell_away(self._now() - left)
            self._looked_back()

    def _tell_away(self, seconds: float) -> None:
        if told := self._away.told(seconds):
            self._state.say("fact", told, self._now(), self._conversations.active.key)

    def _ring(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if (
                isinstance(line, Said)
                and not self._is_being_read(line)
                and (notice := self._notices.ring(line, self._now()))
            ):
                self._call(notice)

    def _is_being_read(self, said: Said) -> bool:
        """Say whether our user types just now where a message is shown."""
        key = EVERYONE if said.other is None else said.other.id
        is_here = self._conversations.is_watched and self._conversations.active.key == key
        return is_here and self._attention.is_typing(self._now())


def _is_replayed(line: Line) -> bool:
    return isinstance(line, Said) and line.is_replayed
