"""People in a chat, for tests: what they type becomes entries at a made-up time."""

from collections.abc import Iterable

from chat_server.connection.dialogue import CHANGES
from chat_server.protocol.commands import Exit, Resume, parse, split_key
from chat_server.protocol.events import (
    Bye,
    Event,
    History,
    Message,
    Person,
    Refused,
    Tokens,
    Undelivered,
    Welcome,
)
from chat_server.protocol.names import name
from chat_server.rules.chat import Chat
from chat_server.rules.entries import (
    Command,
    Configure,
    Enter,
    Entry,
    Fire,
    IssueToken,
    Leave,
    NodeHere,
    NodesGone,
    OfNodes,
    Proposal,
    Return,
    Snapshot,
)
from chat_server.rules.state import Audience, Everyone, Outcome, Persons
from tests.support.clock import DAWN


class Story:
    """A chat, its entries so far, and what every connection was told of them.

    What happens, happens at `node`; a node says that it is here before anything else.
    """

    def __init__(self, snapshot: Snapshot | None = None, node: str = "here") -> None:
        self.chat = Chat("story", snapshot)
        self.at = DAWN
        self.node = node
        self.entries: list[Entry] = []
        self._sequence = 0
        self._starts = 0
        self._connections = 0
        self._told: dict[str, list[Event]] = {}
        self._listening: dict[str, None] = {}

    # What happens

    def wait(self, seconds: float) -> None:
        """Let time pass; nothing fires by itself."""
        self.at += seconds

    def enters(self, wanted: str = "", token: str = "") -> str:
        """Open a connection and enter, as a guest without a name; return the connection."""
        connection = self._opens()
        self.happens(Enter(name(wanted) if wanted else None, token or None), connection)
        return connection

    def resumes(self, token: str) -> str:
        """Open a connection and resume with it; return the connection."""
        connection = self._opens()
        self.types(connection, f"resume {token}")
        return connection

    def types(self, connection: str, line: str) -> Outcome:
        """Carry out a line, perhaps with `@KEY ` in front, of somebody who is here."""
        key, rest = split_key(line)
        assert not isinstance(rest, Refused)
        match parse(rest):
            case Refused() as refused:
                return Outcome([], refused)
            case Exit():
                return self.happens(Leave(goodbye=True), connection, key)
            case Resume(token):
                return self.happens(Return(token, f"fresh {connection}"), connection, key)
        command = parse(rest)
        assert isinstance(command, CHANGES), f"{line!r} does not change the chat"
        return self.happens(command, connection, key)

    def breaks(self, connection: str) -> Outcome:
        """Let a connection end without a goodbye."""
        return self.happens(Leave(), connection)

    def fires(self, *items: int) -> list[Event]:
        """Propose these items, or all that are due; return what anyone is told of them."""
        outcomes = [self.happens(Fire(item)) for item in items or self.chat.due_by(self.at)]
        return [event for outcome in outcomes for event in told(outcome)]

    def is_given_token(self, connection: str, token: str) -> None:
        self.happens(IssueToken(token), connection)

    def is_configured(self, reports: int, mute_seconds: int) -> None:
        self.happens(Configure(reports, mute_seconds))

    def starts(self) -> Outcome:
        """Let another server begin where none is running any more."""
        self._starts += 1
        self.node = f"here{self._starts}"
        gone = self.happens(NodesGone(self.chat.nodes()))
        self.happens(NodeHere())
        return gone

    def node_ends(self, node: str) -> Outcome:
        """Let a server end, and one of the same name begin when something more happens at it."""
        return self.happens(NodesGone((node,)))

    def happens(self, command: Command, connection: str = "", key: str = "") -> Outcome:
        """Journal a command now and carry it out."""
        if self.node not in self.chat.nodes() and not isinstance(command, OfNodes):
            self.happens(NodeHere())
        self._sequence += 1
        return self.applies(Proposal(self.node, self._sequence, connection, key, command))

    def applies(self, proposal: Proposal) -> Outcome:
        entry = Entry(self.chat.last + 1, self.at, proposal)
        self.entries.append(entry)
        outcome = self.chat.apply(entry)
        if outcome is None:
            return Outcome([])
        self._tell(outcome)
        if isinstance(proposal.command, Leave):
            self._listening.pop(proposal.connection, None)
        return outcome

    # What can be seen of it

    def hears(self, connection: str) -> list[Event]:
        """Return what a connection was told since it was last asked about."""
        return self._told.pop(connection, [])

    def forget_told(self) -> None:
        """Let nobody remember what they were told so far."""
        self._told = {}

    def forget_told_but(self, connection: str) -> None:
        """Let nobody but one remember what they were told so far."""
        self._told = {connection: self._told.get(connection, [])}

    def messages(self, connection: str) -> list[str]:
        """Return the texts of the messages among what a connection was told."""
        return [event.text for event in self.hears(connection) if isinstance(event, Message)]

    def welcome(self, connection: str) -> Welcome:
        return self.chat.welcome(connection)

    def person(self, connection: str) -> Person:
        """Return who somebody here is to others."""
        return self.welcome(connection).you

    def undelivered(self, connection: str) -> list[Undelivered]:
        """Return what a connection was told in its welcome that could not be sent."""
        [welcome] = [event for event in self.hears(connection) if isinstance(event, Welcome)]
        return welcome.undelivered

    def users(self) -> list[str]:
        return [person.name for person in self.chat.users().people]

    def tokens(self, connection: str) -> list[str]:
        """Return the ids of a member's tokens for programs."""
        answer = self.chat.tokens(connection)
        assert isinstance(answer, Tokens)
        return [token.id for token in answer.tokens]

    def pending(self, connection: str) -> list[str]:
        return [item.text for item in self.chat.pending(connection).items]

    def history(self, connection: str, count: int = 20, since: int | None = None) -> History:
        answer = self.chat.history(connection, count, since)
        assert isinstance(answer, History)
        return answer

    def remembered(self, connection: str, count: int = 20) -> list[str]:
        """Return the texts of the history that somebody may see."""
        return [message.text for message in self.history(connection, count).messages]

    def _opens(self) -> str:
        self._connections += 1
        return f"{self.node}.{self._connections}"

    def _tell(self, outcome: Outcome) -> None:
        for delivery in outcome.deliveries:
            event = delivery.event
            for connection in self._audience(delivery.to):
                self._told.setdefault(connection, []).append(event)
                if isinstance(event, Welcome):
                    self._listening[connection] = None
                elif isinstance(event, Bye):
                    self._listening.pop(connection, None)

    def _audience(self, to: Audience) -> list[str]:
        match to:
            case Everyone(but, deaf):
                return [one for one in self._listening if one != but and one not in deaf]
            case Persons(connections):
                return list(connections)


def told(outcome: Outcome) -> list[Event]:
    """Return the events of an outcome, whoever they are for."""
    return [delivery.event for delivery in outcome.deliveries]


def code(outcome: Outcome) -> str:
    """Return the code of a refusal; "" of anything else."""
    return outcome.answer.code if isinstance(outcome.answer, Refused) else ""


def retold(entries: Iterable[Entry], snapshot: Snapshot | None = None) -> Chat:
    """Make a chat of a snapshot and the entries after it."""
    chat = Chat("story", snapshot)
    for entry in entries:
        if entry.id > chat.last:
            chat.apply(entry)
    return chat
