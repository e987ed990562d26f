"""The rules of scheduled messages: made, taken back, sent when they are due, or not sent."""

from chat_server.protocol.commands import Cancel, Send, unknown_item
from chat_server.protocol.events import (
    Cancelled,
    Data,
    Fired,
    Item,
    Message,
    Ok,
    OwnedItem,
    Person,
    Refused,
    Undelivered,
)
from chat_server.protocol.events import Scheduled as ItemScheduled
from chat_server.rules.entries import Entry, Fire
from chat_server.rules.memory import Memory
from chat_server.rules.nodes import Nodes
from chat_server.rules.presence import Presence
from chat_server.rules.schedule import Schedule, ScheduledMessage
from chat_server.rules.state import Delivery, Outcome, Participant, Persons, State
from chat_server.rules.waiting import Waiting

MAX_PENDING = 20
"""Scheduled messages that one person may have pending."""
STRANGERS_PENDING = 5
"""Those of a guest who comes from elsewhere than this machine."""
ADDRESS_PENDING = 100
"""Those of all who are at one address of another machine."""
MOST_PENDING = 10_000
"""Scheduled messages that all people together may have pending."""
MOST_PENDING_BYTES = 8 * 1024 * 1024
"""Bytes that their texts may have in all."""
PATIENCE = 60.0
"""Seconds after a start for which overdue messages wait for recipients to come back."""
LATE = 5.0
"""Seconds after its time from which a scheduled message is shown as late."""


