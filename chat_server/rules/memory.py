"""The messages that are remembered: those to everyone and, apart, those between each two people.

So nobody's private messages push out what all may see, nor what others write to each other.
"""

from chat_server.protocol.events import History, Message, Person, Refused, shortened
from chat_server.rules.ignoring import Ignoring
from chat_server.rules.state import (
    EVERYONE,
    Delivery,
    Everyone,
    Participant,
    Persons,
    Private,
    State,
    number_of,
)

KEPT_MESSAGES = 1000
"""Messages that the history goes back: to everyone, and between each two people."""
MOST_MESSAGES = 2 * KEPT_MESSAGES
"""Messages from which on those beyond the history are forgotten, all at once."""
MOST_PRIVATE = 10_000
"""Private messages of all people that are kept; the longest silent two are forgotten first."""


class Memory:
    """What is remembered, over a state that the other rules share."""

    def __init__(self, state: State, ignoring: Ignoring) -> None:
        self._state = state
        self._ignoring = ignoring
        self._of: dict[str, dict[str, None]] = {}
        """By a person's id, the keys in the state's `private` of what they wrote or were sent."""
        self._private = 0
        for key, private in state.private.items():
            self._note(key, private)
            self._private += len(private.messages)

    def _note(self, key: str, private: Private) -> None:
        for person in (private.one, private.other):
            self._of.setdefault(person, {})[key] = None

    def say(
        self, message: Message, sender: Participant, recipient: Participant | None
    ) -> list[Delivery]:
        """Remember a message, and let everyone be told, or the two it is between.

        Old ones are forgotten a slab at a time, so that each costs the same.
        """
        state = self._state
        state.newest_message = message.id
        if recipient is None:
            state.messages.append(message)
            if len(state.messages) >= MOST_MESSAGES:
                state.forgotten = _trimmed(state.messages, state.forgotten)
            deaf = self._ignoring.deaf_to(sender.id)
            return [Delivery(Everyone(deaf=deaf) if deaf else EVERYONE, message)]
        self._remember_between(message, recipient.person)
        recipient.has_acted = True
        connections = sender.connections
        if recipient is not sender and sender.id not in (recipient.ignored or ()):
            connections += recipient.connections
        return [Delivery(Persons(connections), message)]

    def _remember_between(self, message: Message, recipient: Person) -> None:
        state = self._state
        one, other = sorted((message.sender.id, recipient.id))
        key = f"{one} {other}"
        private = state.private.pop(key, None)
        if private is None:
            private = Private(one, other)
            self._note(key, private)
        state.private[key] = private
        before = len(private.messages)
        private.messages.append(message)
        private.forgotten = _trimmed(private.messages, private.forgotten)
        self._private += len(private.messages) - before
        while self._private > MOST_PRIVATE and len(state.private) > 1:
            self._drop(next(iter(state.private)))

    def _drop(self, key: str) -> None:
        private = self._state.private.pop(key)
        self._private -= len(private.messages)
        if private.messages:
            self._state.forgotten_private = max(
                self._state.forgotten_private, number_of(private.messages[-1])
            )
        for person in (private.one, private.other):
            keys = self._of.get(person)
            if keys is not None:
                keys.pop(key, None)
                if not keys:
                    del self._of[person]

    def forget(self, person: str) -> None:
        """Forget the messages between a person who was forgotten and others who were as well."""
        people = self._state.people
        for key in list(self._of.get(person, ())):
            private = self._state.private[key]
            if private.one not in people and private.other not in people:
                self._drop(key)

    def wrote_with(self, person: str) -> list[str]:
        """Return the ids of those with whom somebody has written what is remembered."""
        between = [self._state.private[key] for key in self._of.get(person, ())]
        return [one.other if one.one == person else one.one for one in between]

    def find(self, id_: str) -> Message | None:
        """Return the message of an id; None where it is not remembered."""
        kept = [self._state.messages, *[p.messages for p in self._state.private.values()]]
        return next((m for messages in kept for m in reversed(messages) if m.id == id_), None)

    def take_out(self, message: Message) -> None:
        """Forget a message that is remembered."""
        if message.to is None:
            self._state.messages.remove(message)
            return
        one, other = sorted((message.sender.id, message.to.id))
        private = self._state.private[f"{one} {other}"]
        private.messages.remove(message)
        self._private -= 1
        if not private.messages:
            self._drop(f"{one} {other}")

    def history(self, person: str, count: int, since: int | None) -> History:
        """Give the newest `count` messages that somebody may see, after the number `since`."""
        seen, forgotten = self._seen_by(person)
        if since is not None:
            seen = [message for message in seen if number_of(message) > since]
        given = seen[-count:]
        if since is None or since < forgotten:
            return History(given, None)
        return History(given, len(seen) - len(given))

    def _seen_by(self, person: str) -> tuple[list[Message], int]:
        """Give what somebody may see, oldest first, and the newest number that is forgotten."""
        state = self._state
        seen = state.messages[-KEPT_MESSAGES:]
        forgotten = _newest_before(state.messages, state.forgotten)
        keys = self._of.get(person, ())
        for key in keys:
            private = state.private[key]
            seen += private.messages[-KEPT_MESSAGES:]
            forgotten = max(forgotten, _newest_before(private.messages, private.forgotten))
        if keys:
            seen.sort(key=number_of)
        someone = state.people.get(person)
        if someone is not None and someone.ignored is not None:
            seen = [message for message in seen if message.sender.id not in someone.ignored]
        return seen, max(forgotten, state.forgotten_private)


def unknown_id(number: int, run: str, newest: str) -> Refused:
    """Refuse an id that this chat has not given; the newest message's is `newest`."""
    asked = f"{number}-{run}" if run else str(number)
    return Refused("bad_id", {"id": shortened(asked), "newest": newest})


def _trimmed(messages: list[Message], forgotten: int) -> int:
    """Let go of what is long beyond the history; return the newest number that is forgotten."""
    if len(messages) < MOST_MESSAGES:
        return forgotten
    forgotten = _newest_before(messages, forgotten)
    del messages[:-KEPT_MESSAGES]
    return forgotten


def _newest_before(messages: list[Message], forgotten: int) -> int:
    """Return the number of the newest message before the history; `forgotten` without one."""
    if len(messages) > KEPT_MESSAGES:
        return number_of(messages[-KEPT_MESSAGES - 1])
    return forgotten
