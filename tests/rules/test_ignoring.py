"""Ignoring: who hears nothing of whom, under whatever name, and without those knowing it."""

import pytest

from chat_server.protocol.events import Message, Ok
from chat_server.rules.entries import NewAccount
from chat_server.rules.ignoring import MOST_IGNORED
from tests.support.story import Story, code, retold


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_is_heard_of_an_ignored_person_under_whatever_name(story: Story) -> None:
    alice, bob, carol = (story.enters(one) for one in ("alice", "bob", "carol"))
    story.forget_told()
    answer = story.types(alice, "ignore bob").answer
    assert answer == Ok(code="ignored", data={"name": "bob"})
    story.types(bob, "rename rob")
    story.types(bob, "send to all")
    assert code(story.types(bob, "send to you -u alice")) == ""
    assert story.messages(alice) == story.remembered(alice) == []
    assert story.messages(carol) == ["to all"]
    assert story.messages(bob) == ["to all", "to you"]


def test_they_are_heard_again_by_the_name_of_now_or_of_then(story: Story) -> None:
    alice, bob = story.enters("alice"), story.enters("bob")
    for who in ("bob", "rob", f"={story.person(bob).id}"):
        story.types(alice, f"ignore ={story.person(bob).id}")
        story.types(bob, "rename rob")
        assert code(story.types(alice, f"unignore {who}")) == ""
        story.types(bob, "rename bob")
    story.forget_told()
    story.types(bob, "send hello")
    assert story.messages(alice) == ["hello"]
    assert code(story.types(alice, "unignore bob")) == "not_ignored"


@pytest.mark.parametrize(
    ("who", "refused"),
    [("alice", "self_ignore"), ("bob", "already_ignored"), ("dave", "nobody_of_that_name")],
)
def test_who_cannot_be_ignored_is_said(story: Story, who: str, refused: str) -> None:
    alice, _ = story.enters("alice"), story.enters("bob")
    story.types(alice, "ignore bob")
    assert code(story.types(alice, f"ignore {who}")) == refused


def test_so_many_people_can_be_ignored(story: Story) -> None:
    alice = story.enters("alice")
    for number in range(MOST_IGNORED):
        story.enters(f"b{number}")
        assert code(story.types(alice, f"ignore b{number}")) == ""
    story.enters("bob")
    assert code(story.types(alice, "ignore bob")) == "too_many_ignored"


def test_a_members_list_is_kept_while_they_are_away(story: Story) -> None:
    alice, bob = story.enters("alice", "token"), story.enters("bob")
    story.happens(NewAccount("hash"), alice)
    story.types(alice, "ignore bob")
    story.breaks(alice)
    answer = story.types(bob, "send hi -u alice").answer
    assert isinstance(answer, Ok)
    assert answer.code == "waits"
    again = story.resumes("token")
    assert [person.name for person in story.chat.ignores(again).people] == ["bob"]
    assert not any(isinstance(event, Message) for event in story.hears(again))


def test_whom_one_ignores_is_known_after_a_restart(story: Story) -> None:
    alice, bob = story.enters("alice", "token"), story.enters("bob", "bobs")
    story.types(alice, "ignore bob")
    later = Story(story.chat.snapshot(), node="next")
    again = later.resumes("token")
    back = later.resumes("bobs")
    later.forget_told()
    later.types(back, "send hello")
    assert later.messages(again) == []
    assert retold(story.entries).snapshot() == story.chat.snapshot()
    assert bob
