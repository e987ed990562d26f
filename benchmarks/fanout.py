"""How many deliveries a second? Servers side by side: `python -m benchmarks.fanout [NAME ...]`

Each measures the same: ten people of a chat keep so many lines of each of them on their way, and
say one more for each that everybody has heard. The servers take turns; medians of all rounds, with
the least and the most. A rate with a star was limited by the load generator and not by the server.
A round that other programs of this machine disturbed is left out, where another one was not.
"""

import sys
from collections.abc import Callable, Sequence

import msgspec

from benchmarks.contenders import generator
from benchmarks.contenders.choice import Choice, options, take_turns
from benchmarks.contenders.servers import Running, Server
from benchmarks.report import Case, Results, cases, read, spread, table

WHAT = "fan-out"
PEOPLE = (10, 100, 1000)
WINDOWS = (1, 8, 64)
PEERS = ("limit", "inspircd")
LIMITED = 0.9
"""The share of its core from which the load generator counts as the limit."""
DISTURBED = 0.3
"""The share of a core from which what other programs take counts as a disturbance."""


class Arguments(Choice):
    """What the command line says."""

    people: list[int]
    windows: list[int]
    seconds: float
    again: bool


def main() -> None:
    parser = options("benchmarks.fanout", __doc__)
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    parser.add_argument(
        "--windows", type=int, nargs="+", default=WINDOWS, help="lines of each on their way"
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument(
        "--again", action="store_true", help="only show what has been measured already"
    )
    arguments = parser.parse_args(namespace=Arguments())
    results = Results(WHAT, arguments.out)

    def measure(server: Server, up: Running, people: int) -> None:
        closed = generator.closed(server, up, people, arguments.windows, arguments.seconds)
        for window, one in zip(arguments.windows, closed, strict=True):
            values = msgspec.structs.asdict(one) | {"rate": one.rate}
            results.add(server.name, people, values, window)

    if not arguments.again:
        take_turns(arguments, arguments.people, measure)
    measured = read(arguments.out, WHAT) if arguments.again else results.measured
    sys.stdout.write(report([calm(case) for case in cases(measured)]))


def calm(case: Case) -> Case:
    """Leave out the rounds that were disturbed, unless all were."""
    rounds = [values for values in case.rounds if values["others"] < DISTURBED]
    return msgspec.structs.replace(case, rounds=rounds or case.rounds)


def report(measured: Sequence[Case]) -> str:
    """Describe what was measured, in tables."""
    tables = []
    for window in sorted({case.window for case in measured}):
        of_window = {(case.server, case.people): case for case in measured if case.window == window}
        tables.append(
            f"thousand deliveries a second, {window} lines of each sender on their way\n"
            + _by_people(of_window, _rate)
        )
        tables += [_ratios(of_window, peer) for peer in PEERS]
    disturbed = [case for case in measured if case.median("others") >= DISTURBED]
    if disturbed:
        tables.append(
            f"other programs disturbed all rounds of {len(disturbed)} of {len(measured)} cases\n"
        )
    return "\n".join(filter(None, tables))


Cases = dict[tuple[str, int], Case]


def _by_people(measured: Cases, write: Callable[[Case], str]) -> str:
    people = sorted({people for _, people in measured})
    rows = [
        [server]
        + [
            write(measured[server, count]) if (server, count) in measured else "-"
            for count in people
        ]
        for server in dict.fromkeys(server for server, _ in measured)
    ]
    return table(["", *(f"{count} people" for count in people)], rows)


def _rate(case: Case) -> str:
    return spread(case.of("rate"), unit=1000) + ("*" if is_limited(case) else " ")


def is_limited(case: Case) -> bool:
    """Say whether the load generator was the limit."""
    return case.median("generator") >= max(LIMITED, case.median("server"))


def _ratios(measured: Cases, peer: str) -> str:
    theirs = {
        people: case.median("rate") for (server, people), case in measured.items() if server == peer
    }
    ours = {key: case for key, case in measured.items() if key[0] != peer and key[1] in theirs}
    if not ours:
        return ""
    return f"times {peer}\n" + _by_people(
        ours, lambda case: f"{case.median('rate') / theirs[case.people]:.2f}"
    )


if __name__ == "__main__":
    main()
