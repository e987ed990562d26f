"""Sending, keys, and the history: who sees what."""

import msgspec
import pytest

from chat_server.protocol import wording
from chat_server.protocol.commands import Rename, Send
from chat_server.protocol.events import Message, Ok, Refused
from chat_server.protocol.names import name
from chat_server.rules.memory import KEPT_MESSAGES, MOST_PRIVATE
from chat_server.rules.state import Outcome, State
from tests.support.clock import DAWN
from tests.support.story import Story, code, told


@pytest.fixture
def story() -> Story:
    return Story()


def message_id(story: Story, connection: str, line: str) -> int:
    answer = story.types(connection, line).answer
    assert isinstance(answer, Ok)
    return int(answer.id)


# Sending


def test_message_to_everyone_comes_to_all_with_its_sender(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.forget_told()
    answer = story.types(alice, "send hello, everyone").answer
    assert isinstance(answer, Ok)
    message = Message(answer.id, DAWN, story.person(alice), None, "hello, everyone")
    assert story.hears(alice) == story.hears(bob) == [message]


def test_private_message_comes_to_its_two_people_only(story: Story) -> None:
    alice, bob, carol = (story.enters(who) for who in ("alice", "bob", "carol"))
    story.forget_told()
    sent = message_id(story, alice, "send psst -u BOB")
    between = story.person(alice), story.person(bob)
    message = Message(str(sent), DAWN, *between, "psst")
    assert (story.hears(alice), story.hears(bob), story.hears(carol)) == ([message], [message], [])


def test_id_means_the_person_whoever_has_the_name_by_then(story: Story) -> None:
    alice, bob, carol = (story.enters(who) for who in ("alice", "bob", "carol"))
    id_ = story.person(bob).id
    story.types(bob, "rename rob")
    story.types(carol, "rename bob")
    assert code(story.types(alice, f"send psst -u ={id_}")) == ""
    assert code(story.types(alice, f"send later -u ={id_} -t 5")) == ""
    story.wait(5)
    story.fires()
    assert (story.messages(bob), story.messages(carol)) == (["psst", "later"], [])


def test_id_of_nobody_who_is_here_is_refused(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob", token="b")
    id_ = story.person(bob).id
    story.breaks(bob)
    for line in (f"send hi -u ={id_}", f"report ={id_}"):
        away = {"id": id_, "name": "bob"}
        assert story.types(alice, line).answer == Refused("nobody_of_that_id", {**away})
    unknown = Refused("nobody_of_that_id", {"id": "none"})
    assert story.types(alice, "send hi -u =none").answer == unknown
    assert story.types(alice, "report =none").answer == unknown


def test_id_is_never_given_twice(story: Story) -> None:
    ids = []
    for _ in range(3):
        alice = story.enters("alice")
        ids.append(story.person(alice).id)
        story.types(alice, "exit")
    assert len({*ids}) == 3
    assert code(story.types(story.enters("bob"), f"send hi -u ={ids[0]}")) == "nobody_of_that_id"


def test_message_to_oneself_comes_once(story: Story) -> None:
    alice = story.enters("alice")
    story.enters("bob")
    story.types(alice, "send note -u alice")
    assert story.messages(alice) == ["note"]


def test_message_is_kept_to_the_letter(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send [b]  *я*   <x> ")
    assert story.messages(alice) == ["[b]  *я*   <x>"]


@pytest.mark.parametrize("line", ["send hi -u nobody", "send hi -u gone", "send hi -u away -t 5"])
def test_recipient_has_to_be_here(story: Story, line: str) -> None:
    alice = story.enters("alice")
    story.types(story.enters("gone"), "exit")
    story.breaks(story.enters("away", token="t"))
    outcome = story.types(alice, line)
    assert (code(outcome), told(outcome)) == ("nobody_of_that_name", [])
    assert story.remembered(alice) == story.pending(alice) == []


def test_empty_message_is_refused(story: Story) -> None:
    alice = story.enters("alice")
    assert code(story.types(alice, "send   ")) == "empty_message"
    assert story.remembered(alice) == []


# Keys


@pytest.mark.parametrize(
    "line", ["send hi", "send hi -t 9", "rename carol", "report bob", "cancel"]
)
def test_repeated_key_is_answered_alike_and_without_effect(story: Story, line: str) -> None:
    alice = story.enters("alice")
    story.enters("bob")
    story.types(alice, "send later -t 5")
    first = story.types(alice, f"@k {line}")
    again = story.types(alice, f"@k {line}")
    assert isinstance(first.answer, Ok)
    assert again == Outcome([], first.answer)


def test_repeated_key_is_answered_without_being_journaled(story: Story) -> None:
    alice = story.enters("alice")
    first = story.types(alice, "@k send hi").answer
    assert story.chat.check(alice, "k", Send("hi"), DAWN) == first
    assert story.chat.check(alice, "j", Send("hi"), DAWN) is None


def test_key_belongs_to_the_person(story: Story) -> None:
    alice, bob = story.enters("alice", token="a"), story.enters("bob")
    story.types(alice, "@k send hi")
    story.types(bob, "@k send hi")
    story.breaks(alice)
    story.types(story.resumes("a"), "@k send hi")
    assert story.remembered(bob) == ["hi", "hi"]


def test_refusal_uses_up_no_key(story: Story) -> None:
    alice = story.enters("alice")
    assert code(story.types(alice, "@k send hi -u bob")) == "nobody_of_that_name"
    story.enters("bob")
    assert isinstance(story.types(alice, "@k send hi -u bob").answer, Ok)


def test_lines_without_a_key_are_each_carried_out(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi")
    story.types(alice, "send hi")
    assert story.remembered(alice) == ["hi", "hi"]


def test_last_256_keys_that_succeeded_are_kept(story: Story) -> None:
    alice = story.enters("alice")
    for number in range(257):
        story.types(alice, f"@k{number} send hi")
        story.types(alice, f"@refused{number} send hi -u nobody")
    assert told(story.types(alice, "@k1 send hi")) == []
    assert told(story.types(alice, "@k256 send hi")) == []
    assert len(told(story.types(alice, "@k0 send hi"))) == 1


# Checks before proposing


def test_check_refuses_as_the_entry_would(story: Story) -> None:
    alice = story.enters("alice")
    story.enters("bob")
    refused = story.chat.check(alice, "", Rename(name("bob")), DAWN)
    assert isinstance(refused, Refused)
    assert refused == story.types(alice, "rename bob").answer


def test_check_lets_pass_what_the_chat_does_not_know_yet(story: Story) -> None:
    assert story.chat.check("newcomer", "", Send("hi"), DAWN) is None


# History


def test_history_shows_only_what_the_asker_may_see(story: Story) -> None:
    alice, bob, carol = (story.enters(who) for who in ("alice", "bob", "carol"))
    story.types(alice, "send to all")
    story.types(alice, "send to bob -u bob")
    story.types(bob, "send to alice -u alice")
    story.types(carol, "send to myself -u carol")
    assert story.remembered(alice) == ["to all", "to bob", "to alice"]
    assert story.remembered(bob) == ["to all", "to bob", "to alice"]
    assert story.remembered(carol) == ["to all", "to myself"]


def test_history_gives_the_last_messages_oldest_first(story: Story) -> None:
    alice = story.enters("alice")
    for number in range(30):
        story.types(alice, f"send {number}")
    assert story.remembered(alice) == [str(number) for number in range(10, 30)]
    assert story.remembered(alice, 3) == ["27", "28", "29"]
    assert len(story.remembered(alice, 1000)) == 30


def test_newcomer_sees_what_was_said_to_everyone_before(story: Story) -> None:
    story.types(story.enters("alice"), "send early")
    assert story.remembered(story.enters("bob")) == ["early"]


def test_who_is_not_here_sees_nothing_private(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send secret -u alice")
    story.types(alice, "send open")
    assert story.remembered("nobody at all") == ["open"]


def test_private_history_is_not_inherited_with_a_name(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(alice, "send secret -u bob")
    story.types(bob, "exit")
    assert story.remembered(story.enters("bob")) == []
    story.types(alice, "exit")
    assert story.remembered(story.enters("alice")) == []


def test_private_history_is_kept_through_rename_and_return(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob", token="b")
    story.types(alice, "send secret -u bob")
    story.types(bob, "rename robert")
    story.breaks(bob)
    assert story.remembered(story.resumes("b")) == ["secret"]


def test_history_shows_names_as_they_were_then(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi")
    story.types(alice, "rename carol")
    assert [message.sender.name for message in story.history(alice).messages] == ["alice"]


def test_history_since_an_id_gives_what_came_after_it(story: Story) -> None:
    alice = story.enters("alice")
    ids = [message_id(story, alice, f"send {number}") for number in range(5)]
    answer = story.history(alice, 20, since=ids[1])
    assert [message.text for message in answer.messages] == ["2", "3", "4"]
    assert answer.missed == 0
    assert story.history(alice, 20, since=ids[-1]).messages == []


def test_history_counts_what_it_missed_since_an_id(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    first = message_id(story, alice, "send 0")
    for number in range(1, 6):
        story.types(alice, f"send {number}")
        story.types(alice, f"send secret {number} -u alice")
    answer = story.history(bob, 2, since=first)
    assert [message.text for message in answer.messages] == ["4", "5"]
    assert answer.missed == 3


def test_without_an_id_nothing_is_said_of_missed_ones(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send hi")
    assert story.history(alice).missed is None
    assert story.history(alice, since=0).missed == 0


def test_id_that_is_still_to_come_is_refused(story: Story) -> None:
    alice = story.enters("alice")
    last = story.chat.last
    assert story.history(alice, since=last).messages == []
    refused = story.chat.history(alice, 20, last + 1)
    assert isinstance(refused, Refused)
    assert (refused.code, str(last + 1) in wording.refusal(refused)) == ("bad_id", True)


@pytest.mark.parametrize("sent", [1001, 1999, 2000, 2001, 3500])
def test_last_thousand_messages_are_kept(story: Story, sent: int) -> None:
    alice = story.enters("alice")
    ids = [message_id(story, alice, f"send {number}") for number in range(sent)]
    assert story.remembered(alice, 1000) == [str(number) for number in range(sent - 1000, sent)]
    newest_forgotten = ids[-1001]
    assert story.history(alice, 1, since=newest_forgotten).missed == 999
    assert story.history(alice, 1, since=newest_forgotten - 1).missed is None


def test_forgotten_messages_do_not_fill_the_state(story: Story) -> None:
    alice = story.enters("alice")
    for _ in range(2500):
        story.types(alice, "send hi")
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert 1000 <= len(state.messages) < 2000


def test_a_thousand_messages_are_all_remembered(story: Story) -> None:
    alice = story.enters("alice")
    for number in range(1000):
        story.types(alice, f"send {number}")
    assert story.history(alice, 1, since=0).missed == 999


# Private ones apart


def test_private_messages_push_out_nothing_that_all_may_see(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(bob, "send for all")
    for number in range(2 * KEPT_MESSAGES + 1):
        story.types(alice, f"send {number} -u alice")
    assert story.remembered(bob) == ["for all"]
    mine = [str(number) for number in range(KEPT_MESSAGES + 1, 2 * KEPT_MESSAGES + 1)]
    assert story.remembered(alice, 1000) == mine


def test_private_messages_of_two_push_out_none_of_others(story: Story) -> None:
    alice, bob, carol = (story.enters(who) for who in ("alice", "bob", "carol"))
    story.types(alice, "send first -u bob")
    for number in range(2 * KEPT_MESSAGES):
        story.types(alice, f"send {number} -u carol")
    assert story.remembered(bob) == ["first"]
    assert len(story.remembered(carol, 1000)) == 1000


def test_history_mixes_what_one_may_see_in_the_order_in_which_it_was_said(story: Story) -> None:
    alice, bob, carol = (story.enters(who) for who in ("alice", "bob", "carol"))
    for line in ("1", "2 -u bob", "3", "4 -u alice", "5 -u carol"):
        story.types(alice, f"send {line}")
    story.types(carol, "send 6 -u alice")
    assert story.remembered(alice) == ["1", "2", "3", "4", "5", "6"]
    assert story.remembered(alice, 2) == ["5", "6"]
    assert story.remembered(bob) == ["1", "2", "3"]


def test_missed_is_not_known_where_private_ones_of_ones_own_are_forgotten(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    first = message_id(story, alice, "send 0 -u bob")
    for number in range(1, KEPT_MESSAGES + 1):
        story.types(alice, f"send {number} -u bob")
    assert story.history(bob, 1, since=first).missed == KEPT_MESSAGES - 1
    assert story.history(bob, 1, since=first - 1).missed is None
    assert story.history(story.enters("carol"), 1, since=first - 1).missed == 0


def test_private_messages_of_all_are_bounded_and_the_silent_two_go_first(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    since = message_id(story, alice, "send silent -u bob")
    others = [story.enters() for _ in range(MOST_PRIVATE // KEPT_MESSAGES + 1)]
    for other in others:
        for number in range(KEPT_MESSAGES):
            story.types(other, f"send {number} -u {story.chat.name_at(other)}")
    assert story.remembered(bob) == []
    assert story.history(bob, 1, since=since - 1).missed is None
    assert len(story.remembered(others[-1], 1000)) == KEPT_MESSAGES
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert sum(len(private.messages) for private in state.private.values()) <= MOST_PRIVATE


def test_private_messages_are_forgotten_with_the_last_of_two(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    story.types(alice, "send psst -u bob")
    story.types(alice, "send note -u alice")
    story.types(alice, "exit")
    assert story.remembered(bob) == ["psst"]
    story.types(bob, "exit")
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    assert state.private == {}


def test_welcome_knows_the_newest_message_private_or_not(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send for all")
    newest = message_id(story, alice, "send note -u alice")
    assert story.welcome(story.enters()).last == str(newest)
