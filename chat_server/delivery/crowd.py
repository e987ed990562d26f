"""What a crowd is spared: who comes, who goes, and who takes another name.

Where more than CROWD people are here, people are only told how many did, once a second; programs
are told of each.
"""

from chat_server.protocol.events import CROWD, Crowd, Event, Joined, Left, Renamed

SUM_SECONDS = 1.0
"""The least time between two sums."""


class CrowdSums:
    """How many came, went and took another name since people were last told."""

    def __init__(self) -> None:
        self._joined = self._left = self._renamed = 0
        self._told_at = 0.0
        self.is_empty = True
        """Whether there is nothing to tell."""

    def spare(self, move: Event, here: int) -> bool:
        """Count a move in a crowd; say whether only doors that want each move are told of it."""
        if here <= CROWD:
            return False
        self.is_empty = False
        match move:
            case Joined(people):
                self._joined += len(people)
            case Left(people):
                self._left += len(people)
            case Renamed():
                self._renamed += 1
        return True

    def due(self, now: float) -> float | None:
        """Return in how many seconds the sums are to be told; None with nothing to tell."""
        if self.is_empty:
            return None
        return max(0.0, self._told_at + SUM_SECONDS - now)

    def sum_up(self, now: float, here: int) -> Crowd:
        """Return the sums, and count anew."""
        sums = Crowd(self._joined, self._left, self._renamed, here)
        self._joined = self._left = self._renamed = 0
        self._told_at, self.is_empty = now, True
        return sums
