"""A closed loop: some people keep so many lines on their way, and go on when these are heard.

That gives the deliveries a second which a server can do: whenever everybody has heard some lines,
as many are said, by one speaker after the other. The clock stands while what was kept is checked.
"""

import socket
import time
from collections.abc import Sequence

import msgspec

from benchmarks.load.audience import PATIENCE, Audience, GivenUp, send_all
from benchmarks.load.check import Common, Fault, Keeper, read_through
from benchmarks.load.dialects import QUIET, Dialect, Speaker
from benchmarks.load.processes import Spent

SLICE = 0.5
"""Seconds after which nothing more is said until all is heard, the clock is stopped and what was
heard is checked."""
KEPT = 100_000
"""Messages after which that is done earlier: 10 to 30 MB of each stream that is kept."""
PAUSE = 0.001
"""Seconds after which it is seen what is due, where there is a rate."""


class Closed(msgspec.Struct, frozen=True):
    """What a closed loop gave; shares are of one core."""

    deliveries: int
    seconds: float
    generator: float
    server: float
    others: float

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds


class Speakers:
    """Those who speak, one line each in turn."""

    def __init__(self, dialect: Dialect, sockets: Sequence[socket.socket]) -> None:
        self.said = 0
        self._everybody = [
            (connected, Speaker(dialect, sender)) for sender, connected in enumerate(sockets)
        ]

    def __len__(self) -> int:
        return len(self._everybody)

    def say(self, lines: int) -> list[int]:
        """Say so many lines, each speaker theirs in one write; return how many each has said."""
        turn = self.said % len(self)
        each, left = divmod(lines, len(self))
        shares = [each] * len(self)
        for one in range(turn, turn + left):
            shares[one % len(self)] += 1
        for (connected, speaker), share in zip(self._everybody, shares, strict=True):
            if share:
                send_all(connected, speaker.say(share))
        self.said += lines
        return shares

    def numbers(self, begin: int, end: int) -> dict[int, range]:
        """Return which of their own lines are those of all from one number up to another."""
        count = len(self)
        own = ((sender, count - 1 - sender) for sender in range(count))
        return {sender: range((begin + up) // count, (end + up) // count) for sender, up in own}


class ClosedLoop:
    """A window of lines on their way to an audience; the first to come are the ones who speak."""

    def __init__(self, audience: Audience, senders: int, window: int) -> None:
        dialect = audience.dialect
        numbers = audience.numbers()
        self._audience = audience
        self._speakers = Speakers(dialect, audience.sockets[:senders])
        self._window = window * len(self._speakers)
        alone = 0 if dialect.all_hear_the_same else len(self._speakers)
        self._keepers = {number: Keeper(dialect.answer) for number in numbers[:alone]}
        self._common = Common(numbers[alone:])
        self._checked = 0

    def run(self, seconds: float, spent: Spent, rate: float = 0.0) -> int:
        """Go on until the clock has run for so long; return the deliveries.

        With a rate, say that many messages a second, or fewer where the server cannot do so many.
        """
        first = self._speakers.said
        until = spent.seconds + seconds
        while spent.seconds < until:
            spent.start()
            self._speak(min(SLICE, seconds), rate)
            self._hear_all()
            spent.stop()
            self._check()
        receivers = len(self._audience.sockets) - (not self._audience.dialect.echo)
        return (self._speakers.said - first) * receivers

    def _speak(self, seconds: float, rate: float) -> None:
        """Keep the window full for so long, as far as the rate allows."""
        begin, first = time.perf_counter(), self._speakers.said
        passed, said = 0.0, 0
        while passed < seconds and said < KEPT:
            due = min(KEPT, int(passed * rate)) if rate else KEPT
            self._say(min(self._window - self._on_way(), due - said))
            if rate:
                self._hear(PAUSE)
            else:
                self._hear_more()
            passed, said = time.perf_counter() - begin, self._speakers.said - first

    def _say(self, lines: int) -> None:
        if lines <= 0:
            return
        shares = self._speakers.say(lines)
        self._common.expect(lines)
        dialect = self._audience.dialect
        for keeper, share in zip(self._keepers.values(), shares, strict=False):
            own, answers = share * (not dialect.echo), share * bool(dialect.answer)
            keeper.expect(lines - own, answers)

    def _on_way(self) -> int:
        """Count the messages which somebody has not heard yet."""
        keepers = self._keepers.values()
        return max([self._common.missing(), *[keeper.missing for keeper in keepers]])

    def _hear(self, timeout: float) -> bool:
        """Hear what has come: where this process spends its time; say whether anything has."""
        receivers, buffer = self._audience.receivers, self._audience.buffer
        keepers, common = self._keepers, self._common.take
        heard = self._audience.hear(timeout)
        for number, _ in heard:
            keeper = keepers.get(number)
            count = receivers[number](buffer if keeper is None else keeper.room())
            if not count:
                raise GivenUp("the server has hung up on somebody")
            if keeper is None:
                common(number, buffer[:count], count)
            else:
                keeper.take(count)
        return bool(heard)

    def _hear_more(self) -> None:
        """Hear what comes next; GivenUp where nothing does."""
        if not self._hear(PATIENCE):
            raise GivenUp(f"people wait in vain for {self._on_way()} messages, or their answers")

    def _hear_all(self) -> None:
        """Hear until everybody has heard everything."""
        keepers = self._keepers.values()
        while self._on_way() > 0 or any(keeper.unanswered > 0 for keeper in keepers):
            self._hear_more()

    def _check(self) -> None:
        """Read through what was kept, and forget it."""
        dialect = self._audience.dialect
        expected = self._speakers.numbers(self._checked, self._speakers.said)
        if self._common.has_receivers:
            read_through(self._common.stream, expected)
        for own, keeper in enumerate(self._keepers.values()):
            others = {
                sender: numbers
                for sender, numbers in expected.items()
                if dialect.echo or sender != own
            }
            read_through(keeper.stream, others, dialect.answer, len(expected[own]))
            keeper.clear()
        self._common.clear()
        self._checked = self._speakers.said


def measure(
    audience: Audience, senders: int, window: int, seconds: float, spent: Spent, rate: float = 0.0
) -> Closed:
    """Warm up, then run for so many seconds."""
    loop = ClosedLoop(audience, senders, window)
    loop.run(min(SLICE, seconds / 3), Spent(), rate)
    deliveries = loop.run(seconds, spent, rate)
    if audience.hear(QUIET):
        raise Fault("something came when everybody had heard everything")
    return Closed(
        deliveries, spent.seconds, spent.generator_share, spent.server_share, spent.others_share
    )
