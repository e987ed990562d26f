"""Where the panes go on a screen of a certain width."""

from typing import Literal, NamedTuple, get_args

Side = Literal["people", "schedule"]
SIDES: tuple[Side, ...] = get_args(Side)
"""The panes beside the messages."""
Columns = Literal["three", "two", "one"]
THREE_COLUMNS = 120
"""Columns from which on people, messages and scheduled ones stand side by side."""
TWO_COLUMNS = 80
"""Columns from which on the side panes are shown without being asked for."""


class Box(NamedTuple):
    """A part of the screen, in cells."""

    x: int
    y: int
    width: int
    height: int


def columns(width: int) -> Columns:
    """Say how many columns of panes a screen of this width has."""
    if width >= THREE_COLUMNS:
        return "three"
    return "two" if width >= TWO_COLUMNS else "one"


def places(width: int, height: int, sides: tuple[Side, ...], wanted: int) -> dict[str, Box]:
    """Say where the panes go: "middle" with the messages, and the `sides` that are shown.

    `wanted` are the rows that the scheduled messages would fill; beneath the people they get no
    more than half of the height. With one column, a side lies over the middle.
    """
    if columns(width) == "three":
        left = min(28, width // 6) if "people" in sides else 0
        right = min(36, width // 4) if "schedule" in sides else 0
        boxes = {
            "people": Box(0, 0, left, height),
            "schedule": Box(width - right, 0, right, height),
        }
        middle = Box(left, 0, width - left - right, height)
    elif columns(width) == "two":
        left = min(30, 2 + width * 3 // 10) if sides else 0
        below = max(4, min(wanted, height // 2)) if "people" in sides else height
        boxes = {
            "people": Box(0, 0, left, height - (below if "schedule" in sides else 0)),
            "schedule": Box(0, height - below, left, below),
        }
        middle = Box(left, 0, width - left, height)
    else:
        over = min(width, max(30, width * 3 // 5))
        boxes = dict.fromkeys(("people", "schedule"), Box(width - over, 0, over, height))
        middle = Box(0, 0, width, height)
    return {"middle": middle, **{side: boxes[side] for side in sides}}
