"""The rules of complaints: each person's counts once, and enough of them mute."""

from chat_server.protocol.commands import Report, nobody
from chat_server.protocol.events import Muted, Ok, Refused
from chat_server.rules.state import EVERYONE, Delivery, Outcome, Person, State

COMPLAINT_COUNTS = 30 * 60.0
"""Seconds for which a complaint counts."""


class Complaints:
    """The rules of complaints, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state

    def check(self, person: Person, command: Report, at: float) -> Refused | None:
        """Refuse a complaint about nobody, about oneself, or one more while the first counts."""
        target = self._state.person_here(command.name.key)
        if target is None:
            return nobody(command.name.text)
        if target is person:
            return Refused("self_report", "You cannot report yourself.")
        if person.id in _counting(target, at):
            return Refused(
                "already_reported", f"You have reported {target.name.text} already; once counts."
            )
        return None

    def report(self, person: Person, command: Report, at: float) -> Outcome:
        """Count a complaint that was checked; one more than allowed mutes, and all count anew."""
        target = self._state.people[self._state.names[command.name.key]]
        complaints = target.complaints = _counting(target, at) | {person.id: at}
        target.has_acted = True
        deliveries = []
        if len(complaints) > self._state.reports:
            target.complaints = None
            target.muted_until = at + self._state.mute_seconds
            if target.address:
                self._state.mute_address(target.address, target.muted_until, at)
            deliveries.append(
                Delivery(
                    EVERYONE, Muted(target.name.text, self._state.time_of_day(target.muted_until))
                )
            )
        return Outcome(deliveries, Ok(text=f"Reported {target.name.text}"))


def _counting(target: Person, at: float) -> dict[int, float]:
    """Return who has complained of somebody, and when, as far as it still counts."""
    complaints = target.complaints or {}
    return {who: when for who, when in complaints.items() if at < when + COMPLAINT_COUNTS}
