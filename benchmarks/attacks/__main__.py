"""One who attacks, a process of its own: `python -m benchmarks.attacks PORT NAME`.

It begins once it is told to by a line, and says as a line of JSON what it did. It yields its core
to those whose waits are measured.
"""

import argparse
import os
import sys

import msgspec

from benchmarks.attacks.attacker import Attacker
from benchmarks.attacks.attacks import NAMES, attacks_on

YIELDING = 19


class Arguments(argparse.Namespace):
    """What the command line says."""

    port: int
    name: str
    dialect: str
    connections: int
    addresses: int
    seconds: float
    core: int | None


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.attacks", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--dialect", default="text")
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--addresses", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--core", type=int, help="run on this core alone")
    arguments = parser.parse_args(namespace=Arguments())
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    os.nice(YIELDING)
    attack = attacks_on(arguments.dialect)[arguments.name]
    attacker = Attacker(attack, arguments.port, arguments.connections, arguments.addresses)
    sys.stdin.readline()
    done = attacker.attack(arguments.seconds)
    sys.stdout.write(msgspec.json.encode(done).decode() + "\n")


if __name__ == "__main__":
    main()
