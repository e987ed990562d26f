"""What is said to a member who is away: it waits, and is told once, when they come."""

from chat_server.protocol.events import Message, Ok, Refused
from chat_server.rules.state import Account, Participant, State

MOST_WAITING = 200
"""Messages that wait for one member."""
MOST_WAITING_BYTES = 8 * 1024 * 1024
"""Bytes of all that waits for all members together."""
WAITS = 30 * 24 * 3600.0
"""Seconds for which they do."""


class Waiting:
    """The messages that wait, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state
        accounts = [person.account for person in state.people.values() if person.account]
        self._size = sum(_size(account.waiting) for account in accounts)
        """Bytes of all that waits."""

    def check(self, member: Participant, account: Account, at: float) -> Refused | None:
        """Refuse one message more than may wait for a member."""
        is_room = self._size < MOST_WAITING_BYTES
        if is_room and len(self._kept(account, at)) < MOST_WAITING:
            return None
        return Refused("too_many_waiting", {"name": member.name, "limit": MOST_WAITING})

    def add(self, member: Participant, account: Account, message: Message, at: float) -> Ok:
        """Let a message that was checked wait; return what its sender is told."""
        if message.sender.id not in (member.ignored or ()):
            self._drop_old(account, at)
            account.waiting = [*(account.waiting or ()), message]
            self._size += _size([message])
        return Ok(id=message.id, code="waits", data={"name": member.name})

    def take_out(self, message: Message) -> None:
        """Let a message wait for nobody any more."""
        for person in self._state.people.values():
            account = person.account
            if account is not None and account.waiting and message in account.waiting:
                account.waiting = [kept for kept in account.waiting if kept != message]
                self._size -= _size([message])

    def taken(self, person: Participant) -> list[Message]:
        """Give what waits for somebody, who is told it now, and forget it."""
        if person.account is None or person.account.waiting is None:
            return []
        self._drop_old(person.account, self._state.at)
        waiting, person.account.waiting = person.account.waiting, None
        self._size -= _size(waiting)
        return waiting

    def _drop_old(self, account: Account, at: float) -> None:
        """Forget what has waited for too long."""
        kept = self._kept(account, at)
        if len(kept) < len(account.waiting or ()):
            self._size += _size(kept) - _size(account.waiting)
            account.waiting = kept

    def _kept(self, account: Account, at: float) -> list[Message]:
        """Return what still waits; times of messages are times of day."""
        since = self._state.time_of_day(at) - WAITS
        return [message for message in account.waiting or () if message.at > since]


def _size(waiting: list[Message] | None) -> int:
    return sum(len(message.text.encode()) for message in waiting or ())
