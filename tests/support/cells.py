"""Screens as cells: what a picture of a terminal (SVG, as Rich draws it) shows in each of them."""

import html
import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len

WIDTH, HEIGHT = 12.2, 24.4
"""Of a cell, in the units of the picture."""
STYLE = re.compile(r"\.terminal-(r\d+) \{ (.*?) \}")
BACKGROUND = re.compile(
    r'<rect fill="(\S+)" x="(\S+)" y="(\S+)" width="(\S+)" height="\S+" shape-rendering'
)
TEXT = re.compile(
    r'<text class="terminal-(r\d+)" x="(\S+)" y="\S+" textLength="\S+" '
    r'clip-path="url\(#terminal-line-(\d+)\)">(.*?)</text>'
)
Place = tuple[int, int]
"""Row and column, from 0 on."""


class Cell(NamedTuple):
    """What stands in a cell, and in which colours."""

    text: str = " "
    style: str = ""
    background: str = ""


def cells(picture: str) -> dict[Place, Cell]:
    """Read a picture; what is blank has no style, as nobody could see it."""
    found: dict[Place, Cell] = {}
    for background, x, y, width in BACKGROUND.findall(picture):
        column = round(float(x) / WIDTH)
        for place in range(column, column + round(float(width) / WIDTH)):
            found[int(float(y) / HEIGHT), place] = Cell(background=background)
    styles: dict[str, str] = dict(STYLE.findall(picture))
    for style, x, row, run in TEXT.findall(picture):
        column = round(float(x) / WIDTH)
        for character in html.unescape(run).replace("\xa0", " "):
            width = cell_len(character)
            at = (int(row), column if width else column - 1)
            before = found.get(at, Cell())
            text = character if width else before.text + character
            found[at] = before._replace(text=text, style=styles[style] if text != " " else "")
            column += width
    return found


def differences(shown: str, wanted: str) -> Iterator[str]:
    """Say where and how a picture is another one than it should be, a row in a line."""
    now, then = cells(shown), cells(wanted)
    places = sorted(place for place in now | then if now.get(place) != then.get(place))
    for row, differing in groupby(places, lambda place: place[0]):
        columns = [column for _, column in differing]
        run = [(row, column) for column in range(columns[0], columns[-1] + 1)]
        what = [_text(now, run), _text(then, run)]
        if what[0] == what[1]:
            what = [_styles(now, run), _styles(then, run)]
        where = f"row {row + 1}, columns {columns[0] + 1}-{columns[-1] + 1}"
        yield f"{where}: {what[0]!r} instead of {what[1]!r}"


def _text(picture: dict[Place, Cell], places: list[Place]) -> str:
    return "".join(picture.get(place, Cell()).text for place in places)


def _styles(picture: dict[Place, Cell], places: list[Place]) -> str:
    found = (picture.get(place, Cell()) for place in places)
    return ", ".join(dict.fromkeys(f"{cell.style} on {cell.background}" for cell in found))
