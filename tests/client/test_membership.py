"""Whether our user owns their name, and what they can do about it."""

import pytest

from chat_server.protocol.events import Event, Ok, Refused, Whoami
from chat_tui.session.membership import Membership, entries
from tests.support.people import person, welcome

OWNED = Refused("name_owned", {"name": "alice"})


def after(*events: Event) -> Membership:
    membership = Membership()
    for event in events:
        membership.hear(event)
    return membership


def lines(*events: Event) -> list[str]:
    return [entry.line for entry in entries(after(*events))]


@pytest.mark.parametrize(
    ("events", "is_member"),
    [
        ([], False),
        ([Ok(code="registered")], True),
        ([welcome("ada"), Ok(code="logged_in")], True),
        ([Ok(code="registered"), welcome("alice")], True),
        ([Ok(code="registered"), welcome("guest1")], False),
        ([Ok(code="registered"), Ok(code="unregistered")], False),
        ([Ok(code="registered"), Ok(code="logged_out")], False),
        ([Whoami(person("alice"), member=True, since=1.0)], True),
        ([Ok(code="registered"), Whoami(person("alice"), member=False)], False),
    ],
)
def test_one_is_a_member_as_the_answers_tell(events: list[Event], is_member: bool) -> None:
    assert after(welcome("alice"), *events).is_member is is_member


def test_a_guest_with_a_name_of_their_own_can_register_or_log_in() -> None:
    assert lines(welcome("alice")) == ["register", "login"]
    assert lines(welcome("guest1")) == ["login"]


def test_whose_name_is_owned_can_log_in_as_its_owner_first() -> None:
    assert lines(welcome("guest1"), OWNED) == ["login alice", "login"]
    assert lines(welcome("guest1"), OWNED, welcome("Alice")) == ["register", "login"]


def test_a_member_can_change_the_password_or_log_out() -> None:
    assert lines(welcome("alice"), Ok(code="registered")) == ["password", "logout"]
