"""The rules of the chat: a deterministic state machine over the journal's entries.

`apply` alone decides what depends on the state. No clock, no input or output, no chance: the
same entries give the same state and the same events on every node and after every restart.

Whether a command is `Send` is asked first, outside of `match`, which takes three times as long.
"""

from collections.abc import Iterator

from chat_server import __version__
from chat_server.protocol.commands import Cancel, Rename, Report, Send, nobody, unknown_item
from chat_server.protocol.events import (
    CROWD,
    Bye,
    Cancelled,
    Fired,
    History,
    Item,
    Message,
    Ok,
    Pending,
    Refused,
    Undelivered,
    Users,
    Welcome,
    duration,
)
from chat_server.protocol.events import Scheduled as ItemScheduled
from chat_server.rules.complaints import Complaints
from chat_server.rules.entries import (
    ClockSet,
    Configure,
    Enter,
    Entry,
    Fire,
    IssueToken,
    Leave,
    NodeGone,
    NodeHere,
    NodesGone,
    Return,
    Snapshot,
    Start,
)
from chat_server.rules.messages import Messages, unknown_id
from chat_server.rules.nodes import Nodes
from chat_server.rules.presence import UNKNOWN_TOKEN, Presence, muted
from chat_server.rules.scheduled import Schedule, Scheduled, on_the_wall
from chat_server.rules.snapshots import decoded, pieces
from chat_server.rules.state import EVERYONE, Delivery, Outcome, Person, Persons, Record, State

MAX_PENDING = 20
"""Scheduled messages that one person may have pending."""
MOST_PENDING = 10_000
"""Scheduled messages that all people together may have pending."""
MOST_PENDING_BYTES = 8 * 1024 * 1024
"""Bytes that their texts may have in all."""
PATIENCE = 60.0
"""Seconds after a start for which overdue messages wait for recipients to come back."""
LATE = 5.0
"""Seconds after its time from which a scheduled message is shown as late."""

NOT_ENTERED = Refused("not_entered", "You have not entered the chat. Try again.")

TypedCommand = Rename | Send | Cancel | Report
"""What people type that changes the chat."""
OfNodes = NodeHere | NodesGone | Start | NodeGone
"""What nodes say of themselves and of each other."""


