"""A server begins again: who is away, what is overdue, and what earlier entries mean."""

import pytest

from chat_server.protocol.events import Event, Left, Message, Undelivered
from tests.support.clock import DAWN
from tests.support.story import Story, code, retold, told

HOURS = 3600.0
DOWN = 100.0
"""Seconds for which no server is running in these stories."""


@pytest.fixture
def story() -> Story:
    return Story()


def texts(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Message)]


def restarts(story: Story, after: float = DOWN) -> None:
    """Let the server crash, and another one begin later."""
    story.wait(after)
    story.starts()


def overdue_for_bob(story: Story, bobs_token: str = "b") -> str:
    """Let alice schedule something for bob that is due while nothing runs; return bob."""
    alice, bob = story.enters("alice", token="a"), story.enters("bob", token=bobs_token)
    story.types(alice, "send psst -u bob -t 60")
    restarts(story)
    return bob


# Whose sender was connected


def due_of_alice(story: Story, seconds: float) -> Message:
    """Return what alice has scheduled, so many seconds after the start."""
    story.wait(seconds)
    [message] = [event for event in story.fires() if isinstance(event, Message)]
    return message


@pytest.mark.parametrize(("seconds", "has_left"), [(0, False), (59.9, False), (60, True)])
@pytest.mark.parametrize("ends_in_order", [False, True])
def test_sender_who_was_cut_off_has_not_left_for_a_minute_after_the_start(
    story: Story, seconds: float, has_left: bool, ends_in_order: bool
) -> None:
    story.types(story.enters("alice", token="a"), f"send hi -t {int(DOWN + seconds)}")
    if ends_in_order:
        story.node_ends(story.node)
    restarts(story)
    assert due_of_alice(story, seconds).left is has_left


def test_sender_who_left_before_the_server_did_has_left(story: Story) -> None:
    alice = story.enters("alice", token="a")
    story.types(alice, f"send hi -t {DOWN:g}")
    story.breaks(alice)
    restarts(story)
    assert due_of_alice(story, 0).left


def test_sender_who_came_back_and_left_after_the_start_has_left(story: Story) -> None:
    story.types(story.enters("alice", token="a"), f"send hi -t {DOWN + 10:g}")
    restarts(story)
    story.breaks(story.resumes("a"))
    assert due_of_alice(story, 10).left


def test_sender_who_cannot_come_back_has_left_with_the_server(story: Story) -> None:
    story.types(story.enters("alice"), f"send hi -t {DOWN:g}")
    restarts(story)
    assert due_of_alice(story, 0).left


# Who was connected


def test_everybody_has_left_at_a_start(story: Story) -> None:
    alice = story.enters("alice", token="a")
    story.node = "there"
    bob = story.enters("bob")
    left = [Left([story.person(one)], DAWN + DOWN) for one in (alice, bob)]
    story.wait(DOWN)
    assert told(story.starts()) == left
    assert story.users() == []


def test_first_start_means_nothing(story: Story) -> None:
    assert told(story.starts()) == []


