"""What was measured, as lines of JSON in a file and as a table on the screen."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from benchmarks.closed import Closed

LIMITED = 0.9
"""The share of its core from which the load generator counts as the limit."""


class Measured(msgspec.Struct, frozen=True):
    """One measurement of one server."""

    server: str
    people: int
    window: int
    closed: Closed


def spread(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Write a median with the least and the most."""
    return f"{write(statistics.median(values))} ({write(min(values))}-{write(max(values))})"


def thousands(value: float) -> str:
    """Write a number in thousands."""
    return f"{value / 1000:.0f}"


class Results:
    """Measurements as they come, each written to a file at once."""

    def __init__(self, path: Path) -> None:
        self.measured: list[Measured] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def add(self, measured: Measured) -> None:
        """Keep a measurement."""
        self.measured.append(measured)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(measured) + b"\n")

    def rates(self, server: str, people: int, window: int) -> list[float]:
        """Return the deliveries a second of all rounds of one case."""
        return [one.closed.rate for one in self._of(server, people, window)]

    def is_limited(self, server: str, people: int, window: int) -> bool:
        """Say whether the load generator was the limit of a case."""
        shares = [
            one.closed.generator
            for one in self._of(server, people, window)
            if one.closed.generator > one.closed.server
        ]
        return bool(shares) and statistics.median(shares) >= LIMITED

    def table(self, window: int) -> str:
        """Describe the rates of all servers with one window."""
        of_window = [one for one in self.measured if one.window == window]
        people = sorted({one.people for one in of_window})
        lines = [
            f"thousand deliveries a second, {window} lines of each sender at a time",
            f"{'':14}" + "".join(f"{f'{count} people':>24}" for count in people),
        ]
        for server in dict.fromkeys(one.server for one in of_window):
            cells = [self._cell(server, count, window) for count in people]
            lines.append(f"{server:14}" + "".join(f"{cell:>24}" for cell in cells))
        return "\n".join(lines) + "\n"

    def ratios(self, window: int, others: Iterable[str]) -> str:
        """Describe what part of the rate of others each server has."""
        of_window = [one for one in self.measured if one.window == window]
        people = sorted({one.people for one in of_window})
        names = dict.fromkeys(one.server for one in of_window)
        lines = []
        for other in others:
            if other not in names:
                continue
            lines.append(f"times {other}")
            for server in names:
                cells = [self._ratio(server, other, count, window) for count in people]
                if server != other:
                    lines.append(f"{server:14}" + "".join(f"{cell:>24}" for cell in cells))
        return "\n".join(lines) + "\n"

    def _of(self, server: str, people: int, window: int) -> list[Measured]:
        case = (server, people, window)
        return [one for one in self.measured if (one.server, one.people, one.window) == case]

    def _cell(self, server: str, people: int, window: int) -> str:
        rates = self.rates(server, people, window)
        if not rates:
            return "-"
        star = "*" if self.is_limited(server, people, window) else ""
        return spread(rates, thousands) + star

    def _ratio(self, server: str, other: str, people: int, window: int) -> str:
        rates, theirs = (self.rates(name, people, window) for name in (server, other))
        if not rates or not theirs:
            return "-"
        return f"{statistics.median(rates) / statistics.median(theirs):.2f}"
