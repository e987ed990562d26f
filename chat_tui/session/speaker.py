"""What our user says, until it is answered: where it is shown, stopped, and sent again."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Person
from chat_tui.session.conversations import Conversation, Conversations
from chat_tui.session.outbox import Outbox, Outgoing
from chat_tui.session.people import People
from chat_tui.session.sending import UNASKED, Progress, Sending, begun
from chat_tui.session.spoken import Command


class Stopped(NamedTuple):
    """So many lines were not sent; they are `text` in the input of a conversation."""

    lines: int
    text: str
    conversation: Conversation


class Speaker:
    """Puts what is said into the outbox, and knows in which conversation each line is shown.

    `send_waiting` sends what waits in the outbox.
    """

    def __init__(
        self,
        outbox: Outbox,
        conversations: Conversations,
        people: People,
        send_waiting: Callable[[], None],
    ) -> None:
        self._outbox = outbox
        self._conversations = conversations
        self._people = people
        self._send_waiting = send_waiting
        self._homes: dict[str, Conversation] = {}
        """Where lines are shown, by their keys."""
        self._sending = Sending()
        self._last: Outgoing | None = None
        """The last of the lines that were said together last."""

    def say(
        self, messages: Sequence[Send], to: Person | None, due: float | None
    ) -> Conversation | None:
        """Say messages, all to the same; return the conversation to turn to, None to stay."""
        is_of_many = len(messages) > UNASKED
        said = [self.send(each, to, due, is_of_many=is_of_many) for each in messages]
        if is_of_many:
            self._sending.begin((each.key for each in said), [each.text for each in messages])
            self._last = said[-1]
        return self._seen_in(said[-1])

    def send(
        self,
        command: Command,
        to: Person | None = None,
        due: float | None = None,
        *,
        is_of_many: bool = False,
    ) -> Outgoing:
        """Have the server do something; see `Outbox.add`."""
        outgoing = self._outbox.add(command, due, to, is_of_many=is_of_many)
        self._homes = {key: home for key, home in self._homes.items() if key in self._outbox}
        self._deliver(outgoing)
        return outgoing

    def owner(self, outgoing: Outgoing) -> Conversation:
        """Return the conversation in which a line is shown."""
        home = self._homes.get(outgoing.key)
        is_open = home in self._conversations.opened
        return home if home is not None and is_open else self._conversations.everyone

    @property
    def progress(self) -> Progress | None:
        """How far the lines are sent that were said together last."""
        return self._sending.progress(each.key for each in self._outbox.waiting)

    def again(self) -> Conversation | None:
        """Send the oldest failed line here again; return the conversation to turn to, if any."""
        outgoing = self._outbox.retry(self._is_here)
        if outgoing is None:
            return None
        self._deliver(outgoing)
        return self._seen_in(outgoing)

    def drop(self) -> Outgoing | None:
        """Forget the oldest line here that failed, and return it."""
        return self._outbox.drop(self._is_here)

    def stop(self) -> Stopped | None:
        """Send no more of what was said together; return what is left, to go back into the input
        of the conversation that it is for. None where nothing is left.
        """
        texts = self._sending.stop(self._outbox.withdraw)
        if not texts or self._last is None or self._last.said is None:
            return None
        text = begun(self._last.said) + "\n".join(texts)
        return Stopped(len(texts), text, self._conversations.with_(self._last.to))

    def _deliver(self, outgoing: Outgoing) -> None:
        to = outgoing.to or self._people.here_as(outgoing.whom)
        self._homes[outgoing.key] = self._conversations.home(outgoing.said, to)
        self._send_waiting()

    def _seen_in(self, outgoing: Outgoing) -> Conversation | None:
        """Return the conversation that shows a message said at once; None for anything else."""
        is_said_now = outgoing.said is not None and not outgoing.said.delay
        return self.owner(outgoing) if is_said_now else None

    def _is_here(self, outgoing: Outgoing) -> bool:
        return self.owner(outgoing) is self._conversations.active
