"""Memory goes back to the system after a crowd."""

import platform
from pathlib import Path

import pytest

from chat_server.freed_memory import CROWD, WAIT_SECONDS, FreedMemory, trim
from tests.support.clock import FakeClock

MIB = 1024 * 1024


def resident_kib() -> int:
    """Return how much memory this process has."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def gone(memory: FreedMemory, come: int, stay: int) -> None:
    """Let so many have come, and all but a few of them go."""
    for left in reversed(range(stay, come)):
        memory.closed(left)


@pytest.mark.parametrize(
    ("come", "stay", "times"),
    [(CROWD, CROWD // 2, 1), (CROWD, 0, 1), (CROWD, CROWD // 2 + 1, 0), (CROWD - 1, 0, 0)],
)
def test_memory_is_given_back_once_half_of_a_crowd_has_gone(
    come: int, stay: int, times: int
) -> None:
    clock, given = FakeClock(), list[float]()
    memory = FreedMemory(clock, lambda: given.append(clock.monotonic()))
    gone(memory, come, stay)
    assert given == []
    clock.advance(WAIT_SECONDS)
    assert len(given) == times


def test_each_crowd_is_a_new_one() -> None:
    clock, given = FakeClock(), list[str]()
    memory = FreedMemory(clock, lambda: given.append("given"))
    for _ in range(3):
        gone(memory, CROWD, 10)
        clock.advance(WAIT_SECONDS)
        gone(memory, 10, 0)
        clock.advance(WAIT_SECONDS)
    assert given == ["given"] * 3


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can")
def test_what_was_freed_between_what_is_kept_goes_back() -> None:
    crowd = [bytes(1000) for _ in range(100 * MIB // 1000)]
    kept = crowd[::50]
    del crowd
    before = resident_kib()
    trim()
    assert before - resident_kib() > 50 * 1024
    assert len(kept) > 1000
