"""The load generator, a process of its own: `python -m benchmarks.load PORT --dialect text`.

It lets people into a chat, has ten of them speak, checks what everybody is told, and writes what
it measured as a line of JSON. The exit status is 1 where anything was lost, doubled or out of
order. Its own share of a core is in what it writes: where that comes near 1, it was the limit.
"""

import argparse
import gc
import os
import sys

import msgspec

from benchmarks import closed
from benchmarks.audience import Audience, GivenUp
from benchmarks.check import Fault
from benchmarks.dialects import DIALECTS


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.load", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--dialect", choices=DIALECTS, default="text")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument(
        "--windows", type=int, nargs="+", default=[64], help="lines of a sender in one round"
    )
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--core", type=int, help="run on this core alone")
    parser.add_argument("--server", type=int, help="process whose time is measured, too")
    arguments = parser.parse_args()
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    dialect = DIALECTS[arguments.dialect]
    audience = Audience(arguments.port, dialect)
    try:
        enter_seconds = audience.enter(arguments.people)
        gc.freeze()
        for window in arguments.windows:
            measured = closed.measure(
                audience, dialect, window, arguments.seconds, arguments.server, enter_seconds
            )
            sys.stdout.write(msgspec.json.encode(measured).decode() + "\n")
    except (Fault, GivenUp, ConnectionError) as error:
        sys.exit(f"benchmarks.load: {error}")
    finally:
        audience.close()


if __name__ == "__main__":
    main()
