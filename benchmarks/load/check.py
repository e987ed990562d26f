"""Was anything lost, doubled, put out of order or garbled, for anybody?

Who must be told the same is compared, while the clock runs, with what the first of them was told,
which costs one memcmp. What that was, and what is told to who must be told something else, is
kept, and read line by line while the clock stands.
"""

import random
from collections.abc import Mapping, Sequence

from benchmarks.load.dialects import MARK

ROOM = 32 << 20
"""Bytes that can be kept of what one receiver is told between two checks."""


class Fault(Exception):
    """Somebody was not told what they should have been."""


def read_through(
    stream: bytes | bytearray, expected: Mapping[int, range], answer: bytes = b"", answers: int = 0
) -> None:
    """Check that a stream holds, of each sender, the messages of these numbers, once and in order.

    Besides, it holds so many lines that begin with `answer`, each another one, if that is not
    empty; Fault for what is wrong.
    """
    if stream and not stream.endswith(b"\n"):
        raise Fault(f"the last line has no end: {bytes(stream[-80:])!r}")
    numbers: dict[bytes, list[bytes]] = {b"%02d" % sender: [] for sender in expected}
    heard = MARK.findall(stream)
    for sender, number in heard:
        if sender not in numbers:
            raise Fault(f"{sender.decode()} was heard and should not have been")
        numbers[sender].append(number)
    foreign = stream.count(b"\n") - len(heard)
    if answer:
        given = [line for line in stream.splitlines() if line.startswith(answer)]
        foreign -= len(given)
        if not len(given) == len(set(given)) == answers:
            raise Fault(f"{answers} answers expected: {len(given)}, {len(set(given))} different")
    if foreign:
        raise Fault(f"{foreign} lines are not what anybody said")
    for sender, range_ in zip(numbers, expected.values(), strict=True):
        written = [b"%012d" % number for number in range_]
        if numbers[sender] != written:
            raise Fault(f"of {sender.decode()}: {_difference(numbers[sender], written)}")


def _difference(got: Sequence[bytes], expected: Sequence[bytes]) -> str:
    """Say in which way the numbers heard are not those expected."""
    lost = len(set(expected) - set(got))
    doubled = len(got) - len(set(got))
    if lost or doubled:
        return f"{lost} lines lost, {doubled} doubled"
    return "lines out of order"


class Common:
    """What many receivers must be told alike: as far as any of them has been told it."""

    def __init__(self, receivers: Sequence[int]) -> None:
        self.stream = bytearray()
        # Not in the order in which a server tells them: the last would always be the next one.
        mixed = random.Random(0).sample(receivers, len(receivers))
        self._heard = dict.fromkeys(mixed, 0)
        """How far each receiver has heard, in bytes."""
        self._last = next(iter(mixed), None)
        """Who had heard least when that was last looked at; None where nobody is told this."""
        self._least = 0
        """How far they had heard."""
        self._missing = 0
        """Lines that they had not heard."""

    @property
    def has_receivers(self) -> bool:
        """Say whether anybody is told this."""
        return self._last is not None

    def expect(self, lines: int) -> None:
        """Wait for so many lines more."""
        self._missing += lines

    def take(self, receiver: int, chunk: memoryview, count: int) -> None:
        """Take what comes to somebody; Fault where it is not what others have been told."""
        heard, stream = self._heard, self.stream
        begin = heard[receiver]
        heard[receiver] = end = begin + count
        if end > len(stream):
            stream += chunk[len(stream) - begin :]
        if not stream.startswith(chunk, begin):
            there = bytes(stream[begin:end])
            raise Fault(f"told {bytes(chunk)[:400]!r}, while others were told {there[:400]!r}")

    def missing(self) -> int:
        """Count the lines that somebody has not heard yet.

        That takes time only where who had heard least has heard more since the last time.
        """
        if self._last is None:
            return 0
        if self._heard[self._last] > self._least:
            self._look()
        return self._missing

    def _look(self) -> None:
        """See who has heard least, and how much that is."""
        before, self._least = self._least, min(self._heard.values())
        self._last = next(number for number, end in self._heard.items() if end == self._least)
        self._missing -= self.stream.count(b"\n", before, self._least)

    def clear(self) -> None:
        """Forget what all have heard."""
        self.stream.clear()
        self._least = self._missing = 0
        self._heard = dict.fromkeys(self._heard, 0)


class Keeper:
    """Somebody who must be told something else than others, and so keeps all of it."""

    def __init__(self, answer: bytes = b"", room: int = ROOM) -> None:
        self.missing = 0
        """Messages that have not been heard yet."""
        self.unanswered = 0
        """Answers that have not been heard yet: lines that begin with `answer`."""
        self._answer = answer
        # Once and for all: a stream that grows anew costs more than to hear what it is made of.
        self._kept = bytearray(room)
        self._view = memoryview(self._kept)
        self._end = 0

    @property
    def stream(self) -> bytes:
        """Return all that was heard."""
        return bytes(self._view[: self._end])

    def room(self) -> memoryview:
        """Return where to put what comes."""
        return self._view[self._end :]

    def expect(self, messages: int, answers: int) -> None:
        """Wait for so many messages and answers more."""
        self.missing += messages
        self.unanswered += answers

    def take(self, count: int) -> None:
        """Take so many bytes that were put into the room; Fault where it is full."""
        begin = self._end
        self._end = end = begin + count
        self.missing -= self._kept.count(b"\n", begin, end)
        if self._answer:
            whole = max(0, begin - len(self._answer) + 1)
            answers = self._kept.count(self._answer, whole, end)
            self.missing += answers
            self.unanswered -= answers
        if end == len(self._kept):
            raise Fault("told much more than anybody said")

    def clear(self) -> None:
        """Forget what was heard."""
        self._end = self.missing = self.unanswered = 0
