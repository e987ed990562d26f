"""How late is a message heard? `python -m benchmarks.latency [NAME ...]`

Twenty messages a second to a thousand people; the servers take turns. Milliseconds until each of
the people has heard a message, and until the last of all has. All of them contain what the load
generator takes to read a thousand sockets one after another, which is the same for all servers.
"""

import sys

import msgspec

from benchmarks.contenders import generator
from benchmarks.contenders.choice import Choice, options, take_turns
from benchmarks.contenders.servers import Running, Server
from benchmarks.report import Results, cases, spread, table

COLUMNS = ("each_p50", "each_p99", "last_p50", "last_p99")


class Arguments(Choice):
    """What the command line says."""

    people: int
    rate: float
    seconds: float


def main() -> None:
    parser = options("benchmarks.latency", __doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=20, help="messages a second")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    arguments = parser.parse_args(namespace=Arguments())
    results = Results("latency", arguments.out)

    def measure(server: Server, up: Running, people: int) -> None:
        paced = generator.paced(server, up, people, arguments.rate, arguments.seconds)
        results.add(server.name, people, msgspec.structs.asdict(paced))

    take_turns(arguments, [arguments.people], measure)
    rows = [
        [case.server, *(spread(case.of(column), 2) for column in COLUMNS)]
        for case in cases(results.measured)
    ]
    sys.stdout.write(
        f"milliseconds until heard, {arguments.rate:.0f} messages a second to "
        f"{arguments.people} people\n" + table(["", *COLUMNS], rows)
    )


if __name__ == "__main__":
    main()
