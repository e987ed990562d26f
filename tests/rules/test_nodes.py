"""Several nodes append to one journal: who leaves with which, what of theirs counts, whose ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.events import History, Left, Message, Ok
from chat_server.rules.chat import Chat
from chat_server.rules.entries import (
    Enter,
    Entry,
    Fire,
    NodeGone,
    NodeHere,
    NodesGone,
    NodeStays,
    Proposal,
    Start,
)
from tests.support.clock import DAWN
from tests.support.story import Story, code, retold, told


@pytest.fixture
def story() -> Story:
    return Story()


def comes(story: Story, node: str, run: str = "") -> None:
    """Let a node come; what happens next happens there."""
    story.node = node
    story.happens(NodeHere(run))


def said(story: Story, connection: str, text: str) -> str:
    """Let somebody say something; return its id."""
    answer = story.types(connection, f"send {text}").answer
    assert isinstance(answer, Ok)
    return answer.id


def knows(story: Story, id_: str) -> bool:
    number, _, run = id_.partition("-")
    return isinstance(story.chat.history("", 1, int(number), run), History)


# Who leaves


def test_nobody_leaves_when_another_node_comes(story: Story) -> None:
    story.enters("alice")
    comes(story, "there")
    story.enters("bob")
    assert story.users() == ["alice", "bob"]
    assert story.chat.nodes() == ("here", "there")


def test_who_is_at_one_node_hears_who_is_at_another(story: Story) -> None:
    alice = story.enters("alice")
    comes(story, "there")
    bob = story.enters("bob")
    story.forget_told()
    story.types(bob, "send hi")
    assert story.messages(alice) == story.messages(bob) == ["hi"]


def test_those_of_the_nodes_that_are_gone_leave(story: Story) -> None:
    people = {}
    for node, who in (("a", "alice"), ("b", "bob"), ("c", "carol"), ("here", "dave")):
        comes(story, node)
        people[who] = story.person(story.enters(who))
    outcome = story.happens(NodesGone(("a", "c", "never there")))
    assert told(outcome) == [Left([people[who]], DAWN) for who in ("alice", "carol")]
    assert story.users() == ["bob", "dave"]
    assert story.chat.nodes() == ("b", "here")


def test_one_resumes_at_another_node(story: Story) -> None:
    story.enters("alice", token="a")
    comes(story, "there")
    story.happens(NodesGone(("here",)))
    again = story.resumes("a")
    assert told(story.happens(NodesGone(("here",)))) == []
    assert story.person(again).name == "alice"


def test_names_are_held_no_longer_because_another_node_comes(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.wait(119)
    comes(story, "there")
    story.wait(1)
    assert code(story.types(story.enters("bob"), "rename alice")) == ""


def test_names_are_held_anew_where_no_node_was_here(story: Story) -> None:
    story.breaks(story.enters("alice", token="a"))
    story.node_ends("here")
    story.wait(119)
    comes(story, "there")
    story.wait(119)
    assert code(story.types(story.enters("bob"), "rename alice")) == "name_taken"


# What counts


def test_nodes_count_their_proposals_for_themselves(story: Story) -> None:
    alice = story.enters("alice")
    comes(story, "there")
    said(story, alice, "hi")
    for entry in list(story.entries):
        story.applies(entry.proposal)
    assert story.remembered(alice) == ["hi"]
    assert story.users() == ["alice"]


def test_what_was_appended_before_another_node_came_counts_once(story: Story) -> None:
    alice = story.enters("alice")
    said(story, alice, "hi")
    proposal = story.entries[-1].proposal
    comes(story, "there")
    assert story.chat.apply(Entry(story.chat.last + 1, DAWN, proposal)) is None
    assert story.remembered(alice) == ["hi"]


@pytest.mark.parametrize("sequence", [2, 3])
def test_what_a_node_appends_after_it_was_said_to_be_gone_counts_for_nothing(
    story: Story, sequence: int
) -> None:
    story.applies(Proposal("there", 1, "", "", NodeHere("x")))
    story.applies(Proposal("there", 2, "c", "", Enter()))
    story.happens(NodesGone(("there",)))
    late = Proposal("there", sequence, "c", "", Enter())
    assert story.chat.apply(Entry(story.chat.last + 1, DAWN, late)) is None
    assert story.chat.here() == 0


def test_node_that_was_taken_to_be_gone_is_not_here_because_it_stays(story: Story) -> None:
    """What it had appended, and appends again as it is not known to be there, counts no more."""
    alice = Proposal("there", 3, "there.1", "", Enter())
    for proposal in (Proposal("there", 1, "", "", NodeHere("x")), alice):
        story.applies(proposal)
    story.happens(NodesGone(("there",)))
    for proposal in (Proposal("there", 2, "", "", NodeStays()), alice):
        story.applies(proposal)
    assert (story.chat.here(), story.chat.nodes()) == (0, ())


def test_what_is_due_is_sent_by_a_node_that_is_here(story: Story) -> None:
    alice = story.enters("alice")
    story.types(alice, "send later -t 5")
    story.wait(5)
    story.applies(Proposal("gone", 9, "", "", Fire(1)))
    assert story.pending(alice) == ["later"]
    comes(story, "there")
    [message, _] = story.fires(1)
    assert isinstance(message, Message)
    assert story.fires(1) == []


def test_of_nodes_that_are_gone_nothing_is_kept_but_their_runs(story: Story) -> None:
    for number in range(30):
        comes(story, f"a node {number}", f"run {number}")
        story.happens(NodesGone(story.chat.nodes()))
    state = story.chat.snapshot().state
    assert (state.count(b"a node"), state.count(b"run ")) == (0, 30)


def test_only_so_many_runs_are_remembered(story: Story) -> None:
    ids = []
    for number in range(1002):
        comes(story, f"n{number}", f"r{number}")
        ids.append(said(story, story.enters("alice"), "hi"))
        story.node_ends(story.node)
    assert [number for number, id_ in enumerate(ids) if not knows(story, id_)] == [0, 1]


# Ids


def test_ids_have_the_run_of_the_node_whose_entry_makes_them(story: Story) -> None:
    comes(story, "a", "ra")
    alice = story.enters("alice")
    first = said(story, alice, "one")
    comes(story, "b", "rb")
    bob = story.enters("bob")
    second = said(story, bob, "two")
    story.node = "a"
    third = said(story, alice, "three")
    story.types(alice, "send later -t 5")
    story.wait(5)
    story.node = "b"
    [fourth, _] = story.fires()
    assert isinstance(fourth, Message)
    ids = [first, second, third, fourth.id]
    assert [id_.partition("-")[2] for id_ in ids] == ["ra", "rb", "ra", "rb"]
    assert [message.id for message in story.history(alice, 9).messages] == ids


def test_ids_of_every_node_are_known_as_long_as_they_could_be_given(story: Story) -> None:
    comes(story, "a", "ra")
    old = said(story, story.enters("alice"), "one")
    comes(story, "b", "rb")
    story.happens(NodesGone(("a",)))
    end = story.chat.last - 1
    new = said(story, story.enters("bob"), "two")
    assert knows(story, old)
    assert knows(story, new)
    assert knows(story, f"{end}-ra")
    assert not knows(story, f"{end + 1}-ra")
    assert not knows(story, f"{story.chat.last + 1}-rb")
    assert not knows(story, "1-other")
    assert not knows(story, "1")


def test_beginning_is_known_to_every_chat() -> None:
    assert knows(Story(), "0")


# Two chats


_lines = st.sampled_from(
    [
        *("rename alice", "rename bob", "send hi", "@k send hi", "send hi -u alice"),
        *("send hi -t 5", "send hi -u bob -t 9", "report alice", "cancel", "exit", "resume t1"),
    ]
)
_steps = st.lists(
    st.tuples(
        st.sampled_from(["one", "two"]),
        st.one_of(_lines, st.sampled_from(["enters", "breaks", "waits", "fires", "ends", "again"])),
        st.integers(0, 4),
    ),
    max_size=50,
)


def happens_at(story: Story, node: str, what: str, number: int) -> None:
    story.node = node
    connection = f"{node}.{number}"
    match what:
        case "enters":
            story.happens(Enter(token_hash=f"t{number}"), connection)
        case "breaks":
            story.breaks(connection)
        case "waits":
            story.wait(number)
        case "fires":
            story.fires(*([number] if number else []))
        case "ends":
            story.node_ends(node)
        case "again" if story.entries:
            story.applies(story.entries[-number - 1 :][0].proposal)
        case line if line != "again":
            story.types(connection, line)


@given(_steps, st.integers(0, 60))
def test_chats_of_two_nodes_stay_equal(steps: list[tuple[str, str, int]], place: int) -> None:
    """Each applies the entries of both; the second begins with a snapshot of the first."""
    story = Story()
    for node, what, number in steps:
        happens_at(story, node, what, number)
    one = Chat("story")
    two: Chat | None = None
    for entry in story.entries:
        if two is None and entry.id > place:
            two = Chat("story", one.snapshot())
        outcome = one.apply(entry)
        assert two is None or two.apply(entry) == outcome
    assert one.snapshot() == story.chat.snapshot()
    assert two is None or two.snapshot() == one.snapshot()


# What stands in older journals


def test_start_of_before_means_that_all_nodes_are_gone_and_this_one_is_here(story: Story) -> None:
    story.node = "old"
    story.happens(Start("ro"))
    alice = story.enters("alice")
    entered = story.entries[-1].proposal
    old = said(story, alice, "hi")
    story.wait(9)
    story.node = "new"
    left = Left([story.person(alice)], DAWN + 9)
    assert told(story.happens(Start("rn"))) == [left]
    assert story.chat.nodes() == ("new",)
    assert told(story.applies(entered)) == []
    new = said(story, story.enters("bob"), "hi")
    assert (old.partition("-")[2], new.partition("-")[2]) == ("ro", "rn")
    assert knows(story, old)
    assert knows(story, new)
    assert not knows(story, new.replace("rn", "ro"))


def test_node_that_said_before_that_it_ends_may_still_say_what_is_due(story: Story) -> None:
    story.node = "old"
    story.happens(Start("ro"))
    alice = story.enters("alice", token="a")
    story.types(alice, "send later -t 5")
    left = Left([story.person(alice)], DAWN)
    assert told(story.happens(NodeGone("old"))) == [left]
    story.wait(5)
    [message] = story.fires(1)
    assert isinstance(message, Message)
    assert message.id.endswith("-ro")
    assert retold(story.entries).snapshot() == story.chat.snapshot()
