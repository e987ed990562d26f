"""A door and a dialogue without a socket: bytes in, commands out, entries in, bytes out."""

from collections.abc import Callable, Iterable, Iterator

from chat_server.clock import Clock
from chat_server.connection.attempts import Attempts
from chat_server.connection.dialogue import Dialogue
from chat_server.connection.passwords import Passwords
from chat_server.delivery.broadcast import Broadcast, Receiver
from chat_server.delivery.turns import Turns
from chat_server.doors import DOORS, Door
from chat_server.protocol.events import Event, Format
from chat_server.rules.chat import Chat
from chat_server.rules.entries import Command, Configure, Entry, NodeHere, Proposal
from chat_server.rules.state import Delivery, Persons
from chat_server.settings import Settings
from tests.support.clock import FakeClock

NODE = "here"


class Playbook:
    """Somebody at a door, what they say and are told, and a journal that waits for the test."""

    used = 0.0

    def __init__(self, format_: Format = "text") -> None:
        self.chat = Chat("playbook")
        self._time = FakeClock()
        self.clock: Clock = self._time
        self.settings = Settings()
        self.passwords = Passwords()
        self.attempts = Attempts()
        self.is_stopping = False
        self.lines = Turns(lambda: 1 << 20, lambda _: None)
        self.lines.renew()
        self.door: Door = DOORS[format_]
        self.listens_in: Door | None = None
        self.proposed: list[Proposal] = []
        """What is on its way through the journal."""
        self.dialogue = Dialogue(self, self, f"{NODE}.me")
        self._reader = self.door.reader(self.settings.max_line)
        self._broadcast = Broadcast()
        self._said = b""
        self._entries = 0
        for command in (NodeHere(), Configure(3, 600)):
            self._happens(Proposal(NODE, self._entries + 1, "", "", command))

    # What the other end does

    def hears(self, said: str | bytes) -> list[Command]:
        """Take up what comes, as far as possible; return what is proposed for it."""
        before = len(self.proposed)
        replies = self._reader.feed(said.encode() if isinstance(said, str) else said)
        if self.door.wants.telnet:
            self._said += replies
        self._goes_on()
        return [proposal.command for proposal in self.proposed[before:]]

    def waits(self, seconds: float) -> list[Command]:
        """Let time pass; return what is proposed by then."""
        before = len(self.proposed)
        self._time.advance(seconds)
        return [proposal.command for proposal in self.proposed[before:]]

    # What the journal does

    def settles(self, *more: tuple[str, Command]) -> bytes:
        """Journal what is proposed, and then others' commands; return what is told of all."""
        settled, self.proposed = self.proposed, []
        for proposal in settled:
            self._happens(proposal)
        for connection, command in more:
            self._happens(Proposal(NODE, 1000 + self._entries, connection, "", command))
        self._goes_on()
        return self.is_told()

    def is_not_saved(self, most: int | None = None) -> bytes:
        """Refuse what is proposed, or the first of it; return what is told of that."""
        refused = self.proposed[:most]
        del self.proposed[:most]
        for proposal in refused:
            self.dialogue.not_saved(proposal)
        self._goes_on()
        return self.is_told()

    def is_told(self) -> bytes:
        """Return what is written in this turn."""
        self._broadcast.write(self.clock.now())
        said, self._said = self._said, b""
        return said

    # What a dialogue needs of its partner, and of the server

    def write(self, lines: bytes) -> None:
        self._said += lines

    def write_parts(self, parts: Iterable[bytes | Iterator[bytes]]) -> None:
        for part in parts:
            self._said += part if isinstance(part, bytes) else b"".join(part)

    def fail(self, fault: Exception) -> None:
        raise fault

    def may_rename(self) -> bool:
        return True

    def hide_typing(self, hidden: bool) -> bool:
        said = self._reader.hide_typing(hidden)
        self._said += said
        return said != b""

    def asks_telnet(self) -> bool:
        return False

    def wait_for_telnet(self, done: Callable[[None], None]) -> None:
        done(None)

    def proceed(self) -> None:
        self._goes_on()

    def propose(self, command: Command, connection: str, key: str) -> None:
        sequence = 10 + self._entries + len(self.proposed)
        self.proposed.append(Proposal(NODE, sequence, connection, key, command))

    def tell(self, receiver: Receiver, event: Event) -> None:
        self._broadcast.tell(receiver, event)

    def _goes_on(self) -> None:
        """Answer a question whose turn it is, and take up lines."""
        dialogue, is_done = self.dialogue, False
        while not is_done:
            if dialogue.has_question:
                dialogue.answer_question()
            is_done = dialogue.waits_for_journal or dialogue.take_lines(self._reader.next_line)
            is_done = is_done and not dialogue.has_question

    def _happens(self, proposal: Proposal) -> None:
        self._entries += 1
        outcome = self.chat.apply(Entry(self._entries, self.clock.now(), proposal))
        if outcome is None:
            return
        for delivery in outcome.deliveries:
            self._deliver(delivery)
        if proposal.connection == self.dialogue.connection:
            self.dialogue.settle(outcome.answer, proposal.key)

    def _deliver(self, delivery: Delivery) -> None:
        to, event = delivery.to, delivery.event
        if isinstance(to, Persons):
            if self.dialogue.connection in to.connections:
                self.dialogue.tell(event)
        elif event.role == "move":
            but = self if to.but == self.dialogue.connection else None
            self._broadcast.tell_move(event, self.chat.here(), but=but)
        else:
            self._broadcast.tell_everyone(event)
