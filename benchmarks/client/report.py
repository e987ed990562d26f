"""The figures of clients side by side as a table, with ours in ratio to the others'."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

OURS = "chat-tui"
LABELS = {
    "first_paint_ms": "first paint, ms",
    "connected_ms": "connected, ms",
    "idle_p50_ms": "key to glyph p50, idle, ms",
    "idle_p95_ms": "key to glyph p95, idle, ms",
    "load_p50_ms": "key to glyph p50, 1000 lines/s, ms",
    "load_p95_ms": "key to glyph p95, 1000 lines/s, ms",
    "core_percent": "of a core at 1000 lines/s, %",
    "memory_mb": "memory after 100 000 messages, MB",
}
TARGETS = {
    "first_paint_ms": 400.0,
    "connected_ms": 500.0,
    "idle_p50_ms": 8.0,
    "idle_p95_ms": 16.0,
    "load_p50_ms": 12.0,
    "load_p95_ms": 40.0,
    "core_percent": 30.0,
    "memory_mb": 90.0,
}
"""What ours is to stay below."""

Rounds = Mapping[str, Sequence[Mapping[str, float]]]
"""The figures of each round, by client."""


def report(rounds: Rounds) -> str:
    """Write a line for every figure, a column for every client."""
    header = f"{'':36}{'target':>8}" + "".join(f"{name:>26}" for name in rounds)
    return "\n".join([header, *(_row(figure, rounds) for figure in LABELS)]) + "\n"


def _row(figure: str, rounds: Rounds) -> str:
    ours = _values(figure, rounds.get(OURS, ()))
    limit = TARGETS[figure]
    row = f"{LABELS[figure]:36}{f'< {limit:g}':>8}"
    for name, figures in rounds.items():
        values = _values(figure, figures)
        if name == OURS:
            mark = "" if not values or statistics.median(values) < limit else " MISSED"
            row += f"{_with_spread(values) + mark:>26}"
        else:
            row += f"{_with_spread(values) + _ratio(ours, values):>26}"
    return row


def _values(figure: str, figures: Sequence[Mapping[str, float]]) -> list[float]:
    return [one[figure] for one in figures if figure in one]


def _with_spread(values: Sequence[float]) -> str:
    if not values:
        return "-"
    middle = f"{statistics.median(values):.1f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.1f}-{max(values):.1f})"


def _ratio(ours: Sequence[float], others: Sequence[float]) -> str:
    """Say how many times theirs ours is."""
    if not ours or not others or not statistics.median(others):
        return ""
    return f"  x{statistics.median(ours) / statistics.median(others):.2f}"


@contextlib.contextmanager
def machine_load() -> Iterator[Callable[[], str]]:
    """Watch the machine during the block; the call then says what others took of it."""
    busy, children, since = _busy_seconds(), _own_seconds(), time.perf_counter()
    said: list[str] = []
    yield lambda: "".join(said)
    elapsed = time.perf_counter() - since
    elsewhere = (_busy_seconds() - busy - (_own_seconds() - children)) / elapsed
    said.append(f"Meanwhile others took {max(0.0, elsewhere):.2f} of {os.cpu_count()} cores.\n")


def _busy_seconds() -> float:
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    return sum(os.times()[:4])
