"""What all connections together may use in one turn."""

from collections.abc import Callable

import pytest

from chat_server.delivery.turns import Turns


class Loop:
    """Turns that come when a test lets them."""

    def __init__(self) -> None:
        self._due: list[Callable[[], None]] = []

    def later(self, callback: Callable[[], None]) -> None:
        self._due.append(callback)

    def turn(self) -> bool:
        """Let the next turn come, if anything is due in it."""
        due, self._due = self._due, []
        for callback in due:
            callback()
        return bool(due)


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def turns(loop: Loop) -> Turns:
    return Turns(lambda: 10, loop.later)


class Talker:
    """Somebody who uses 4 each time that it is their turn, for as long as they have something."""

    def __init__(self, turns: Turns, heard: list[str], name: str, times: int, used: float) -> None:
        self.turns = turns
        self.heard = heard
        self.name = name
        self.times = times
        self.used = used

    def talk(self) -> None:
        if self.turns.left <= 0:
            self.turns.wait(self.used, self.talk)
            return
        self.turns.left -= 4
        self.heard.append(self.name)
        self.times -= 1
        self.used += 4
        if self.times:
            self.turns.wait(self.used, self.talk)


def test_what_is_beyond_the_budget_waits_for_the_next_turn(turns: Turns, loop: Loop) -> None:
    heard: list[str] = []
    for name in "abcdefgh":
        Talker(turns, heard, name, times=1, used=0).talk()
    counts = []
    while loop.turn():
        counts.append(len(heard))
    assert heard == [*"abcdefgh"]
    assert counts == [3, 6, 8]


def test_who_has_used_least_is_first(turns: Turns, loop: Loop) -> None:
    heard: list[str] = []
    for number in range(50):
        Talker(turns, heard, f"flooder{number}", times=20, used=100 + number).talk()
    for _ in range(5):
        loop.turn()
    Talker(turns, heard, "alice", times=1, used=0).talk()
    before = len(heard)
    loop.turn()
    assert heard[before] == "alice"


def test_everybody_comes_to_their_turn(turns: Turns, loop: Loop) -> None:
    heard: list[str] = []
    for name in "abc":
        Talker(turns, heard, name, times=5, used=0).talk()
    while loop.turn():
        pass
    assert sorted(heard) == [*"aaaaabbbbbccccc"]
    assert sorted(heard[:3]) == [*"abc"]


def test_nothing_is_due_with_nobody_waiting(turns: Turns, loop: Loop) -> None:
    Talker(turns, [], "alice", times=1, used=0).talk()
    assert [loop.turn(), loop.turn()] == [True, False]


def test_turn_whose_work_has_an_end_begins_anew_unless_somebody_waits(
    turns: Turns, loop: Loop
) -> None:
    turns.renew()
    turns.left -= 7
    turns.renew()
    assert turns.left == 10
    turns.left -= 12
    turns.wait(0, lambda: None)
    turns.renew()
    assert turns.left == -2
