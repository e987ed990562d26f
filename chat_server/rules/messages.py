"""The messages that are remembered: those to everyone, and apart from them those of each two.

So nobody's private messages push out what all may see, nor what others write to each other.
"""

from chat_server.protocol.events import History, Refused, shortened
from chat_server.rules.state import Private, Record, State

KEPT_MESSAGES = 1000
"""Messages that the history goes back: to everyone, and between each two people."""
MOST_MESSAGES = 2 * KEPT_MESSAGES
"""Messages from which on those beyond the history are forgotten, all at once."""
MOST_PRIVATE = 10_000
"""Private messages of all people that are kept; the longest silent two are forgotten first."""


class Messages:
    """What is remembered, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._of: dict[int, dict[str, None]] = {}
        """The keys of somebody's private messages, by whom they are between."""
        self._private = 0
        for key, private in state.private.items():
            self._note(key, private)
            self._private += len(private.messages)

    def _note(self, key: str, private: Private) -> None:
        for person in (private.one, private.other):
            self._of.setdefault(person, {})[key] = None

    def remember(self, record: Record) -> None:
        """Keep a message; old ones go a slab at a time, so that each costs the same."""
        state = self._state
        state.newest_message = record.message.id
        if record.recipient is None:
            state.messages.append(record)
            if len(state.messages) >= MOST_MESSAGES:
                state.forgotten = _trimmed(state.messages, state.forgotten)
            return
        one, other = sorted((record.sender, record.recipient))
        key = f"{one} {other}"
        private = state.private.pop(key, None)
        if private is None:
            private = Private(one, other)
            self._note(key, private)
        state.private[key] = private
        before = len(private.messages)
        private.messages.append(record)
        private.forgotten = _trimmed(private.messages, private.forgotten)
        self._private += len(private.messages) - before
        while self._private > MOST_PRIVATE and len(state.private) > 1:
            self._drop(next(iter(state.private)))

    def _drop(self, key: str) -> None:
        private = self._state.private.pop(key)
        self._private -= len(private.messages)
        self._state.forgotten_private = max(
            self._state.forgotten_private, private.messages[-1].number
        )
        for person in (private.one, private.other):
            keys = self._of.get(person)
            if keys is not None:
                keys.pop(key, None)
                if not keys:
                    del self._of[person]

    def forget(self, person: int) -> None:
        """Forget what somebody who is over has written with others who are over as well."""
        people = self._state.people
        for key in list(self._of.get(person, ())):
            private = self._state.private[key]
            if private.one not in people and private.other not in people:
                self._drop(key)

    def history(self, person: int, count: int, since: int | None) -> History:
        """Give the newest `count` messages that somebody may see, after the number `since`."""
        seen, forgotten = self._seen_by(person)
        if since is not None:
            seen = [record for record in seen if record.number > since]
        given = [record.message for record in seen[-count:]]
        if since is None or since < forgotten:
            return History(given, None)
        return History(given, len(seen) - len(given))

    def _seen_by(self, person: int) -> tuple[list[Record], int]:
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
            seen.sort(key=lambda record: record.number)
        return seen, max(forgotten, state.forgotten_private)


def unknown_id(number: int, run: str) -> Refused:
    """Refuse an id that this chat has not given."""
    asked = f"{number}-{run}" if run else str(number)
    return Refused(
        "bad_id",
        f"{shortened(asked)} is not the id of a message of this chat. "
        "history alone gives the newest.",
    )


def _trimmed(messages: list[Record], forgotten: int) -> int:
    """Let go of what is long beyond the history; return the newest number that is forgotten."""
    if len(messages) < MOST_MESSAGES:
        return forgotten
    forgotten = _newest_before(messages, forgotten)
    del messages[:-KEPT_MESSAGES]
    return forgotten


def _newest_before(messages: list[Record], forgotten: int) -> int:
    """Return the number of the newest message before the history; 0 where there is none."""
    if len(messages) > KEPT_MESSAGES:
        return messages[-KEPT_MESSAGES - 1].number
    return forgotten
