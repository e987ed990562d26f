"""Carries out what our user does to scheduled messages: sends the lines that `Changes` asks for."""

from collections.abc import Callable

from chat_server.protocol.commands import Cancel, Send
from chat_server.protocol.events import Item
from chat_tui.session.outbox import Outbox
from chat_tui.session.schedule_edits import Change, Changes, Kind
from chat_tui.session.speaker import Speaker
from chat_tui.session.state import ChatState


class ScheduleEditing:
    """Cancels, edits and sends scheduled messages, and undoes that.

    `now` is the time in seconds since 1970, `steady` that of a clock that nobody sets.
    """

    def __init__(
        self,
        state: ChatState,
        outbox: Outbox,
        speaker: Speaker,
        now: Callable[[], float],
        steady: Callable[[], float],
    ) -> None:
        self._state = state
        self._outbox = outbox
        self._speaker = speaker
        self._now, self._steady = now, steady
        self._changes = Changes()

    @property
    def server_now(self) -> float:
        """What the server's clock shows, whatever is done to ours."""
        return self._steady() + self._state.clock_offset

    @property
    def shown(self) -> list[Change]:
        """What can be undone still."""
        return self._changes.shown(self._steady())

    def begin(self, kind: Kind, item: Item) -> Change | None:
        """Do something to an item; None where something is being done to it already."""
        if any(change.item.id == item.id for change in self.shown):
            return None
        key = "" if kind == "sending" else self._speaker.send(Cancel(item.id)).key
        return self._changes.begin(kind, item, self._steady(), self.server_now, key)

    def undo(self) -> Change | None:
        """Undo what was done last, and return it."""
        undone = self._changes.undo(self._steady(), self.server_now)
        if undone is None:
            return None
        change, said = undone
        if self._outbox.withdraw(change.key):
            self._changes.dropped(change.key)
        if said is not None:
            self._send(change.item, said)
        return change

    def answered(self, key: str, *, is_ok: bool) -> Change | None:
        """Go on when the server has answered a line; return what could not be done."""
        change = self._changes.of(key)
        said = self._changes.answered(key, self.server_now, is_ok=is_ok)
        if said is not None and change is not None:
            self._send(change.item, said)
        return None if is_ok else change

    def send_due(self) -> None:
        """Send what is to be sent now: first the server has to say that it is cancelled."""
        for item in self._changes.due(self._steady(), self.server_now, self._state.pending):
            self._changes.cancelling(item, self._speaker.send(Cancel(item.id)).key)

    def entered(self) -> None:
        """Take note that something was entered, which may be what was edited."""
        self._changes.forget_edited()

    def dropped(self, key: str) -> None:
        """Forget the change that a line was for, which is not sent any more."""
        self._changes.dropped(key)

    def _send(self, item: Item, said: Send) -> None:
        """Send what was scheduled, to whom it was for."""
        self._speaker.send(said, item.to, self._now() + item.due - self.server_now)
