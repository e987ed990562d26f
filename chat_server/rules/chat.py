"""The rules of the chat: a deterministic state machine over the journal's entries.

`apply` alone decides what depends on the state. No clock, no input or output, no chance: the
same entries give the same state and the same events on every node and after every restart.

Whether a command is `Send` is asked first, outside of `match`, which takes three times as long.
"""

from collections.abc import Iterator

from chat_server import __version__
from chat_server.protocol.commands import Cancel, Rename, Report, Send, unknown_item
from chat_server.protocol.events import (
    CROWD,
    Bye,
    Cancelled,
    Data,
    Fired,
    History,
    Item,
    Message,
    Ok,
    Pending,
    Person,
    Refused,
    Undelivered,
    Users,
    Welcome,
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
from chat_server.rules.presence import UNKNOWN_TOKEN, Presence, absent, muted
from chat_server.rules.scheduled import Schedule, ScheduledMessage
from chat_server.rules.snapshots import decoded, pieces
from chat_server.rules.state import EVERYONE, Delivery, Outcome, Participant, Persons, State

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

NOT_ENTERED = Refused("not_entered")

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
        self._presence = Presence(self._state, self._schedule, self._messages, self._nodes)
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
                entered = self._presence.enter(command, entry)
                return self._welcomed(entered, proposal.connection)
            case Return() as command:
                returned = self._presence.return_(command, entry)
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
        self, person: Participant, command: Rename | Cancel | Report | IssueToken, entry: Entry
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
        self, person: Participant, command: TypedCommand | IssueToken, at: float
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

    def _check_send(self, person: Participant, command: Send, at: float) -> Refused | None:
        if at < person.muted_until:
            return muted(person.muted_until - at, "send")
        if command.to is not None:
            recipient = self._state.meant(command.to)
            if recipient is None or not recipient.connection:
                return absent(command.to, recipient)
        return self._check_room_for(person, command) if command.delay else None

    def _check_room_for(self, person: Participant, command: Send) -> Refused | None:
        schedule = self._schedule
        if len(schedule.owned_by(person.id)) >= MAX_PENDING:
            return Refused("too_many_pending", {"limit": MAX_PENDING})
        size = schedule.size + len(command.text.encode())
        if len(schedule.items) >= MOST_PENDING or size > MOST_PENDING_BYTES:
            limits: Data = {"chat_limit": MOST_PENDING, "chat_bytes": MOST_PENDING_BYTES}
            return Refused("too_many_pending", limits)
        return None

    def _send(self, person: Participant, command: Send, entry: Entry) -> Outcome:
        state = self._state
        person.has_acted = True
        recipient = None if command.to is None else state.meant(command.to)
        if command.delay:
            return self._schedule_message(person, recipient, command, entry)
        to = None if recipient is None else recipient.person
        id_, at = self._nodes.id_of(entry), entry.at + state.ahead
        message = Message(id_, at, person.person, to, command.text)
        return Outcome(self._say(message, person, recipient), Ok(id=id_))

    def _say(
        self, message: Message, sender: Participant, recipient: Participant | None
    ) -> list[Delivery]:
        self._messages.remember(message)
        if recipient is None:
            return [Delivery(EVERYONE, message)]
        recipient.has_acted = True
        between = dict.fromkeys((sender.connection, recipient.connection))
        connections = tuple(connection for connection in between if connection)
        return [Delivery(Persons(connections), message)]

    def _schedule_message(
        self, person: Participant, recipient: Participant | None, command: Send, entry: Entry
    ) -> Outcome:
        number = self._state.next_item
        self._state.next_item += 1
        to = None
        if recipient is not None:
            to, recipient.has_acted = recipient.id, True
        due = entry.at + command.delay
        self._schedule.add(number, ScheduledMessage(entry.at, due, person.id, to, command.text))
        shown = ItemScheduled(self._item(number))
        return Outcome([Delivery(Persons((person.connection,)), shown)], Ok(id=shown.item.id))

    def _item(self, number: int) -> Item:
        """Show a scheduled message: its times of day, and what its recipient is called now."""
        kept, time_of_day = self._schedule.items[number], self._state.time_of_day
        to = self._person(kept.to)
        return Item(str(number), time_of_day(kept.at), time_of_day(kept.due), to, kept.text)

    def _person(self, id_: str | None) -> Person | None:
        return None if id_ is None else self._state.people[id_].person

    def _items_of(self, person: str) -> list[Item]:
        return [self._item(number) for number in self._schedule.soonest_first(person)]

    def _pending_anew(self) -> list[Delivery]:
        """Tell everybody of their scheduled messages, whose times of day are others now."""
        return [
            Delivery(Persons((connection,)), ItemScheduled(item))
            for connection, person in self._state.connections.items()
            for item in self._items_of(person)
        ]

    def _check_cancel(self, person: Participant, command: Cancel) -> Refused | None:
        mine = self._schedule.owned_by(person.id)
        if not mine:
            return Refused("nothing_pending")
        if command.item is not None and command.item not in map(str, mine):
            return unknown_item(command.item)
        return None

    def _cancel(self, person: Participant, command: Cancel) -> Outcome:
        mine = self._schedule.owned_by(person.id)
        number = mine[-1] if command.item is None else int(command.item)
        cancelled = Cancelled(str(number), self._presence.unschedule(number).text)
        return Outcome([Delivery(Persons((person.connection,)), cancelled)], Ok())

    def _fire(self, command: Fire, entry: Entry) -> Outcome:
        item = self._schedule.items.get(command.item)
        if item is None or entry.at < self._schedule.due(command.item):
            return Outcome([])
        sender = self._state.people[item.owner]
        recipient = None if item.to is None else self._state.people[item.to]
        if self._is_to_wait(item, recipient, entry.at):
            self._schedule.postpone(command.item, self._state.started_at + PATIENCE)
            return Outcome([])
        deliveries = self._send_due(command.item, sender, recipient, entry)
        self._presence.unschedule(command.item)
        return Outcome(deliveries)

    def _is_to_wait(self, item: ScheduledMessage, recipient: Participant | None, at: float) -> bool:
        """Say whether a recipient, who was cut off with the server, may still come back."""
        started = self._state.started_at
        is_away = recipient is not None and recipient.id in self._state.away
        return is_away and item.due < started and at < started + PATIENCE

    def _send_due(
        self, number: int, sender: Participant, recipient: Participant | None, entry: Entry
    ) -> list[Delivery]:
        kept, item = self._schedule.items[number], self._item(number)
        hindrance = self._hindrance(item, sender, recipient, entry.at)
        if hindrance is not None:
            return self._not_sent(hindrance, sender)
        message = Message(
            self._nodes.id_of(entry),
            self._state.time_of_day(entry.at),
            sender.person,
            item.to,
            item.text,
            due=item.due if entry.at >= kept.due + LATE else None,
            left=self._has_left(sender, entry.at),
            item=item.id,
        )
        deliveries = self._say(message, sender, recipient)
        if sender.connection:
            deliveries.append(Delivery(Persons((sender.connection,)), Fired(item.id, message.id)))
        return deliveries

    def _has_left(self, sender: Participant, at: float) -> bool:
        """Say whether a sender is gone, and not only cut off with the server for a moment."""
        if sender.connection:
            return False
        gone_at = self._state.away.get(sender.id)
        if gone_at is None or not sender.node:
            return True
        return at >= max(gone_at, self._state.started_at) + PATIENCE

    def _hindrance(
        self, item: Item, sender: Participant, recipient: Participant | None, at: float
    ) -> Undelivered | None:
        """Say why a message cannot be sent now that it is due; None where it can."""
        if sender.is_muted(at):
            until = self._state.time_of_day(sender.muted_until)
            return Undelivered(item.id, "muted", item.to, item.text, until)
        if recipient is not None and not recipient.connection:
            return Undelivered(item.id, "not_here", item.to, item.text)
        return None

    def _not_sent(self, event: Undelivered, sender: Participant) -> list[Delivery]:
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
            self._schedule.postpone(number, self._state.items[number].due)
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
        return "" if person is None else person.name

    def welcome(self, connection: str) -> Welcome:
        """Describe the chat to somebody who is here; KeyError if they are not.

        Of a token the chat knows only the hash; the session puts the token in its place.
        """
        person = self._state.people[self._state.connections[connection]]
        here = self.here()
        is_listed = here <= CROWD or person.token_hash
        return Welcome(
            you=person.person,
            server="chat-server",
            version=__version__,
            chat=self.name,
            time=self._state.time_of_day(self._state.at),
            users=self._people_here() if is_listed else [],
            pending=self._items_of(person.id),
            undelivered=list(person.undelivered or ()),
            last=self._state.newest_message,
            token=person.token_hash or None,
            here=here,
        )

    def goodbye(self, connection: str) -> Bye:
        """Say goodbye to whoever leaves without a word."""
        return self._presence.goodbye("hung_up", self._state.person_at(connection))

    def users(self) -> Users:
        return Users(self._people_here())

    def pending(self, connection: str) -> Pending:
        """List somebody's scheduled messages, soonest first."""
        return Pending(self._items_of(self._state.connections.get(connection, "")))

    def history(
        self, connection: str, count: int, since: int | None, run: str = ""
    ) -> History | Refused:
        """Give the newest `count` messages that somebody may see, after the id `since` of a run."""
        if since is not None and not self._nodes.knows_id(since, run, self.last):
            return unknown_id(since, run, self._state.newest_message)
        person = self._state.connections.get(connection, "")
        return self._messages.history(person, count, since)

    def next_due(self) -> float | None:
        """Return when the next scheduled message is due; None with none pending."""
        return self._schedule.next_due()

    def due_by(self, at: float, most: int | None = None) -> list[int]:
        """Number the scheduled messages that are due at that time, in order; the first so many."""
        return self._schedule.due_by(at, most)

    def _people_here(self) -> list[Person]:
        people = self._state.people
        return [people[person].person for person in self._state.connections.values()]