class Scheduled:
    """The rules of scheduled messages, over a state that the other rules share."""

    def __init__(
        self,
        state: State,
        schedule: Schedule,
        nodes: Nodes,
        memory: Memory,
        presence: Presence,
        waiting: Waiting,
    ) -> None:
        self._state = state
        self._schedule = schedule
        self._nodes = nodes
        self._memory = memory
        self._presence = presence
        self._waiting = waiting

    def check_room(self, person: Participant, command: Send) -> Refused | None:
        schedule = self._schedule
        addresses = [device.address for device in person.devices if device.connection]
        is_stranger = person.account is None and any(addresses)
        limit = STRANGERS_PENDING if is_stranger else MAX_PENDING
        if len(schedule.owned_by(person.id)) >= limit:
            return Refused("too_many_pending", {"limit": limit})
        if any(schedule.count_from(address) >= ADDRESS_PENDING for address in addresses):
            return Refused("too_many_pending", {"address_limit": ADDRESS_PENDING})
        size = schedule.size + len(command.text.encode())
        if len(schedule.items) >= MOST_PENDING or size > MOST_PENDING_BYTES:
            limits: Data = {"chat_limit": MOST_PENDING, "chat_bytes": MOST_PENDING_BYTES}
            return Refused("too_many_pending", limits)
        return None

    def add(
        self, person: Participant, recipient: Participant | None, command: Send, entry: Entry
    ) -> Outcome:
        number = self._state.next_item
        self._state.next_item += 1
        to = None
        if recipient is not None:
            to, recipient.has_acted = recipient.id, True
        due = entry.at + command.delay
        address = person.device_at(entry.proposal.connection).address
        kept = ScheduledMessage(entry.at, due, person.id, to, command.text, address)
        self._schedule.add(number, kept)
        shown = ItemScheduled(self._item(number))
        return Outcome([Delivery(Persons(person.connections), shown)], Ok(id=shown.item.id))

    def _item(self, number: int) -> Item:
        """Show a scheduled message: its times of day, and what its recipient is called now."""
        kept, time_of_day = self._schedule.items[number], self._state.time_of_day
        to = self._person(kept.to)
        return Item(str(number), time_of_day(kept.at), time_of_day(kept.due), to, kept.text)

    def _person(self, id_: str | None) -> Person | None:
        return None if id_ is None else self._state.people[id_].person

    def items_of(self, person: str) -> list[Item]:
        return [self._item(number) for number in self._schedule.soonest_first(person)]

    def told_anew(self) -> list[Delivery]:
        """Tell everybody their scheduled messages again: their times of day have changed."""
        return [
            Delivery(Persons((connection,)), ItemScheduled(item))
            for connection, person in self._state.connections.items()
            for item in self.items_of(person)
        ]

    def check_cancel(self, person: Participant, command: Cancel, at: float) -> Refused | None:
        mine = self._schedule.owned_by(person.id)
        if command.item is not None and self._may_cancel_any(person, command.item):
            return None
        if not mine:
            return Refused("nothing_pending")
        if command.item is not None and command.item not in map(str, mine):
            return unknown_item(command.item)
        return None

    def _may_cancel_any(self, person: Participant, item: str) -> bool:
        """Say whether somebody keeps order, and this is the id of a message to everyone."""
        kept = self._schedule.items.get(int(item)) if item.isdecimal() else None
        return kept is not None and kept.to is None and self._state.is_moderator(person)

    def for_everyone(self) -> list[OwnedItem]:
        """List what is scheduled for everyone, soonest first."""
        items = self._schedule.items.items()
        soonest = sorted((kept.due, number) for number, kept in items if kept.to is None)
        people = self._state.people
        return [
            OwnedItem(people[self._schedule.items[number].owner].person, self._item(number))
            for _, number in soonest
        ]

    def release(self, person: Participant) -> None:
        """Let what waited for the end of somebody's mute be due again."""
        for number in self._schedule.owned_by(person.id):
            self._schedule.postpone(number, self._schedule.items[number].due)

    def cancel(self, person: Participant, command: Cancel, entry: Entry) -> Outcome:
        mine = self._schedule.owned_by(person.id)
        number = mine[-1] if command.item is None else int(command.item)
        owner = self._state.people[self._schedule.items[number].owner]
        cancelled = Cancelled(str(number), self._presence.unschedule(number).text)
        if owner is person:
            return Outcome([Delivery(Persons(person.connections), cancelled)], Ok())
        self._state.note_deed(person, "cancel", str(number), cancelled.text, entry.at)
        return Outcome([Delivery(Persons(person.connections + owner.connections), cancelled)], Ok())

    def fire(self, command: Fire, entry: Entry) -> Outcome:
        item = self._schedule.items.get(command.item)
        if item is None or entry.at < self._schedule.due(command.item):
            return Outcome([])
        sender = self._state.people[item.owner]
        recipient = None if item.to is None else self._state.people[item.to]
        if sender.is_muted(entry.at):
            self._schedule.postpone(command.item, sender.muted_until)
            return Outcome([])
        if self._is_to_wait(item, recipient, entry.at):
            self._schedule.postpone(command.item, self._state.started_at + PATIENCE)
            return Outcome([])
        deliveries = self._send_due(command.item, sender, recipient, entry)
        self._presence.unschedule(command.item)
        return Outcome(deliveries)

    def _is_to_wait(self, item: ScheduledMessage, recipient: Participant | None, at: float) -> bool:
        """Say whether a recipient who was cut off when the server stopped may still come back."""
        started = self._state.started_at
        is_away = recipient is not None and recipient.id in self._state.away
        return is_away and item.due < started and at < started + PATIENCE

    def _send_due(
        self, number: int, sender: Participant, recipient: Participant | None, entry: Entry
    ) -> list[Delivery]:
        kept, item = self._schedule.items[number], self._item(number)
        if recipient is not None and not self._can_hear(recipient, entry.at):
            return self._not_sent(Undelivered(item.id, "not_here", item.to, item.text), sender)
        message = Message(
            self._nodes.id_of(entry),
            self._state.time_of_day(entry.at),
            sender.person,
            item.to,
            item.text,
            due=item.due if entry.at >= kept.due + LATE else None,
            left=sender.account is None and self._has_left(sender, entry.at),
            item=item.id,
            away=sender.account is not None and self._has_left(sender, entry.at),
        )
        deliveries = self._memory.say(message, sender, recipient)
        if recipient is not None and recipient.account and not recipient.is_here:
            self._waiting.add(recipient, recipient.account, message, entry.at)
        if sender.is_here:
            deliveries.append(Delivery(Persons(sender.connections), Fired(item.id, message.id)))
        return deliveries

    def _has_left(self, sender: Participant, at: float) -> bool:
        """Say whether a sender is gone, and not only cut off briefly by a stop of the server."""
        if sender.is_here:
            return False
        gone_at = self._state.away.get(sender.id)
        if sender.account is not None:
            gone_at = sender.account.left_at
        if gone_at is None or not any(device.node for device in sender.devices):
            return True
        return at >= max(gone_at, self._state.started_at) + PATIENCE

    def _can_hear(self, recipient: Participant, at: float) -> bool:
        """Say whether somebody is here, or a member for whom one more message can wait."""
        if recipient.is_here or recipient.account is None:
            return recipient.is_here
        return self._waiting.check(recipient, recipient.account, at) is None

    def _not_sent(self, event: Undelivered, sender: Participant) -> list[Delivery]:
        if sender.is_here:
            return [Delivery(Persons(sender.connections), event)]
        sender.remember_undelivered(event)
        return []
