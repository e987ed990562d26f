"""The rules of the chat told once more, naively: lists that are searched from end to end.

Nothing of the chat's state or rules is used here. Run as a program, it prints what a long
story of chance leads to, in whichever order Python hashes strings.
"""

import hashlib
import sys
from dataclasses import dataclass, field

DAY = 24 * 3600.0
Shown = tuple[str, str | None, bool, bool, int]
"""Of a message, the names of both as they were then; whether it came late; whether the sender had
left; the number of the scheduled one that it was, or 0."""


@dataclass(eq=False)
class Somebody:
    """A person, for ever; who is over can neither be here nor come back."""

    text: str = ""
    has_name: bool = True
    guest: int = 0
    connection: str = ""
    token: str = ""
    left_at: float = 0.0
    was_cut_off: bool = False
    """Whether they left because their server ended."""
    muted_until: float = 0.0
    is_over: bool = False
    complaints: dict["Somebody", float] = field(default_factory=dict)
    is_idle: bool = True
    keys: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    complained: list[float] = field(default_factory=list)

    @property
    def is_away(self) -> bool:
        return not self.connection and not self.is_over


@dataclass(eq=False)
class Said:
    text: str
    sender: Somebody
    to: Somebody | None
    shown: Shown


@dataclass(eq=False)
class Later:
    number: int
    text: str
    owner: Somebody
    to: Somebody | None
    due: float
    waits_until: float = 0.0


def look_alike(one: str, other: str) -> bool:
    """Say whether names do, as they are shown or in small letters, of those that are told of."""
    ones, others = (
        {text.lower().replace("1", "l"), text.replace("I", "l").lower().replace("1", "l")}
        for text in (one, other)
    )
    return not ones.isdisjoint(others)


