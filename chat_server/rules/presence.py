"""Who is here: the rules of entering, resuming, renaming and leaving.

A person without a token ends with their connection; one with a token is only away, keeps the
name for a while and can be resumed for longer. Time passes only when an entry comes.
"""

from collections.abc import Callable, Collection
from math import ceil

from chat_server.protocol.commands import Rename
from chat_server.protocol.events import (
    Bye,
    Data,
    Joined,
    Left,
    Ok,
    Person,
    Refused,
    Renamed,
    shortened,
)
from chat_server.protocol.names import Name
from chat_server.rules.entries import Enter, Entry, IssueToken, Leave, Proposal, Return
from chat_server.rules.ignoring import Ignoring
from chat_server.rules.memory import Memory
from chat_server.rules.naming import NAME_HELD, Naming
from chat_server.rules.nodes import Nodes
from chat_server.rules.schedule import Schedule, ScheduledMessage
from chat_server.rules.state import (
    EVERYONE,
    Delivery,
    Device,
    Everyone,
    Outcome,
    Participant,
    Persons,
    State,
)

PERSON_KEPT = 24 * 3600.0
"""Seconds for which a person can be resumed after their connection broke.

Somebody who has done nothing, and has only a guest's name, is kept only for `NAME_HELD`.
"""
MOST_AWAY = 10_000
"""People away who are remembered; of more, the ones who are gone longest are forgotten."""
MOST_IDLE = 4000
"""Those of them who have done nothing, and have only a guest's name."""


