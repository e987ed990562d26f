"""How long the wrong ones make people wait, and whom they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.connection.attempts import AT_ONCE, FORGOTTEN_AFTER, MOST, Attempts

HOME, CAFE, THIS_MACHINE = "192.0.2.1", "198.51.100.2", ""
HOUR = 3600.0


def wrong(
    attempts: Attempts, count: int, address: str = HOME, key: str = "alice", now: float = 0.0
) -> float:
    """Try so many wrong passwords at once; return how long to wait then."""
    for _ in range(count):
        attempts.failed(address, key, now)
    return attempts.wait(address, key, now)


def wrong_names(attempts: Attempts, count: int, address: str, called: str = "name") -> None:
    """Try a wrong password for each of so many other names."""
    for n in range(count):
        attempts.failed(address, f"{called}{n}", 0.0)


def test_nobody_waits_who_did_nothing_wrong() -> None:
    assert Attempts().wait(HOME, "alice", 0.0) == 0


@pytest.mark.parametrize(
    ("count", "wait"),
    [(1, 0), (2, 0), (3, 60), (4, 120), (5, 240), (6, 480), (8, 1920), (9, HOUR), (999, HOUR)],
)
def test_three_are_free_and_each_further_one_doubles_the_wait(count: int, wait: float) -> None:
    assert wrong(Attempts(), count) == wait


def test_wait_passes() -> None:
    attempts = Attempts()
    wrong(attempts, 3, now=100.0)
    assert [attempts.wait(HOME, "alice", now) for now in (100.0, 130.0, 160.0)] == [60, 30, 0]


def test_who_tries_as_often_as_they_may_waits_longer_each_time() -> None:
    attempts, now, waits = Attempts(), 0.0, []
    for _ in range(9):
        waits.append(wrong(attempts, 1, now=now))
        now += waits[-1]
    assert waits == [0, 0, 60, 120, 240, 480, 960, 1920, HOUR]


def test_slips_that_are_a_minute_apart_cost_nothing() -> None:
    attempts = Attempts()
    waits = [wrong(attempts, 2, now=minute * 60.0) for minute in range(100)]
    assert set(waits) == {0}


def test_an_address_makes_thirty_accounts_an_hour_and_then_few() -> None:
    attempts, now, made = Attempts(), 0.0, 0
    while now < 24 * HOUR:
        attempts.registered(HOME, now)
        made += 1
        now += attempts.wait_for_account(HOME, now)
    assert made == 30 + 6 + 22
    assert attempts.wait(HOME, "alice", 0.0) == attempts.wait_for_account(CAFE, 0.0) == 0


def test_accounts_made_on_this_machine_are_not_counted() -> None:
    attempts = Attempts()
    for _ in range(1000):
        attempts.registered(THIS_MACHINE, 0.0)
    assert attempts.wait_for_account(THIS_MACHINE, 0.0) == 0


def test_minute_has_no_fixed_beginning() -> None:
    attempts = Attempts()
    waits = [wrong(attempts, 1, now=now) for now in (0.0, 50.0, 70.0, 100.0)]
    assert waits == [0, 0, 0, 60]


def test_right_password_clears_its_name_and_no_other() -> None:
    attempts = Attempts()
    wrong(attempts, 2, key="alice")
    wrong(attempts, 3, key="bob")
    attempts.succeeded(HOME, "alice")
    assert wrong(attempts, 2, key="alice") == 0
    assert attempts.wait(HOME, "bob", 0.0) == 60


def test_right_password_for_a_name_that_was_not_tried_changes_nothing() -> None:
    attempts = Attempts()
    attempts.succeeded(HOME, "alice")
    wrong(attempts, 3)
    attempts.succeeded(HOME, "bob")
    attempts.succeeded(CAFE, "alice")
    assert attempts.wait(HOME, "alice", 0.0) == 60


def test_nobody_locks_somebody_out_from_elsewhere() -> None:
    attempts = Attempts()
    wrong(attempts, 9, CAFE)
    assert attempts.wait(HOME, "alice", 0.0) == 0


@pytest.mark.parametrize(("count", "wait"), [(9, 0), (10, 60), (11, 120), (99, HOUR)])
def test_ten_names_from_one_address_are_free(count: int, wait: float) -> None:
    attempts = Attempts()
    wrong_names(attempts, count, HOME)
    assert attempts.wait(HOME, "alice", 0.0) == wait
    assert attempts.wait(CAFE, "alice", 0.0) == 0


def test_right_password_does_not_buy_more_tries_for_other_names() -> None:
    attempts = Attempts()
    for _ in range(10):
        attempts.failed(HOME, "alice", 0.0)
        attempts.succeeded(HOME, "alice")
    assert attempts.wait(HOME, "bob", 0.0) == 60


def test_this_machine_is_no_single_person_but_one_place_to_guess_a_name() -> None:
    attempts = Attempts()
    wrong_names(attempts, 1000, THIS_MACHINE)
    assert attempts.wait(THIS_MACHINE, "alice", 0.0) == 0
    assert wrong(attempts, 3, THIS_MACHINE) == 60


def test_counting_begins_anew_some_time_after_the_wait() -> None:
    attempts = Attempts()
    assert wrong(attempts, 4) == 120
    assert wrong(attempts, 1, now=120 + FORGOTTEN_AFTER - 1) == 240

    attempts = Attempts()
    assert wrong(attempts, 4) == 120
    later = 120 + FORGOTTEN_AFTER
    assert [wrong(attempts, 1, now=later) for _ in range(3)] == [0, 0, 60]


def test_ten_thousand_wrong_ones_let_ten_passwords_be_looked_at_in_two_hours() -> None:
    """Who asks before each of them, as the server does, looks at few."""
    attempts, looked_at = Attempts(), 0
    for n in range(10_000):
        now = n * 2 * HOUR / 10_000
        if not attempts.wait(HOME, "alice", now):
            attempts.failed(HOME, "alice", now)
            looked_at += 1
    assert looked_at == 9


def test_flood_of_names_from_elsewhere_lifts_no_wait() -> None:
    attempts = Attempts()
    wrong(attempts, 9)
    wrong_names(attempts, 2 * MOST, CAFE)
    wrong_names(attempts, 2 * MOST, THIS_MACHINE)
    assert attempts.wait(HOME, "alice", 0.0) == HOUR


def test_flood_of_addresses_lifts_a_wait_only_when_thousands_have_come() -> None:
    attempts = Attempts(most=100)
    wrong(attempts, 9)
    for n in range(49):
        wrong(attempts, 1, f"203.0.113.{n}")
    assert attempts.wait(HOME, "alice", 0.0) == HOUR
    wrong(attempts, 1, "203.0.113.49")
    assert attempts.wait(HOME, "alice", 0.0) == 0


def test_name_is_forgotten_only_after_as_many_others_as_are_remembered() -> None:
    attempts = Attempts(most=100)
    wrong(attempts, 3, THIS_MACHINE)
    wrong_names(attempts, 98, THIS_MACHINE)
    assert attempts.wait(THIS_MACHINE, "alice", 0.0) == 60
    attempts.failed(THIS_MACHINE, "one more", 0.0)
    assert attempts.wait(THIS_MACHINE, "alice", 0.0) == 0


def test_name_that_was_tried_again_is_forgotten_later() -> None:
    attempts = Attempts(most=100)
    wrong(attempts, 3, THIS_MACHINE)
    wrong_names(attempts, 98, THIS_MACHINE)
    assert wrong(attempts, 1, THIS_MACHINE) == 120
    wrong_names(attempts, 98, THIS_MACHINE, "another")
    assert attempts.wait(THIS_MACHINE, "alice", 0.0) == 120


def test_address_that_tried_again_is_forgotten_later() -> None:
    attempts = Attempts(most=100)
    wrong(attempts, 3)
    for n in range(49):
        wrong(attempts, 1, f"203.0.113.{n}")
    assert wrong(attempts, 1) == 120
    for n in range(49):
        wrong(attempts, 1, f"198.51.100.{n}")
    assert attempts.wait(HOME, "alice", 0.0) == 120


def test_names_that_were_right_leave_room() -> None:
    attempts = Attempts(most=100)
    wrong(attempts, 3, THIS_MACHINE)
    for n in range(1000):
        attempts.failed(THIS_MACHINE, f"name{n}", 0.0)
        attempts.succeeded(THIS_MACHINE, f"name{n}")
    assert attempts.wait(THIS_MACHINE, "alice", 0.0) == 60


ADDRESSES = st.sampled_from([HOME, CAFE, THIS_MACHINE])
KEYS = st.sampled_from(["alice", "bob", "carol"])
PAUSES = st.sampled_from([0.0, 0.5, 19.0, 60.0, 61.0, 600.0, HOUR, 2 * HOUR])


@given(st.lists(st.tuples(ADDRESSES, KEYS, PAUSES), max_size=60))
def test_wrong_ones_never_shorten_a_wait_and_only_time_does(
    story: list[tuple[str, str, float]],
) -> None:
    attempts, now = Attempts(), 0.0
    pairs = [(address, key) for address in (HOME, CAFE, THIS_MACHINE) for key in ("alice", "bob")]
    for address, key, pause in story:
        before = {pair: attempts.wait(*pair, now) for pair in pairs}
        now += pause
        paused = {pair: attempts.wait(*pair, now) for pair in pairs}
        attempts.failed(address, key, now)
        for pair in pairs:
            assert paused[pair] == max(0.0, before[pair] - pause)
            assert paused[pair] <= attempts.wait(*pair, now) <= HOUR


def test_few_hashes_are_made_at_once_for_one_address_and_one_for_a_name() -> None:
    attempts = Attempts()
    assert [attempts.begin("192.0.2.7", f"n{number}") for number in range(AT_ONCE + 1)] == [
        *[True] * AT_ONCE,
        False,
    ]
    assert attempts.begin("198.51.100.1", "n0")
    attempts.end("192.0.2.7", "n0")
    assert not attempts.begin("192.0.2.7", "n1")
    assert attempts.begin("192.0.2.7", "n0")


def test_who_comes_over_this_machine_waits_for_nobody_of_another_name() -> None:
    attempts = Attempts()
    assert all(attempts.begin("", f"n{number}") for number in range(50))
    assert not attempts.begin("", "n7")
