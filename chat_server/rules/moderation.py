"""The rules of those who keep order: whom they send or keep away, mute, and what they take out.

Owners are named by the server's settings; they appoint moderators. What either did is kept, with
who did it. None of them can act against an owner, nor a moderator against another one.
"""

from collections.abc import Callable

from chat_server.protocol.commands import (
    Announce,
    Appeal,
    Appoint,
    Ban,
    Delete,
    Kick,
    Mute,
    Unban,
    Unmute,
)
from chat_server.protocol.events import (
    AllPending,
    Announced,
    Audit,
    Bans,
    Bye,
    Data,
    Deleted,
    Kicked,
    Muted,
    Notice,
    Ok,
    Rank,
    Refused,
    Reports,
    Unmuted,
    shortened,
)
from chat_server.protocol.events import Ban as ShownBan
from chat_server.protocol.events import Moderators as ModeratorsAnswer
from chat_server.protocol.names import Name
from chat_server.protocol.parameters import is_address
from chat_server.rules.addresses import counted
from chat_server.rules.complaints import Complaints
from chat_server.rules.entries import Entry
from chat_server.rules.memory import Memory
from chat_server.rules.presence import Presence, absent, unmuted
from chat_server.rules.scheduled import Scheduled
from chat_server.rules.state import (
    EVERYONE,
    Delivery,
    Outcome,
    Participant,
    Persons,
    State,
)
from chat_server.rules.state import Ban as KeptBan
from chat_server.rules.waiting import Waiting

UNHEARD = 7 * 24 * 3600.0
"""Seconds for which complaints count for nothing of those whose mute a moderator ended."""
MOST_BANS = 1000


