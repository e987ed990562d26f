"""Draw what `benchmarks.fanout` measured: `python -m benchmarks.picture [--window W]`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from benchmarks.contenders.choice import OUT
from benchmarks.contenders.servers import ROOT
from benchmarks.fanout import WHAT, calm
from benchmarks.report import Case, cases, read

PICTURE = ROOT / "docs" / "fan-out.svg"
SHOWN = {
    "limit": ("one write a turn, in C", "#7d8590", "--"),
    "text": ("this chat", "#d9480f", "-"),
    "inspircd": ("InspIRCd", "#2f81c7", "-"),
    "ngircd": ("ngIRCd", "#2b9348", "-"),
    "naive": ("naive asyncio", "#9c5fb5", "-"),
}
"""The servers that are drawn: what they are called, their colour, and how the line is."""
INK = "#7d8590"
"""A grey that is read on white as well as on black."""
LEAST_GAP = 1.3
"""How near two names may come: by which factor of the rate."""


class Arguments(argparse.Namespace):
    """What the command line says."""

    window: int
    measured: Path
    picture: Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.picture", description=__doc__)
    parser.add_argument("--window", type=int, default=8, help="lines of each sender on their way")
    parser.add_argument("--measured", type=Path, default=OUT)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    arguments = parser.parse_args(namespace=Arguments())
    measured = [
        calm(case)
        for case in cases(read(arguments.measured, WHAT))
        if case.window == arguments.window and case.server in SHOWN
    ]
    if not measured:
        sys.exit(f"{arguments.measured} has nothing measured with that window")
    draw(measured, arguments.window, arguments.picture)


def draw(measured: Sequence[Case], window: int, path: Path) -> None:
    """Draw deliveries a second over people, with the spread, and each name at its line's end."""
    mpl.rcParams.update({"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 11})
    mpl.rcParams.update({"svg.hashsalt": "fan-out", "text.color": INK})
    figure = Figure(figsize=(8, 4.6))
    axes = figure.add_subplot()
    ends: dict[str, Case] = {}
    for server in SHOWN:
        points = sorted(
            (case for case in measured if case.server == server), key=lambda case: case.people
        )
        if points:
            _draw_server(axes, points)
            ends[server] = points[-1]
    _frame(axes, measured, window)
    _name_lines(axes, ends)
    figure.tight_layout()
    figure.savefig(path, transparent=True, metadata={"Date": None})


def _draw_server(axes: Axes, points: Sequence[Case]) -> None:
    _, colour, style = SHOWN[points[0].server]
    people = [case.people for case in points]
    rates = [case.of("rate") for case in points]
    middle = [case.median("rate") for case in points]
    axes.fill_between(
        people, [*map(min, rates)], [*map(max, rates)], color=colour, alpha=0.18, linewidth=0
    )
    axes.plot(people, middle, style, color=colour, linewidth=2, marker="o", markersize=4.5)


def _frame(axes: Axes, measured: Sequence[Case], window: int) -> None:
    people = sorted({case.people for case in measured})
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(people)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    axes.set_xlim(people[0] * 0.85, people[-1] * 1.15)
    rates = [rate for case in measured for rate in case.of("rate")]
    axes.set_ylim(min(rates) * 0.75, max(rates) * 1.3)
    axes.set_xlabel("people in the chat, ten of whom speak", color=INK)
    one, many = "a line of each speaker on its way", f"{window} lines of each speaker on their way"
    axes.set_title(
        f"Lines delivered a second, {one if window == 1 else many}",
        loc="left",
        color=INK,
        fontsize=12,
    )
    axes.grid(axis="y", color=INK, alpha=0.25, linewidth=0.8)
    axes.tick_params(colors=INK, which="both", length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def _name_lines(axes: Axes, ends: dict[str, Case]) -> None:
    """Write each name beside the end of its line, apart from each other."""
    heights: dict[int, float] = {}
    for server, case in sorted(ends.items(), key=lambda end: end[1].median("rate")):
        name, colour, _ = SHOWN[server]
        height = max(case.median("rate"), heights.get(case.people, 0.0) * LEAST_GAP)
        heights[case.people] = height
        axes.annotate(
            name,
            (case.people, height),
            xytext=(9, 0),
            textcoords="offset points",
            color=colour,
            va="center",
            fontweight="bold" if server == "text" else "normal",
            annotation_clip=False,
        )


def _short(value: float) -> str:
    """Write a number as people say it: 20 thousand, 3 million."""
    for size, word in ((1e6, "million"), (1e3, "thousand")):
        if value >= size:
            return f"{value / size:.0f} {word}"
    return f"{value:.0f}"


if __name__ == "__main__":
    main()
