"""A closed loop: ten people each say so many lines, and go on when everybody has heard them all.

That gives the deliveries a second which a server can do. The clock stands while what was kept is
checked.
"""

import os
import time
from pathlib import Path

import msgspec

from benchmarks.audience import PATIENCE, Audience, GivenUp, send_all
from benchmarks.check import Common, Keeper, read_through
from benchmarks.dialects import Dialect, numbered

SENDERS = 10
SLICE = 0.5
"""Seconds after which the clock is stopped and what was heard is checked."""
KEPT = 32 << 20
"""Bytes that one stream may keep before."""
_TICK = os.sysconf("SC_CLK_TCK")


class Closed(msgspec.Struct, frozen=True):
    """What a closed loop gave."""

    deliveries: int
    seconds: float
    generator: float
    """The share of one core that the generator took."""
    server: float
    """The share of one core that the server took; 0 where its process is not known."""
    enter_seconds: float

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds


class Spent:
    """Seconds on the clock, and of the processors, while the clock ran."""

    def __init__(self, server: int | None) -> None:
        self.seconds = self.generator = self.server = 0.0
        self._server = server

    def start(self) -> None:
        self._change(-1)

    def stop(self) -> None:
        self._change(1)

    def _change(self, sign: int) -> None:
        self.seconds += sign * time.perf_counter()
        self.generator += sign * time.process_time()
        if self._server is not None:
            self.server += sign * processor_seconds(self._server)


def processor_seconds(process: int) -> float:
    """Return the seconds of a processor that a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


class ClosedLoop:
    """Rounds, one after another, of an audience that is in the chat."""

    def __init__(self, audience: Audience, dialect: Dialect, window: int) -> None:
        people = len(audience.sockets)
        self._audience = audience
        self._dialect = dialect
        self._window = window
        self._senders = min(SENDERS, people)
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
            self._run_slice(rate)
            spent.stop()
            self._check()
        return (self._round - first) * self.deliveries_a_round

    def _run_slice(self, rate: float) -> None:
        begin = due = time.perf_counter()
        batches = self._next_batches()
        while due < begin + SLICE and self._kept() < KEPT:
            self._begin_round(batches)
            batches = self._next_batches()
            self._hear_round()
            now = time.perf_counter()
            if rate:
                due = max(due + 1 / rate, now)
                time.sleep(due - now)
            else:
                due = now

    def _next_batches(self) -> list[bytes]:
        """Make what is said in the next round, while the server is busy with this one."""
        return [numbered(batch, self._round) for batch in self._batches]

    def _begin_round(self, batches: list[bytes]) -> None:
        self._common.begin(self._senders * self._window)
        own = self._dialect.lines_to_sender(self._senders, self._window)
        for keeper in self._keepers.values():
            keeper.begin(own)
        for connected, batch in zip(self._audience.sockets, batches, strict=False):
            send_all(connected, batch)
        self._round += 1

    def _hear_round(self) -> None:
        """Hear until everybody has heard everything: where this process spends its time."""
        waiting = len(self._audience.sockets)
        hear, receivers, buffer = (
            self._audience.hear,
            self._audience.receivers,
            self._audience.buffer,
        )
        common, keepers = self._common.take, self._keepers
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
        return max(
            len(self._common.stream),
            max((len(keeper.stream) for keeper in self._keepers.values()), default=0),
        )

    def _check(self) -> None:
        """Read through what was kept, and forget it."""
        rounds = range(self._checked, self._round)
        everybody = range(self._senders)
        if self._common.receivers:
            read_through(self._common.stream, everybody, rounds, self._window, b"")
        for own, keeper in enumerate(self._keepers.values()):
            others = [other for other in everybody if self._dialect.echo or other != own]
            read_through(keeper.stream, others, rounds, self._window, self._dialect.answer)
            keeper.clear()
        self._common.clear()
        self._checked = self._round


def measure(
    audience: Audience,
    dialect: Dialect,
    window: int,
    seconds: float,
    server: int | None,
    enter_seconds: float,
) -> Closed:
    """Warm up, then run for so many seconds."""
    loop = ClosedLoop(audience, dialect, window)
    loop.run(min(SLICE, seconds / 3), Spent(None))
    spent = Spent(server)
    deliveries = loop.run(seconds, spent)
    shares = (spent.generator / spent.seconds, spent.server / spent.seconds)
    return Closed(deliveries, spent.seconds, *shares, enter_seconds)
