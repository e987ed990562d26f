"""The load generator, a process of its own: `python -m benchmarks.load PORT --dialect text`.

It lets people into a chat, has some of them speak, checks what everybody is told, and writes what
it measured as lines of JSON. The exit status is 1 where anything was lost, doubled or out of
order. Its own share of a core is in what it writes: where that comes near 1, it was the limit.

closed    as many deliveries as the server can do, for each of the windows, or at most at a rate
paced     how late messages are heard that come at a fixed rate
arrivals  how fast people come in; then they stay, idle, until the standard input is closed
company   what people lose, and how late they hear each other, each from an address of their own:
          they talk once they are told to by a line, and stay likewise
"""

import argparse
import gc
import os
import sys
from collections.abc import Iterator

import msgspec

from benchmarks.load import arrivals, closed, paced
from benchmarks.load.arrivals import Arrivals
from benchmarks.load.audience import PER_ADDRESS, Audience, GivenUp
from benchmarks.load.check import Fault
from benchmarks.load.closed import Closed
from benchmarks.load.company import Company, Kept, Ready
from benchmarks.load.dialects import DIALECTS
from benchmarks.load.entrance import enter
from benchmarks.load.paced import Paced
from benchmarks.load.processes import Spent


class Arguments(argparse.Namespace):
    """What can be asked of the load generator."""

    port: int
    mode: str
    dialect: str
    people: int
    senders: int
    windows: list[int]
    seconds: float
    rate: float
    core: int | None
    server: int | None


def main() -> None:
    arguments = parsed()
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    per_address = 1 if arguments.mode == "company" else PER_ADDRESS
    audience = Audience(arguments.port, DIALECTS[arguments.dialect], arguments.people, per_address)
    try:
        for result in measured(arguments, audience):
            sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
            sys.stdout.flush()
        if arguments.mode in ("arrivals", "company"):
            sys.stdin.read()
    except (Fault, GivenUp, ConnectionError) as error:
        sys.exit(f"benchmarks.load: {error}")
    finally:
        audience.close()


Result = Closed | Paced | Arrivals | Ready | Kept


def measured(arguments: Arguments, audience: Audience) -> Iterator[Result]:
    """Measure what was asked for."""
    if arguments.mode == "arrivals":
        spent = Spent(arguments.server)
        yield arrivals.measure(audience, arguments.people, arguments.rate, spent)
        return
    enter(audience, arguments.people)
    gc.freeze()
    if arguments.mode == "paced":
        spent = Spent(arguments.server)
        yield paced.measure(audience, arguments.senders, arguments.rate, arguments.seconds, spent)
        return
    if arguments.mode == "company":
        yield Ready(arguments.people)
        sys.stdin.readline()
        yield Company(audience, arguments.rate).talk(arguments.seconds)
        return
    for window in arguments.windows:
        spent = Spent(arguments.server)
        yield closed.measure(
            audience, arguments.senders, window, arguments.seconds, spent, arguments.rate
        )


def parsed() -> Arguments:
    """Read the arguments of the command line."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("port", type=int)
    parser.add_argument(
        "--mode", choices=("closed", "paced", "arrivals", "company"), default="closed"
    )
    parser.add_argument("--dialect", choices=DIALECTS, default="text")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--senders", type=int, default=10)
    parser.add_argument(
        "--windows", type=int, nargs="+", default=[64], help="lines of each sender on their way"
    )
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument(
        "--rate", type=float, default=0.0, help="messages a second; closed: 0: no limit"
    )
    parser.add_argument("--core", type=int, help="run on this core alone")
    parser.add_argument("--server", type=int, help="process whose time is measured, too")
    return parser.parse_args(namespace=Arguments())


if __name__ == "__main__":
    main()
