"""The phases of a connection: which follows which, and what counts in each."""

import itertools

import pytest

from chat_server.connection.phase import (
    CLOSED,
    ENDED,
    HERE,
    KNOCKING,
    LEAVING,
    TRANSITIONS,
    Phase,
    passed,
)
from chat_server.protocol.events import Bye
from chat_server.rules.entries import Enter, Leave
from tests.support.playbook import Playbook

LIVES: dict[str, list[Phase]] = {
    "enters, says goodbye, and reads it": [KNOCKING, HERE, LEAVING, ENDED, CLOSED],
    "is gone without a word": [KNOCKING, HERE, LEAVING, CLOSED],
    "is here when the server stops": [KNOCKING, HERE, ENDED, CLOSED],
    "is gone when the server stops": [KNOCKING, HERE, CLOSED],
    "is no client of a chat": [KNOCKING, ENDED, CLOSED],
    "comes and goes without a word": [KNOCKING, CLOSED],
    "cannot enter at once": [KNOCKING, HERE, KNOCKING, HERE, LEAVING, CLOSED],
}
HAPPENING = {pair for life in LIVES.values() for pair in itertools.pairwise(life)}


@pytest.mark.parametrize("before", Phase)
@pytest.mark.parametrize("after", Phase)
def test_phases_follow_one_another_as_lives_go(before: Phase, after: Phase) -> None:
    if (before, after) in HAPPENING:
        assert passed(before, after) is after
    else:
        with pytest.raises(ValueError, match=f"{before.name} cannot become {after.name}"):
            passed(before, after)


def test_no_transition_is_without_a_life() -> None:
    assert {(before, after) for before, all_ in TRANSITIONS.items() for after in all_} == HAPPENING


def phases(play: Playbook) -> Phase:
    return play.dialogue.phase


def test_knocking_becomes_here_with_the_first_line() -> None:
    play = Playbook()
    assert phases(play) is KNOCKING
    play.hears("users\n")
    assert phases(play) is HERE


def test_asking_for_a_format_is_not_entering_yet() -> None:
    play = Playbook()
    play.hears("format json\n")
    assert phases(play) is KNOCKING
    play.waits(1)
    assert phases(play) is HERE


def test_who_could_not_enter_is_knocking_again() -> None:
    play = Playbook()
    [enter] = play.hears("rename alice\n")
    assert isinstance(enter, Enter)
    assert play.is_not_saved().startswith(b"! This could not be saved")
    assert phases(play) is KNOCKING
    [enter] = play.hears("rename alice\n")
    assert isinstance(enter, Enter)
    assert phases(play) is HERE


def test_nothing_counts_that_follows_an_exit() -> None:
    play = Playbook()
    proposed = play.hears("rename alice\nexit\nsend too late\n")
    assert proposed == [proposed[0], Leave(goodbye=True)]
    assert phases(play) is LEAVING
    assert play.settles().endswith(b"* Goodbye.\r\n")
    assert phases(play) is ENDED
    assert play.hears("send much too late\n") == []


def test_nothing_is_told_after_a_goodbye() -> None:
    play = Playbook()
    play.hears("rename alice\n")
    play.settles()
    play.dialogue.tell(Bye("stopping"))
    assert play.is_told()
    play.dialogue.tell(Bye("stopping"))
    assert play.is_told() == b""


def test_who_is_told_goodbye_by_others_leaves() -> None:
    play = Playbook()
    play.hears("rename alice\n")
    play.settles()
    play.dialogue.tell(Bye("elsewhere"))
    assert [proposal.command for proposal in play.proposed] == [Leave()]
    assert phases(play) is ENDED


def test_nobody_leaves_who_is_here_when_the_server_stops() -> None:
    play = Playbook()
    play.hears("rename alice\n")
    play.settles()
    play.is_stopping = True
    play.dialogue.tell(Bye("stopping"))
    play.dialogue.close()
    assert play.proposed == []
    assert phases(play) is CLOSED


def test_whose_connection_is_gone_leaves_once() -> None:
    play = Playbook()
    play.hears("rename alice\n")
    play.settles()
    play.dialogue.close()
    play.dialogue.close()
    assert [proposal.command for proposal in play.proposed] == [Leave()]


def test_who_never_came_needs_not_leave() -> None:
    play = Playbook()
    play.dialogue.close()
    assert play.waits(10) == []
    assert phases(play) is CLOSED
