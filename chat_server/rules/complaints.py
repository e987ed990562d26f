"""The rules of complaints: each person's counts once, and enough of them mute."""

from chat_server.protocol.commands import Report
from chat_server.protocol.events import Muted, Ok, Refused
from chat_server.rules.entries import Entry
from chat_server.rules.presence import absent
from chat_server.rules.state import EVERYONE, Delivery, Outcome, Participant, State

COMPLAINT_COUNTS = 30 * 60.0
"""Seconds for which a complaint counts."""


class Complaints:
    """The rules of complaints, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state

    def check(self, person: Participant, command: Report, at: float) -> Refused | None:
        """Refuse a complaint about nobody, about oneself, or one more while the first counts."""
        target = self._state.meant(command.who)
        if target is None or not target.is_here:
            return absent(command.who, target)
        if target is person:
            return Refused("self_report")
        if person.id in _counting(target, at):
            return Refused("already_reported", {"name": target.name})
        return None

    def report(self, person: Participant, command: Report, entry: Entry) -> Outcome:
        """Count a complaint that was checked; one more than allowed mutes, and all count anew."""
        target, at = self._state.meant(command.who), entry.at
        assert target is not None
        complaints = target.complaints = _counting(target, at) | {person.id: at}
        target.has_acted = True
        deliveries = []
        if len(complaints) > self._state.reports:
            target.complaints = None
            target.muted_until = at + self._state.mute_seconds
            for address in {device.address: None for device in target.devices if device.address}:
                self._state.mute_address(address, target.muted_until, at)
            until = self._state.time_of_day(target.muted_until)
            deliveries.append(Delivery(EVERYONE, Muted(target.person, until)))
        return Outcome(deliveries, Ok(code="reported", data={"name": target.name}))


def _counting(target: Participant, at: float) -> dict[str, float]:
    """Return who has complained of somebody, and when, as far as it still counts."""
    complaints = target.complaints or {}
    return {who: when for who, when in complaints.items() if at < when + COMPLAINT_COUNTS}
