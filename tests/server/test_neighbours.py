"""Which servers of a shared chat are heard of, and which are taken to be gone."""

import pytest

from chat_server.neighbours import GONE_SECONDS, LONGEST_GAP, RENEW_SECONDS, Neighbours
from chat_server.rules.entries import Entry, NodeStays, Proposal
from tests.support.clock import FakeClock


class Told:
    """Servers "me" and "other", and a clock, as "me" hears of them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.renewed = 0
        self.neighbours = Neighbours("me", self.clock, self._renew)
        self._entries = 0

    def _renew(self) -> None:
        self.renewed += 1

    def hear(self, node: str, at: float) -> None:
        self._entries += 1
        entry = Entry(self._entries, at, Proposal(node, self._entries, "", "", NodeStays()))
        self.neighbours.hear(entry)

    def silent(self) -> tuple[str, ...]:
        return self.neighbours.silent(("me", "other"))


@pytest.fixture
def told() -> Told:
    return Told()


def test_who_is_heard_of_now_and_then_is_here(told: Told) -> None:
    for second in range(1, 60):
        told.hear("me", 1000.0 + second)
        if second % int(GONE_SECONDS - 1) == 0:
            told.hear("other", 1000.0 + second)
        assert told.silent() == ()


def test_who_is_not_heard_of_is_silent_and_oneself_never(told: Told) -> None:
    told.hear("me", 1000.0)
    told.hear("other", 1000.0)
    for second in range(int(GONE_SECONDS)):
        assert told.silent() == ()
        told.hear("third", 1001.0 + second)
    assert told.silent() == ("other",)


def test_who_was_never_heard_of_gets_as_long(told: Told) -> None:
    told.hear("me", 1000.0)
    assert told.silent() == ()
    told.hear("me", 1005.0)
    assert told.silent() == ()
    told.hear("me", 1010.0)
    assert told.silent() == ("other",)


def test_nobody_is_silent_because_the_journal_was_away(told: Told) -> None:
    told.hear("me", 1000.0)
    told.hear("other", 1000.0)
    told.hear("me", 1000.0 + 3600)
    assert told.silent() == ()
    told.hear("me", 1000.0 + 3600 + GONE_SECONDS - LONGEST_GAP)
    assert told.silent() == ("other",)


def test_server_says_again_that_it_is_here_once_it_was_heard(told: Told) -> None:
    told.neighbours.start()
    told.clock.advance(RENEW_SECONDS)
    assert told.renewed == 1
    told.clock.advance(10 * RENEW_SECONDS)
    assert told.renewed == 1
    told.hear("other", 1000.0)
    told.clock.advance(RENEW_SECONDS)
    assert told.renewed == 1
    told.hear("me", 1001.0)
    told.clock.advance(RENEW_SECONDS)
    assert told.renewed == 2
    told.neighbours.stop()
    told.hear("me", 1002.0)
    told.clock.advance(RENEW_SECONDS)
    assert told.renewed == 2
