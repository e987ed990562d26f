"""A closed loop: some people each say so many lines, and go on when everybody has heard them all.

That gives the deliveries a second which a server can do. The clock stands while what was kept is
checked.
"""

import time

import msgspec

from benchmarks.audience import PATIENCE, Audience, GivenUp, send_all
from benchmarks.check import Common, Fault, Keeper, read_through
from benchmarks.dialects import QUIET, numbered
from benchmarks.processes import Spent

SLICE = 0.5
"""Seconds after which the clock is stopped and what was heard is checked."""
KEPT = 32 << 20
"""Bytes of one stream after which it is stopped earlier."""


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


class ClosedLoop:
    """Rounds of an audience that is in the chat; the first to come are the ones who speak."""

    def __init__(self, audience: Audience, senders: int, window: int) -> None:
        dialect = audience.dialect
        people = len(audience.sockets)
        self._audience = audience
        self._window = window
        self._senders = min(senders, people)
        self._batches = [dialect.batch(sender, window) for sender in range(self._senders)]
        numbers = audience.numbers()
        alone = 0 if dialect.all_hear_the_same else self._senders
        self._keepers = {number: Keeper() for number in numbers[:alone]}
        self._common = Common(numbers[alone:])
        self._round = self._checked = 0
        heard = alone * (self._senders - (not dialect.echo)) + (people - alone) * self._senders
        self.deliveries_a_round = window * heard

    def run(self, seconds: float, spent: Spent, rate: float = 0.0) -> int:
        """Go on until the clock has run for so long; return the deliveries.

        With a rate, begin that many rounds a second, or fewer where the server cannot do so many.
        """
        first = self._round
        until = spent.seconds + seconds
        while spent.seconds < until:
            spent.start()
            self._run_slice(min(SLICE, seconds), rate)
            spent.stop()
            self._check()
        return (self._round - first) * self.deliveries_a_round

    def _run_slice(self, seconds: float, rate: float) -> None:
        begin = due = time.perf_counter()
        batches = self._next_batches()
        while due < begin + seconds and self._kept() < KEPT:
            self._begin_round(batches)
            batches = self._next_batches()
            self._hear_round()
            now = time.perf_counter()
            due = max(due + 1 / rate, now) if rate else now
            if due > now:
                time.sleep(due - now)

    def _next_batches(self) -> list[bytes]:
        """Make what is said in the next round, while the server is busy with this one."""
        return [numbered(batch, self._round) for batch in self._batches]

    def _begin_round(self, batches: list[bytes]) -> None:
        self._common.begin(self._senders * self._window)
        own = self._audience.dialect.lines_to_sender(self._senders, self._window)
        for keeper in self._keepers.values():
            keeper.begin(own)
        for connected, batch in zip(self._audience.sockets, batches, strict=False):
            send_all(connected, batch)
        self._round += 1

    def _hear_round(self) -> None:
        """Hear until everybody has heard everything: where this process spends its time."""
        audience = self._audience
        hear, receivers, buffer = audience.hear, audience.receivers, audience.buffer
        common, keepers = self._common.take, self._keepers
        waiting = len(audience.sockets)
        while waiting:
            heard = hear(PATIENCE)
            for number, _ in heard:
                count = receivers[number](buffer)
                if not count:
                    raise GivenUp("the server has hung up on somebody")
                if number in keepers:
                    waiting -= keepers[number].take(buffer[:count])
                else:
                    waiting -= common(number, buffer[:count], count)
            if not heard:
                raise GivenUp(f"{waiting} people wait in vain for what is said")

    def _kept(self) -> int:
        """Return the length of the longest stream that is kept, in bytes."""
        keepers = self._keepers.values()
        return max([len(self._common.stream), *(len(keeper.stream) for keeper in keepers)])

    def _check(self) -> None:
        """Read through what was kept, and forget it."""
        dialect = self._audience.dialect
        rounds = range(self._checked, self._round)
        everybody = range(self._senders)
        if self._common.receivers:
            read_through(self._common.stream, everybody, rounds, self._window, b"")
        for own, keeper in enumerate(self._keepers.values()):
            others = [other for other in everybody if dialect.echo or other != own]
            read_through(keeper.stream, others, rounds, self._window, dialect.answer)
            keeper.clear()
        self._common.clear()
        self._checked = self._round


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
