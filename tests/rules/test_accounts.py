"""Accounts: names that are their owners', several connections, and what waits for who is away."""

import pytest

from chat_server.protocol.events import (
    Bye,
    Device,
    Event,
    Joined,
    Left,
    Message,
    Ok,
    Refused,
    Welcome,
    Whoami,
)
from chat_server.protocol.names import name
from chat_server.rules.accounts import MOST_DEVICES, MOST_TOKENS
from chat_server.rules.chat import Login
from chat_server.rules.entries import (
    AddMember,
    EndAccount,
    EndToken,
    Enter,
    LogIn,
    LogOut,
    NewAccount,
    NewPassword,
    NewToken,
    Return,
)
from chat_server.rules.presence import PERSON_KEPT
from chat_server.rules.state import Outcome
from chat_server.rules.waiting import MOST_WAITING, MOST_WAITING_BYTES, WAITS
from tests.support.clock import DAWN
from tests.support.story import Story, code, retold

HASH = "hash of a password"
DAY = 24 * 3600.0


class Members(Story):
    """A story in which people have accounts."""

    def member(self, wanted: str, token: str = "") -> str:
        """Enter and register; return the connection."""
        connection = self.enters(wanted, token)
        assert code(self.happens(NewAccount(HASH), connection)) == ""
        return connection

    def account(self, wanted: str) -> Login:
        """Return what has to be known of a member to log in as them."""
        login = self.chat.account(name(wanted))
        assert login is not None
        return login

    def password(self, wanted: str) -> int:
        """Return the number of a member's password."""
        return self.account(wanted).changed

    def tries_to_log_in(
        self, connection: str, wanted: str, token: str = "", address: str = ""
    ) -> Outcome:
        login = self.account(wanted)
        command = LogIn(login.person.id, login.changed, token or None, address)
        return self.happens(command, connection)

    def devices(self, connection: str) -> list[Device]:
        """Return what a member is told of their devices."""
        who = self.chat.whoami(connection)
        assert isinstance(who, Whoami)
        return who.devices

    def opens(self) -> str:
        """Open a connection that nobody has entered over yet."""
        return self._opens()

    def logs_in(self, wanted: str, token: str = "") -> str:
        """Open a connection and log in over it, with the right password; return it."""
        connection = self.opens()
        outcome = self.tries_to_log_in(connection, wanted, token)
        assert outcome.answer == Ok(code="logged_in", data={"name": wanted})
        return connection


@pytest.fixture
def story() -> Members:
    return Members()


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


# Names that are somebody's


@pytest.mark.parametrize("wanted", ["alice", "ALICE", "ａｌｉｃｅ"])
def test_name_of_a_member_who_is_away_is_nobody_elses(story: Members, wanted: str) -> None:
    story.breaks(story.member("alice"))
    story.wait(400 * DAY)
    bob = story.enters("bob")
    assert code(story.types(bob, f"rename {wanted}")) == "name_owned"
    assert code(story.happens(Enter(name(wanted)), "c")) == "name_owned"


def test_name_stays_a_members_after_their_goodbye_and_a_restart(story: Members) -> None:
    story.types(story.member("alice"), "exit")
    chat = retold([], story.chat.snapshot())
    assert chat.account(name("alice")) == story.chat.account(name("alice"))
    story.starts()
    assert code(story.types(story.enters(), "rename alice")) == "name_owned"


def test_member_who_renames_owns_the_new_name_and_no_longer_the_old_one(story: Members) -> None:
    alice = story.member("alice")
    story.types(alice, "rename alicia")
    story.breaks(alice)
    bob = story.enters("bob")
    assert code(story.types(bob, "rename alicia")) == "name_owned"
    assert code(story.types(bob, "rename alice")) == ""


def test_only_a_name_of_ones_own_choice_can_be_registered_and_once(story: Members) -> None:
    assert code(story.happens(NewAccount(HASH), story.enters())) == "guest_name"
    assert code(story.happens(NewAccount(HASH), story.member("alice"))) == "already_a_member"