class Moderation:
    """The rules of moderators, over a state that the other rules share."""

    def __init__(
        self,
        state: State,
        presence: Presence,
        complaints: Complaints,
        memory: Memory,
        waiting: Waiting,
        scheduled: Scheduled,
    ) -> None:
        self._state = state
        self._presence = presence
        self._complaints = complaints
        self._memory = memory
        self._waiting = waiting
        self._scheduled = scheduled

    # Who may

    def moderators(self, command: str) -> Callable[[Participant, float], Refused | None]:
        """Make a check that lets moderators alone use a command."""
        refused = Refused("for_moderators", {"command": command})
        return lambda person, at: None if self._state.is_moderator(person) else refused

    def unmuted_moderators(self, command: str) -> Callable[[Participant, float], Refused | None]:
        """Make a check that lets moderators alone use a command, while they may speak."""
        is_moderator, is_unmuted = self.moderators(command), unmuted(command)
        return lambda person, at: is_moderator(person, at) or is_unmuted(person, at)

    def owners(self, command: str) -> Callable[[Participant, float], Refused | None]:
        """Make a check that lets owners alone use a command."""
        refused = Refused("for_owners", {"command": command})
        return lambda person, at: None if self._state.is_owner(person) else refused

    def rank_of(self, person: Participant) -> Rank:
        """Say what somebody is to the chat besides."""
        if self._state.is_owner(person):
            return "owner"
        return "moderator" if self._state.is_moderator(person) else ""

    def check_power(
        self, person: Participant, command: Kick | Mute | Unmute, at: float
    ) -> Refused | None:
        """Refuse what is about nobody, or about somebody over whom one has no power."""
        target = self._state.meant(command.who)
        if target is None or not (target.is_here or target.account):
            return absent(command.who, target)
        if isinstance(command, Kick) and not target.is_here:
            return absent(command.who, target)
        if isinstance(command, Unmute):
            return self._not_unmuted(person, target, at)
        return self._no_power(person, target)

    def _not_unmuted(self, person: Participant, target: Participant, at: float) -> Refused | None:
        """Refuse the end of a mute that there is not; of one's own, to all but owners."""
        if not target.is_muted(at):
            return Refused("not_muted", {"name": target.name})
        if target is person and not self._state.is_owner(person):
            return Refused("no_power", {"name": target.name})
        return None

    def _no_power(self, person: Participant, target: Participant) -> Refused | None:
        state = self._state
        if target is person:
            return Refused("no_power", {"name": target.name})
        if state.is_moderator(target) and (state.is_owner(target) or not state.is_owner(person)):
            return Refused("no_power", {"name": target.name})
        return None

    # People

    def kick(self, person: Participant, command: Kick, entry: Entry) -> Outcome:
        target = self._meant(command.who)
        self._state.note_deed(person, "kick", target.name, command.reason, entry.at)
        kicked = Kicked(target.person, person.person, command.reason)
        bye = Bye("kicked", _about(person, command.reason))
        expelled = self._presence.expel(target, bye, entry.at)
        return Outcome([Delivery(EVERYONE, kicked), *expelled], Ok())

    def mute(self, person: Participant, command: Mute, entry: Entry) -> Outcome:
        target = self._meant(command.who)
        self._state.note_deed(person, "mute", target.name, command.reason, entry.at)
        record = target.known_record()
        record.complainers, record.appealed = (), False
        seconds = command.seconds or self._state.mute_seconds
        until = self._complaints.mute(target, entry.at + seconds, entry.at)
        self._scheduled.release(target)
        muted = Muted(target.person, until, person.person, command.reason)
        told = Notice("muted", {"until": until, **_about(person, command.reason)})
        return Outcome(
            [Delivery(EVERYONE, muted), Delivery(Persons(target.connections), told)], Ok()
        )

    def unmute(self, person: Participant, command: Unmute, entry: Entry) -> Outcome:
        """End a mute; those whose complaints it was are not heard for a while."""
        target, state = self._meant(command.who), self._state
        state.note_deed(person, "unmute", target.name, "", entry.at)
        record = target.known_record()
        for who in record.complainers:
            self._complaints.take_back(who)
            if who in state.people:
                state.people[who].known_record().unheard_until = entry.at + UNHEARD
        record.complainers = ()
        target.muted_until, target.complaints = 0.0, None
        state.unmute_addresses(target, entry.at)
        self._scheduled.release(target)
        return Outcome([Delivery(EVERYONE, Unmuted(target.person, person.person))], Ok())

    def check_appeal(self, person: Participant, command: Appeal, at: float) -> Refused | None:
        """Refuse to ask for the end of a mute that there is not, or once more."""
        if not person.is_muted(at):
            return Refused("not_muted", {"name": person.name})
        if not self._state.has_moderators():
            return Refused("no_moderators")
        if person.record is not None and person.record.appealed:
            return Refused("appealed_already")
        return None

    def appeal(self, person: Participant, command: Appeal, entry: Entry) -> Outcome:
        person.known_record().appealed = True
        self._state.note_deed(person, "appeal", person.name, command.text, entry.at)
        moderators = self._state.to_moderators()
        notice = Notice("appeal", {"name": person.name}, command.text)
        told = [Delivery(moderators, notice)] if moderators.connections else []
        return Outcome(told, Ok(code="appealed"))

    def check_appoint(self, person: Participant, command: Appoint, at: float) -> Refused | None:
        """Refuse to let somebody keep order who has no account."""
        target = self._state.meant(command.who)
        if target is None:
            return absent(command.who, None)
        if target.account is None:
            return Refused("no_member", {"name": target.name})
        return None

    def appoint(self, person: Participant, command: Appoint, entry: Entry) -> Outcome:
        target = self._meant(command.who)
        assert target.account is not None
        target.account.is_moderator = not command.off
        done = "dismissed" if command.off else "appointed"
        self._state.note_deed(person, done, target.name, "", entry.at)
        told = Notice(done, {"by": person.name})
        audience = Persons(target.connections)
        deliveries = [Delivery(audience, told)] if audience.connections else []
        return Outcome(deliveries, Ok(code=done, data={"name": target.name}))

    # Bans

    def check_ban(self, person: Participant, command: Ban, at: float) -> Refused | None:
        """Refuse to keep away nobody, this machine, or somebody over whom one has no power."""
        if len(self._standing(at)) >= MOST_BANS:
            return Refused("too_many_bans", {"limit": MOST_BANS})
        if (text := _address(command.who)) is not None:
            return None if counted(text) else Refused("own_machine", {"address": text})
        target = self._state.meant(command.who)
        if target is None or not (target.is_here or target.account):
            return absent(command.who, target)
        return self._no_power(person, target)

    def ban(self, person: Participant, command: Ban, entry: Entry) -> Outcome:
        """Keep somebody away, and whoever comes from where they are."""
        at = entry.at
        text = _address(command.who)
        if text is None:
            target = self._meant(command.who)
            who, id_ = target.name, target.id
            addresses = {device.address: None for device in target.devices if device.address}
        else:
            who, id_, addresses = text, "", {counted(text): None}
        until = at + command.seconds if command.seconds else 0.0
        kept = KeptBan(who, id_, tuple(addresses), at, until, person.person, command.reason)
        number = str(entry.id)
        self._state.bans = {**self._standing(at), number: kept}
        self._state.note_deed(person, "ban", who, command.reason, at)
        deliveries = []
        for gone in self._banned_now(id_, kept.addresses if text is not None else ()):
            kicked = Kicked(gone.person, person.person, command.reason, banned=True)
            deliveries.append(Delivery(EVERYONE, kicked))
            deliveries += self._presence.expel(gone, self._goodbye(kept), at)
        return Outcome(deliveries, Ok(id=number, code="banned", data={"who": who}))

    def _banned_now(self, id_: str, addresses: tuple[str, ...]) -> list[Participant]:
        """Return who is here and is to go: a person, or all from some addresses but moderators."""
        here = dict.fromkeys(self._state.connections.values())
        return [
            one
            for one in map(self._state.people.__getitem__, here)
            if one.id == id_
            or (
                any(device.address in addresses for device in one.devices if device.connection)
                and not self._state.is_moderator(one)
            )
        ]

    def banned(self, person: Participant | None, address: str, at: float) -> Bye | None:
        """Say goodbye to who comes, as a person or from an address, and is kept away."""
        if not self._state.bans or (person is not None and self._state.is_owner(person)):
            return None
        is_spared = person is not None and self._state.is_moderator(person)
        for ban in self._standing(at).values():
            is_theirs = person is not None and person.id == ban.person
            if is_theirs or (address in ban.addresses and not is_spared):
                return self._goodbye(ban)
        return None

    def check_unban(self, person: Participant, command: Unban, at: float) -> Refused | None:
        if command.ban in self._standing(at):
            return None
        return Refused("unknown_ban", {"ban": shortened(command.ban)})

    def unban(self, person: Participant, command: Unban, entry: Entry) -> Outcome:
        bans = self._standing(entry.at)
        ban = bans.pop(command.ban)
        self._state.bans = bans
        self._state.note_deed(person, "unban", ban.who, "", entry.at)
        return Outcome([], Ok(code="unbanned", data={"who": ban.who}))

    def _standing(self, at: float) -> dict[str, KeptBan]:
        """Return the bans that are not over."""
        bans = self._state.bans.items()
        return {id_: ban for id_, ban in bans if not ban.until or at < ban.until}

    def _goodbye(self, ban: KeptBan) -> Bye:
        data: Data = {"reason": ban.reason} if ban.reason else {}
        if ban.until:
            data["until"] = self._state.time_of_day(ban.until)
        return Bye("banned", data)

    # What is said

    def check_delete(self, person: Participant, command: Delete, at: float) -> Refused | None:
        if self._memory.find(command.message) is None:
            return Refused("unknown_message", {"id": shortened(command.message)})
        return None

    def delete(self, person: Participant, command: Delete, entry: Entry) -> Outcome:
        """Take a message out of all that is kept; who did it, and whose it was, is kept."""
        message = self._memory.find(command.message)
        assert message is not None
        self._memory.take_out(message)
        self._waiting.take_out(message)
        self._state.note_deed(person, "delete", message.sender.name, message.id, entry.at)
        deleted = Deleted(message.id, message.sender, person.person)
        if message.to is None:
            return Outcome([Delivery(EVERYONE, deleted)], Ok())
        two = [self._state.people.get(who.id) for who in (message.sender, message.to)]
        connections = {c: None for one in two if one is not None for c in one.connections}
        told = [Delivery(Persons(tuple(connections)), deleted)] if connections else []
        return Outcome(told, Ok())

    def announce(self, person: Participant, command: Announce, entry: Entry) -> Outcome:
        self._state.note_deed(person, "announce", "", command.text, entry.at)
        at = self._state.time_of_day(entry.at)
        return Outcome([Delivery(EVERYONE, Announced(at, person.person, command.text))], Ok())

    def nothing(self, person: Participant, command: object, at: float) -> Refused | None:
        """Refuse nothing."""
        return None

    # Questions

    def all_moderators(self) -> ModeratorsAnswer:
        people = self._state.people.values()
        return ModeratorsAnswer([one.person for one in people if self._state.is_moderator(one)])

    def all_bans(self, at: float) -> Bans:
        time_of_day = self._state.time_of_day
        return Bans(
            [
                ShownBan(
                    id_,
                    ban.who,
                    time_of_day(ban.at),
                    time_of_day(ban.until) if ban.until else None,
                    ban.by,
                    ban.reason,
                )
                for id_, ban in self._standing(at).items()
            ]
        )

    def all_reports(self) -> Reports:
        return Reports(self._state.reports_of_late)

    def all_scheduled(self) -> AllPending:
        return AllPending(self._scheduled.for_everyone())

    def audit(self, count: int) -> Audit:
        return Audit(self._state.deeds[-count:])

    def _meant(self, who: Name | str) -> Participant:
        target = self._state.meant(who)
        assert target is not None
        return target


def _address(who: Name | str) -> str | None:
    """Return the network address that is meant; None where somebody is."""
    return who.text if isinstance(who, Name) and is_address(who.text) else None


def _about(by: Participant, reason: str) -> Data:
    return {"by": by.name, "reason": reason} if reason else {"by": by.name}