class Naive:
    """A chat; each method is one entry, and returns "ok", "bye", a refusal's code or nothing."""

    def __init__(self) -> None:
        self.at = 0.0
        self.started = 0.0
        self.reports = 2
        self.mute_seconds = 600
        self.people: list[Somebody] = []
        self.here: list[Somebody] = []
        self.said: list[Said] = []
        self.later: list[Later] = []
        self.guests = 0
        self.items = 0
        self.dismissed: list[str] = []
        self.told_undelivered: list[str] = []
        """What who came back last was told in the welcome."""

    # Finding

    def person(self, connection: str) -> Somebody | None:
        return next((p for p in self.here if p.connection == connection), None)

    def named_here(self, text: str) -> Somebody | None:
        return next((p for p in self.here if p.text.lower() == text.lower()), None)

    def owned(self, person: Somebody) -> list[Later]:
        return [item for item in self.later if item.owner is person]

    def history(self, person: Somebody) -> list[tuple[str, Shown]]:
        return [
            (said.text, said.shown)
            for said in self.said
            if said.to is None or person in (said.sender, said.to)
        ]

    # Who is here

    def passes(self, at: float) -> None:
        """Let time pass up to the next entry."""
        self.at = at
        for person in self.people:
            kept = 120 if person.is_idle and person.text == f"guest{person.guest}" else DAY
            if person.is_away and at >= person.left_at + kept:
                self.later = [item for item in self.later if item.owner is not person]
                self._ends(person)

    def enters(self, connection: str, wanted: str, token: str) -> str:
        refusal = self._name_refused(wanted, None) if wanted else ""
        person = Somebody(token=token)
        self.people.append(person)
        if wanted and not refusal:
            self._takes(person, wanted)
        else:
            self._becomes_guest(person)
        self._connects(person, connection)
        return refusal or ("ok" if wanted else "")

    def resumes(self, connection: str, token: str, fresh: str) -> str:
        if connection in self.dismissed:
            return ""
        found = [p for p in self.people if p.token == token and not p.is_over]
        if not found:
            if self.person(connection) is None:
                self.enters(connection, "", fresh)
            return "bad_token"
        [person] = found
        self.told_undelivered, person.undelivered = person.undelivered, []
        if person.connection != connection:
            self.leaves(connection, goodbye=True)
            if person.connection:
                self.here.remove(person)
                self.dismissed.append(person.connection)
            elif self._name_refused(person.text, person, may_be_reserved=True):
                self._becomes_guest(person)
            else:
                self._takes(person, person.text)
            self._connects(person, connection)
        for item in self.later:
            if item.to is person:
                item.waits_until = 0.0
        return "ok"

    def leaves(self, connection: str, goodbye: bool, *, is_cut: bool = False) -> str:
        self.dismissed = [other for other in self.dismissed if other != connection]
        person = self.person(connection)
        if person is not None:
            self.here.remove(person)
            person.connection = ""
            person.left_at, person.was_cut_off = self.at, is_cut
            if (goodbye or not person.token) and not is_cut:
                self.later = [item for item in self.later if item.owner is not person]
            if goodbye or not person.token:
                self._ends(person)
        return "bye" if goodbye else ""

    def all_leave(self) -> None:
        for person in list(self.here):
            self.leaves(person.connection, goodbye=False, is_cut=True)
        self.dismissed = []

    def starts(self) -> None:
        self.all_leave()
        self.started = self.at

    def _connects(self, person: Somebody, connection: str) -> None:
        person.connection = connection
        self.here.append(person)

    def _ends(self, person: Somebody) -> None:
        person.is_over, person.has_name, person.token = True, False, ""

    def _name_refused(
        self, wanted: str, person: Somebody | None, *, may_be_reserved: bool = False
    ) -> str:
        key = wanted.lower()
        is_own = person is not None and person.guest and key == f"guest{person.guest}"
        is_reserved = key in ("server", "everyone") or key.startswith("guest")
        if is_reserved and not is_own and not may_be_reserved:
            return "name_reserved"
        held = [
            other.text
            for other in self.people
            if other is not person and other.has_name
            and (other.connection or self.at < max(other.left_at, self.started) + 120)
        ]  # fmt: skip
        if any(text.lower() == key for text in held):
            return "name_taken"
        return "name_lookalike" if any(look_alike(text, wanted) for text in held) else ""

    def _takes(self, person: Somebody, text: str) -> None:
        for other in self.people:
            if other is not person and look_alike(other.text, text):
                other.has_name = False
        person.text, person.has_name = text, True

    def _becomes_guest(self, person: Somebody) -> None:
        self.guests += 1
        person.guest = self.guests
        self._takes(person, f"guest{self.guests}")

    # Lines

    def rename(self, person: Somebody, wanted: str) -> str:
        if self.at < person.muted_until:
            return "muted"
        refusal = self._name_refused(wanted, person)
        if not refusal:
            self._takes(person, wanted)
        return refusal or "ok"

    def send(self, person: Somebody, text: str, to: str, delay: int) -> str:
        if self.at < person.muted_until:
            return "muted"
        recipient = self.named_here(to.removeprefix("=")) if to else None
        if to and recipient is None:
            return "nobody_of_that_id" if to.startswith("=") else "nobody_of_that_name"
        if recipient is not None and (not delay or len(self.owned(person)) < 20):
            recipient.is_idle = False
        if not delay:
            self._say(text, person, recipient)
        elif len(self.owned(person)) >= 20:
            return "too_many_pending"
        else:
            self.items += 1
            self.later.append(Later(self.items, text, person, recipient, self.at + delay))
        return "ok"

    def cancel(self, person: Somebody, number: int) -> str:
        mine = self.owned(person)
        if not mine:
            return "nothing_pending"
        found = [item for item in mine if item.number == number] if number else mine
        if not found:
            return "unknown_item"
        self.later.remove(found[-1])
        return "ok"

    def report(self, person: Somebody, text: str) -> str:
        target = self.named_here(text)
        if target is None:
            return "nobody_of_that_name"
        if target is person:
            return "self_report"
        counting = {who: at for who, at in target.complaints.items() if self.at < at + 1800}
        target.complaints = counting
        if person in counting:
            return "already_reported"
        recent = [at for at in person.complained if at > self.at - 3600]
        if len(recent) >= 10:
            return "too_many_reports"
        person.complained = [*recent, self.at]
        counting[person] = self.at
        target.is_idle = False
        if len(target.complaints) > self.reports:
            target.complaints = {}
            target.muted_until = self.at + self.mute_seconds
        return "ok"

    def _say(
        self,
        text: str,
        sender: Somebody,
        to: Somebody | None,
        is_late: bool = False,
        item: int = 0,
    ) -> None:
        to_name = None if to is None else to.text
        shown = (sender.text, to_name, is_late, self._has_left(sender), item)
        self.said.append(Said(text, sender, to, shown))

    def _has_left(self, sender: Somebody) -> bool:
        """Whoever was cut off has a minute to come back, from when that is possible."""
        is_expected = self.at < max(sender.left_at, self.started) + 60
        may_come_back = sender.is_away and sender.was_cut_off and is_expected
        return not sender.connection and not may_come_back

    # What is due

    def fires(self, number: int) -> None:
        for item in [item for item in self.later if item.number == number]:
            if self.at >= max(item.due, item.waits_until):
                self._fire(item)

    def _fire(self, item: Later) -> None:
        to = item.to
        if self.at < item.owner.muted_until:
            item.waits_until = item.owner.muted_until
            return
        was_down = item.due < self.started and self.at < self.started + 60
        if to is not None and to.is_away and was_down:
            item.waits_until = self.started + 60
            return
        self.later.remove(item)
        is_nobody = to is not None and not to.connection
        if is_nobody:
            if not item.owner.connection:
                item.owner.undelivered.append(item.text)
        else:
            self._say(item.text, item.owner, to, self.at >= item.due + 5, item.number)


def main() -> None:
    from tests.support.telling import told_by_chance

    snapshot = told_by_chance(seed=1, steps=1500).chat.snapshot()
    sys.stdout.write(f"{snapshot.last} {hashlib.sha256(snapshot.state).hexdigest()}\n")


if __name__ == "__main__":
    main()
