"""Complaints, mutes and bans, told once more naively: whatever people do, both agree."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Message, Muted, Ok, Person, Refused
from chat_server.protocol.names import name
from chat_server.rules.entries import Configure, Enter, LogIn, LogOut, NewAccount, Return
from chat_server.rules.state import Outcome
from tests.support.fuzz import examples
from tests.support.story import Story, code, retold, told

HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0
MUTE, COUNTS, STANDING, LATE = 600, 1800, 900, 5
HERE, FAR = "", ("192.0.2.1", "192.0.2.2", "192.0.2.3")

numbers = st.integers(0, 30)
addresses = st.sampled_from((HERE, *FAR))
terms = st.sampled_from((0, 60, 1200))
waits = st.sampled_from((1, 60, 300, 600, 900, 1800, int(DAY)))


@dataclass(eq=False)
class Somebody:
    id: str
    called: str
    token: str
    since: float
    lines: dict[str, str] = field(default_factory=dict)
    """From which addresses they are here, by their connections."""
    is_owner: bool = False
    is_member: bool = False
    is_appointed: bool = False
    gone_at: float = 0.0
    spoken: int = 0
    muted_until: float = 0.0
    unheard_until: float = 0.0
    complained: list[float] = field(default_factory=list)
    mutings: list[float] = field(default_factory=list)
    muted_by: list["Somebody"] = field(default_factory=list)

    @property
    def keeps_order(self) -> bool:
        return self.is_owner or self.is_appointed


@dataclass(eq=False)
class Complaint:
    by: Somebody
    of: Somebody
    at: float
    address: str


@dataclass(eq=False)
class Mark:
    """That new guests from an address are muted, and because of whom."""

    address: str
    person: Somebody
    until: float


@dataclass(eq=False)
class Ban:
    id: str
    person: Somebody | None
    addresses: list[str]
    until: float


@dataclass(eq=False)
class Item:
    owner: Somebody
    text: str
    due: float


class ModerationModel(RuleBasedStateMachine):
    """A chat of which everything is a list that is searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.people: list[Somebody] = []
        self.complaints: list[Complaint] = []
        self.marks: list[Mark] = []
        self.bans: list[Ban] = []
        self.items: list[Item] = []
        self.mutes: list[tuple[float, list[Somebody]]] = []
        """When complaints from elsewhere muted, and whose."""
        self.given = 0
        self.story.happens(Configure(1, MUTE, COUNTS, STANDING, ("olga",)))
        self.cast()

    def cast(self) -> None:
        """Let an owner, a moderator and people come whose complaints count."""
        olga, mona = self.newcomer(HERE, "olga"), self.newcomer(HERE, "mona")
        for person in (olga, mona):
            self.story.happens(NewAccount("hash"), next(iter(person.lines)))
            person.is_member = True
        olga.is_owner = mona.is_appointed = True
        assert code(self.story.types(next(iter(olga.lines)), "moderator mona")) == ""
        for address in FAR:
            person = self.newcomer(address, self.another("regular"))
            for _ in range(3):
                self.story.types(next(iter(person.lines)), "send hi")
            person.spoken = 3
        self.story.wait(STANDING)

    # Finding

    @property
    def at(self) -> float:
        return self.story.at

    def another(self, word: str) -> str:
        self.given += 1
        return f"{word}-{self.given}"

    def all_connections(self) -> list[str]:
        return [one for person in self.people for one in person.lines]

    def chosen(self, number: int) -> tuple[str, Somebody]:
        among = self.all_connections()
        connection = among[number % len(among)]
        return connection, next(one for one in self.people if connection in one.lines)

    def some(self, number: int) -> Somebody:
        return self.people[number % len(self.people)]

    def is_muted(self, person: Somebody) -> bool:
        return self.at < person.muted_until

    def muted_from(self, address: str) -> float:
        return max([mark.until for mark in self.marks if mark.address == address], default=0.0)

    def is_banned(self, person: Somebody | None, address: str) -> bool:
        if person is not None and person.is_owner:
            return False
        is_spared = person is not None and person.keeps_order
        standing = [ban for ban in self.bans if not ban.until or self.at < ban.until]
        return any(
            (person is not None and ban.person is person)
            or (address in ban.addresses and not is_spared)
            for ban in standing
        )

    def counting(self, target: Somebody) -> list[Complaint]:
        return [c for c in self.complaints if c.of is target and self.at < c.at + COUNTS]

    # What becomes of people

    def newcomer(self, address: str, wanted: str) -> Somebody:
        """Let somebody come as a guest; the muted get no name, and here no token either."""
        is_muted, connection = self.at < self.muted_from(address), self.another("connection")
        token = "" if is_muted else self.another("token")
        outcome = self.story.happens(Enter(name(wanted), token or None, address), connection)
        assert code(outcome) == ("muted" if is_muted else "")
        return self.known(connection, address, token)

    def known(self, connection: str, address: str, token: str) -> Somebody:
        you = self.story.person(connection)
        person = Somebody(you.id, you.name, token, self.at)
        self.people.append(person)
        self.comes(person, connection, address)
        return person

    def comes(self, person: Somebody, connection: str, address: str) -> None:
        person.lines[connection] = address
        if self.is_muted(person):
            self.marks_address(person, address)
        if not person.is_member:
            person.muted_until = max(person.muted_until, self.muted_from(address))

    def marks_address(self, person: Somebody, address: str) -> None:
        if address:
            self.marks.append(Mark(address, person, person.muted_until))

    def ends(self, person: Somebody, connection: str, *, for_good: bool) -> None:
        del person.lines[connection]
        person.gone_at = self.at
        if not (person.lines or person.is_member) and (for_good or not person.token):
            self.is_forgotten(person)

    def is_forgotten(self, person: Somebody) -> None:
        self.people.remove(person)
        self.items = [item for item in self.items if item.owner is not person]

    def is_sent_away(self, person: Somebody) -> None:
        for connection in list(person.lines):
            self.ends(person, connection, for_good=True)

    def is_muted_until(self, person: Somebody, until: float) -> None:
        person.muted_until = until
        for address in person.lines.values():
            self.marks_address(person, address)

    def takes_back(self, person: Somebody) -> None:
        self.complaints = [c for c in self.complaints if c.by is not person]

    # Steps: coming and going

    @rule(address=addresses)
    def enters(self, address: str) -> None:
        if self.is_banned(None, address):
            self.story.happens(Enter(None, None, address), "kept away")
            assert not self.story.chat.has_entered("kept away")
        else:
            self.newcomer(address, self.another("name"))

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, is_goodbye=st.booleans())
    def goes(self, who: int, is_goodbye: bool) -> None:
        connection, person = self.chosen(who)
        if is_goodbye or person.is_member:
            self.story.types(connection, "exit")
        else:
            self.story.breaks(connection)
        self.ends(person, connection, for_good=is_goodbye)

    @precondition(lambda self: any(not (p.lines or p.is_member) for p in self.people))
    @rule(who=numbers, address=addresses)
    def comes_again(self, who: int, address: str) -> None:
        among = [person for person in self.people if not (person.lines or person.is_member)]
        person, connection = among[who % len(among)], self.another("connection")
        is_banned = self.is_banned(person, address)
        self.story.happens(Return(person.token, "fresh", address), connection)
        assert self.story.chat.has_entered(connection) == (not is_banned)
        if not is_banned:
            self.comes(person, connection, address)

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers)
    def renames(self, who: int) -> None:
        connection, person = self.chosen(who)
        wanted = self.another("name")
        if person.is_owner:
            return
        outcome = self.story.types(connection, f"rename {wanted}")
        assert code(outcome) == ("muted" if self.is_muted(person) else "")
        if not self.is_muted(person):
            person.called = wanted

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers)
    def registers(self, who: int) -> None:
        connection, person = self.chosen(who)
        outcome = self.story.happens(NewAccount("hash"), connection)
        if person.is_member:
            assert code(outcome) == "already_a_member"
        elif person.called.startswith("guest"):
            assert code(outcome) == "guest_name"
        else:
            assert isinstance(outcome.answer, Ok)
            person.is_member = True

    @rule(who=numbers, number=numbers, address=addresses, is_new=st.booleans())
    def logs_in(self, who: int, number: int, address: str, is_new: bool) -> None:
        among = [person for person in self.people if person.is_member and len(person.lines) < 3]
        guests = [person for person in self.people if person.lines and not person.is_member]
        if not among:
            return
        member, guest = among[who % len(among)], None
        connection = self.another("connection")
        if guests and not is_new:
            guest = guests[number % len(guests)]
            [(connection, address)] = guest.lines.items()
        is_banned = self.is_banned(member, address)
        if guest is not None and is_banned:
            return
        login = self.story.chat.account(name(member.called))
        assert login is not None
        self.story.happens(LogIn(member.id, login.changed, None, address), connection)
        if is_banned:
            assert not self.story.chat.has_entered(connection)
            return
        if guest is not None:
            for item in self.items:
                item.owner = member if item.owner is guest else item.owner
            member.muted_until = max(member.muted_until, guest.muted_until)
            self.ends(guest, connection, for_good=True)
        self.comes(member, connection, address)

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers)
    def logs_out(self, who: int) -> None:
        connection, person = self.chosen(who)
        outcome = self.story.happens(LogOut(None, person.lines[connection]), connection)
        assert code(outcome) == ("" if person.is_member else "not_a_member")
        if person.is_member:
            address = person.lines[connection]
            self.ends(person, connection, for_good=True)
            self.known(connection, address, "")

    # Steps: what is said, and what is thought of it

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, delay=st.sampled_from((0, 0, 60, 900)))
    def says(self, who: int, delay: int) -> None:
        connection, person = self.chosen(who)
        text, is_full = self.another("text"), sum(i.owner is person for i in self.items) >= 5
        if delay and is_full:
            return
        outcome = self.story.types(connection, f"send {text}" + (f" -t {delay}" if delay else ""))
        assert code(outcome) == ("muted" if self.is_muted(person) else "")
        if delay and not self.is_muted(person):
            self.items.append(Item(person, text, self.at + delay))
        person.spoken += not (delay or self.is_muted(person))

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, about=numbers)
    def reports(self, who: int, about: int) -> None:
        connection, person = self.chosen(who)
        target = self.some(about)
        outcome = self.story.types(connection, f"report ={target.id}")
        assert code(outcome) == self.why_no_report(person, target)
        muted = [event for event in told(outcome) if isinstance(event, Muted)]
        expected = code(outcome) == "" and self.complains(person, target, person.lines[connection])
        assert muted == ([Muted(self.person(target), target.muted_until)] if expected else [])

    def person(self, target: Somebody) -> Person:
        return self.story.person(next(iter(target.lines)))

    def why_no_report(self, person: Somebody, target: Somebody) -> str:
        if not target.lines:
            return "nobody_of_that_id"
        if target is person:
            return "self_report"
        if any(complaint.by is person for complaint in self.counting(target)):
            return "already_reported"
        recently = [at for at in person.complained if at > self.at - HOUR]
        return "too_many_reports" if len(recently) >= 10 else ""

    def complains(self, person: Somebody, target: Somebody, address: str) -> bool:
        """Take a complaint; return whether it mutes."""
        person.complained.append(self.at)
        others = self.counting(target)
        today = [at for at in person.mutings if at > self.at - DAY]
        is_regular = self.at >= person.since + STANDING and person.spoken >= 3 and len(today) < 2
        is_new = all(complaint.address != address for complaint in others)
        if self.at < person.unheard_until or (address and not (is_regular and is_new)):
            return False
        self.complaints.append(Complaint(person, target, self.at, address))
        return len(others) >= 1 and self.is_muted_by(self.counting(target), target)

    def is_muted_by(self, complaints: list[Complaint], target: Somebody) -> bool:
        strangers = [complaint.by for complaint in complaints if complaint.address]
        if strangers and sum(at > self.at - 600 for at, _ in self.mutes) >= 3:
            return False
        if strangers:
            self.mutes.append((self.at, strangers))
        for one in strangers:
            one.mutings.append(self.at)
            if one not in self.people or sum(at > self.at - DAY for at in one.mutings) >= 2:
                self.takes_back(one)
        self.complaints = [c for c in self.complaints if c.of is not target]
        target.muted_by = [complaint.by for complaint in complaints]
        self.is_muted_until(target, max(target.muted_until, self.at + MUTE))
        return True

    # Steps: keeping order

    def tries(self, who: int, line: str, refusal: str, *, owners: bool = False) -> Outcome | None:
        """Let somebody try what only some may; None where it is refused, as it has to be."""
        connection, person = self.chosen(who)
        outcome = self.story.types(connection, line)
        if owners and not person.is_owner:
            refusal = "for_owners"
        elif not person.keeps_order:
            refusal = "for_moderators"
        assert code(outcome) == refusal
        return None if refusal else outcome

    def no_power(self, who: int, target: Somebody) -> str:
        _, person = self.chosen(who)
        if not (target.lines or target.is_member):
            return "nobody_of_that_id"
        is_above = target.is_owner or (target.is_appointed and not person.is_owner)
        return "no_power" if target is person or is_above else ""

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, about=numbers)
    def kicks(self, who: int, about: int) -> None:
        target = self.some(about)
        refusal = self.no_power(who, target) if target.lines else "nobody_of_that_id"
        if self.tries(who, f"kick ={target.id}", refusal):
            self.is_sent_away(target)

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, about=numbers, seconds=terms)
    def mutes_somebody(self, who: int, about: int, seconds: int) -> None:
        target = self.some(about)
        line = f"mute ={target.id} {seconds or ''}"
        if self.tries(who, line, self.no_power(who, target)):
            target.muted_by = []
            self.is_muted_until(target, self.at + (seconds or MUTE))

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, about=numbers)
    def unmutes(self, who: int, about: int) -> None:
        target, (_, person) = self.some(about), self.chosen(who)
        refusal = "no_power" if target is person and not person.is_owner else ""
        refusal = refusal if self.is_muted(target) else "not_muted"
        if not (target.lines or target.is_member):
            refusal = "nobody_of_that_id"
        if self.tries(who, f"unmute ={target.id}", refusal):
            for one in target.muted_by:
                self.takes_back(one)
                one.unheard_until = self.at + WEEK
            self.complaints = [c for c in self.complaints if c.of is not target]
            target.muted_by, target.muted_until = [], 0.0
            self.frees_addresses(target)

    def frees_addresses(self, target: Somebody) -> None:
        """End the mutes of addresses but those because of others who are known still."""
        where = {mark.address for mark in self.marks if mark.person is target}
        where.update(target.lines.values())
        self.marks = [
            mark
            for mark in self.marks
            if mark.address not in where
            or (mark.person is not target and mark.person in self.people)
        ]

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, about=numbers, seconds=terms)
    def bans_somebody(self, who: int, about: int, seconds: int) -> None:
        target = self.some(about)
        where = [address for address in target.lines.values() if address]
        line = f"ban ={target.id} {seconds or ''}"
        self.bans_if(self.tries(who, line, self.no_power(who, target)), target, where, seconds)

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, address=st.sampled_from(FAR), seconds=terms)
    def bans_an_address(self, who: int, address: str, seconds: int) -> None:
        outcome = self.tries(who, f"ban {address} {seconds or ''}", "")
        self.bans_if(outcome, None, [address], seconds)

    def bans_if(
        self, outcome: Outcome | None, target: Somebody | None, where: list[str], seconds: int
    ) -> None:
        if outcome is None:
            return
        assert isinstance(outcome.answer, Ok)
        until = self.at + seconds if seconds else 0.0
        self.bans.append(Ban(str(outcome.answer.id), target, where, until))
        for person in list(self.people):
            is_there = target is None and any(a in where for a in person.lines.values())
            if person is target or (is_there and not person.keeps_order):
                self.is_sent_away(person)

    @precondition(lambda self: self.all_connections() and self.bans)
    @rule(who=numbers, number=numbers)
    def unbans(self, who: int, number: int) -> None:
        ban = self.bans[number % len(self.bans)]
        is_over = ban.until and self.at >= ban.until
        if self.tries(who, f"unban {ban.id}", "unknown_ban" if is_over else ""):
            self.bans.remove(ban)

    @precondition(lambda self: self.all_connections())
    @rule(who=numbers, about=numbers, off=st.booleans())
    def appoints(self, who: int, about: int, off: bool) -> None:
        target = self.some(about)
        line = f"moderator ={target.id}" + (" off" if off else "")
        if self.tries(who, line, "" if target.is_member else "no_member", owners=True):
            target.is_appointed = not off

    @rule(seconds=waits)
    def time_passes(self, seconds: int) -> None:
        self.story.wait(seconds)
        for person in list(self.people):
            is_away = not (person.lines or person.is_member)
            if is_away and self.at >= person.gone_at + DAY:
                self.is_forgotten(person)

    # Both agree

    @invariant()
    def what_is_due_fires_once_and_of_the_muted_late(self) -> None:
        due = [i for i in self.items if self.at >= i.due and not self.is_muted(i.owner)]
        self.items = [item for item in self.items if item not in due]
        fired = [event for event in self.story.fires() if isinstance(event, Message)]
        expected = {item.text: self.at >= item.due + LATE for item in due}
        assert len(fired) == len(due)
        assert {message.text: message.due is not None for message in fired} == expected

    @invariant()
    def those_who_are_here_are_the_same(self) -> None:
        here = [person.called for person in self.people if person.lines]
        assert sorted(self.story.users()) == sorted(here)

    @invariant()
    def the_muted_are_the_same_and_for_as_long(self) -> None:
        for person in self.people:
            for connection in person.lines:
                refused = self.story.chat.check(connection, "", Send("hi"), self.at)
                seconds = refused.data["seconds"] if isinstance(refused, Refused) else 0
                assert seconds == max(0, person.muted_until - self.at)

    @invariant()
    def complaints_mute_no_more_often_than_they_may(self) -> None:
        times = [at for at, _ in self.mutes]
        assert all(late - early >= 600 for early, late in zip(times, times[3:], strict=False))
        for person in {one for _, strangers in self.mutes for one in strangers}:
            theirs = [at for at, strangers in self.mutes if person in strangers]
            assert all(late - early >= DAY for early, late in zip(theirs, theirs[2:], strict=False))

    def teardown(self) -> None:
        """Look whether the same entries, or half of them and a snapshot, make the same chat."""
        entries, made = self.story.entries, self.story.chat.snapshot()
        assert retold(entries).snapshot() == made
        middle = retold(entries[: len(entries) // 2]).snapshot()
        assert retold(entries, middle).snapshot() == made


ModerationModel.TestCase.settings = settings(
    max_examples=examples(100), stateful_step_count=40, deadline=None
)
TestModeration = ModerationModel.TestCase