UNKNOWN_TOKEN = Refused("bad_token", {"hours": int(PERSON_KEPT) // 3600})


class Presence:
    """The rules of who is here, over a state that the other rules share."""

    def __init__(
        self, state: State, schedule: Schedule, memory: Memory, nodes: Nodes, ignoring: Ignoring
    ) -> None:
        self._state = state
        self._ignoring = ignoring
        self._schedule = schedule
        self._memory = memory
        self._nodes = nodes
        self._naming = Naming(state)
        self.check_name = self._naming.check
        self.here = sum(person.is_here for person in state.people.values())
        """How many people are here."""

    def check_rename(self, person: Participant, command: Rename, at: float) -> Refused | None:
        """Refuse a name that somebody may not have; the one they have, they may."""
        if command.name.text == person.name:
            return None
        is_another = command.name.key in self._state.owners and command.name.key != person.key
        if is_another and person.account is not None and self.is_far(person):
            return Refused("owners_name", {"name": command.name.text})
        return self.check_name(command.name, person, at)

    def is_far(self, person: Participant) -> bool:
        """Say whether somebody is elsewhere than at the server's own machine."""
        return any(device.address for device in person.devices)

    def rename(self, person: Participant, command: Rename, entry: Entry) -> Outcome:
        old = person.name
        if old == command.name.text:
            return Outcome([], Ok(code="same_name", data={"name": old}))
        self._naming.name(person, command.name.text, command.name.key, command.name.skeletons)
        renamed = Renamed(person.person, old, self._state.time_of_day(entry.at))
        return Outcome([Delivery(EVERYONE, renamed)], Ok())

    def enter(self, command: Enter, entry: Entry) -> Outcome:
        """Make a new person, with the name if it is free, otherwise as a guest, who is told why."""
        proposal, at = entry.proposal, entry.at
        if not self._may_enter(proposal.connection):
            return Outcome([])
        refused = None
        if command.name is not None:
            refused = self._check_first_name(command.name, command.address, at)
        person = self._new_person(entry)
        if command.name is None or refused is not None:
            self._naming.name_guest(person)
        else:
            self._naming.name(person, command.name.text, command.name.key, command.name.skeletons)
        device = self.new_device(person, command.token_hash or "")
        self._connect(person, device, proposal, command.address)
        joined = Delivery(EVERYONE, Joined([person.person], self._state.time_of_day(at)))
        return Outcome([joined], None if command.name is None else refused or Ok())

    def add(self, name: Name, entry: Entry) -> Participant:
        """Make a person of a name that is free, who is not here."""
        person = self._new_person(entry)
        self._naming.name(person, name.text, name.key, name.skeletons)
        return person

    def return_(self, command: Return, entry: Entry) -> Outcome:
        """Make a connection the person of a token.

        Where the token is not known, it stays the person it is, or becomes a new one.
        """
        proposal = entry.proposal
        if proposal.connection in self._state.dismissed:
            return Outcome([])
        person = self.person_with(command.token_hash, entry.at)
        if person is None:
            return self._refuse_return(command, entry)
        device = person.device_with(command.token_hash)
        if device.connection == proposal.connection:
            return Outcome([], Ok())
        deliveries = self.become(person, device, command.address, entry)
        return Outcome(deliveries, Ok())

    def become(
        self, person: Participant, device: Device, address: str, entry: Entry
    ) -> list[Delivery]:
        """Let a connection be a device of somebody, instead of whoever it was so far.

        A connection that the device still had is told goodbye.
        """
        proposal, at = entry.proposal, entry.at
        was_here, older = person.is_here, device.connection
        deliveries = self._leave_as_newcomer(proposal.connection, person, at)
        if older:
            deliveries.append(Delivery(Persons((older,)), Bye("elsewhere")))
            del self._state.connections[older]
            self._state.dismissed[older] = device.node
        if not was_here:
            self._state.away.pop(person.id, None)
            self._state.idle.pop(person.id, None)
            self._name_again(person, at)
            joined = Joined([person.person], self._state.time_of_day(at))
            deliveries.append(Delivery(Everyone(but=proposal.connection), joined))
        self._connect(person, device, proposal, address)
        return deliveries

    def person_with(self, token_hash: str, at: float) -> Participant | None:
        """Find whom a token resumes; of members, only for as long as of guests."""
        person = self._state.people.get(self._state.tokens.get(token_hash, ""))
        if person is not None and person.account is not None:
            device = person.device_with(token_hash)
            if not device.connection and at >= device.gone_at + PERSON_KEPT:
                return None
        return person

    def _refuse_return(self, command: Return, entry: Entry) -> Outcome:
        if entry.proposal.connection in self._state.connections or not command.may_enter:
            return Outcome([], UNKNOWN_TOKEN)
        entered = self.enter(Enter(None, command.fresh_hash, command.address), entry)
        return Outcome(entered.deliveries, UNKNOWN_TOKEN)

    def _leave_as_newcomer(
        self, connection: str, becomes: Participant, at: float
    ) -> list[Delivery]:
        """End who a connection was before it became another; nobody is told of their own going."""
        newcomer = self._state.person_at(connection)
        if newcomer is None:
            return []
        if newcomer is becomes:
            self._disconnect(newcomer, connection, at, goodbye=True)
            return []
        self._end_pending(newcomer)
        left = self._leave(newcomer, connection, goodbye=True, at=at)
        return [Delivery(Everyone(but=connection), delivery.event) for delivery in left]

    def issue_token(self, command: IssueToken, entry: Entry) -> Outcome:
        connection = entry.proposal.connection
        person = self._state.person_at(connection)
        if person is not None:
            self._set_token(person, person.device_at(connection), command.token_hash)
        return Outcome([])

    def leave(self, command: Leave, entry: Entry) -> Outcome:
        """End a connection, and the presence of the person whose last one it is.

        What is scheduled by people who cannot come back to cancel it ends with them.
        Who says goodbye is answered first, and so not told of their own going.
        """
        deliveries, connection = list[Delivery](), entry.proposal.connection
        person = self._state.person_at(connection)
        self._state.dismissed.pop(connection, None)
        if command.goodbye:
            bye = self.goodbye("exit", connection, entry.proposal.key)
            deliveries.append(Delivery(Persons((connection,)), bye))
        if person is not None:
            device = person.device_at(connection)
            device.node = ""
            if command.goodbye or not device.token_hash:
                self._end_pending(person)
            deliveries += self._leave(person, connection, goodbye=command.goodbye, at=entry.at)
        return Outcome(deliveries)

    def end_device(self, person: Participant, connection: str, at: float) -> list[Delivery]:
        """End one connection of somebody for good, without a goodbye."""
        return self._leave(person, connection, goodbye=True, at=at)

    def expel(self, person: Participant, bye: Bye, at: float) -> list[Delivery]:
        """Say goodbye to somebody at all their connections; no token brings them back."""
        deliveries = []
        self._end_pending(person)
        for connection in person.connections:
            node = person.device_at(connection).node
            deliveries.append(Delivery(Persons((connection,)), bye))
            deliveries += self._leave(person, connection, goodbye=True, at=at)
            self._state.dismissed[connection] = node
        for device in person.devices:
            self.forget_device(person, device)
        return deliveries

    def dismiss_all_but(
        self, person: Participant, connection: str, bot: str | None = None
    ) -> list[Delivery]:
        """End all devices of somebody but one, or those of a `bot`; they are here all the same."""
        deliveries = []
        for device in person.devices:
            if device.connection == connection or bot not in (None, device.bot):
                continue
            if device.connection:
                deliveries.append(Delivery(Persons((device.connection,)), Bye("dismissed")))
                del self._state.connections[device.connection]
                self._state.dismissed[device.connection] = device.node
            self.forget_device(person, device)
        return deliveries

    def goodbye(self, reason: str, connection: str, key: str = "") -> Bye:
        """Say goodbye to who leaves for good, and which scheduled messages end with them."""
        person = self._state.person_at(connection)
        items = [] if person is None else [str(number) for number in self.ending_with(person)]
        return Bye(reason, {"items": items} if items else {}, re=key)

    def ending_with(self, person: Participant) -> list[int]:
        """Return the numbers of somebody's items that end when they leave for good."""
        return [] if person.account is not None else list(self._schedule.owned_by(person.id))

    def _end_pending(self, person: Participant) -> None:
        for number in self.ending_with(person):
            self.unschedule(number)

    def unschedule(self, number: int) -> ScheduledMessage:
        """Take a scheduled message out, and forget whoever was known only because of it."""
        item = self._schedule.remove(number)
        for person in dict.fromkeys((item.owner, item.to)):
            if person is not None:
                self._forget_if_over(self._state.people[person])
        return item

    def nodes_gone(self, nodes: Collection[str], at: float) -> Outcome:
        """End every connection to these nodes."""
        deliveries = []
        for connection, id_ in list(self._state.connections.items()):
            person = self._state.people[id_]
            if person.device_at(connection).node in nodes:
                deliveries += self._leave(person, connection, goodbye=False, at=at)
        dismissed = self._state.dismissed.items()
        self._state.dismissed = {c: node for c, node in dismissed if node not in nodes}
        return Outcome(deliveries)

    def let_time_pass(self, at: float) -> None:
        """Forget the people who have been away for too long, or are too many."""
        self._forget_before(self._state.away, at - PERSON_KEPT, MOST_AWAY)
        self._forget_before(self._state.idle, at - NAME_HELD, MOST_IDLE)

    def _forget_before(self, away: dict[str, float], at: float, most: int) -> None:
        while away:
            person, gone_at = next(iter(away.items()))
            if gone_at > at and len(away) <= most:
                return
            del away[person]
            self._end_pending(self._state.people[person])
            self._end(self._state.people[person])

    def _may_enter(self, connection: str) -> bool:
        state = self._state
        return connection not in state.connections and connection not in state.dismissed

    def _check_first_name(self, name: Name, address: str, at: float) -> Refused | None:
        muted_until = self._state.muted_addresses.get(address, 0.0)
        if at < muted_until:
            return muted(muted_until - at, "enter")
        return self.check_name(name, None, at)

    def _name_again(self, person: Participant, at: float) -> None:
        """Give somebody who is back their name, unless it, or a look-alike, is another's by now."""
        if self._naming.may_have_again(person, at):
            self._naming.name(person, person.name, person.key, person.skeletons)
        else:
            self._naming.name_guest(person)

    def _forget_if_over(self, person: Participant) -> None:
        """Forget somebody who is not here and cannot be resumed, once nothing is scheduled by
        them, nor for them: until then their name can be told.
        """
        over = not person.is_here and not person.can_come_back
        if over and not self._schedule.concerns(person.id):
            del self._state.people[person.id]
            self._memory.forget(person.id)
            self._ignoring.forget(person)

    def _new_person(self, entry: Entry) -> Participant:
        person = Participant(Person(self._nodes.id_of(entry), ""), has_acted=False, since=entry.at)
        self._state.people[person.id] = person
        return person

    def _set_token(self, person: Participant, device: Device, token_hash: str) -> None:
        self._state.tokens.pop(device.token_hash, None)
        device.token_hash = token_hash
        if token_hash:
            self._state.tokens[token_hash] = person.id

    def new_device(self, person: Participant, token_hash: str) -> Device:
        """Make one more device of somebody, with a token or without ("")."""
        device = Device()
        person.devices = (*person.devices, device)
        self._set_token(person, device, token_hash)
        return device

    def forget_device(self, person: Participant, device: Device) -> None:
        self._set_token(person, device, "")
        person.devices = tuple([other for other in person.devices if other is not device])

    def _connect(
        self, person: Participant, device: Device, proposal: Proposal, address: str
    ) -> None:
        if person.is_muted(self._state.at):
            self._state.mute_address(address, person, self._state.at)
        muted_until = self._state.muted_addresses.get(address, 0.0)
        if person.account is None:
            person.muted_until = max(person.muted_until, muted_until)
        self.here += not person.is_here
        device.connection, device.node, device.address = proposal.connection, proposal.node, address
        self._state.connections[proposal.connection] = person.id

    def _disconnect(
        self, person: Participant, connection: str, at: float, *, goodbye: bool
    ) -> None:
        """End a connection; of a member, its device is forgotten if it cannot be resumed."""
        device = person.device_at(connection)
        del self._state.connections[connection]
        device.connection, device.gone_at = "", at
        self.here -= not person.is_here
        if person.account is not None:
            person.account.left_at = at
            if goodbye or not device.token_hash:
                self.forget_device(person, device)

    def _leave(
        self, person: Participant, connection: str, *, goodbye: bool, at: float
    ) -> list[Delivery]:
        """End a connection; nobody is told as long as its person is here over another one."""
        self._disconnect(person, connection, at, goodbye=goodbye)
        if person.is_here:
            return []
        if person.account is None:
            if person.can_come_back and not goodbye:
                self._kept_away(person)[person.id] = at
            else:
                self._end(person)
        left = [person.person]
        away = left if person.account is not None else []
        return [Delivery(EVERYONE, Left(left, self._state.time_of_day(at), away))]

    def _kept_away(self, person: Participant) -> dict[str, float]:
        """Return where somebody away is kept: `idle`, for less long, for guests who did nothing."""
        has_acted = person.has_acted or not person.has_guest_name
        return self._state.away if has_acted else self._state.idle

    def _end(self, person: Participant) -> None:
        self._naming.free(person)
        for device in person.devices:
            self.forget_device(person, device)
        person.undelivered = None
        self._forget_if_over(person)


def muted(seconds: float, command: str) -> Refused:
    """Refuse what the muted may not do."""
    return Refused("muted", {"seconds": ceil(seconds), "command": command})


def unmuted(command: str) -> Callable[[Participant, float], Refused | None]:
    """Make a check that refuses a command to the muted; also `rename`, as a name can say things."""

    def may(person: Participant, at: float) -> Refused | None:
        return muted(person.muted_until - at, command) if at < person.muted_until else None

    return may


def absent(who: Name | str, person: Participant | None) -> Refused:
    """Refuse what was meant for somebody who is not here; `person` is who, None if not known."""
    if isinstance(who, Name):
        return Refused("nobody_of_that_name", {"name": shortened(who.text)})
    name: Data = {} if person is None else {"name": person.name}
    return Refused("nobody_of_that_id", {"id": shortened(who), **name})
