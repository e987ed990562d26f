"""Entering, leaving, names, and coming back as the same person."""

import msgspec
import pytest

from chat_server.protocol.events import Bye, Joined, Left, Ok, Refused, Renamed, Welcome
from chat_server.protocol.names import Name, name
from chat_server.rules.entries import Enter, Leave
from chat_server.rules.presence import MOST_AWAY, MOST_IDLE
from chat_server.rules.state import Delivery, Everyone, Outcome, Persons, State
from tests.support.clock import DAWN
from tests.support.story import Story, code, told

HOURS = 3600.0


@pytest.fixture
def story() -> Story:
    return Story()


# Entering


def test_who_enters_is_announced_to_the_others_and_welcomed(story: Story) -> None:
    alice = story.enters("alice")
    story.hears(alice)
    bob = story.enters("bob")
    assert story.hears(alice) == [Joined([story.person(bob)], DAWN)]
    assert story.hears(bob) == [story.welcome(bob)]


def test_welcome_describes_the_chat(story: Story) -> None:
    alice = story.enters("alice")
    sent = story.types(alice, "send hi").answer
    story.wait(5)
    bob = story.enters("bob")
    welcome = story.welcome(bob)
    assert isinstance(sent, Ok)
    assert (welcome.protocol, welcome.you.name, welcome.chat) == (2, "bob", "story")
    assert welcome.users == [story.person(alice), story.person(bob)]
    assert (welcome.time, welcome.last) == (DAWN + 5, sent.id)
    assert (welcome.pending, welcome.undelivered, welcome.token) == ([], [], None)


def test_first_welcome_knows_of_no_message(story: Story) -> None:
    assert story.welcome(story.enters()).last == "0"


def test_entering_with_a_name_answers_the_line_that_brought_it(story: Story) -> None:
    assert story.happens(Enter(name("alice")), "a").answer == Ok()
    assert story.happens(Enter(), "b").answer is None


@pytest.mark.parametrize("wanted", ["alice", "ALICE", "ａｌｉｃｅ"])
def test_who_wants_a_taken_name_enters_as_a_guest_and_is_told(story: Story, wanted: str) -> None:
    story.enters("alice")
    outcome = story.happens(Enter(name(wanted)), "b")
    assert code(outcome) == "name_taken"
    assert [type(event) for event in told(outcome)] == [Joined, Welcome]
    assert story.users() == ["alice", "guest1"]


def test_who_wants_a_reserved_name_enters_as_a_guest_and_is_told(story: Story) -> None:
    assert code(story.happens(Enter(name("guest7")), "b")) == "name_reserved"
    assert story.users() == ["guest1"]


def test_guest_numbers_never_return(story: Story) -> None:
    story.types(story.enters(), "exit")
    story.breaks(story.enters())
    story.enters()
    assert story.users() == ["guest3"]


def test_entering_twice_on_one_connection_is_entering_once(story: Story) -> None:
    alice = story.enters("alice")
    assert told(story.happens(Enter(name("bob")), alice)) == []
    assert story.users() == ["alice"]


def test_users_are_those_who_are_here_in_the_order_of_arrival(story: Story) -> None:
    carol, _alice, _bob = (story.enters(who) for who in ("carol", "alice", "bob"))
    story.breaks(carol)
    assert story.users() == ["alice", "bob"]
    assert story.chat.here() == 2
    assert not story.chat.has_entered(carol)


# Names


def test_everyone_is_told_of_a_rename(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.forget_told()
    assert story.types(alice, "rename carol").answer == Ok()
    assert story.hears(alice) == story.hears(bob) == [Renamed(story.person(alice), "alice", DAWN)]
    assert story.users() == ["carol", "bob"]
    assert story.chat.name_at(alice) == "carol"


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ("alice", "ALICE"),
        ("ALICE", "alice"),
        ("alice", "ａｌｉｃｅ"),
        ("Андрей", "Андреи\u0306"),
        ("Straße", "STRASSE"),
    ],
)
def test_two_spellings_of_one_name_cannot_coexist(story: Story, held: str, wanted: str) -> None:
    story.enters(held)
    bob = story.enters("bob")
    assert code(story.types(bob, f"rename {wanted}")) == "name_taken"
    assert story.users() == [held, "bob"]


