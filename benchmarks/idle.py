"""What do people cost who are only there? `python -m benchmarks.idle [NAME ...]`

Ten thousand come in as fast as the server lets them, while fifty others talk: arrivals a second,
and how late the fifty hear each other meanwhile. Then all are silent: resident memory over that at
the start, in KiB for each, and the share of a core that the server takes.
"""

import sys
import time

from benchmarks.contenders import generator
from benchmarks.contenders.choice import Choice, options, take_turns
from benchmarks.contenders.servers import Running, Server
from benchmarks.load.processes import processor_seconds, resident_kib
from benchmarks.report import Results, cases, spread, table

RATE = 2.0
"""Messages a second of those who talk; each goes to all who are there already."""
COLUMNS = {
    "arrivals/s": ("arrivals_a_second", 0),
    "p50 ms": ("p50", 2),
    "p99 ms": ("p99", 2),
    "KiB each": ("kib_each", 2),
    "MiB": ("mib", 0),
    "CPU %": ("processor_percent", 2),
}


class Arguments(Choice):
    """What the command line says."""

    people: int
    seconds: float


def main() -> None:
    parser = options("benchmarks.idle", __doc__, ("text", "inspircd"), rounds=1)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=5, help="of silence")
    arguments = parser.parse_args(namespace=Arguments())
    results = Results("idle", arguments.out)

    def measure(server: Server, up: Running, people: int) -> None:
        values = measure_idle(server, up, people, arguments.seconds)
        results.add(server.name, people, values)

    take_turns(arguments, [arguments.people], measure)
    rows = [
        [case.server, *(spread(case.of(name), digits) for name, digits in COLUMNS.values())]
        for case in cases(results.measured)
    ]
    sys.stdout.write(
        f"{arguments.people} people come in, and are silent\n" + table(["", *COLUMNS], rows)
    )


def measure_idle(server: Server, up: Running, people: int, seconds: float) -> dict[str, float]:
    """Measure how people come in, and what they cost once they are there."""
    before = resident_kib(up.process)
    with generator.arrivals(server, up, people, RATE) as arrivals:
        begin, spent = time.perf_counter(), processor_seconds(up.process)
        time.sleep(seconds)
        spent = processor_seconds(up.process) - spent
        share = spent / (time.perf_counter() - begin)
        after = resident_kib(up.process)
    return {
        "arrivals_a_second": arrivals.people / arrivals.seconds,
        "p50": arrivals.talk.each_p50,
        "p99": arrivals.talk.each_p99,
        "kib_each": (after - before) / people,
        "mib": after / 1024,
        "processor_percent": share * 100,
    }


if __name__ == "__main__":
    main()
