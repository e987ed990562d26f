"""What a crowd is spared: who comes, who goes, and who takes another name.

Where more than CROWD people are here, those who read are told once a second how many did;
programs are told of each.
"""

from chat_server.protocol.events import CROWD, Crowd, Event, Format, Joined, Left, Renamed

SUM_SECONDS = 1.0
"""The least time between two sums."""
READERS: Format = "text"
PROGRAMS: Format = "json"


class CrowdSums:
    """How many came, went and took another name since those who read were last told."""

    def __init__(self) -> None:
        self._joined = self._left = self._renamed = 0
        self._told_at = 0.0

    def spare(self, move: Event, here: int) -> Format | None:
        """Count a move in a crowd; return the one format in which it is told, None: in all."""
        if here <= CROWD:
            return None
        match move:
            case Joined(people):
                self._joined += len(people)
            case Left(people):
                self._left += len(people)
            case Renamed():
                self._renamed += 1
        return PROGRAMS

    def due(self, now: float) -> float | None:
        """Return in how many seconds the sums are to be told; None with nothing to tell."""
        if not (self._joined or self._left or self._renamed):
            return None
        return max(0.0, self._told_at + SUM_SECONDS - now)

    def sum_up(self, now: float, here: int) -> Crowd:
        """Return the sums, and count anew."""
        sums = Crowd(self._joined, self._left, self._renamed, here)
        self._joined = self._left = self._renamed = 0
        self._told_at = now
        return sums
