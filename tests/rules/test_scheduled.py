"""Messages for later: whose they are, when they fire, and what can hinder them."""

import pytest

from chat_server.protocol.events import (
    Bye,
    Cancelled,
    Data,
    Event,
    Fired,
    Item,
    Message,
    Ok,
    Person,
    Refused,
    Scheduled,
    Undelivered,
)
from chat_server.protocol.names import name
from chat_server.protocol.wording import because
from chat_server.rules.entries import ClockSet, Enter, NewAccount
from chat_server.rules.scheduled import MAX_PENDING, MOST_PENDING, MOST_PENDING_BYTES
from chat_server.rules.state import Delivery, Outcome, Persons
from tests.support.clock import DAWN
from tests.support.story import Story, code, told

HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture
def story() -> Story:
    return Story()


def mute(story: Story, target: str) -> None:
    for _ in range(3):
        story.types(story.enters(), f"report {target}")


def fired_message(events: list[Event]) -> Message:
    """Return the one message among what was told."""
    [message] = [event for event in events if isinstance(event, Message)]
    return message


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Message)]


# Scheduling and cancelling


def test_scheduled_message_is_shown_to_its_owner_alone(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.forget_told()
    outcome = story.types(alice, "send hi -u bob -t 60")
    assert outcome.answer == Ok(id="1")
    assert story.hears(alice) == [Scheduled(Item("1", DAWN, DAWN + 60, story.person(bob), "hi"))]
    assert story.hears(bob) == []
    assert (story.pending(alice), story.pending(bob)) == (["hi"], [])
    assert story.remembered(alice) == []


def test_pending_lists_ones_own_soonest_first(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    for line in ("send third -t 30", "send first -t 10", "send second -t 20"):
        story.types(alice, line)
    story.types(bob, "send other -t 5")
    assert story.pending(alice) == ["first", "second", "third"]
    assert [item.text for item in story.welcome(alice).pending] == ["first", "second", "third"]
    assert story.pending("nobody at all") == []
    assert story.chat.next_due() == DAWN + 5


def test_ids_of_items_never_return(story: Story) -> None:
    alice = story.enters("alice")
    for expected in ("1", "2", "3"):
        assert story.types(alice, "send hi -t 5").answer == Ok(id=expected)
        story.types(alice, "cancel")


def test_cancel_takes_back_the_one_scheduled_last_and_not_the_one_due_first(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send soon -t 10")
    story.types(alice, "send late -t 90")
    outcome = story.types(alice, "cancel")
    assert outcome == Outcome([Delivery(Persons((alice,)), Cancelled("2", "late"))], Ok())
    assert story.pending(alice) == ["soon"]


def test_cancel_takes_back_the_one_that_is_named(story: Story) -> None:
    alice = story.enters("alice")
    for number in range(3):
        story.types(alice, f"send {number} -t 10")
    assert told(story.types(alice, "cancel 2")) == [Cancelled("2", "1")]
    assert story.pending(alice) == ["0", "2"]


@pytest.mark.parametrize("item", ["2", "3", "01", "x"])
def test_only_ones_own_pending_items_can_be_cancelled(story: Story, item: str) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(alice, "send mine -t 10")
    story.types(bob, "send yours -t 10")
    assert story.types(alice, f"cancel {item}").answer == Refused("unknown_item", {"item": item})
    assert (story.pending(alice), story.pending(bob)) == (["mine"], ["yours"])


@pytest.mark.parametrize("line", ["cancel", "cancel 1"])
def test_cancel_with_nothing_pending_is_refused(story: Story, line: str) -> None:
    assert code(story.types(story.enters("alice"), line)) == "nothing_pending"


@pytest.mark.parametrize("line", ["cancel", "cancel 1"])
def test_cancel_after_a_message_has_fired_is_refused(story: Story, line: str) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 5")
    story.wait(5)
    story.fires()
    outcome = story.types(alice, line)
    assert (code(outcome), told(outcome)) == ("nothing_pending", [])


def test_cancelled_message_does_not_fire(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 5")
    story.types(alice, "cancel")
    story.wait(5)
    assert story.chat.next_due() is None
    assert story.fires(1) == []


def test_twenty_may_be_pending_and_one_more_is_refused(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    for _ in range(20):
        assert isinstance(story.types(alice, "send hi -t 5").answer, Ok)
    assert code(story.types(alice, "send hi -t 5")) == "too_many_pending"
    assert isinstance(story.types(alice, "send at once").answer, Ok)
    assert isinstance(story.types(bob, "send hi -t 5").answer, Ok)
    story.types(alice, "cancel")
    assert isinstance(story.types(alice, "send hi -t 5").answer, Ok)


def test_thirty_days_can_pass(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, f"send hi -t {30 * DAY}")
    story.wait(30 * DAY)
    assert texts(story.fires()) == ["hi"]


# Firing


def test_due_message_is_said_to_everyone_and_leaves_the_pending_ones(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(alice, "send hi -t 5")
    story.forget_told()
    story.wait(5)
    story.fires()
    sender, id_ = story.person(alice), str(story.chat.last)
    message = Message(id_, DAWN + 5, sender, None, "hi", item="1")
    assert story.hears(bob) == [message]
    assert story.hears(alice) == [message, Fired("1", message.id)]
    assert story.pending(alice) == []
    assert story.remembered(bob) == ["hi"]


def test_firing_early_means_nothing(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 5")
    story.wait(4.999)
    assert story.fires(1) == []
    assert story.pending(alice) == ["hi"]


def test_firing_twice_is_firing_once(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 5")
    story.wait(5)
    assert texts(story.fires(1, 1)) == ["hi"]


def test_firing_what_never_was_means_nothing(story: Story) -> None:
    assert story.fires(7) == []


def test_due_ones_fire_in_the_order_of_their_times(story: Story) -> None:
    alice = story.enters("alice")
    for line in ("send third -t 30", "send first -t 10", "send second -t 20", "send no -t 31"):
        story.types(alice, line)
    story.wait(30)
    assert texts(story.fires()) == ["first", "second", "third"]


def test_private_message_fires_for_its_two_people_only(story: Story) -> None:
    alice, bob, carol = (story.enters(who) for who in ("alice", "bob", "carol"))
    story.types(alice, "send psst -u bob -t 5")
    story.wait(5)
    story.fires()
    assert (story.messages(alice), story.messages(bob)) == (["psst"], ["psst"])
    assert story.messages(carol) == story.remembered(carol) == []


@pytest.mark.parametrize(("late", "due"), [(0, None), (4.9, None), (5, DAWN + 60)])
def test_message_that_comes_late_says_when_it_was_due(
    story: Story, late: float, due: float | None
) -> None:
    story.types(story.enters("alice"), "send hi -t 60")
    story.wait(60 + late)
    message = fired_message(story.fires())
    assert (message.at, message.due) == (DAWN + 60 + late, due)


def test_it_goes_to_the_person_whatever_their_name_is_by_then(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(alice, "send hi -u bob -t 5")
    story.types(bob, "rename robert")
    usurper = story.enters("bob")
    story.wait(5)
    assert fired_message(story.fires()).to == story.person(bob)
    assert story.person(bob).name == "robert"
    assert story.messages(bob) == ["hi"]
    assert story.messages(usurper) == []


def test_two_of_the_same_text_say_which_one_was_sent(story: Story) -> None:
    alice = story.enters("alice")
    for seconds in (20, 10):
        story.types(alice, f"send again -t {seconds}")
    story.types(alice, "send again")
    [at_once] = [event for event in story.hears(alice) if isinstance(event, Message)]
    items = [at_once.item]
    for _ in range(2):
        story.wait(10)
        items.append(fired_message(story.fires()).item)
    assert items == [None, "2", "1"]
    remembered = story.history(alice).messages
    assert [message.item for message in remembered] == items


def test_pending_shows_what_the_recipient_is_called_now(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(alice, "send hi -u bob -t 5")
    story.types(bob, "rename robert")
    story.enters("bob")
    [item] = story.chat.pending(alice).items
    assert item.to == story.person(bob) == Person(story.person(bob).id, "robert")
    assert story.welcome(alice).pending == [item]
    story.types(bob, "exit")
    assert story.chat.pending(alice).items == [item]


def test_an_hour_after_a_mute_nobody_reads_how_long_it_would_last() -> None:
    undelivered = Undelivered("1", "muted", None, "spam", until=DAWN + 600)
    assert because(undelivered, DAWN + 60 + HOUR) == "you were muted"
    assert because(undelivered, DAWN + 60) == "you are muted for another 9 min"


def test_it_carries_the_name_that_the_sender_has_by_then(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 5")
    story.types(alice, "rename carol")
    story.wait(5)
    assert fired_message(story.fires()).sender == story.person(alice)
    assert story.person(alice).name == "carol"


def test_it_is_sent_and_marked_when_its_sender_has_left(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    story.types(alice, "send hi -u bob -t 5")
    story.breaks(alice)
    story.wait(5)
    message = fired_message(story.fires())
    assert (message.sender.name, message.left) == ("alice", True)
    assert story.messages(bob) == ["hi"]


def test_it_is_not_marked_when_its_sender_has_returned(story: Story) -> None:
    alice = story.enters("alice", token="a")
    story.types(alice, "send hi -t 5")
    story.breaks(alice)
    again = story.resumes("a")
    assert story.pending(again) == ["hi"]
    story.wait(5)
    assert not fired_message(story.fires()).left
    assert story.messages(again) == ["hi"]


def test_name_of_a_sender_who_left_is_free_while_the_message_waits(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 5")
    story.types(alice, "exit")
    other = story.enters("alice")
    assert story.chat.name_at(other) == "alice"
    assert story.pending(other) == []
    assert code(story.types(other, "cancel")) == "nothing_pending"


# The clock is set


def test_times_of_day_follow_the_clock_and_spans_do_not(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 60")
    story.forget_told()
    story.happens(ClockSet(-3600.0))
    shown = Item("1", DAWN - 3600, DAWN - 3540, None, "hi")
    assert story.hears(alice) == [Scheduled(shown)]
    assert story.chat.pending(alice).items == story.welcome(alice).pending == [shown]
    assert (story.welcome(alice).time, story.chat.next_due()) == (DAWN - 3600, DAWN + 60)
    story.wait(70)
    message = fired_message(story.fires())
    assert (message.at, message.due) == (DAWN - 3530, DAWN - 3540)


# What hinders them


def test_scheduled_messages_of_a_muted_person_wait_until_the_mute_ends(story: Story) -> None:
    dave, bob = story.enters("dave"), story.enters("bob")
    story.types(dave, "send spam -t 60")
    mute(story, "dave")
    story.forget_told()
    story.wait(60)
    story.fires()
    assert story.hears(dave) == story.hears(bob) == []
    assert (story.pending(dave), story.chat.next_due()) == (["spam"], DAWN + 600)
    story.wait(540)
    message = fired_message(story.fires())
    assert (message.text, message.due) == ("spam", DAWN + 60)
    assert story.pending(dave) == []


def test_scheduled_messages_of_a_muted_person_who_left_are_not_sent(story: Story) -> None:
    dave = story.enters("dave")
    story.types(dave, "send spam -t 60")
    mute(story, "dave")
    story.types(dave, "exit")
    story.wait(60)
    assert story.fires() == []


def test_guest_from_elsewhere_has_five_scheduled_messages_until_they_are_a_member(
    story: Story,
) -> None:
    story.happens(Enter(name("dave"), None, "192.0.2.7"), "far")
    for number in range(5):
        assert code(story.types("far", f"send {number} -t 60")) == ""
    assert code(story.types("far", "send one more -t 60")) == "too_many_pending"
    story.happens(NewAccount("hash"), "far")
    assert code(story.types("far", "send one more -t 60")) == ""


def test_all_who_are_at_one_address_have_a_hundred_scheduled_messages(story: Story) -> None:
    people = [f"p{number}" for number in range(21)]
    for person in people:
        story.happens(Enter(name(person), None, "192.0.2.7"), person)
    codes = [code(story.types(p, f"send {n} -t 60")) for p in people for n in range(5)]
    assert codes == [""] * 100 + ["too_many_pending"] * 5
    restarted = Story(story.chat.snapshot(), node="next")
    restarted.happens(Enter(name("new"), None, "192.0.2.7"), "new")
    answer = restarted.types("new", "send one more -t 60").answer
    assert answer == Refused("too_many_pending", {"address_limit": 100})
    story.types("p0", "cancel")
    assert code(story.types("p20", "send at last -t 60")) == ""
    assert code(story.types(story.enters("here"), "send from here -t 60")) == ""


def test_message_due_when_the_mute_is_over_is_sent(story: Story) -> None:
    story.types(story.enters("dave"), "send hi -t 600")
    mute(story, "dave")
    story.wait(600)
    assert texts(story.fires()) == ["hi"]


@pytest.mark.parametrize("last_lines", [[], ["exit"], ["send later -t 99", "exit"]])
def test_message_to_somebody_who_is_not_here_is_not_sent(
    story: Story, last_lines: list[str]
) -> None:
    alice, bob = story.enters("alice"), story.enters("bob", token="b")
    recipient = story.person(bob)
    story.types(alice, "send hi -u bob -t 5")
    for line in last_lines:
        story.types(bob, line)
    story.breaks(bob)
    story.wait(5)
    assert story.fires() == [Undelivered("1", "not_here", recipient, "hi")]
    assert story.remembered(alice) == []


def test_message_does_not_go_to_somebody_else_of_the_same_name(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    recipient = story.person(bob)
    story.types(alice, "send hi -u bob -t 5")
    story.types(bob, "exit")
    other = story.enters("bob")
    story.wait(5)
    assert story.fires() == [Undelivered("1", "not_here", recipient, "hi")]
    assert story.messages(other) == []


def test_message_to_somebody_who_returned_in_time_is_sent(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob", token="b")
    story.types(alice, "send hi -u bob -t 5")
    story.breaks(bob)
    again = story.resumes("b")
    story.wait(5)
    story.fires()
    assert story.messages(again) == ["hi"]


def test_who_was_away_is_told_in_the_next_welcome(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    recipient = story.person(bob)
    story.types(alice, "send hi -u bob -t 5")
    story.breaks(bob)
    story.breaks(alice)
    story.wait(5)
    assert story.fires() == []
    not_here = Undelivered("1", "not_here", recipient, "hi")
    assert story.undelivered(story.resumes("a")) == [not_here]


def test_who_is_back_is_told_once_of_what_could_not_be_sent(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    for number in range(20):
        story.types(alice, f"send {number} -u bob -t 5")
    story.breaks(bob)
    story.breaks(alice)
    story.wait(5)
    story.fires()
    again = story.resumes("a")
    assert [event.text for event in story.undelivered(again)] == [str(n) for n in range(20)]
    assert story.welcome(again).undelivered == []
    assert story.undelivered(story.resumes("a")) == []


def test_who_was_told_as_it_happened_is_not_told_again(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    story.types(alice, "send hi -u bob -t 5")
    story.breaks(bob)
    story.wait(5)
    assert [type(event) for event in story.fires()] == [Undelivered]
    assert story.undelivered(story.resumes("a")) == []


# Who leaves


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_scheduled_without_a_token_ends_with_exit_and_that_is_told(
    story: Story, count: int
) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    for _ in range(count):
        story.types(alice, "send hi -t 5")
    story.types(bob, "send mine -t 5")
    [goodbye, _] = told(story.types(alice, "@k exit"))
    ended = [str(number) for number in range(1, count + 1)]
    assert goodbye == Bye("exit", {"items": ended}, re="k")
    story.wait(5)
    assert texts(story.fires()) == ["mine"]


def test_what_is_scheduled_without_a_token_ends_with_the_connection(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi -t 5")
    story.breaks(alice)
    assert story.chat.next_due() is None


@pytest.mark.parametrize("token", ["", "a"])
def test_what_is_scheduled_does_not_end_with_the_server(story: Story, token: str) -> None:
    story.types(story.enters("alice", token), "send hi -t 5")
    story.node_ends("here")
    story.starts()
    story.wait(5)
    [message] = [event for event in story.fires() if isinstance(event, Message)]
    assert (message.text, message.left) == ("hi", not token)


def test_all_people_together_have_a_bound_in_messages(story: Story) -> None:
    for number in range(MOST_PENDING // MAX_PENDING):
        somebody = story.enters(token=f"t{number}")
        for _ in range(MAX_PENDING):
            story.types(somebody, "send hi -t 5")
    alice = story.enters("alice")
    answer = story.types(alice, "send hi -t 5").answer
    limits: Data = {"chat_limit": MOST_PENDING, "chat_bytes": MOST_PENDING_BYTES}
    assert answer == Refused("too_many_pending", limits)
    assert isinstance(story.types(alice, "send at once").answer, Ok)
    story.types(somebody, "cancel")
    assert isinstance(story.types(alice, "send hi -t 5").answer, Ok)


def test_all_people_together_have_a_bound_in_bytes(story: Story) -> None:
    line = "send " + "🙂" * 2000 + " -t 5"
    taken, answer = 0, Outcome([])
    while not code(answer):
        somebody = story.enters(token=f"t{taken}")
        for _ in range(MAX_PENDING):
            answer = story.types(somebody, line)
            taken += not code(answer)
    assert (taken, code(answer)) == (MOST_PENDING_BYTES // 8000, "too_many_pending")
    restarted = Story(story.chat.snapshot(), node="next")
    alice = restarted.enters("alice")
    assert code(restarted.types(alice, line)) == "too_many_pending"
