"""How high each of many records is, and which of them a row belongs to. Pure."""

from bisect import bisect_right
from itertools import accumulate, islice


class Heights:
    """Heights in rows, of which any may be corrected; sums are made again only where needed."""

    def __init__(self) -> None:
        self._heights: list[int] = []
        self._tops = [0]
        """Rows above each record, as far as summed up; each sum includes forgotten records."""

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def __setitem__(self, index: int, height: int) -> None:
        if self._heights[index] != height:
            self._heights[index] = height
            del self._tops[index + 1 :]

    def append(self, height: int) -> None:
        self._heights.append(height)

    def drop(self, count: int) -> None:
        """Forget the first so many."""
        self.top(count)
        del self._heights[:count], self._tops[:count]

    def clear(self) -> None:
        self._heights, self._tops = [], [0]

    def top(self, index: int) -> int:
        """Return how many rows are above a record; `len(self)` asks for all."""
        known = len(self._tops) - 1
        if known < index:
            sums = accumulate(self._heights[known:index], initial=self._tops[-1])
            self._tops.extend(islice(sums, 1, None))
        return self._tops[index] - self._tops[0]

    @property
    def total(self) -> int:
        return self.top(len(self._heights))

    def at(self, row: int) -> tuple[int, int]:
        """Return the record that a row belongs to, and the row within it; beyond the end: `len`."""
        if row >= self.total:
            return len(self._heights), row - self.total
        index = bisect_right(self._tops, row + self._tops[0]) - 1
        return index, row - self.top(index)
