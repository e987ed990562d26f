"""What was measured: as lines of JSON in a file, and as tables on the screen."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec


class Measured(msgspec.Struct, frozen=True):
    """One measurement of one server: what was measured, with how many people, and what it gave."""

    what: str
    server: str
    people: int
    window: int
    values: dict[str, float]


class Results:
    """Measurements of one kind as they come, each written to a file at once."""

    def __init__(self, what: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.measured: list[Measured] = []
        self._what = what
        self._path = path

    def add(
        self, server: str, people: int, values: Mapping[str, float], window: int = 0
    ) -> Measured:
        """Keep a measurement."""
        measured = Measured(self._what, server, people, window, dict(values))
        self.measured.append(measured)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(measured) + b"\n")
        return measured


class Case(msgspec.Struct, frozen=True):
    """All measurements of one server, with so many people and one window."""

    server: str
    people: int
    window: int
    rounds: list[dict[str, float]]

    def of(self, value: str) -> list[float]:
        """Return one value of every round."""
        return [values[value] for values in self.rounds]

    def median(self, value: str) -> float:
        return statistics.median(self.of(value))


def cases(measured: Iterable[Measured]) -> Iterator[Case]:
    """Put together what was measured several times, in the order of the first time."""
    rounds: dict[tuple[str, int, int], list[dict[str, float]]] = {}
    for one in measured:
        rounds.setdefault((one.server, one.people, one.window), []).append(one.values)
    for (server, people, window), values in rounds.items():
        yield Case(server, people, window, values)


def read(path: Path, what: str) -> list[Measured]:
    """Read the measurements of one kind from a file."""
    lines = path.read_bytes().splitlines()
    every = [msgspec.json.decode(line, type=Measured) for line in lines]
    return [measured for measured in every if measured.what == what]


def spread(values: Sequence[float], digits: int = 0, unit: float = 1) -> str:
    """Write a median with the least and the most, in a unit."""
    least, middle, most = min(values), statistics.median(values), max(values)
    written = [f"{value / unit:.{digits}f}" for value in (middle, least, most)]
    return "{} ({}-{})".format(*written) if len(values) > 1 else written[0]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Align a table, the first column to the left."""
    every = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    lines = []
    for first, *others in every:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:{widths[0]}}", *cells]).rstrip())
    return "\n".join(lines) + "\n"
