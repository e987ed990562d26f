"""The rules of complaints: each person's counts once, and enough of them mute."""

from chat_server.commands import Report
from chat_server.events import Muted, Ok, Refused
from chat_server.presence import nobody
from chat_server.state import Delivery, Outcome, Person, State


class Complaints:
    """The rules of complaints, over a state that the other rules share."""

    def __init__(self, state: State) -> None:
        self._state = state

    def check(self, person: Person, command: Report) -> Refused | None:
        """Refuse a complaint about nobody, about oneself, or the second one about somebody."""
        target = self._state.person_here(command.name.key)
        if target is None:
            return nobody(command.name)
        if target is person:
            return Refused("self_report", "You cannot report yourself.")
        if target.complaints is not None and person.id in target.complaints:
            return Refused(
                "already_reported", f"You have reported {target.name.text} already; once counts."
            )
        return None

    def report(self, person: Person, command: Report, at: float) -> Outcome:
        """Count a complaint that was checked; one more than allowed mutes, and all count anew."""
        target = self._state.people[self._state.names[command.name.key]]
        complaints = target.complaints = (target.complaints or {}) | {person.id: at}
        deliveries = []
        if len(complaints) > self._state.reports:
            target.complaints = None
            target.muted_until = at + self._state.mute_seconds
            deliveries.append(
                Delivery(None, Muted(target.name.text, self._state.time_of_day(target.muted_until)))
            )
        return Outcome(deliveries, Ok(text=f"Reported {target.name.text}"))
