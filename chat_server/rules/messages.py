"""The rules of `send`: to whom a message goes at once, or what is scheduled instead."""

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Message, Ok, Refused
from chat_server.rules.complaints import SPOKEN
from chat_server.rules.entries import Entry
from chat_server.rules.memory import Memory
from chat_server.rules.nodes import Nodes
from chat_server.rules.presence import absent
from chat_server.rules.scheduled import Scheduled
from chat_server.rules.state import Outcome, Participant, State
from chat_server.rules.waiting import Waiting


class Messages:
    """The rules of messages, over a state that the other rules share."""

    def __init__(
        self, state: State, nodes: Nodes, memory: Memory, scheduled: Scheduled, waiting: Waiting
    ) -> None:
        self._state = state
        self._nodes = nodes
        self._memory = memory
        self._scheduled = scheduled
        self._waiting = waiting

    def check(self, person: Participant, command: Send, at: float) -> Refused | None:
        """Refuse what is for a guest who is not here, or one scheduled message too many."""
        if command.to is not None:
            recipient = self._state.meant(command.to)
            if recipient is None or not (recipient.is_here or recipient.account):
                return absent(command.to, recipient)
            if recipient.account and not (recipient.is_here or command.delay):
                return self._waiting.check(recipient, recipient.account, at)
        return self._scheduled.check_room(person, command) if command.delay else None

    def send(self, person: Participant, command: Send, entry: Entry) -> Outcome:
        """Say, or schedule, a message that was checked."""
        state = self._state
        recipient = None if command.to is None else state.meant(command.to)
        if command.delay:
            return self._scheduled.add(person, recipient, command, entry)
        to = None if recipient is None else recipient.person
        if to is None and person.spoken < SPOKEN:
            person.spoken += 1
        id_, at = self._nodes.id_of(entry), entry.at + state.ahead
        message = Message(id_, at, person.person, to, command.text)
        deliveries, answer = self._memory.say(message, person, recipient), Ok(id=id_)
        if recipient is not None and recipient.account and not recipient.is_here:
            answer = self._waiting.add(recipient, recipient.account, message, entry.at)
        return Outcome(deliveries, answer)
