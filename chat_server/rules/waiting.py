"""What is said to a member who is away: it waits, and is told once, when they come."""

from chat_server.protocol.events import Message, Ok, Refused
from chat_server.rules.state import Account, Participant, State

MOST_WAITING = 200
"""Messages that wait for one member."""
WAITS = 30 * 24 * 3600.0
"""Seconds for which they do."""


class Waiting:
    """The messages that wait, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state

    def check(self, member: Participant, account: Account, at: float) -> Refused | None:
        """Refuse one message more than may wait for a member."""
        if len(self._kept(account, at)) < MOST_WAITING:
            return None
        return Refused("too_many_waiting", {"name": member.name, "limit": MOST_WAITING})

    def add(self, member: Participant, account: Account, message: Message, at: float) -> Ok:
        """Let a message that was checked wait; return what its sender is told."""
        account.waiting = [*self._kept(account, at), message]
        return Ok(id=message.id, code="waits", data={"name": member.name})

    def take_out(self, message: Message) -> None:
        """Let a message wait for nobody any more."""
        for person in self._state.people.values():
            account = person.account
            if account is not None and account.waiting and message in account.waiting:
                account.waiting = [kept for kept in account.waiting if kept != message]

    def taken(self, person: Participant) -> list[Message]:
        """Give what waits for somebody, who is told it now, and forget it."""
        if person.account is None or person.account.waiting is None:
            return []
        waiting = self._kept(person.account, self._state.at)
        person.account.waiting = None
        return waiting

    def _kept(self, account: Account, at: float) -> list[Message]:
        """Return what still waits; times of messages are times of day."""
        since = self._state.time_of_day(at) - WAITS
        return [message for message in account.waiting or () if message.at > since]
