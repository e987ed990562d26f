"""Was anything lost, doubled, put out of order or garbled, for anybody?

Who must be told the same is compared, while the clock runs, with what the first of them was told,
which costs one memcmp. What that was, and what is told to who must be told something else, is
kept, and read line by line while the clock stands.
"""

from collections.abc import Iterable, Sequence

from benchmarks.dialects import MARK


class Fault(Exception):
    """Somebody was not told what they should have been."""


def read_through(
    stream: bytes | bytearray, senders: Iterable[int], rounds: range, window: int, answer: bytes
) -> None:
    """Check that a stream holds every line of each sender in these rounds, once and in order.

    Lines that begin with `answer` are left out, if it is not empty; Fault for what is wrong.
    """
    if stream and not stream.endswith(b"\n"):
        raise Fault(f"the last line has no end: {bytes(stream[-80:])!r}")
    numbers: dict[bytes, list[bytes]] = {b"%02d" % sender: [] for sender in senders}
    heard = MARK.findall(stream)
    for sender, number in heard:
        if sender not in numbers:
            raise Fault(f"{sender.decode()} was heard and should not have been")
        numbers[sender].append(number)
    foreign = stream.count(b"\n") - len(heard)
    if answer:
        foreign -= stream.count(b"\n" + answer) + stream.startswith(answer)
    if foreign:
        raise Fault(f"{foreign} lines are not what anybody said")
    expected = [b"%08d.%03d" % (round_, index) for round_ in rounds for index in range(window)]
    for sender, got in numbers.items():
        if got != expected:
            raise Fault(f"of {sender.decode()}: {_difference(got, expected)}")


def _difference(got: Sequence[bytes], expected: Sequence[bytes]) -> str:
    """Say in which way the numbers heard are not those expected."""
    lost = len(set(expected) - set(got))
    doubled = len(got) - len(set(got))
    if lost or doubled:
        return f"{lost} lines lost, {doubled} doubled"
    return "lines out of order"


class Common:
    """What many receivers must be told alike: as far as any of them has been told it."""

    def __init__(self, receivers: Iterable[int]) -> None:
        self.stream = bytearray()
        self._lines = 0
        self._goal = 0
        self._end = 0
        self._heard = dict.fromkeys(receivers, 0)
        """How far each receiver has heard, in bytes."""

    @property
    def receivers(self) -> int:
        """Count who is told this."""
        return len(self._heard)

    def begin(self, lines: int) -> None:
        """Expect so many lines more."""
        self._goal += lines

    def take(self, receiver: int, chunk: memoryview, count: int) -> bool:
        """Take what comes to somebody; say whether they have now heard all lines expected.

        Fault where it is not what others have been told.
        """
        heard = self._heard
        begin = heard[receiver]
        heard[receiver] = end = begin + count
        if end > len(self.stream):
            self._go_on(begin, chunk)
        if self.stream.startswith(chunk, begin):
            return end == self._end
        there = bytes(self.stream[begin:end])
        raise Fault(f"told {bytes(chunk)[:400]!r}, while others were told {there[:400]!r}")

    def _go_on(self, begin: int, chunk: memoryview) -> None:
        """Keep what nobody else has been told yet."""
        known = len(self.stream)
        self.stream += chunk[known - begin :]
        self._lines += self.stream.count(b"\n", known)
        if self._lines >= self._goal:
            self._end = len(self.stream)

    def clear(self) -> None:
        """Forget what all have heard."""
        self.stream.clear()
        self._lines = self._goal = self._end = 0
        self._heard = dict.fromkeys(self._heard, 0)


class Keeper:
    """Somebody who must be told something else than others, and so keeps all of it."""

    def __init__(self) -> None:
        self.stream = bytearray()
        self._lines = 0
        self._goal = 0

    def begin(self, lines: int) -> None:
        """Expect so many lines more."""
        self._goal += lines

    def take(self, chunk: memoryview) -> bool:
        """Take what comes; say whether these are all lines expected."""
        known, before = len(self.stream), self._lines
        self.stream += chunk
        self._lines += self.stream.count(b"\n", known)
        return before < self._goal <= self._lines

    def clear(self) -> None:
        """Forget what was heard."""
        self.stream.clear()
        self._lines = self._goal = 0