def test_of_too_many_accounts_only_an_admin_makes_more(
    story: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_server.rules.accounts.MOST_ACCOUNTS", 2)
    alice, carol = story.member("alice"), story.enters("carol")
    story.happens(AddMember(name("bob"), HASH), "")
    refused = Refused("too_many_accounts", {"limit": 2})
    assert story.happens(NewAccount(HASH), carol).answer == refused
    restarted = Story(story.chat.snapshot(), node="next")
    assert restarted.happens(NewAccount(HASH), restarted.enters("dave")).answer == refused
    story.happens(EndAccount(story.password("alice")), alice)
    assert code(story.happens(NewAccount(HASH), carol)) == ""


def test_who_unregisters_is_a_guest_of_that_name(story: Members) -> None:
    alice = story.member("alice")
    other = story.logs_in("alice")
    story.happens(NewToken("bot", "of the bot"), alice)
    story.hears(other)
    assert code(story.happens(EndAccount(story.password("alice")), alice)) == ""
    assert kinds(story.hears(other)) == [Bye]
    assert story.users() == ["alice"]
    assert story.chat.check_token("of the bot") is not None
    story.breaks(alice)
    assert story.person(story.enters("alice")).name == "alice"


@pytest.mark.parametrize(
    "command", [NewPassword(HASH, 1), EndAccount(1), NewToken("", "t"), EndToken("1")]
)
def test_guest_has_no_account_to_change(
    story: Members, command: NewPassword | EndAccount | NewToken | EndToken
) -> None:
    assert code(story.happens(command, story.enters("bob"))) == "not_a_member"


def test_password_that_was_changed_meanwhile_lets_nobody_in(story: Members) -> None:
    alice = story.member("alice")
    login = story.chat.account(name("alice"))
    assert login is not None
    story.happens(NewPassword("another", login.changed), alice)
    outcome = story.happens(LogIn(login.person.id, login.changed), "c")
    assert code(outcome) == "wrong_password"
    assert not story.chat.has_entered("c")


def test_password_of_one_member_changes_nothing_of_anothers(story: Members) -> None:
    story.member("bob", "of bob")
    mallory = story.member("mallory")
    number, before = story.password("mallory"), story.chat.account(name("bob"))
    story.types(mallory, "resume of bob")
    for command in (NewPassword("of mallory", number), EndAccount(number)):
        assert code(story.happens(command, mallory)) == "wrong_password"
    assert story.chat.account(name("bob")) == before


def test_password_of_an_account_that_ended_is_none_of_the_next_one(story: Members) -> None:
    alice = story.member("alice")
    former = story.password("alice")
    story.happens(EndAccount(former), alice)
    story.happens(NewAccount("another"), alice)
    assert code(story.happens(NewPassword(HASH, former), alice)) == "wrong_password"


def test_new_password_ends_every_other_connection_but_no_programs_token(story: Members) -> None:
    alice = story.member("alice")
    story.happens(NewToken("backup", "of the bot"), alice)
    other = story.logs_in("alice", "of the other")
    story.breaks(story.logs_in("alice", "of one that broke"))
    story.forget_told()
    command = NewPassword("another", story.password("alice"))
    assert code(story.happens(command, alice)) == ""
    assert story.hears(other) == [Bye("dismissed")]
    for token in ("of the other", "of one that broke"):
        assert story.chat.check_token(token) is not None
    assert story.chat.check_token("of the bot") is None
    assert (story.users(), story.chat.here()) == (["alice"], 1)


# Several connections


def test_member_at_two_connections_is_one_person_who_hears_each_line_once(story: Members) -> None:
    first, bob = story.member("alice"), story.enters("bob")
    story.forget_told()
    second = story.logs_in("alice")
    assert (story.users(), story.chat.here()) == (["alice", "bob"], 2)
    assert kinds(story.hears(bob)) == []
    assert kinds(story.hears(second)) == [Welcome]
    story.types(bob, "send hello -u alice")
    story.types(second, "send yes -u bob")
    story.types(first, "send to me -u alice")
    for connection in (first, second):
        assert story.messages(connection) == ["hello", "yes", "to me"]
    assert story.messages(bob) == ["hello", "yes"]


def test_nobody_is_told_of_a_member_who_is_still_here_elsewhere(story: Members) -> None:
    first, bob = story.member("alice"), story.enters("bob")
    second = story.logs_in("alice")
    story.forget_told()
    assert kinds([d.event for d in story.types(second, "exit").deliveries]) == [Bye]
    assert (story.users(), story.hears(bob)) == (["alice", "bob"], [])
    story.breaks(first)
    alice = story.account("alice").person
    assert story.hears(bob) == [Left([alice], DAWN, away=[alice])]
    assert story.users() == ["bob"]


def test_member_is_told_where_they_are_and_what_can_be_resumed(story: Members) -> None:
    first = story.member("alice")
    second = story.opens()
    story.tries_to_log_in(second, "alice", "t2", "203.0.113.5")
    here = Device(None, this=True)
    assert story.devices(first) == [here, Device("203.0.113.5")]
    story.breaks(second)
    assert story.devices(first) == [here, Device("203.0.113.5", here=False)]
    story.wait(PERSON_KEPT)
    story.enters("bob")
    assert story.devices(first) == [here]


def test_device_of_a_program_has_the_label_of_its_token(story: Members) -> None:
    alice = story.member("alice")
    story.happens(NewToken("backup", "of the bot"), alice)
    bot = story.opens()
    story.happens(Return("of the bot", "fresh"), bot)
    assert story.devices(bot) == [Device(None), Device(None, this=True, program="backup")]


def test_guest_is_told_no_devices_and_no_rank(story: Members) -> None:
    bob = story.enters("bob", "t")
    assert story.chat.whoami(bob) == Whoami(story.person(bob), member=False)


def test_whose_device_leaves_last_is_said_to_be_away_if_they_are_a_member(story: Members) -> None:
    alice, bob, carol = story.member("alice"), story.enters("bob"), story.enters("carol")
    member, guest = story.person(alice), story.person(bob)
    story.forget_told()
    story.breaks(alice)
    story.breaks(bob)
    assert story.hears(carol) == [Left([member], DAWN, [member]), Left([guest], DAWN)]


def test_program_is_welcomed_with_the_members_away_whom_it_has_written_with(
    story: Members,
) -> None:
    alice, dave, erin = story.member("alice"), story.member("dave"), story.member("erin")
    bob, carol = story.enters("bob", "t"), story.enters("carol")
    story.types(bob, "send to a member -u alice")
    story.types(dave, "send from a member -u bob")
    story.types(bob, "send to one who stays -u erin")
    story.types(bob, "send to a guest -u carol")
    away = [story.person(alice), story.person(dave)]
    for connection in (alice, dave, carol):
        story.breaks(connection)
    assert story.welcome(bob).away == away
    assert story.welcome(erin).away == []


def test_scheduled_messages_are_the_members_wherever_they_are(story: Members) -> None:
    first = story.member("alice")
    second = story.logs_in("alice")
    story.forget_told()
    story.types(first, "send later -t 60")
    assert story.pending(second) == ["later"]
    assert kinds(story.hears(first)) == kinds(story.hears(second))
    story.types(second, "cancel 1")
    assert (story.pending(first), kinds(story.hears(first))) == ([], kinds(story.hears(second)))


def test_each_connection_of_a_program_comes_back_by_its_own_token(story: Members) -> None:
    first, second = story.member("alice", "t1"), story.logs_in("alice", "t2")
    story.breaks(first)
    again = story.resumes("t1")
    assert story.welcome(again).token == "t1"
    assert story.welcome(second).token == "t2"
    assert story.users() == ["alice"]
    third = story.resumes("t2")
    assert story.hears(second)[-1] == Bye("elsewhere")
    assert story.welcome(third).token == "t2"


def test_token_of_a_connection_counts_for_a_day(story: Members) -> None:
    story.breaks(story.member("alice", "t1"))
    story.wait(PERSON_KEPT)
    outcome = story.happens(Return("t1", "fresh"), "c")
    assert code(outcome) == "bad_token"
    assert story.users() == ["guest1"]


def test_member_has_so_many_connections_and_those_that_broke_give_way(story: Members) -> None:
    story.breaks(story.member("alice", "t0"))
    story.wait(1)
    for number in range(MOST_DEVICES):
        story.logs_in("alice", f"t{number + 1}")
    assert code(story.tries_to_log_in("c", "alice")) == "too_many_devices"
    assert story.chat.check_token("t0") is not None


def test_program_that_is_started_again_and_again_always_comes_in(story: Members) -> None:
    story.happens(NewToken("backup", "of the bot"), story.member("alice"))
    for _ in range(3 * MOST_DEVICES):
        bot = story.resumes("of the bot")
        assert story.person(bot).name == "alice"
        story.breaks(bot)


def test_guest_who_logs_in_brings_what_they_scheduled_and_is_gone(story: Members) -> None:
    story.types(story.member("alice"), "exit")
    guest, bob = story.enters("ann"), story.enters("bob")
    story.types(guest, "send later -t 60")
    story.forget_told()
    story.tries_to_log_in(guest, "alice")
    assert story.users() == ["bob", "alice"]
    assert kinds(story.hears(bob)) == [Left, Joined]
    assert (story.pending(guest), story.person(guest).name) == (["later"], "alice")


def test_who_logs_out_is_a_new_guest(story: Members) -> None:
    alice, bob = story.member("alice"), story.enters("bob")
    story.forget_told()
    outcome = story.happens(LogOut(), alice)
    assert outcome.answer == Ok(code="logged_out")
    assert story.person(alice).name == "guest1"
    assert kinds(story.hears(bob)) == [Left, Joined]
    assert kinds(story.hears(alice)) == [Welcome]
    assert code(story.happens(LogOut(), alice)) == "not_a_member"


# Programs


def test_programs_of_one_member_may_use_the_same_keys(story: Members) -> None:
    first = story.member("alice", "t1")
    story.types(first, "@1 send one")
    second = story.logs_in("alice", "t2")
    story.types(second, "@1 send another")
    story.breaks(first)
    story.types(story.resumes("t1"), "@1 send one")
    assert story.remembered(second) == ["one", "another"]


def test_program_comes_with_its_token_as_often_as_it_likes(story: Members) -> None:
    story.happens(NewToken("backup", "of the bot"), story.member("alice"))
    first, second = story.resumes("of the bot"), story.resumes("of the bot")
    assert story.users() == ["alice"]
    assert story.welcome(first).token != story.welcome(second).token
    story.hears(second)
    story.types(first, "send done -u alice")
    assert story.messages(second) == ["done"]


def test_token_that_was_revoked_lets_nobody_in(story: Members) -> None:
    alice = story.member("alice")
    made = story.happens(NewToken("backup", "of the bot"), alice).answer
    assert isinstance(made, Ok)
    assert code(story.happens(EndToken("7000"), alice)) == "unknown_token"
    assert code(story.happens(EndToken(made.id), alice)) == ""
    assert code(story.happens(Return("of the bot", "fresh"), "c")) == "bad_token"


def test_program_whose_token_is_revoked_is_here_no_more(story: Members) -> None:
    alice = story.member("alice")
    made = [story.happens(NewToken("", hash_), alice).answer for hash_ in ("one", "two")]
    first, second = story.resumes("one"), story.resumes("two")
    token = story.welcome(first).token
    assert isinstance(made[0], Ok)
    story.happens(EndToken(made[0].id), alice)
    assert story.hears(first)[-1] == Bye("dismissed")
    assert story.chat.has_entered(second)
    assert code(story.happens(Return(token or "", "fresh"), "c")) == "bad_token"


def test_who_was_here_already_stays_when_a_token_that_they_tried_is_revoked(
    story: Members,
) -> None:
    alice, other = story.member("alice"), story.logs_in("alice")
    made = story.happens(NewToken("", "of the bot"), alice).answer
    assert isinstance(made, Ok)
    story.happens(Return("of the bot", "fresh"), other)
    story.happens(EndToken(made.id), alice)
    assert story.chat.has_entered(other)


def test_member_has_so_many_tokens(story: Members) -> None:
    alice = story.member("alice")
    for number in range(MOST_TOKENS):
        assert code(story.happens(NewToken("", f"t{number}"), alice)) == ""
    assert code(story.happens(NewToken("", "one more"), alice)) == "too_many_tokens"


def test_program_of_a_member_with_too_many_connections_is_a_guest_and_told_why(
    story: Members,
) -> None:
    story.happens(NewToken("", "of the bot"), story.member("alice"))
    for _ in range(MOST_DEVICES - 1):
        story.resumes("of the bot")
    outcome = story.happens(Return("of the bot", "fresh"), "c")
    assert code(outcome) == "too_many_devices"
    assert story.person("c").name == "guest1"


def test_nobody_becomes_a_guest_by_a_token_where_no_guest_may_be(story: Members) -> None:
    story.happens(NewToken("", "of the bot"), story.member("alice", "t1"))
    for _ in range(MOST_DEVICES - 1):
        story.resumes("of the bot")
    full = story.happens(Return("of the bot", "fresh", may_enter=False), "c")
    assert code(full) == "too_many_devices"
    assert not story.chat.has_entered("c")
    story.starts()
    story.wait(PERSON_KEPT)
    late = story.happens(Return("t1", "fresh", may_enter=False), "d")
    assert code(late) == "bad_token"
    assert story.users() == []


# Away


def test_message_to_a_member_who_is_away_is_told_once_with_its_time(story: Members) -> None:
    story.types(story.member("alice"), "exit")
    bob = story.enters("bob")
    sent = story.types(bob, "send hi -u alice").answer
    assert isinstance(sent, Ok)
    assert (sent.code, sent.data) == ("waits", {"name": "alice"})
    story.wait(DAY)
    alice = story.logs_in("alice")
    welcome, message = story.hears(alice)
    assert isinstance(welcome, Welcome)
    assert isinstance(message, Message)
    assert (message.id, message.text, message.at) == (sent.id, "hi", DAWN)
    assert kinds(story.hears(story.logs_in("alice"))) == [Welcome]


def test_so_many_messages_wait_for_a_member_and_for_so_long(story: Members) -> None:
    story.types(story.member("alice"), "exit")
    bob = story.enters("bob")
    for number in range(MOST_WAITING):
        assert code(story.types(bob, f"send {number} -u alice")) == ""
    assert code(story.types(bob, "send one more -u alice")) == "too_many_waiting"
    story.wait(WAITS)
    story.types(bob, "send much later -u alice")
    assert story.messages(story.logs_in("alice")) == ["much later"]


def test_what_waits_for_all_members_together_has_a_bound(story: Members) -> None:
    bob = story.enters("bob")
    text = "\U0001f642" * 2000
    sent = 0
    for number in range(40):
        story.types(story.member(f"m{number}x"), "exit")
        for _ in range(MOST_WAITING):
            sent += code(story.types(bob, f"send -u m{number}x {text}")) == ""
    assert sent == -(-MOST_WAITING_BYTES // len(text.encode()))
    story.logs_in("m0x")
    assert code(story.types(bob, f"send -u m39x {text}")) == ""


def test_scheduled_message_waits_for_a_member_who_is_away(story: Members) -> None:
    alice, bob = story.member("alice"), story.enters("bob")
    story.types(bob, "send later -u alice -t 60")
    story.types(alice, "exit")
    story.wait(60)
    story.fires()
    assert story.messages(story.logs_in("alice")) == ["later"]


def test_what_a_member_scheduled_comes_while_they_are_away_and_says_so(story: Members) -> None:
    alice, bob = story.member("alice"), story.enters("bob")
    story.types(alice, "send later -t 60")
    story.types(alice, "exit")
    story.wait(60)
    story.forget_told()
    story.fires()
    [message] = story.hears(bob)
    assert isinstance(message, Message)
    assert (message.text, message.away, message.left) == ("later", True, False)


def test_message_to_a_guest_who_is_away_is_still_refused(story: Members) -> None:
    story.breaks(story.enters("carol", "token"))
    assert code(story.types(story.enters("bob"), "send hi -u carol")) == "nobody_of_that_name"


def test_mute_and_complaints_are_the_accounts(story: Members) -> None:
    story.is_configured(reports=1, mute_seconds=600)
    alice = story.member("alice")
    for other in ("bob", "carol"):
        story.types(story.enters(other), "report alice")
    story.types(alice, "exit")
    again = story.logs_in("alice")
    assert code(story.types(again, "send hi")) == "muted"
    story.wait(600)
    assert code(story.types(again, "send hi")) == ""


def test_who_is_muted_does_not_speak_as_a_member_they_log_in_as(story: Members) -> None:
    story.is_configured(reports=1, mute_seconds=600)
    story.types(story.member("alice"), "exit")
    guest = story.enters("mallory")
    for other in ("bob", "carol"):
        story.types(story.enters(other), "report mallory")
    story.tries_to_log_in(guest, "alice")
    assert code(story.types(guest, "send hi")) == "muted"
