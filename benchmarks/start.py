"""How long does a server take to start? `python -m benchmarks.start [NAME ...]`

Milliseconds from starting its process until it says, or shows, that it listens.
"""

import sys

from benchmarks.contenders.choice import Choice, options, take_turns
from benchmarks.contenders.servers import Running, Server
from benchmarks.report import Results, cases, spread, table


def main() -> None:
    parser = options("benchmarks.start", __doc__, ("text", "text-sqlite"), rounds=10)
    choice = parser.parse_args(namespace=Choice())
    results = Results("start", choice.out)

    def measure(server: Server, up: Running, people: int) -> None:
        results.add(server.name, people, {"seconds": up.start_seconds})

    take_turns(choice, [0], measure)
    rows = [
        [case.server, spread(case.of("seconds"), unit=0.001)] for case in cases(results.measured)
    ]
    sys.stdout.write(table(["start", "ms"], rows))


if __name__ == "__main__":
    main()
