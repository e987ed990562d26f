"""Accounts, told once more naively: whatever members, guests and programs do, both agree."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chat_server.protocol.events import Joined, Left, Message, Ok, Person, Renamed, Welcome, Whoami
from chat_server.protocol.names import name
from chat_server.rules.accounts import MOST_DEVICES
from chat_server.rules.entries import (
    EndAccount,
    EndToken,
    LogIn,
    LogOut,
    NewAccount,
    NewPassword,
    NewToken,
)
from chat_server.rules.presence import PERSON_KEPT
from tests.support.fuzz import examples
from tests.support.story import Story, code, retold

NAMES = ("alice", "bob", "carol")
OBSERVER = "observer"

names = st.sampled_from(NAMES)
numbers = st.integers(0, 30)
tokens = st.booleans()


@dataclass(eq=False)
class Line:
    """A connection of somebody, or one that broke ("")."""

    connection: str
    token: str
    is_old: bool = False
    """Whether it broke a day ago."""
    program: str = ""
    """The token of a program by which it came."""


@dataclass(eq=False)
class Somebody:
    called: str
    passwords: list[int] = field(default_factory=list)
    """The numbers of all that they had; the last one counts."""
    is_member: bool = False
    lines: list[Line] = field(default_factory=list)
    programs: dict[str, str] = field(default_factory=dict)
    """The ids of tokens, by the tokens."""
    waiting: list[str] = field(default_factory=list)

    @property
    def connections(self) -> list[str]:
        return [line.connection for line in self.lines if line.connection]


class AccountsModel(RuleBasedStateMachine):
    """A chat whose people are a list that is searched from end to end."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.people: list[Somebody] = []
        self.guests = 0
        self.given = 0
        self.former: list[tuple[str, int]] = []
        """Names that were members', with numbers of passwords that they had."""
        self.ended: list[str] = []
        """Tokens of programs that count no more."""
        self.observer = ""
        self.seen: set[Person] = set()
        self.looks_on()

    # Finding

    def looks_on(self) -> None:
        """Let somebody come who does nothing but look on."""
        self.observer = self.story.enters(OBSERVER)
        [welcome] = [e for e in self.story.hears(self.observer) if isinstance(e, Welcome)]
        self.seen = set(welcome.users)

    def all_connections(self) -> list[str]:
        return [one for person in self.people for one in person.connections]

    def chosen(self, number: int) -> tuple[str, Somebody]:
        among = self.all_connections()
        connection = among[number % len(among)]
        return connection, self.at(connection)

    def at(self, connection: str) -> Somebody:
        return next(person for person in self.people if connection in person.connections)

    def named(self, wanted: str) -> Somebody | None:
        return next((person for person in self.people if person.called == wanted), None)

    def token(self, is_wanted: bool) -> str:
        self.given += is_wanted
        return f"t{self.given}" if is_wanted else ""

    def some_token(self, number: int) -> str:
        among = [line.token for person in self.people for line in person.lines if line.token]
        among += [token for person in self.people for token in person.programs]
        among += ["unknown", *self.ended]
        return among[number % len(among)]

    def guest_name(self) -> str:
        self.guests += 1
        return f"guest{self.guests}"

    # What becomes of people

    def ends_if_over(self, person: Somebody) -> None:
        if not (person.is_member or person.lines):
            self.people.remove(person)

    def ends(self, connection: str) -> None:
        """End a connection for good."""
        person = self.at(connection)
        person.lines = [line for line in person.lines if line.connection != connection]
        self.ends_if_over(person)

    def breaks(self, connection: str) -> None:
        """End a connection that can come back with its token."""
        person = self.at(connection)
        for line in list(person.lines):
            if line.connection == connection:
                line.connection = ""
                if not line.token:
                    person.lines.remove(line)
        self.ends_if_over(person)

    def comes(self, connection: str, person: Somebody, line: Line) -> None:
        """Let a connection be a line of somebody, who hears what waits for them."""
        if connection in self.all_connections():
            self.ends(connection)
        if line not in person.lines:
            person.lines.append(line)
        line.connection = connection
        expected, person.waiting = person.waiting, []
        assert self.story.messages(connection) == expected

    def keeps_one_line(self, person: Somebody, connection: str) -> None:
        person.lines = [line for line in person.lines if line.connection == connection]

    # Steps

    @rule(wanted=st.sampled_from(("", *NAMES)), has_token=tokens)
    def enters(self, wanted: str, has_token: bool) -> None:
        token = self.token(has_token)
        connection = self.story.enters(wanted, token)
        is_free = wanted != "" and self.named(wanted) is None
        person = Somebody(wanted if is_free else self.guest_name())
        self.people.append(person)
        self.comes(connection, person, Line(connection, token))

    @precondition(lambda self: self.all_connections())
    @rule(number=numbers, wanted=names)
    def renames(self, number: int, wanted: str) -> None:
        connection, person = self.chosen(number)
        holder = self.named(wanted)
        outcome = self.story.types(connection, f"rename {wanted}")
        if holder is not None and holder is not person:
            assert code(outcome) == ("name_owned" if holder.is_member else "name_taken")
        else:
            assert code(outcome) == ""
            person.called = wanted

    @precondition(lambda self: self.all_connections())
    @rule(number=numbers)
    def registers(self, number: int) -> None:
        connection, person = self.chosen(number)
        outcome = self.story.happens(NewAccount("hash"), connection)
        if person.is_member:
            assert code(outcome) == "already_a_member"
        elif person.called.startswith("guest"):
            assert code(outcome) == "guest_name"
        else:
            assert isinstance(outcome.answer, Ok)
            person.is_member = True
            person.passwords.append(self.story.chat.last)

    @precondition(lambda self: self.all_connections())
    @rule(number=numbers, ends=st.booleans(), which=st.sampled_from((-1, -1, -2, 0)))
    def uses_a_password(self, number: int, ends: bool, which: int) -> None:
        """Unregister, or change the password, with the present one or another."""
        connection, person = self.chosen(number)
        given = [0, *[n for somebody in self.people for n in somebody.passwords]]
        given = person.passwords if which == -1 and person.passwords else given
        used = given[which % len(given)]
        outcome = self.story.happens(
            EndAccount(used) if ends else NewPassword("another", used), connection
        )
        if not person.is_member:
            assert code(outcome) == "not_a_member"
        elif used != person.passwords[-1]:
            assert code(outcome) == "wrong_password"
        else:
            assert isinstance(outcome.answer, Ok)
            self.keeps_one_line(person, connection)
            self.has_another_password(person, ends)

    def has_another_password(self, person: Somebody, ends: bool) -> None:
        self.former.append((person.called, person.passwords[-1]))
        if ends:
            self.ended += person.programs
            person.is_member, person.programs = False, {}
        else:
            person.passwords.append(self.story.chat.last)

    @rule(number=numbers, wanted=names, is_new=st.booleans(), has_token=tokens, old=st.booleans())
    def logs_in(self, number: int, wanted: str, is_new: bool, has_token: bool, old: bool) -> None:
        login = self.story.chat.account(name(wanted))
        person = self.named(wanted)
        assert (login is not None) == (person is not None and person.is_member)
        if login is None or person is None or len(person.lines) >= MOST_DEVICES:
            return
        among = self.all_connections()
        connection = f"new {self.story.chat.last}"
        if among and not is_new:
            connection = among[number % len(among)]
        changed = person.passwords[0] if old else person.passwords[-1]
        token = self.token(has_token)
        self.story.hears(connection)
        outcome = self.story.happens(LogIn(login.person.id, changed, token or None), connection)
        if changed != person.passwords[-1]:
            assert code(outcome) == "wrong_password"
        else:
            assert isinstance(outcome.answer, Ok)
            if connection not in person.connections:
                self.comes(connection, person, Line("", token))

    @precondition(lambda self: self.all_connections())
    @rule(number=numbers, has_token=tokens)
    def logs_out(self, number: int, has_token: bool) -> None:
        connection, person = self.chosen(number)
        token = self.token(has_token)
        outcome = self.story.happens(LogOut(token or None), connection)
        if not person.is_member:
            assert code(outcome) == "not_a_member"
            return
        assert isinstance(outcome.answer, Ok)
        guest = Somebody(self.guest_name())
        self.people.append(guest)
        self.comes(connection, guest, Line("", token))

    @precondition(lambda self: self.all_connections())
    @rule(number=numbers)
    def makes_a_token(self, number: int) -> None:
        connection, person = self.chosen(number)
        token = self.token(True)
        outcome = self.story.happens(NewToken("", token), connection)
        if person.is_member:
            assert isinstance(outcome.answer, Ok)
            person.programs[token] = outcome.answer.id
        else:
            assert code(outcome) == "not_a_member"

    @precondition(lambda self: any(person.programs for person in self.people))
    @rule(number=numbers, who=numbers)
    def revokes_a_token(self, number: int, who: int) -> None:
        among = [one for person in self.people for one in person.programs.items()]
        token, id_ = among[number % len(among)]
        if not self.all_connections():
            return
        connection, person = self.chosen(who)
        outcome = self.story.happens(EndToken(id_), connection)
        if not person.is_member:
            assert code(outcome) == "not_a_member"
        elif token in person.programs:
            assert isinstance(outcome.answer, Ok)
            del person.programs[token]
            self.ended.append(token)
            person.lines = [
                line
                for line in person.lines
                if line.program != token or line.connection == connection
            ]
        else:
            assert code(outcome) == "unknown_token"

    @rule(number=numbers, who=numbers, is_new=st.booleans())
    def resumes(self, number: int, who: int, is_new: bool) -> None:
        token, among = self.some_token(number), self.all_connections()
        connection = f"new {self.story.chat.last}"
        if among and not is_new:
            connection = among[who % len(among)]
        owner, line = self.owner_of(token)
        if owner is not None and len(owner.lines) >= MOST_DEVICES:
            return
        self.story.hears(connection)
        outcome = self.story.types(connection, f"resume {token}")
        if owner is None:
            assert code(outcome) == "bad_token"
            if connection not in among:
                guest = Somebody(self.guest_name())
                self.people.append(guest)
                self.comes(connection, guest, Line("", f"fresh {connection}"))
            return
        assert isinstance(outcome.answer, Ok)
        if line is None and connection not in owner.connections:
            self.comes(connection, owner, Line("", f"fresh {connection}", program=token))
        elif line is not None and line.connection != connection:
            line.connection = ""
            self.comes(connection, owner, line)

    def owner_of(self, token: str) -> tuple[Somebody | None, Line | None]:
        """Find whose token it is, and of which of their lines; None for a program's."""
        for person in self.people:
            if token in person.programs:
                return person, None
            for line in person.lines:
                if line.token == token and (line.connection or not line.is_old):
                    return person, line
        return None, None

    @precondition(lambda self: self.all_connections())
    @rule(number=numbers, is_goodbye=st.booleans())
    def goes(self, number: int, is_goodbye: bool) -> None:
        connection, _ = self.chosen(number)
        if is_goodbye:
            self.story.types(connection, "exit")
            self.ends(connection)
        else:
            self.story.breaks(connection)
            self.breaks(connection)

    @precondition(lambda self: self.all_connections())
    @rule(number=numbers, wanted=names)
    def writes(self, number: int, wanted: str) -> None:
        """Write to one person: nobody else hears it, and who is away hears it later."""
        connection, person = self.chosen(number)
        recipient, text = self.named(wanted), f"message {self.story.chat.last}"
        self.story.forget_told_but(self.observer)
        outcome = self.story.types(connection, f"send {text} -u {wanted}")
        if recipient is None or not (recipient.connections or recipient.is_member):
            assert code(outcome) == "nobody_of_that_name"
            return
        assert isinstance(outcome.answer, Ok)
        if not recipient.connections:
            recipient.waiting.append(text)
        hearers = {*person.connections, *recipient.connections}
        for other in self.all_connections():
            assert self.story.messages(other) == ([text] if other in hearers else [])

    @rule()
    def starts_anew(self) -> None:
        for connection in self.all_connections():
            self.breaks(connection)
        self.story.starts()
        self.looks_on()

    @rule()
    def a_day_passes(self) -> None:
        self.story.wait(PERSON_KEPT)
        self.story.fires(0)
        for person in list(self.people):
            for line in person.lines:
                line.is_old |= not line.connection
            if not (person.connections or person.is_member):
                self.people.remove(person)

    # Both agree

    @invariant()
    def those_who_are_here_are_the_same(self) -> None:
        here = [person.called for person in self.people if person.connections]
        assert sorted(self.story.users()) == sorted([*here, OBSERVER])
        assert self.story.chat.here() == len(here) + 1

    @invariant()
    def everybody_is_told_once_of_each_who_comes_and_goes(self) -> None:
        for event in self.story.hears(self.observer):
            match event:
                case Joined(people):
                    assert self.seen.isdisjoint(people)
                    self.seen.update(people)
                case Left(people):
                    assert self.seen.issuperset(people)
                    self.seen.difference_update(people)
                case Renamed(person, old):
                    self.seen.remove(Person(person.id, old))
                    self.seen.add(person)
                case Message():
                    raise AssertionError("what was said to one person is for nobody else")
        assert self.seen == set(self.story.chat.users().people)

    @invariant()
    def everybody_is_who_they_are(self) -> None:
        for person in self.people:
            for connection in person.connections:
                who = self.story.chat.whoami(connection)
                assert isinstance(who, Whoami)
                assert (who.you.name, who.member) == (person.called, person.is_member)
                assert who.connections == len(person.connections)
                assert self.story.chat.token_hash_at(connection) == next(
                    line.token for line in person.lines if line.connection == connection
                )
            if person.is_member:
                login = self.story.chat.account(name(person.called))
                assert login is not None
                assert login.changed == person.passwords[-1]

    @invariant()
    def no_token_counts_that_ended(self) -> None:
        assert all(self.story.chat.check_token(token) is not None for token in self.ended)

    @invariant()
    def no_former_password_counts(self) -> None:
        for called, changed in self.former:
            login = self.story.chat.account(name(called))
            assert login is None or login.changed != changed

    def teardown(self) -> None:
        """Look whether the same entries, or half of them and a snapshot, make the same chat."""
        entries, made = self.story.entries, self.story.chat.snapshot()
        assert retold(entries).snapshot() == made
        middle = retold(entries[: len(entries) // 2]).snapshot()
        assert retold(entries, middle).snapshot() == made


AccountsModel.TestCase.settings = settings(
    max_examples=examples(200), stateful_step_count=25, deadline=None
)
TestAccounts = AccountsModel.TestCase
