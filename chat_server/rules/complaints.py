"""The rules of complaints: each person's counts once, and enough of them mute.

What cannot be told from a crowd of one person's making is kept from muting: beyond this machine a
complaint counts only of somebody who has been here for a while and has spoken, once for each
address, and only as often as it can have been meant well.
"""

from math import ceil

from chat_server.protocol.commands import Report
from chat_server.protocol.events import Complaint, Message, Muted, Notice, Ok, Refused
from chat_server.rules.entries import Entry
from chat_server.rules.memory import Memory
from chat_server.rules.presence import absent
from chat_server.rules.state import EVERYONE, Delivery, Outcome, Participant, Persons, State

SPOKEN = 3
"""Messages to everyone after which somebody's complaints count."""
HOUR, DAY = 3600.0, 24 * 3600.0
MOST_COMPLAINTS = 10
"""Complaints of one person in an hour."""
MOST_MUTINGS = 2
"""Mutes of which one person's complaints may be a part, in a day."""
MOST_MUTES, MUTES_SECONDS = 3, 600.0
"""Mutes that complaints may cause, and in how many seconds; then only moderators can."""
KEPT_REPORTS = 200
"""Complaints that moderators can look at."""
LOOKED_AT = 100
"""Messages before a complaint among which those are that moderators see."""
SHOWN_BEFORE = 10
"""Messages before a complaint that they see with it."""


class Complaints:
    """The rules of complaints, over a state that the other rules share."""

    def __init__(self, state: State, memory: Memory) -> None:
        self._state = state
        self._memory = memory

    def check(self, person: Participant, command: Report, at: float) -> Refused | None:
        """Refuse a complaint about nobody, about oneself, or one too many."""
        target = self._state.meant(command.who)
        if target is None or not target.is_here:
            return absent(command.who, target)
        if target is person:
            return Refused("self_report")
        if person.id in self._counting(target, at):
            return Refused("already_reported", {"name": target.name})
        complained = [] if person.record is None else _since(person.record.complained, at - HOUR)
        if len(complained) >= MOST_COMPLAINTS:
            seconds = ceil(complained[-MOST_COMPLAINTS] + HOUR - at)
            return Refused("too_many_reports", {"limit": MOST_COMPLAINTS, "seconds": seconds})
        return None

    def report(self, person: Participant, command: Report, entry: Entry) -> Outcome:
        """Take a complaint that was checked; one more than allowed mutes, and all count anew."""
        target, at = self._state.meant(command.who), entry.at
        assert target is not None
        address = person.device_at(entry.proposal.connection).address
        target.has_acted = True
        record = person.known_record()
        record.complained = (*_since(record.complained, at - HOUR), at)
        counted = self._is_heard(person, address, at) and self._is_new(target, address, at)
        self._keep(person, target, command.text, counted, at)
        notice = Notice("complaint", {"by": person.name, "of": target.name}, command.text)
        deliveries = [Delivery(self._state.to_moderators(), notice)]
        if counted:
            target.complaints = self._counting(target, at) | {person.id: at}
            known = target.known_record()
            addresses = known.addresses | {person.id: address}
            known.addresses = {
                who: where for who in target.complaints if (where := addresses.get(who))
            }
            if len(target.complaints) > self._state.reports:
                deliveries += self._mute(target, at)
        deliveries = [one for one in deliveries if one.to != Persons(())]
        return Outcome(deliveries, Ok(code="reported", data={"name": target.name}))

    def _is_heard(self, person: Participant, address: str, at: float) -> bool:
        """Say whether somebody's complaint counts; over this machine, always at once."""
        record = person.known_record()
        if at < record.unheard_until:
            return False
        if not address:
            return True
        is_regular = at >= person.since + self._state.standing_seconds and person.spoken >= SPOKEN
        return is_regular and len(_since(record.mutings, at - DAY)) < MOST_MUTINGS

    def _is_new(self, target: Participant, address: str, at: float) -> bool:
        """Say whether nobody from an address has complained of somebody yet."""
        if not address or target.record is None:
            return True
        counting, addresses = self._counting(target, at), target.record.addresses
        return not any(addresses.get(who) == address for who in counting)

    def _mute(self, target: Participant, at: float) -> list[Delivery]:
        """Mute somebody because of the complaints, or let moderators decide."""
        state, record = self._state, target.known_record()
        complainers = tuple(target.complaints or ())
        strangers = [who for who in complainers if who in record.addresses]
        names = [state.people[who].name for who in complainers if who in state.people]
        state.mutes_of_late = [*_since(state.mutes_of_late, at - MUTES_SECONDS)]
        if strangers and len(state.mutes_of_late) >= MOST_MUTES:
            alert = Notice("mutes_of_late", {"name": target.name, "by": names})
            return [Delivery(state.to_moderators(), alert)]
        if strangers:
            state.mutes_of_late.append(at)
        for who in strangers:
            self._was_part_of_mute(who, at)
        record.complainers, record.appealed, record.addresses = complainers, False, {}
        target.complaints = None
        until = self.mute(target, max(target.muted_until, at + state.mute_seconds), at)
        deliveries = [Delivery(EVERYONE, Muted(target.person, until))]
        if state.has_moderators():
            told = Notice("muted", {"until": until, "complaints": len(complainers)})
            whose = Notice("muted_by", {"name": target.name, "by": names})
            deliveries.append(Delivery(Persons(target.connections), told))
            deliveries.append(Delivery(state.to_moderators(), whose))
        return deliveries

    def mute(self, target: Participant, until: float, at: float) -> float:
        """Let somebody, and new guests from where they are, not speak; return the time of day
        of its end.
        """
        target.has_acted = True
        target.muted_until = until
        for device in target.devices:
            self._state.mute_address(device.address, target, at)
        return self._state.time_of_day(until)

    def _was_part_of_mute(self, who: str, at: float) -> None:
        """Remember that somebody's complaint muted, or was the last that can do so for a day.

        Whoever left for good cannot be remembered, so what else they complained of counts no more.
        """
        person = self._state.people.get(who)
        if person is None:
            self.take_back(who)
            return
        record = person.known_record()
        record.mutings = (*_since(record.mutings, at - DAY), at)
        if len(record.mutings) >= MOST_MUTINGS:
            self.take_back(who)

    def take_back(self, who: str) -> None:
        """Let no complaint of somebody count any more that has muted nobody yet."""
        for person in self._state.people.values():
            if who in (person.complaints or ()):
                complaints = (person.complaints or {}).items()
                person.complaints = {other: at for other, at in complaints if other != who}

    def _counting(self, target: Participant, at: float) -> dict[str, float]:
        """Return who has complained of somebody, and when, as far as it still counts."""
        counts = self._state.report_seconds
        complaints = (target.complaints or {}).items()
        return {who: when for who, when in complaints if at < when + counts}

    def _keep(self, by: Participant, of: Participant, text: str, counted: bool, at: float) -> None:
        """Remember a complaint for moderators, with what whoever complained saw before it.

        Of private messages they see those between the two alone: no one else's are shown.
        """
        state, two = self._state, {by.id, of.id}
        seen: list[Message] = [
            message
            for message in self._memory.history(by.id, LOOKED_AT, None).messages
            if message.to is None or {message.sender.id, message.to.id} == two
        ][-SHOWN_BEFORE:]
        when = state.time_of_day(at)
        complaint = Complaint(when, by.person, of.person, text, counted, seen)
        state.reports_of_late = [*state.reports_of_late[1 - KEPT_REPORTS :], complaint]


def _since(times: tuple[float, ...] | list[float], at: float) -> list[float]:
    """Return the times after one."""
    return [time for time in times if time > at]