def test_token_makes_one_the_same_person_after_a_start(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    story.types(bob, "send secret -u alice")
    story.types(alice, "send later -t 900")
    you = story.person(alice)
    restarts(story)
    again = story.resumes("a")
    assert story.person(again) == you
    assert (story.remembered(again), story.pending(again)) == (["secret"], ["later"])


@pytest.mark.parametrize(("seconds", "answer"), [(119.9, "name_taken"), (120, "")])
def test_names_are_held_for_two_minutes_from_the_start(
    story: Story, seconds: float, answer: str
) -> None:
    story.enters("alice", token="a")
    restarts(story, 5 * HOURS)
    bob = story.enters("bob")
    story.wait(seconds)
    assert code(story.types(bob, "rename alice")) == answer


@pytest.mark.parametrize(("hours", "answer"), [(23.9, ""), (24, "bad_token")])
def test_people_are_kept_for_a_day_from_the_start(story: Story, hours: float, answer: str) -> None:
    story.enters("alice", token="a")
    restarts(story, 30 * HOURS)
    story.wait(hours * HOURS)
    assert code(story.types(story.enters("bob"), "resume a")) == answer


def test_name_of_somebody_without_a_token_is_free_at_the_start(story: Story) -> None:
    story.enters("alice")
    restarts(story)
    assert story.chat.name_at(story.enters("alice")) == "alice"


def test_complaints_and_mutes_survive_a_start(story: Story) -> None:
    story.enters("dave", token="d")
    for _ in range(3):
        story.types(story.enters(), "report dave")
    restarts(story)
    assert code(story.types(story.resumes("d"), "send hi")) == "muted"


# What is overdue


def test_overdue_message_to_everyone_is_sent_at_the_start_and_marked_late(story: Story) -> None:
    alice = story.enters("alice", token="a")
    story.types(alice, "send good morning -t 60")
    restarts(story)
    [message] = story.fires()
    assert isinstance(message, Message)
    assert (message.text, message.at, message.due) == ("good morning", DAWN + DOWN, DAWN + 60)
    assert (message.sender.name, message.left) == ("alice", False)
    assert story.remembered(story.resumes("a")) == ["good morning"]


def test_overdue_private_message_waits_and_is_sent_when_its_recipient_is_back(
    story: Story,
) -> None:
    overdue_for_bob(story)
    assert story.fires() == []
    alice = story.resumes("a")
    assert story.pending(alice) == ["psst"]
    story.wait(20)
    assert story.fires() == []
    bob = story.resumes("b")
    assert story.chat.next_due() == DAWN + 60
    [message] = [event for event in story.fires() if isinstance(event, Message)]
    assert (message.at, message.due, message.left) == (DAWN + DOWN + 20, DAWN + 60, False)
    assert (story.messages(alice), story.messages(bob)) == (["psst"], ["psst"])
    assert story.pending(alice) == []


@pytest.mark.parametrize(("seconds", "is_given_up"), [(59.9, False), (60, True)])
def test_recipient_is_waited_for_until_a_minute_after_the_start(
    story: Story, seconds: float, is_given_up: bool
) -> None:
    overdue_for_bob(story)
    story.fires()
    assert story.chat.next_due() == DAWN + DOWN + 60
    story.wait(seconds)
    story.fires(1)
    alice, bob = story.resumes("a"), story.resumes("b")
    given_up = [Undelivered("1", "not_here", story.person(bob), "psst")]
    assert story.undelivered(alice) == (given_up if is_given_up else [])


def test_recipient_who_comes_back_after_that_is_not_sent_it(story: Story) -> None:
    overdue_for_bob(story)
    story.fires()
    story.wait(60)
    story.fires()
    bob = story.resumes("b")
    assert story.fires(1) == []
    assert story.remembered(bob) == []


@pytest.mark.parametrize("bobs_line", ["", "send mine -t 900"])
def test_nobody_waits_for_a_recipient_who_cannot_come_back(story: Story, bobs_line: str) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    story.types(alice, "send psst -u bob -t 60")
    if bobs_line:
        story.types(bob, bobs_line)
    restarts(story)
    story.fires()
    assert [event.text for event in story.undelivered(story.resumes("a"))] == ["psst"]


def test_note_to_oneself_waits_for_oneself(story: Story) -> None:
    story.types(story.enters("alice", token="a"), "send note -u alice -t 60")
    restarts(story)
    assert story.fires() == []
    again = story.resumes("a")
    story.fires()
    assert story.messages(again) == ["note"]


def test_what_comes_due_after_the_start_does_not_wait(story: Story) -> None:
    alice = story.enters("alice")
    story.enters("bob", token="b")
    story.types(alice, f"send psst -u bob -t {DOWN + 1:g}")
    restarts(story)
    story.wait(1)
    story.fires()
    assert story.chat.next_due() is None


def test_recipient_who_goes_again_before_it_is_sent_is_waited_for(story: Story) -> None:
    overdue_for_bob(story)
    story.fires()
    story.breaks(story.resumes("b"))
    assert story.fires() == []
    assert story.chat.next_due() == DAWN + DOWN + 60
    again = story.resumes("b")
    story.fires()
    assert story.messages(again) == ["psst"]


def test_second_start_waits_anew(story: Story) -> None:
    overdue_for_bob(story)
    story.fires()
    restarts(story, 50)
    story.wait(10)
    assert story.fires() == []
    assert story.chat.next_due() == DAWN + DOWN + 50 + 60


def test_waiting_message_can_be_cancelled(story: Story) -> None:
    overdue_for_bob(story)
    story.fires()
    assert code(story.types(story.resumes("a"), "cancel 1")) == ""
    bob = story.resumes("b")
    assert (story.fires(1), story.remembered(bob)) == ([], [])


def test_overdue_messages_are_sent_once_however_often_they_fire(story: Story) -> None:
    bob = overdue_for_bob(story)
    story.fires(1, 1)
    bob = story.resumes("b")
    assert texts(story.fires(1, 1)) == ["psst"]
    restarts(story)
    assert story.fires(1) == []
    assert story.remembered(story.resumes("b")) == ["psst"]
    assert story.messages(bob) == ["psst"]


def test_overdue_messages_of_a_muted_person_wait_until_the_mute_ends(story: Story) -> None:
    dave = story.enters("dave", token="d")
    story.types(dave, "send spam -t 60")
    for _ in range(3):
        story.types(story.enters(), "report dave")
    restarts(story)
    assert story.fires() == []
    assert story.pending(story.resumes("d")) == ["spam"]


# Told again


def test_start_that_was_appended_twice_counts_once(story: Story) -> None:
    story.starts()
    start = story.entries[-1].proposal
    story.enters("alice")
    story.applies(start)
    assert story.users() == ["alice"]


def test_waiting_message_waits_in_a_snapshot_too(story: Story) -> None:
    overdue_for_bob(story)
    story.fires()
    again = Story(story.chat.snapshot(), node="next")
    again.at = story.at
    assert (again.chat.next_due(), again.fires()) == (DAWN + DOWN + 60, [])
    bob = again.resumes("b")
    again.fires()
    assert again.messages(bob) == ["psst"]


def test_any_place_for_a_snapshot_is_as_good(story: Story) -> None:
    overdue_for_bob(story)
    story.fires()
    story.resumes("b")
    story.fires()
    restarts(story)
    whole = story.chat.snapshot()
    for place in range(len(story.entries)):
        middle = retold(story.entries[:place]).snapshot()
        assert retold(story.entries, middle).snapshot() == whole


def test_changed_settings_do_not_change_what_earlier_entries_meant(story: Story) -> None:
    story.is_configured(reports=1, mute_seconds=1000)
    dave, erin = story.enters("dave", token="d"), story.enters("erin")
    for target in ("dave", "dave", "erin"):
        story.types(story.enters(), f"report {target}")
    story.wait(DOWN)
    story.is_configured(reports=0, mute_seconds=1)
    story.starts()
    assert (code(story.types(story.resumes("d"), "send hi")), dave != erin) == ("muted", True)
    assert retold(story.entries).snapshot() == story.chat.snapshot()
    frank = story.enters("frank")
    story.types(story.enters(), "report frank")
    assert code(story.types(frank, "send hi")) == "muted"
    story.wait(1)
    assert code(story.types(frank, "send hi")) == ""


def test_name_of_somebody_away_before_is_held_for_two_minutes_from_the_start(story: Story) -> None:
    alice = story.enters("alice", token="a")
    story.breaks(alice)
    restarts(story, 5 * HOURS)
    bob = story.enters("bob")
    assert code(story.types(bob, "rename alice")) == "name_taken"
    story.wait(120)
    assert code(story.types(bob, "rename alice")) == ""
