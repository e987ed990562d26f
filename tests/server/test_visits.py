"""How many connections an address may have, and how often it may open one."""

import pytest

from chat_server.protocol.events import Bye
from chat_server.visits import REMEMBERED, Visits

HOUSEHOLD = "2001:db8:1:2::/64"


def opened(visits: Visits, address: str, now: float = 1000, most: int = 1000) -> int:
    """Open connections of an address, until it may not; return how many."""
    for count in range(most):
        if visits.why_not(address, now) is not None:
            return count
        visits.began(address, now)
    return most


def test_one_address_may_have_so_many_and_another_one_its_own() -> None:
    visits = Visits(most=32, new_per_minute=0)
    assert opened(visits, "192.0.2.7") == 32
    assert visits.why_not("192.0.2.7", 1000) == Bye("too_many_of_address", {"limit": 32})
    assert opened(visits, "192.0.2.8") == 32


def test_one_that_ends_makes_room_for_another() -> None:
    visits = Visits(most=2, new_per_minute=0)
    opened(visits, "192.0.2.7")
    visits.ended("192.0.2.7")
    assert opened(visits, "192.0.2.7") == 1


def test_network_of_ipv6_may_have_four_times_as_many_as_one_address() -> None:
    visits = Visits(most=32, new_per_minute=0)
    assert opened(visits, HOUSEHOLD) == 128
    assert visits.why_not(HOUSEHOLD, 1000) == Bye("too_many_of_address", {"limit": 128})


@pytest.mark.parametrize(
    ("address", "burst", "a_second"), [("192.0.2.7", 60, 1), (HOUSEHOLD, 240, 4)]
)
def test_new_ones_come_at_a_pace(address: str, burst: int, a_second: int) -> None:
    visits = Visits(most=0, new_per_minute=60)
    assert opened(visits, address, 1000) == burst
    assert visits.why_not(address, 1000) == Bye("too_often", {"seconds": 1})
    assert opened(visits, address, 1001) == a_second


def test_who_comes_too_often_is_told_when_they_may_come_again() -> None:
    visits = Visits(most=0, new_per_minute=2)
    opened(visits, "192.0.2.7", 1000)
    assert visits.why_not("192.0.2.7", 1000.5) == Bye("too_often", {"seconds": 30})
    assert visits.why_not("192.0.2.7", 1029.5) == Bye("too_often", {"seconds": 1})
    assert opened(visits, "192.0.2.7", 1030) == 1


@pytest.mark.parametrize(("most", "new_per_minute", "address"), [(0, 0, "192.0.2.7"), (2, 2, "")])
def test_without_a_limit_and_on_this_machine_there_is_none(
    most: int, new_per_minute: int, address: str
) -> None:
    assert opened(Visits(most, new_per_minute), address) == 1000


def test_addresses_that_come_and_go_are_not_remembered() -> None:
    visits = Visits(most=32, new_per_minute=60)
    for number in range(10 * REMEMBERED):
        visits.began(f"192.0.2.{number}", number)
        visits.ended(f"192.0.2.{number}")
        assert visits.known <= REMEMBERED


def test_address_is_remembered_while_it_is_connected_or_has_come_often() -> None:
    visits = Visits(most=2, new_per_minute=3)
    opened(visits, "192.0.2.7", 1000)
    for _ in range(3):
        visits.began("192.0.2.8", 1000)
        visits.ended("192.0.2.8")
    for number in range(2 * REMEMBERED):
        visits.began(f"198.51.100.{number}", 1000)
        visits.ended(f"198.51.100.{number}")
    assert visits.why_not("192.0.2.7", 1000) == Bye("too_many_of_address", {"limit": 2})
    assert visits.why_not("192.0.2.8", 1000) == Bye("too_often", {"seconds": 20})
