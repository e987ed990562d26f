"""What part of the rate is left when nothing may be lost? `python -m benchmarks.durable`

A hundred people all speak, and keep a line or more of each on their way to everybody: with the
journal in memory and with the one of SQLite, which take turns.
"""

import sys

import msgspec

from benchmarks.contenders import generator
from benchmarks.contenders.choice import Choice, options, take_turns
from benchmarks.contenders.servers import Running, Server
from benchmarks.report import Results, cases, spread, table

PEOPLE = 100
WINDOWS = (1, 8)


def main() -> None:
    parser = options("benchmarks.durable", __doc__, ("text", "text-sqlite"))
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement")
    choice = parser.parse_args(namespace=Arguments())
    results = Results("durable", choice.out)

    def measure(server: Server, up: Running, people: int) -> None:
        closed = generator.closed(server, up, people, WINDOWS, choice.seconds, senders=people)
        for window, one in zip(WINDOWS, closed, strict=True):
            values = msgspec.structs.asdict(one) | {"rate": one.rate}
            results.add(server.name, people, values, window)

    take_turns(choice, [PEOPLE], measure)
    measured = {(case.server, case.window): case for case in cases(results.measured)}
    rows = [
        [server, *(spread(measured[server, window].of("rate"), unit=1000) for window in WINDOWS)]
        for server in dict.fromkeys(server for server, _ in measured)
    ]
    first, *others = rows
    for other, *_ in others:
        ratios = [
            measured[other, window].median("rate") / measured[first[0], window].median("rate")
            for window in WINDOWS
        ]
        rows.append([f"{other}/{first[0]}", *(f"{ratio:.2f}" for ratio in ratios)])
    sys.stdout.write(
        f"thousand deliveries a second, {PEOPLE} people who all speak\n"
        + table(["", *(f"{window} lines of each on their way" for window in WINDOWS)], rows)
    )


class Arguments(Choice):
    """What the command line says."""

    seconds: float


if __name__ == "__main__":
    main()