def test_case_of_ones_own_name_can_be_changed(story: Story) -> None:
    alice = story.enters("alice")
    renamed = told(story.types(alice, "rename ALICE"))
    assert renamed == [Renamed(story.person(alice), "alice", DAWN)]
    assert story.users() == ["ALICE"]
    assert code(story.types(story.enters("bob"), "rename alice")) == "name_taken"


def test_renaming_to_ones_own_name_is_ok_and_nobody_is_told(story: Story) -> None:
    outcome = story.types(story.enters("alice"), "rename alice")
    assert isinstance(outcome.answer, Ok)
    assert told(outcome) == []


def test_name_that_was_given_up_is_free(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(alice, "rename carol")
    assert story.types(bob, "rename alice").answer == Ok()


@pytest.mark.parametrize("wanted", ["server", "Everyone", "guest2", "GUEST9", "guest01"])
def test_reserved_names_are_refused(story: Story, wanted: str) -> None:
    guest1 = story.enters()
    assert code(story.types(guest1, f"rename {wanted}")) == "name_reserved"


@pytest.mark.parametrize("wanted", ["guest0", "guest1"])
def test_who_never_was_a_guest_has_no_guest_name(story: Story, wanted: str) -> None:
    alice = story.enters("alice")
    assert code(story.types(alice, f"rename {wanted}")) == "name_reserved"


def test_guest_may_take_the_own_guest_name_again(story: Story) -> None:
    guest1, guest2 = story.enters(), story.enters()
    story.types(guest1, "rename alice")
    assert code(story.types(guest2, "rename guest1")) == "name_reserved"
    assert story.types(guest1, "rename Guest1").answer == Ok()
    assert story.users() == ["Guest1", "guest2"]


# Look-alikes

LOOK_ALIKES = [
    ("alice", "a1ice"),
    ("alice", "аӏісе"),
    ("alice", "AIice"),
    ("b0b", "bob"),
    ("mark", "rnark"),
    ("Ian", "lan"),
    ("ВОВ", "Bob"),
]


@pytest.mark.parametrize(("held", "wanted"), LOOK_ALIKES)
def test_nobody_takes_a_look_alike_of_a_name_that_somebody_has(
    story: Story, held: str, wanted: str
) -> None:
    story.enters(held)
    bob = story.enters("zoe")
    refused = Refused("name_lookalike", {"name": wanted, "like": held})
    assert story.types(bob, f"rename {wanted}").answer == refused
    assert story.happens(Enter(name(wanted)), "c").answer == refused
    assert story.users() == [held, "zoe", "guest1"]


@pytest.mark.parametrize(
    ("seconds", "answer"), [(0, "name_lookalike"), (119.9, "name_lookalike"), (120, "")]
)
def test_look_alike_is_refused_as_long_as_a_name_is_kept(
    story: Story, seconds: float, answer: str
) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(seconds)
    assert code(story.types(story.enters("bob"), "rename a1ice")) == answer


def test_refusal_says_how_long_the_name_is_kept_that_it_looks_like(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(30)
    answer = story.types(story.enters("bob"), "rename a1ice").answer
    assert answer == Refused("name_lookalike", {"name": "a1ice", "like": "alice", "seconds": 90})


def test_the_same_name_is_taken_and_no_look_alike(story: Story) -> None:
    story.enters("a1ice")
    assert code(story.types(story.enters("bob"), "rename A1ice")) == "name_taken"


@pytest.mark.parametrize(("before", "after"), LOOK_ALIKES)
def test_ones_own_name_may_become_a_look_alike_of_itself(
    story: Story, before: str, after: str
) -> None:
    one = story.enters(before)
    assert story.types(one, f"rename {after}").answer == Ok()
    assert code(story.types(story.enters("zoe"), f"rename {before}")) == "name_lookalike"
    assert story.types(one, f"rename {before}").answer == Ok()


@pytest.mark.parametrize("goes", ["exit", "rename zoe"])
def test_look_alike_of_a_name_that_was_given_up_is_free(story: Story, goes: str) -> None:
    alice, bob = story.enters("AIice"), story.enters("bob")
    story.types(alice, goes)
    for wanted in ("alice", "aiice", "a1ice"):
        assert story.types(bob, f"rename {wanted}").answer == Ok()


@pytest.mark.parametrize("wanted", ["guestl", "guestI", "Guesto", "guest1O", "every0ne"])
def test_look_alikes_of_reserved_names_are_reserved(story: Story, wanted: str) -> None:
    guest1 = story.enters()
    assert code(story.types(guest1, f"rename {wanted}")) == "name_reserved"


def test_names_of_guests_look_like_nobody_elses(story: Story) -> None:
    """An older journal may have a name that looks like a guest's."""
    story.happens(Enter(Name("guestl", "guestl")), "a")
    guest1 = story.enters()
    story.types(guest1, "rename zoe")
    assert story.types(guest1, "rename guest1").answer == Ok()
    assert story.users() == ["guestl", "guest1"]


def test_who_returns_while_a_look_alike_is_here_is_a_guest(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(120)
    usurper = story.enters("a1ice")
    story.resumes("a")
    assert story.users() == ["a1ice", "guest1"]
    story.types(usurper, "exit")
    assert story.types(story.enters("bob"), "rename alice").answer == Ok()


def test_look_alike_that_was_given_up_meanwhile_keeps_nobody_from_their_name(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(120)
    story.types(story.enters("a1ice"), "exit")
    again = story.resumes("a")
    assert story.chat.name_at(again) == "alice"
    assert code(story.types(story.enters("bob"), "rename a1ice")) == "name_lookalike"


def test_who_lost_the_name_to_a_look_alike_does_not_keep_it_over_a_start(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(120)
    story.types(story.enters("a1ice"), "exit")
    story.starts()
    assert story.types(story.enters("bob"), "rename alice").answer == Ok()


def test_messages_and_complaints_are_for_the_very_name(story: Story) -> None:
    story.enters("alice")
    bob = story.enters("bob")
    assert code(story.types(bob, "send hi -u a1ice")) == "nobody_of_that_name"
    assert code(story.types(bob, "report AIice")) == "nobody_of_that_name"


def test_look_alikes_are_known_after_a_snapshot(story: Story) -> None:
    for held in ("Ian", "b0b"):
        story.enters(held)
    story.breaks(story.enters("alice", token="a"))
    again = Story(story.chat.snapshot(), node="there")
    for wanted in ("lan", "bob", "a1ice"):
        assert code(again.happens(Enter(name(wanted)), wanted)) == "name_lookalike"


def test_names_of_older_entries_look_like_their_keys(story: Story) -> None:
    """They were journaled without what they look like, and two could be there at once."""
    for text in ("alice", "a1ice", "b0b"):
        assert story.happens(Enter(Name(text, text)), text).answer == Ok()
    assert story.users() == ["alice", "a1ice", "b0b"]
    assert code(story.types(story.enters(), "rename аӏісе")) == "name_lookalike"
    same = Ok(code="same_name", data={"name": "a1ice"})
    assert story.types("a1ice", "rename a1ice").answer == same
    story.types("alice", "exit")
    assert story.types(story.enters(), "rename AIice").answer == Ok()


# Leaving


def test_leaving_is_told_and_frees_the_name(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    left = Left([story.person(alice)], DAWN)
    story.hears(bob)
    story.breaks(alice)
    assert story.hears(bob) == [left]
    assert story.types(bob, "rename alice").answer == Ok()


def test_exit_is_answered_with_a_goodbye(story: Story) -> None:
    alice = story.enters("alice")
    left = Left([story.person(alice)], DAWN)
    assert story.types(alice, "@k exit").deliveries == [
        Delivery(Persons((alice,)), Bye("exit", re="k")),
        Delivery(Everyone(), left),
    ]
    assert story.users() == []


def test_leaving_twice_is_leaving_once(story: Story) -> None:
    alice = story.enters("alice")
    story.breaks(alice)
    assert told(story.breaks(alice)) == []


def test_command_of_a_connection_that_is_gone_is_refused(story: Story) -> None:
    alice = story.enters("alice")
    story.breaks(alice)
    outcome = story.types(alice, "send hi")
    assert (code(outcome), told(outcome)) == ("not_entered", [])


def test_everyone_of_a_node_leaves_with_it(story: Story) -> None:
    story.enters("alice")
    story.node = "there"
    bob = story.enters("bob", token="b")
    carol = story.enters("carol")
    left = [Left([story.person(one)], DAWN) for one in (bob, carol)]
    assert told(story.node_ends("there")) == left
    assert story.users() == ["alice"]
    story.node = "here"
    story.resumes("b")
    assert story.users() == ["alice", "bob"]
    assert not story.chat.has_entered(bob)


# Coming back


def test_token_makes_one_the_same_person_again(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    you = story.person(alice)
    story.breaks(alice)
    story.hears(bob)
    again = story.resumes("a")
    assert story.hears(bob) == [Joined([you], DAWN)]
    assert story.hears(again) == [story.welcome(again)]
    assert (story.person(again), story.welcome(again).token) == (you, "a")


def test_token_can_be_given_later(story: Story) -> None:
    alice = story.enters("alice")
    assert story.welcome(alice).token is None
    story.is_given_token(alice, "a")
    assert story.welcome(alice).token is not None
    story.breaks(alice)
    assert story.person(story.resumes("a")).name == "alice"


def test_unknown_token_makes_somebody_new(story: Story) -> None:
    story.enters("alice", token="a")
    stranger = story.resumes("b")
    assert story.person(stranger).name == "guest1"
    assert story.welcome(stranger).token == f"fresh {stranger}"


def test_unknown_token_is_refused_and_whoever_it_is_stays(story: Story) -> None:
    alice = story.enters("alice", token="a")
    outcome = story.types(alice, "resume b")
    assert (code(outcome), told(outcome)) == ("bad_token", [])
    assert story.welcome(alice).token == "a"


@pytest.mark.parametrize(
    ("seconds", "answer"), [(0, "name_taken"), (119.9, "name_taken"), (120, "")]
)
def test_broken_connection_keeps_its_name_for_two_minutes(
    story: Story, seconds: float, answer: str
) -> None:
    bob = story.enters("bob")
    story.breaks(story.enters("alice", token="a"))
    story.wait(seconds)
    assert code(story.types(bob, "rename Alice")) == answer


def test_refusal_says_how_long_a_name_is_kept(story: Story) -> None:
    bob = story.enters("bob")
    story.breaks(story.enters("alice", token="a"))
    story.wait(30)
    answer = story.types(bob, "rename alice").answer
    assert answer == Refused("name_taken", {"name": "alice", "seconds": 90})


def test_name_that_nobody_took_meanwhile_is_ones_own_again(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(120)
    story.resumes("a")
    assert story.users() == ["alice"]
    assert code(story.types(story.enters("bob"), "rename alice")) == "name_taken"


def test_who_lost_the_name_meanwhile_returns_as_a_guest(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(120)
    usurper = story.enters("alice")
    again = story.resumes("a")
    assert story.users() == ["alice", "guest1"]
    story.types(again, "exit")
    assert story.chat.name_at(usurper) == "alice"
    assert code(story.types(story.enters("bob"), "rename alice")) == "name_taken"


def test_person_can_be_resumed_within_a_day(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(24 * HOURS - 1)
    assert not isinstance(story.types(story.enters("bob"), "resume a").answer, Refused)


def test_person_is_forgotten_after_a_day(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(24 * HOURS)
    assert code(story.types(story.enters("bob"), "resume a")) == "bad_token"


def test_day_begins_again_with_each_return(story: Story) -> None:
    for _ in range(3):
        story.breaks(story.resumes("a") if story.entries else story.enters("alice", token="a"))
        story.wait(20 * HOURS)
    assert code(story.types(story.enters("bob"), "resume a")) == ""


def test_exit_ends_the_token_and_frees_the_name_at_once(story: Story) -> None:
    story.types(story.enters("alice", token="a"), "exit")
    bob = story.enters("bob")
    assert code(story.types(bob, "resume a")) == "bad_token"
    assert story.types(bob, "rename alice").answer == Ok()


def test_resuming_dismisses_the_older_connection_and_nobody_else_is_told(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    story.forget_told()
    again = story.resumes("a")
    assert story.hears(alice) == [Bye("elsewhere")]
    assert story.hears(bob) == []
    assert story.users() == ["bob", "alice"]
    assert story.hears(again) == [story.welcome(again)]


def test_only_the_current_connection_makes_a_person_leave(story: Story) -> None:
    alice = story.enters("alice", token="a")
    again = story.resumes("a")
    assert told(story.breaks(alice)) == []
    story.happens(Leave(goodbye=True), alice)
    assert story.chat.name_at(again) == "alice"
    left = Left([story.person(again)], DAWN)
    assert told(story.breaks(again)) == [left]


def test_resuming_ends_who_the_connection_was_until_then(story: Story) -> None:
    bob = story.enters("bob")
    story.breaks(story.enters("alice", token="a"))
    guest = story.enters(token="g")
    left = Left([story.person(guest)], DAWN)
    story.forget_told()
    assert story.types(guest, "resume a").answer == Ok()
    assert story.hears(bob) == [left, Joined([story.person(guest)], DAWN)]
    assert story.hears(guest) == [story.welcome(guest)]
    assert story.users() == ["bob", "alice"]
    assert code(story.types(bob, "resume g")) == "bad_token"


def test_resuming_who_one_is_already_changes_nothing(story: Story) -> None:
    alice = story.enters("alice", token="a")
    outcome = story.types(alice, "resume a")
    assert outcome == Outcome([Delivery(Persons((alice,)), story.welcome(alice))], Ok())


def test_new_token_replaces_the_older_one(story: Story) -> None:
    alice = story.enters("alice", token="a")
    story.is_given_token(alice, "b")
    assert code(story.types(story.enters("bob"), "resume a")) == "bad_token"
    story.resumes("b")
    assert not story.chat.has_entered(alice)


def test_nothing_remains_of_people_who_are_over(story: Story) -> None:
    alice = story.enters("alice", token="a")
    story.types(alice, "send later -t 5")
    story.types(alice, "exit")
    story.breaks(story.enters("bob", token="b"))
    story.wait(24 * HOURS)
    story.breaks(story.enters("carol"))
    story.fires()
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert (state.people, state.names, state.tokens, state.away) == ({}, {}, {}, {})


@pytest.mark.parametrize("goes", ["exit", "rename carol"])
def test_name_that_was_taken_and_given_up_meanwhile_is_ones_own_again(
    story: Story, goes: str
) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(120)
    story.types(story.enters("Alice"), goes)
    assert story.chat.name_at(story.resumes("a")) == "alice"
    assert code(story.types(story.enters("bob"), "rename alice")) == "name_taken"


def test_crossed_resumes_leave_one_person_and_no_ghost(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob", token="b")
    story.types(alice, "resume b")
    outcome = story.types(bob, "resume a")
    assert (told(outcome), outcome.answer) == ([], None)
    assert story.happens(Enter(), bob) == Outcome([])
    assert story.users() == ["bob"]
    story.breaks(bob)
    assert story.users() == ["bob"]
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert state.dismissed == {}


@pytest.mark.parametrize(
    ("seconds", "is_known"), [(0, True), (119.9, True), (120, False), (24 * HOURS - 1, False)]
)
def test_guest_who_did_nothing_is_kept_as_long_as_a_name(
    story: Story, seconds: float, is_known: bool
) -> None:
    story.breaks(story.enters(token="g"))
    story.wait(seconds)
    assert (code(story.types(story.enters("bob"), "resume g")) == "") is is_known


@pytest.mark.parametrize(
    "deed",
    [
        *("send hi", "rename alice", "send hi -t 90000", "report bob"),
        *("bob: send psst -u guest1", "bob: send psst -u guest1 -t 90000", "bob: report guest1"),
    ],
)
def test_guest_with_whom_anything_happened_is_kept_for_a_day(story: Story, deed: str) -> None:
    guest, bob = story.enters(token="g"), story.enters("bob")
    who = bob if deed.startswith("bob: ") else guest
    assert code(story.types(who, deed.removeprefix("bob: "))) == ""
    story.breaks(guest)
    story.wait(24 * HOURS - 1)
    assert code(story.types(story.enters("carol"), "resume g")) == ""


def test_visitors_who_did_nothing_leave_nothing(story: Story) -> None:
    alice = story.enters("alice")
    before = len(story.chat.snapshot().state)
    for number in range(1000):
        story.breaks(story.enters(token=f"t{number}"))
        story.wait(1)
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert len(state.people) == 1 + 120
    story.wait(120)
    story.types(alice, "rename alice")
    assert len(story.chat.snapshot().state) < before + 20


@pytest.mark.parametrize(("called", "most"), [("v", MOST_AWAY), ("", MOST_IDLE)])
def test_people_who_are_away_are_bounded(story: Story, called: str, most: int) -> None:
    for number in range(most + 10):
        visitor = story.enters(called and f"{called}{number}", token=f"t{number}")
        story.breaks(visitor)
    bob = story.enters("bob")
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert len(state.people) == most + 1
    assert code(story.types(bob, "resume t9")) == "bad_token"
    assert code(story.types(bob, "resume t10")) == ""
