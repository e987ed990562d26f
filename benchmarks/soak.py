"""Does memory grow under load? `python -m benchmarks.soak [--minutes M]`

A hundred people, ten of whom speak, at half the rate that the server was measured to do: its
resident memory at the start, after the first half minute, and every half minute from then on.
"""

import sys
import time

from benchmarks.contenders import generator
from benchmarks.contenders.choice import Choice, options, take_turns
from benchmarks.contenders.servers import Running, Server
from benchmarks.load.processes import resident_kib
from benchmarks.report import Results

PEOPLE = 100
WINDOW = 8
PAUSE = 30.0
"""Seconds between two looks at the memory, or less of a short run."""


class Arguments(Choice):
    """What the command line says."""

    minutes: float


def main() -> None:
    parser = options("benchmarks.soak", __doc__, ("text-sqlite",), rounds=1)
    parser.add_argument("--minutes", type=float, default=10)
    arguments = parser.parse_args(namespace=Arguments())
    results = Results("soak", arguments.out)

    def measure(server: Server, up: Running, people: int) -> None:
        sizes = soak(server, up, people, arguments.minutes * 60)
        results.add(
            server.name,
            people,
            {
                "warm_mib": sizes[0] / 1024,
                "end_mib": sizes[-1] / 1024,
                "minutes": arguments.minutes,
            },
        )
        grown = (sizes[-1] - sizes[0]) / 1024
        sys.stdout.write(f"grown by {grown:.1f} MiB since it was warm\n")

    take_turns(arguments, [PEOPLE], measure)


def soak(server: Server, up: Running, people: int, seconds: float) -> list[int]:
    """Load a server for so long; return its memory in KiB, from when it was warm on."""
    say(server, "at the start", resident_kib(up.process))
    [closed] = generator.closed(server, up, people, [WINDOW], 5)
    rate = closed.rate / people / 2
    sys.stdout.write(f"{server.name}: {closed.rate / 2000:.0f} thousand deliveries a second\n")
    sizes: list[int] = []
    pause = min(PAUSE, seconds / 5)
    begin = time.perf_counter()
    with generator.steady(server, up, people, WINDOW, rate, seconds) as load:
        while load.poll() is None:
            time.sleep(max(0.0, begin + pause * (len(sizes) + 1) - time.perf_counter()))
            if load.poll() is None:
                sizes.append(resident_kib(up.process))
                say(server, f"after {time.perf_counter() - begin:4.0f} s", sizes[-1])
    if load.returncode:
        sys.exit("the load generator has found something wrong")
    return sizes


def say(server: Server, when: str, kib: int) -> None:
    """Say how much memory a server has in use."""
    sys.stdout.write(f"{server.name} {when}: {kib / 1024:.1f} MiB\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
