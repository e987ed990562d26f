"""Comings, goings and renames: in a row, they are told as one."""

from collections.abc import Iterable, Iterator
from typing import TypeGuard, TypeVar

from chat_server.protocol.events import Joined, Left, Renamed

Move = Joined | Left | Renamed
MOVES = (Joined, Left, Renamed)
_KINDS = frozenset(MOVES)

Other = TypeVar("Other")


def is_move(part: object) -> TypeGuard[Move]:
    """Say whether something is a move; isinstance takes ten times as long for what is none."""
    return type(part) in _KINDS


def _add(run: list[Move], move: Move) -> None:
    """Add a move to those before it; of one person's renames in a row only one is left."""
    before = run[-1] if run else None
    if (
        isinstance(move, Renamed)
        and isinstance(before, Renamed)
        and before.person.id == move.person.id
    ):
        run.pop()
        if before.old == move.person.name:
            return
        move = Renamed(move.person, before.old, move.at)
    run.append(move)


def runs(parts: Iterable[Other | Move]) -> Iterator[Other | list[Move]]:
    """Yield what is no move as it comes, and each row of moves as a list."""
    run: list[Move] = []
    for part in parts:
        if isinstance(part, MOVES):
            _add(run, part)
            continue
        if run:
            yield run
            run = []
        yield part
    if run:
        yield run
