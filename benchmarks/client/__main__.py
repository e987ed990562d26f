"""How fast is the client? `python -m benchmarks.client [--rounds N] [--only NAME …]`

Our client, WeeChat and irssi (where they are installed), one after the other in every round, each
on a terminal of 120 by 40 with a server of its own that only talks (`client_feed.py`): the time
from the start to the first paint and to the first message, from a key to its painted letter (idle,
and while lines arrive), the share of a core that 1000 lines a second take, and the memory after
100 000 messages. Each figure is the median of the rounds, with the least and the most of them.
"""

import argparse
import contextlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from benchmarks.client.contenders import Contender, contenders, environment
from benchmarks.client.feed import GREETING
from benchmarks.client.report import machine_load, report
from benchmarks.client.terminal import NotSeen, Terminal
from benchmarks.load.serving import quantile

ROOT = Path(__file__).parents[2]
KEYS = "абвгдежзиклмнопрстуф"
"""Letters that nothing else on the screen has; one line of them is typed and erased again."""
LAST = "ЮЮЮ"
"""What the last message of a flood says."""
LINES = 1000
"""Lines a second under load."""
PATIENCE = 120.0
"""Seconds that anything may take."""
START_PATIENCE = 15.0
"""Seconds that a start may take."""
WARM = 1.0
"""Seconds of load before anything is measured under it."""


class Plan(NamedTuple):
    """How much is measured in each round."""

    rounds: int = 3
    starts: int = 3
    lines_typed: int = 3
    messages: int = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.client", description=__doc__)
    parser.add_argument("--rounds", type=int, default=Plan().rounds)
    parser.add_argument("--starts", type=int, default=Plan().starts, help="starts in a round")
    parser.add_argument("--lines", type=int, default=Plan().lines_typed, help="of 20 keys")
    parser.add_argument("--messages", type=int, default=Plan().messages, help="0: no memory")
    parser.add_argument("--only", nargs="+", help="these clients: chat-tui, weechat, irssi")
    parser.add_argument("--tree", type=Path, default=ROOT, help="whose chat_tui is measured")
    parser.add_argument("--out", type=Path, default=Path("build/bench-client.jsonl"))
    given = parser.parse_args()
    plan = Plan(given.rounds, given.starts, given.lines, given.messages)
    chosen = [one for one in contenders() if not given.only or one.name in given.only]
    given.out.parent.mkdir(exist_ok=True)
    with given.out.open("w") as out, machine_load() as load:
        rounds = measure(chosen, plan, given.tree.resolve(), out)
    sys.stdout.write(report(rounds) + load())


def measure(
    chosen: Sequence[Contender], plan: Plan, tree: Path, out: IO[str]
) -> dict[str, list[dict[str, float]]]:
    """Measure every client once a round, memory in the first round only."""
    rounds: dict[str, list[dict[str, float]]] = {one.name: [] for one in chosen}
    for number in range(plan.rounds):
        for one in chosen:
            messages = 0 if number else plan.messages
            figures = measure_one(one, plan._replace(messages=messages), tree)
            rounds[one.name].append(figures)
            out.write(json.dumps({"client": one.name, "round": number} | figures) + "\n")
            out.flush()
    return rounds


def measure_one(one: Contender, plan: Plan, tree: Path) -> dict[str, float]:
    """Start a client several times, and measure all else with the last of them."""
    starts: list[tuple[float, float]] = []
    for _ in range(plan.starts - 1):
        with started(one, tree) as (_, _, start):
            starts.append(start)
    with started(one, tree) as (terminal, feed, start):
        starts.append(start)
        figures = {
            "first_paint_ms": statistics.median(paint for paint, _ in starts) * 1000,
            "connected_ms": statistics.median(connected for _, connected in starts) * 1000,
        }
        terminal.pause(WARM)
        figures |= typed(terminal, plan.lines_typed, "idle")
        figures |= under_load(terminal, feed, plan.lines_typed)
        if plan.messages:
            feed.order(f"flood {plan.messages - figures.pop('fed')} {LAST}")
            terminal.painted(LAST.encode(), PATIENCE)
            feed.fed()
            terminal.pause(WARM)
            figures["memory_mb"] = terminal.memory()
    figures.pop("fed", None)
    return figures


class Feed:
    """The talking server in a process of its own."""

    def __init__(self, dialect: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.client.feed", dialect],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.port = int(self._said())

    def order(self, order: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()

    def fed(self) -> int:
        """Wait for the end of an order; return how many messages were taken."""
        return int(self._said())

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rpartition(" ")[2]


@contextlib.contextmanager
def started(one: Contender, tree: Path) -> Iterator[tuple[Terminal, Feed, tuple[float, float]]]:
    """Run a client; yield it with the seconds to its first paint and to its first message."""
    feed = Feed(one.dialect)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-client-") as folder_name:
            folder = Path(folder_name)
            command = one.command(feed.port, folder)
            terminal = Terminal(command, environment(tree, folder), folder)
            try:
                paint = terminal.first_paint(START_PATIENCE) - terminal.started
                connected = terminal.painted(GREETING.encode(), START_PATIENCE) - terminal.started
                yield terminal, feed, (paint, connected)
            except NotSeen as error:
                raise SystemExit(f"{one.name}: {error}") from error
            finally:
                terminal.close()
    finally:
        feed.close()


def typed(terminal: Terminal, lines: int, when: str) -> dict[str, float]:
    """Type lines with human gaps, and time each letter."""
    chance = random.Random(11)
    times: list[float] = []
    for _ in range(lines):
        for key in KEYS:
            times.append(terminal.key_to_glyph(key, PATIENCE) * 1000)
            terminal.pause(chance.uniform(0.02, 0.09))
        terminal.write(b"\x7f" * len(KEYS))
        terminal.pause(0.3)
    return {
        f"{when}_p50_ms": quantile(times, 0.5),
        f"{when}_p95_ms": quantile(times, 0.95),
        f"{when}_max_ms": max(times),
    }


def under_load(terminal: Terminal, feed: Feed, lines: int) -> dict[str, float]:
    """Type while lines arrive; take the share of a core of all that time."""
    seconds = WARM + lines * (len(KEYS) * 0.06 + 0.4) + 0.5
    feed.order(f"rate {LINES} {seconds}")
    begun = time.perf_counter()
    terminal.pause(WARM)
    cpu, since = terminal.processor_seconds(), time.perf_counter()
    figures = typed(terminal, lines, "load")
    terminal.pause(max(0.0, begun + seconds - time.perf_counter()))
    share = (terminal.processor_seconds() - cpu) / (time.perf_counter() - since)
    fed = feed.fed()
    return figures | {"core_percent": 100 * share, "fed": fed, "lines_per_second": fed / seconds}


if __name__ == "__main__":
    main()
