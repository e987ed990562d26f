"""The same entries make the same chat: after a restart, from a snapshot, on every node."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.commands import Send
from chat_server.protocol.names import name
from chat_server.rules.chat import Chat
from chat_server.rules.entries import Enter, Entry, Leave
from chat_server.rules.state import Outcome, State
from tests.support.clock import DAWN
from tests.support.story import Story, code, retold, told

PEOPLE = ("alice", "bob", "carol", "dave")


def eventful_story() -> Story:
    """Tell a story in which every kind of entry occurs."""
    story = Story()
    story.is_configured(reports=1, mute_seconds=50)
    alice, bob, carol = story.enters("alice", "a"), story.enters("bob"), story.enters()
    story.types(alice, "@k send hi -u bob")
    story.types(carol, "rename carol")
    story.types(carol, "send one -t 5")
    story.types(carol, "send two -u alice -t 6")
    story.types(carol, "cancel 1")
    story.types(alice, "report bob")
    story.is_given_token(bob, "b")
    story.breaks(alice)
    story.wait(7)
    story.fires()
    story.types(carol, "exit")
    story.resumes("a")
    story.types(bob, "send still here")
    story.node_ends("here")
    story.wait(5000)
    story.resumes("b")
    return story


def test_same_entries_make_the_same_state() -> None:
    story = eventful_story()
    assert retold(story.entries).snapshot() == story.chat.snapshot()


def test_snapshot_names_its_last_entry() -> None:
    story = eventful_story()
    assert story.chat.snapshot().last == story.chat.last == len(story.entries)


@pytest.mark.parametrize("place", range(len(eventful_story().entries) + 1))
def test_snapshot_and_the_entries_after_it_are_as_good_as_all(place: int) -> None:
    story = eventful_story()
    middle = retold(story.entries[:place]).snapshot()
    assert retold(story.entries, middle).snapshot() == story.chat.snapshot()


def test_entries_after_a_snapshot_are_told_as_without_it() -> None:
    entries = eventful_story().entries
    for place, entry in enumerate(entries):
        before = retold(entries[:place])
        assert Chat("story", before.snapshot()).apply(entry) == before.apply(entry)


def test_entries_survive_being_encoded() -> None:
    entries = eventful_story().entries
    encoded = msgspec.msgpack.encode(entries)
    assert msgspec.msgpack.decode(encoded, type=list[Entry]) == entries


def test_scheduled_messages_survive_in_a_snapshot() -> None:
    story = Story()
    alice = story.enters("alice", token="a")
    for line in ("send late -t 9", "send soon -t 3", "send last -t 12"):
        story.types(alice, line)
    chat = Chat("story", story.chat.snapshot())
    assert (chat.next_due(), chat.due_by(DAWN + 9)) == (DAWN + 3, [2, 1])
    assert [item.text for item in chat.pending(alice).items] == ["soon", "late", "last"]


# What was proposed once happens once


def test_proposal_that_was_appended_twice_counts_once() -> None:
    story = Story()
    alice = story.enters("alice")
    outcome = story.types(alice, "send hi")
    again = story.applies(story.entries[-1].proposal)
    assert len(told(outcome)) == 1
    assert again == Outcome([])
    assert story.chat.apply(story.entries[-1]) is None
    assert story.remembered(alice) == ["hi"]


def test_batch_that_was_appended_twice_counts_once() -> None:
    story = Story()
    story.enters("alice")
    story.enters()
    for entry in list(story.entries):
        assert told(story.applies(entry.proposal)) == []
    assert story.users() == ["alice", "guest1"]


def test_repeated_entry_still_counts_as_the_last_one() -> None:
    story = Story()
    story.enters("alice")
    entered = story.chat.last
    story.applies(story.entries[-1].proposal)
    assert story.chat.last == entered + 1


def test_repeat_is_known_after_a_restart() -> None:
    story = Story()
    alice = story.enters("alice")
    story.types(alice, "send hi")
    again = Story(story.chat.snapshot())
    again.applies(story.entries[-1].proposal)
    assert again.remembered(alice) == ["hi"]


# Any story

_lines = st.sampled_from(
    [
        *(f"rename {who}" for who in (*PEOPLE, "ALICE", "guest1")),
        *(f"report {who}" for who in PEOPLE),
        *(f"send hi -u {who} -t 5" for who in PEOPLE),
        *("send hi", "@k send hi", "@j rename eve", "send hi -t 9", "cancel", "cancel 1", "exit"),
        *(f"resume {token}" for token in "abc"),
    ]
)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("enters"), st.integers(0, 3), st.sampled_from(["", "a", "b"])),
        st.tuples(st.just("types"), st.integers(0, 9), _lines),
        st.tuples(st.just("breaks"), st.integers(0, 9), st.just("")),
        st.tuples(st.just("waits"), st.sampled_from([1, 5, 121, 90_000]), st.just("")),
        st.tuples(st.just("fires"), st.integers(0, 5), st.just("")),
        st.tuples(st.just("ends"), st.just(0), st.just("")),
    ),
    max_size=40,
)


def story_of(steps: list[tuple[str, int, str]]) -> Story:
    story = Story()
    for what, number, text in steps:
        match what:
            case "enters":
                story.happens(Enter(name(PEOPLE[number]), text or None), f"c{len(story.entries)}")
            case "types":
                story.types(f"c{number}", text)
            case "breaks":
                story.happens(Leave(), f"c{number}")
            case "waits":
                story.wait(number)
            case "fires":
                story.fires(*([number] if number else []))
            case "ends":
                story.node_ends("here")
    return story


@given(_steps, st.integers(0, 40))
def test_any_story_is_the_same_when_told_again(
    steps: list[tuple[str, int, str]], place: int
) -> None:
    story = story_of(steps)
    whole = story.chat.snapshot()
    assert retold(story.entries).snapshot() == whole
    middle = retold(story.entries[:place]).snapshot()
    assert retold(story.entries, middle).snapshot() == whole


@given(_steps)
def test_in_any_story_the_state_agrees_with_itself(steps: list[tuple[str, int, str]]) -> None:
    story = story_of(steps)
    state = msgspec.msgpack.decode(story.chat.snapshot().state, type=State)
    here = {person.id: person for person in state.people.values() if person.is_here}
    assert {c: person.id for person in here.values() for c in person.connections} == (
        state.connections
    )
    assert len({person.key for person in here.values()}) == len(here)
    assert all(state.names[person.key] == person.id for person in here.values())
    assert {person.id for person in state.people.values()} >= set(state.names.values())
    for item in state.items.values():
        assert item.owner in state.people
        assert item.to is None or item.to in state.people
    for token, holder in state.tokens.items():
        assert state.people[holder].device_with(token).token_hash == token


@given(_steps)
def test_in_any_story_check_and_entry_agree(steps: list[tuple[str, int, str]]) -> None:
    story = story_of(steps)
    for connection in [f"c{number}" for number in range(10)]:
        if story.chat.has_entered(connection):
            checked = story.chat.check(connection, "", Send("hi"), story.at)
            assert code(story.types(connection, "send hi")) == ("muted" if checked else "")
