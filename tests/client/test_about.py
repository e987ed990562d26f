"""What is known of somebody, and what one may do about them."""

from collections.abc import Callable

import pytest

from chat_server.protocol.events import (
    Device,
    Event,
    Left,
    Moderators,
    Muted,
    Person,
    Rank,
    Refused,
    Reply,
    Unmuted,
    Whoami,
)
from chat_tui.session.about import ASKING, OFFLINE, About, Inquiry, Step, about
from chat_tui.session.state import ChatState
from tests.client.test_state import NOW, entered
from tests.support.people import left, person

ALICE, BOB = person("alice"), person("bob")
OF_MODERATORS = ["/kick bob", "/mute bob", "/ban bob", "/unmute bob"]


class Server:
    """What is asked of it, and who waits for the answer."""

    def __init__(self, state: ChatState) -> None:
        self.is_there = True
        self.asked: dict[str, Callable[[Reply], None]] = {}
        self.changes = 0
        self.inquiry = Inquiry(self._ask, state.learn, self._changed)

    def _ask(self, line: str, answered: Callable[[Reply], None]) -> bool:
        if self.is_there:
            self.asked[line] = answered
        return self.is_there

    def _changed(self) -> None:
        self.changes += 1


def told(who: Person, state: ChatState, now: float = NOW) -> About:
    return about(who, state, Server(state).inquiry, now)


def facts(shown: About) -> dict[str, list[str]]:
    return {fact.name: list(fact.lines) for fact in shown.facts}


def lines(who: Person, *events: Event, rank: Rank = "") -> list[str]:
    state = entered(*events)
    state.learn(Whoami(ALICE, member=True, since=1.0, rank=rank))
    return [entry.line for entry in told(who, state).entries]


# Somebody else


@pytest.mark.parametrize(
    ("events", "presence"),
    [
        ([], "here"),
        ([left("bob")], "left"),
        ([Left([BOB], NOW, away=[BOB])], "away, and gets what is said when they come"),
    ],
)
def test_it_is_told_where_somebody_is(events: list[Event], presence: str) -> None:
    assert facts(told(BOB, entered(*events)))["presence"] == [presence]


def test_a_mute_is_told_while_it_lasts() -> None:
    muted = Muted(BOB, NOW + 60)
    assert "muted" in facts(told(BOB, entered(muted)))
    assert "muted" not in facts(told(BOB, entered(muted), NOW + 60))
    assert "muted" not in facts(told(BOB, entered(muted, Unmuted(BOB, ALICE))))


def test_who_keeps_order_is_told_as_the_server_told_last() -> None:
    state = entered()
    assert "account" not in facts(told(BOB, state))
    state.learn(Moderators([BOB]))
    assert facts(told(BOB, state))["account"] == ["a member and a moderator"]
    state.learn(Moderators([]))
    assert facts(told(BOB, state))["account"] == ["a member"]


def test_a_name_that_the_server_gave_is_a_guests() -> None:
    assert facts(told(person("guest7"), entered()))["account"] == ["a guest"]


def test_only_who_keeps_order_is_shown_how() -> None:
    everyones = ["", "/report bob", "/ignore bob"]
    assert lines(BOB) == everyones
    assert lines(BOB, rank="moderator") == everyones + OF_MODERATORS
    assert lines(BOB, rank="owner") == [*everyones, *OF_MODERATORS, "/moderator bob"]


def test_a_moderator_is_acted_against_by_owners_alone() -> None:
    state = entered()
    state.learn(Whoami(ALICE, member=True, since=1.0, rank="moderator"))
    state.learn(Moderators([ALICE, BOB]))
    commands = [entry.line for entry in told(BOB, state).entries]
    assert commands == ["", "/report bob", "/ignore bob", "/unmute bob"]
    state.learn(Whoami(ALICE, member=True, since=1.0, rank="owner"))
    commands = [entry.line for entry in told(BOB, state).entries]
    assert commands[3:] == [*OF_MODERATORS, "/moderator bob off"]


def test_nothing_is_done_about_who_is_gone_but_to_ignore_them() -> None:
    assert lines(BOB, left("bob"), rank="owner") == ["/ignore bob"]


# Oneself


def test_ones_devices_are_asked_for_once_and_told_when_they_are_known() -> None:
    state = entered()
    server = Server(state)
    server.inquiry.begin()
    assert list(server.asked) == ["whoami", "moderators"]
    assert facts(about(ALICE, state, server.inquiry, NOW))["account"] == [ASKING]
    devices = [Device(None, this=True), Device("192.0.2.7", here=False, program="bot")]
    server.asked["whoami"](Whoami(ALICE, member=True, since=NOW, devices=devices, rank="owner"))
    found = facts(about(ALICE, state, server.inquiry, NOW))
    assert found["account"][0].endswith("and an owner")
    assert found["devices"] == [
        "from the server's machine (this connection)",
        "from 192.0.2.7 (the program bot, broken, can be resumed)",
    ]
    server.asked.clear()
    server.inquiry.begin()
    assert (server.asked, server.changes) == ({}, 1)


def test_without_a_connection_that_is_said_and_asked_later() -> None:
    state = entered()
    server = Server(state)
    server.is_there = False
    server.inquiry.begin()
    assert facts(about(ALICE, state, server.inquiry, NOW))["account"] == [OFFLINE]
    server.is_there = True
    server.inquiry.begin()
    assert "whoami" in server.asked


def test_what_a_break_left_unanswered_is_asked_again() -> None:
    server = Server(entered())
    server.inquiry.begin()
    server.inquiry.broke()
    assert server.inquiry.step is Step.NEW
    server.asked.clear()
    server.inquiry.begin()
    assert "whoami" in server.asked


def test_of_a_server_that_does_not_know_the_question_nothing_is_told() -> None:
    state = entered()
    server = Server(state)
    server.inquiry.begin()
    server.asked["whoami"](Refused("unknown_command"))
    assert "account" not in facts(about(ALICE, state, server.inquiry, NOW))