class Chat:
    """The chat as its entries made it; `name` identifies the journal that they came from."""

    def __init__(self, name: str, snapshot: Snapshot | None = None) -> None:
        self.name = name
        self.last = 0 if snapshot is None else snapshot.last
        self._state = State() if snapshot is None else decoded(snapshot.state)
        self._schedule = Schedule(self._state.items, self._state.postponed)
        self._nodes = Nodes(self._state)
        self._messages = Messages(self._state)
        self._presence = Presence(self._state, self._schedule, self._messages)
        self._complaints = Complaints(self._state)

    @property
    def at(self) -> float:
        """The chat's own time of the last entry."""
        return self._state.at

    @property
    def ahead(self) -> float:
        """Seconds that the time of day was ahead of the chat's own, when it was last looked at."""
        return self._state.ahead

    def snapshot(self) -> Snapshot:
        """Encode the state after the last entry."""
        return Snapshot(self.last, b"".join(self.pieces()))

    def pieces(self) -> Iterator[bytes]:
        """Encode the state as it is when this is called, little by little."""
        return pieces(self._state)

    def apply(self, entry: Entry) -> Outcome | None:
        """Carry out an entry; None where it does not count.

        Its proposal was appended twice then, or its node is gone. Entries come in the order of
        their ids.
        """
        proposal, state = entry.proposal, self._state
        self.last = entry.id
        state.at = entry.at
        if not self._nodes.counts(proposal):
            return None
        if state.away or state.idle:
            self._presence.let_time_pass(entry.at)
        outcome = self._carry_out(entry)
        if proposal.key and isinstance(outcome.answer, Ok):
            person = state.person_at(proposal.connection)
            if person is not None:
                person.remember_key(proposal.key, outcome.answer)
        return outcome

    def check(
        self, connection: str, key: str, command: TypedCommand, at: float
    ) -> Ok | Refused | None:
        """Answer a line that need not be journaled: it is refused, or its key was used before."""
        person = self._state.person_at(connection)
        if person is None:
            return None
        if key and (answer := person.answer_to(key)) is not None:
            return answer
        return self._check(person, command, max(at, self._state.at))

    def is_muted_address(self, address: str, at: float) -> bool:
        """Say whether whoever comes from an address is muted."""
        return at < self._state.muted_addresses.get(address, 0.0)

    def check_token(self, token_hash: str) -> Refused | None:
        """Refuse a token with which nobody can be resumed."""
        return None if token_hash in self._state.tokens else UNKNOWN_TOKEN

    def _carry_out(self, entry: Entry) -> Outcome:
        proposal = entry.proposal
        if isinstance(proposal.command, Send):
            return self._carry_out_for_person(entry, proposal.command)
        match proposal.command:
            case Rename() | Cancel() | Report() | IssueToken() as command:
                return self._carry_out_for_person(entry, command)
            case Enter() as command:
                entered = self._presence.enter(command, proposal, entry.at)
                return self._welcomed(entered, proposal.connection)
            case Return() as command:
                returned = self._presence.return_(command, proposal, entry.at)
                return self._welcomed(returned, proposal.connection)
            case Leave() as command:
                return self._presence.leave(command, proposal, entry.at)
            case command:
                return self._carry_out_for_server(command, entry)

    def _carry_out_for_server(
        self, command: Fire | Configure | ClockSet | OfNodes, entry: Entry
    ) -> Outcome:
        match command:
            case Fire():
                return self._fire(command, entry)
            case Configure(reports, mute_seconds):
                self._state.reports, self._state.mute_seconds = reports, mute_seconds
                return Outcome([])
            case ClockSet(ahead):
                self._state.ahead = ahead
                return Outcome(self._pending_anew())
            case _:
                return self._carry_out_of_node(command, entry)

    def _carry_out_of_node(self, command: OfNodes, entry: Entry) -> Outcome:
        match command:
            case NodeHere(run):
                self._nodes.come(run, entry)
                return Outcome([])
            case NodesGone(nodes):
                self._nodes.go(nodes, entry.id - 1)
                return self._presence.nodes_gone(nodes, entry.at)
            case NodeGone(node):
                return self._presence.nodes_gone((node,), entry.at)
            case Start(run):
                nodes = tuple(self._state.nodes)
                self._nodes.go(nodes, entry.id - 1)
                self._nodes.come(run, entry)
                return self._presence.nodes_gone(nodes, entry.at)

    def _carry_out_for_person(self, entry: Entry, command: TypedCommand | IssueToken) -> Outcome:
        key = entry.proposal.key
        person = self._state.person_at(entry.proposal.connection)
        if person is None:
            return Outcome([], None if isinstance(command, IssueToken) else NOT_ENTERED)
        if key and (answer := person.answer_to(key)) is not None:
            return Outcome([], answer)
        if isinstance(command, Send):
            refused = self._check_send(person, command, entry.at)
            return Outcome([], refused) if refused else self._send(person, command, entry)
        refused = self._check(person, command, entry.at)
        return Outcome([], refused) if refused else self._change(person, command, entry)

    def _change(
        self, person: Person, command: Rename | Cancel | Report | IssueToken, entry: Entry
    ) -> Outcome:
        """Carry out what was checked and is no message."""
        if not isinstance(command, IssueToken):
            person.has_acted = True
        match command:
            case Rename():
                return self._presence.rename(person, command, entry.at)
            case Cancel():
                return self._cancel(person, command)
            case Report():
                return self._complaints.report(person, command, entry.at)
            case IssueToken():
                return self._presence.issue_token(person, command)

    def _check(
        self, person: Person, command: TypedCommand | IssueToken, at: float
    ) -> Refused | None:
        if isinstance(command, Send):
            return self._check_send(person, command, at)
        match command:
            case Rename():
                return self._presence.check_rename(command.name, person, at)
            case Cancel():
                return self._check_cancel(person, command)
            case Report():
                return self._complaints.check(person, command, at)
            case IssueToken():
                return None

    # Messages

    def _check_send(self, person: Person, command: Send, at: float) -> Refused | None:
        if at < person.muted_until:
            return muted(person.muted_until - at, "Nothing was sent.")
        if command.to is not None and self._state.person_here(command.to.key) is None:
            return nobody(command.to.text)
        return self._check_room_for(person, command) if command.delay else None

    def _check_room_for(self, person: Person, command: Send) -> Refused | None:
        schedule = self._schedule
        if len(schedule.owned_by(person.id)) >= MAX_PENDING:
            return Refused(
                "too_many_pending",
                f"You have {MAX_PENDING} scheduled messages, which is as many as one may have. "
                "Cancel one, or wait until one is sent.",
            )
        size = schedule.size + len(command.text.encode())
        if len(schedule.items) >= MOST_PENDING or size > MOST_PENDING_BYTES:
            return Refused(
                "too_many_pending",
                "The chat has as many scheduled messages as it takes of all people together. "
                "Try again when some of them have been sent.",
            )
        return None

    def _send(self, person: Person, command: Send, entry: Entry) -> Outcome:
        state = self._state
        person.has_acted = True
        recipient = None if command.to is None else state.person_here(command.to.key)
        if command.delay:
            return self._schedule_message(person, recipient, command, entry)
        to = None if recipient is None else recipient.name.text
        id_, at = self._nodes.id_of(entry), entry.at + state.ahead
        message = Message(id_, at, person.name.text, to, command.text)
        return Outcome(self._say(message, person, recipient), Ok(id=message.id))

    def _say(self, message: Message, sender: Person, recipient: Person | None) -> list[Delivery]:
        if recipient is not None:
            recipient.has_acted = True
        self._messages.remember(
            Record(message, sender.id, None if recipient is None else recipient.id)
        )
        if recipient is None:
            return [Delivery(EVERYONE, message)]
        between = dict.fromkeys((sender.connection, recipient.connection))
        connections = tuple(connection for connection in between if connection)
        return [Delivery(Persons(connections), message)]

    def _schedule_message(
        self, person: Person, recipient: Person | None, command: Send, entry: Entry
    ) -> Outcome:
        number = self._state.next_item
        self._state.next_item += 1
        to = None
        if recipient is not None:
            to, recipient.has_acted = recipient.name.text, True
        item = Item(str(number), entry.at, entry.at + command.delay, to, command.text)
        self._schedule.add(
            number, Scheduled(item, person.id, None if recipient is None else recipient.id)
        )
        shown = ItemScheduled(on_the_wall(item, self._state.ahead))
        return Outcome([Delivery(Persons((person.connection,)), shown)], Ok(id=item.id))

    def _pending_anew(self) -> list[Delivery]:
        """Tell everybody of their scheduled messages, whose times of day are others now."""
        return [
            Delivery(Persons((connection,)), ItemScheduled(item))
            for connection, person in self._state.connections.items()
            for item in self._schedule.soonest_first(person, self._state.ahead)
        ]

    def _check_cancel(self, person: Person, command: Cancel) -> Refused | None:
        mine = self._schedule.owned_by(person.id)
        if not mine:
            return Refused("nothing_pending", "You have no scheduled messages to cancel.")
        if command.item is not None and command.item not in map(str, mine):
            return unknown_item(command.item)
        return None

    def _cancel(self, person: Person, command: Cancel) -> Outcome:
        mine = self._schedule.owned_by(person.id)
        number = mine[-1] if command.item is None else int(command.item)
        item = self._schedule.remove(number).item
        return Outcome(
            [Delivery(Persons((person.connection,)), Cancelled(item.id, item.text))], Ok()
        )

    def _fire(self, command: Fire, entry: Entry) -> Outcome:
        scheduled = self._state.items.get(command.item)
        if scheduled is None or entry.at < self._schedule.due(command.item):
            return Outcome([])
        if self._is_to_wait(scheduled, entry.at):
            self._schedule.postpone(command.item, self._state.started_at + PATIENCE)
            return Outcome([])
        self._schedule.remove(command.item)
        sender = self._state.people[scheduled.owner]
        deliveries = self._send_due(scheduled, sender, entry)
        self._presence.forget_if_over(sender)
        return Outcome(deliveries)

    def _is_to_wait(self, scheduled: Scheduled, at: float) -> bool:
        """Say whether a recipient, who was cut off with the server, may still come back."""
        started = self._state.started_at
        recipient = self._state.people.get(scheduled.recipient or 0)
        is_away = recipient is not None and recipient.id in self._state.away
        return is_away and scheduled.item.due < started and at < started + PATIENCE

    def _send_due(self, scheduled: Scheduled, sender: Person, entry: Entry) -> list[Delivery]:
        item = scheduled.item
        recipient = self._state.people.get(scheduled.recipient or 0)
        if reason := self._hindrance(scheduled, sender, recipient, entry.at):
            return self._not_sent(item, sender, reason)
        message = Message(
            self._nodes.id_of(entry),
            self._state.time_of_day(entry.at),
            sender.name.text,
            None if recipient is None else recipient.name.text,
            item.text,
            due=self._state.time_of_day(item.due) if entry.at >= item.due + LATE else None,
            left=not sender.connection,
        )
        deliveries = self._say(message, sender, recipient)
        if sender.connection:
            deliveries.append(Delivery(Persons((sender.connection,)), Fired(item.id, message.id)))
        return deliveries

    def _hindrance(
        self, scheduled: Scheduled, sender: Person, recipient: Person | None, at: float
    ) -> str:
        """Say why a message cannot be sent now that it is due; "" where it can."""
        if sender.is_muted(at):
            return f"you are muted for another {duration(sender.muted_until - at)}"
        if scheduled.recipient is None:
            return ""
        if recipient is None:
            return f"{scheduled.item.to} is not here"
        return "" if recipient.connection else f"{recipient.name.text} is not here"

    def _not_sent(self, item: Item, sender: Person, reason: str) -> list[Delivery]:
        event = Undelivered(item.id, reason, item.to, item.text)
        if sender.connection:
            return [Delivery(Persons((sender.connection,)), event)]
        sender.remember_undelivered(event)
        return []

    # Entering

    def _welcomed(self, outcome: Outcome, connection: str) -> Outcome:
        """Add the welcome of somebody who has just become the person of this connection."""
        if not outcome.deliveries and not isinstance(outcome.answer, Ok):
            return outcome
        person = self._state.connections[connection]
        for number in self._schedule.waiting_for(person):
            self._schedule.postpone(number, self._state.items[number].item.due)
        welcome = self.welcome(connection)
        self._state.people[person].undelivered = None
        return Outcome(
            [*outcome.deliveries, Delivery(Persons((connection,)), welcome)], outcome.answer
        )

    # Questions

    def nodes(self) -> tuple[str, ...]:
        """Name the nodes that are here."""
        return tuple(self._state.nodes)

    def has_entered(self, connection: str) -> bool:
        return connection in self._state.connections

    def here(self) -> int:
        """Count the people who are here."""
        return len(self._state.connections)

    def name_at(self, connection: str) -> str:
        """Return what the person of a connection is called; "" where it has none."""
        person = self._state.person_at(connection)
        return "" if person is None else person.name.text

    def welcome(self, connection: str) -> Welcome:
        """Describe the chat to somebody who is here; KeyError if they are not.

        Of a token the chat knows only the hash; the session puts the token in its place.
        """
        person = self._state.people[self._state.connections[connection]]
        here = self.here()
        is_listed = here <= CROWD or person.token_hash
        return Welcome(
            you=person.name.text,
            server="chat-server",
            version=__version__,
            chat=self.name,
            time=self._state.time_of_day(self._state.at),
            users=self._names_here() if is_listed else [],
            pending=self._schedule.soonest_first(person.id, self._state.ahead),
            undelivered=list(person.undelivered or ()),
            last=self._state.newest_message,
            token=person.token_hash or None,
            here=here,
        )

    def goodbye(self, connection: str) -> Bye:
        """Say goodbye to whoever leaves without a word."""
        return Bye(reason=self._presence.goodbye(self._state.person_at(connection)))

    def users(self) -> Users:
        return Users(self._names_here())

    def pending(self, connection: str) -> Pending:
        """List somebody's scheduled messages, soonest first."""
        person = self._state.connections.get(connection, 0)
        return Pending(self._schedule.soonest_first(person, self._state.ahead))

    def history(
        self, connection: str, count: int, since: int | None, run: str = ""
    ) -> History | Refused:
        """Give the newest `count` messages that somebody may see, after the id `since` of a run."""
        if since is not None and not self._nodes.knows_id(since, run, self.last):
            return unknown_id(since, run)
        person = self._state.connections.get(connection, 0)
        return self._messages.history(person, count, since)

    def next_due(self) -> float | None:
        """Return when the next scheduled message is due; None with none pending."""
        return self._schedule.next_due()

    def due_by(self, at: float, most: int | None = None) -> list[int]:
        """Number the scheduled messages that are due at that time, in order; the first so many."""
        return self._schedule.due_by(at, most)

    def _names_here(self) -> list[str]:
        people = self._state.people
        return [people[person].name.text for person in self._state.connections.values()]
