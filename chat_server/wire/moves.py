"""Comings, goings and renames: in a row, they are told as one."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from chat_server.events import Joined, Left, Renamed

Move = Joined | Left | Renamed
MOVES = (Joined, Left, Renamed)

Other = TypeVar("Other")


def runs(parts: Iterable[Other | Move]) -> Iterator[Other | list[Move]]:
    """Yield what is no move as it comes, and each row of moves as a list."""
    run: list[Move] = []
    for part in parts:
        if isinstance(part, MOVES):
            run.append(part)
            continue
        if run:
            yield run
            run = []
        yield part
    if run:
        yield run
