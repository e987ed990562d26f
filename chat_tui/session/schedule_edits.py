"""What was done to scheduled messages, and may be undone for a while.

Cancelling happens at once on the server, so that nothing is sent against our user's will; undoing
it schedules the message again. Sending now waits on our side, while the message stays where it
is, so it is sent in time whatever becomes of us. An item is sent or scheduled again only when the
server has said that it is cancelled, so nothing is sent twice.
"""

import math
from typing import Literal, NamedTuple

import msgspec

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Item
from chat_tui.session.spoken import spoken

UNDO_SECONDS = 5
"""For how long something can be undone."""
SENT_ANYWAY = 2.0
"""Seconds before its time in which we do not send a message any more: the server is about to."""


Kind = Literal["cancelled", "edited", "sending"]


class Change(NamedTuple):
    """What was done to an item; `until` is the time up to which it can be undone.

    While its line has no answer, and so may not have been carried out, it can always be undone.
    `began` is when it was done, by the server's clock. `key` is that of the line that cancels the
    item; `is_cancelled`: the server did; `is_undone`: schedule it again once the server has.
    """

    kind: Kind
    item: Item
    until: float
    began: float
    key: str = ""
    is_cancelled: bool = False
    is_undone: bool = False

    @property
    def edited(self) -> str:
        """What is written into the input for somebody to edit."""
        return spoken(msgspec.structs.replace(again(self.item, self.began), to=None))

    @property
    def is_asked(self) -> bool:
        """Say whether the server has yet to answer."""
        return bool(self.key) and not self.is_cancelled


class Changes:
    """What was done to items, the latest last."""

    def __init__(self) -> None:
        self._changes: dict[str, Change] = {}

    def shown(self, now: float) -> list[Change]:
        """Return what can be undone still."""
        return [
            change
            for change in self._changes.values()
            if not change.is_undone
            and (change.until > now or change.is_asked or _is_waiting(change))
        ]

    def begin(self, kind: Kind, item: Item, now: float, server_now: float, key: str) -> Change:
        """Remember what is done to an item, and by which line ("" none yet)."""
        self._changes.pop(item.id, None)
        change = Change(kind, item, now + UNDO_SECONDS, server_now, key)
        self._changes[item.id] = change
        return change

    def of(self, key: str) -> Change | None:
        """Return what a line was sent for."""
        return next((each for each in self._changes.values() if key and each.key == key), None)

    def answered(self, key: str, server_now: float, *, is_ok: bool) -> Send | None:
        """Take the server's answer to a line; return what to send then, if anything."""
        change = self.of(key)
        if change is None:
            return None
        item = change.item
        if not is_ok:
            del self._changes[item.id]
        elif change.kind == "sending":
            del self._changes[item.id]
            return _said(item, 0)
        elif change.is_undone:
            del self._changes[item.id]
            return again(item, server_now)
        else:
            self._changes[item.id] = change._replace(is_cancelled=True)
        return None

    def undo(self, now: float, server_now: float) -> tuple[Change, Send | None] | None:
        """Take back the latest that can be undone; return it, and what to send for it."""
        undoable = self.shown(now)
        if not undoable:
            return None
        change = undoable[-1]
        if change.kind == "sending" or change.is_cancelled:
            del self._changes[change.item.id]
            return change, again(change.item, server_now) if change.is_cancelled else None
        self._changes[change.item.id] = change._replace(is_undone=True)
        return change, None

    def forget_edited(self) -> None:
        """Forget edits, so that they cannot be undone: what was edited has been sent."""
        for item, change in list(self._changes.items()):
            if change.kind == "edited" and not change.is_undone:
                del self._changes[item]

    def due(self, now: float, server_now: float, pending: list[Item]) -> list[Item]:
        """Return the items to cancel and send now, and forget what is over."""
        waiting = {item.id for item in pending}
        ready = []
        for item, change in list(self._changes.items()):
            if _is_waiting(change):
                if item not in waiting:
                    del self._changes[item]
                elif change.until <= now and change.item.due - server_now > SENT_ANYWAY:
                    ready.append(change.item)
            elif change.is_cancelled and change.until <= now:
                del self._changes[item]
        return ready

    def cancelling(self, item: Item, key: str) -> None:
        """Remember by which line an item is cancelled that is sent now."""
        self._changes[item.id] = self._changes[item.id]._replace(key=key)

    def dropped(self, key: str) -> None:
        """Forget the change that a line was for, which is not sent any more."""
        if (change := self.of(key)) is not None:
            del self._changes[change.item.id]


def _is_waiting(change: Change) -> bool:
    return change.kind == "sending" and not change.key


def again(item: Item, server_now: float) -> Send:
    """Return what schedules an item for the time that it had; at once, if that is past."""
    return _said(item, max(0, math.ceil(item.due - server_now)))


def _said(item: Item, delay: int) -> Send:
    """Say what an item does, to whom it is for, whatever they are called by now."""
    return Send(item.text, None if item.to is None else item.to.id, delay)
