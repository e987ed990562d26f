"""A fixed rate: ten people take turns to say something, and one sees how late it is heard."""

import time

import msgspec

from benchmarks.load.audience import PATIENCE, Audience, send_all
from benchmarks.load.check import Fault
from benchmarks.load.dialects import MARK, Speaker
from benchmarks.load.processes import Spent
from benchmarks.load.serving import quantile

WARM_UP = 1.0
"""Seconds that do not count: what comes first to a connection is acknowledged at once, and so
costs more."""


class Paced(msgspec.Struct, frozen=True):
    """How late messages were heard, in milliseconds, by each receiver and by the last of all."""

    messages: int
    each_p50: float
    each_p99: float
    last_p50: float
    last_p99: float
    generator: float
    server: float
    others: float


class Talk:
    """Messages at a fixed rate, until they are stopped."""

    def __init__(self, audience: Audience, listeners: int, senders: int, rate: float) -> None:
        self._audience = audience
        self._sockets = audience.sockets[:senders]
        self._speakers = [Speaker(audience.dialect, sender) for sender in range(senders)]
        self._pause = 1 / rate
        self._due = time.perf_counter()
        self._sent_at: list[float] = []
        self._last_at: list[float] = []
        self._waits: list[float] = []
        numbers = audience.numbers()[:listeners]
        self._tails = dict.fromkeys(numbers, b"")
        self._heard = {number: [0] * senders for number in numbers}

    def wait(self) -> float:
        """Say something if it is time; return the seconds until it is time again."""
        now = time.perf_counter()
        if now < self._due:
            return self._due - now
        self._due = max(self._due + self._pause, now)
        sender = len(self._sent_at) % len(self._sockets)
        self._sent_at.append(time.perf_counter())
        self._last_at.append(0.0)
        send_all(self._sockets[sender], self._speakers[sender].say(1))
        return self._pause

    def hear(self, number: int, chunk: memoryview) -> None:
        """Take what comes to anybody; Fault where it is not the next thing of its sender."""
        if number not in self._tails:
            return
        now = time.perf_counter()
        complete, _, self._tails[number] = (self._tails[number] + chunk).rpartition(b"\n")
        heard = self._heard[number]
        for digits, digits_of_number in MARK.findall(complete):
            sender, own = int(digits), int(digits_of_number)
            if own != heard[sender]:
                raise Fault(f"of {sender}: message {own} instead of {heard[sender]}")
            heard[sender] += 1
            message = own * len(self._sockets) + sender
            self._waits.append(now - self._sent_at[message])
            self._last_at[message] = now

    def finish(self) -> None:
        """Wait until everybody has heard everything; Fault where somebody never does."""
        while missing := self._missing():
            heard = self._audience.hear(PATIENCE)
            if not heard:
                raise Fault(f"{missing} messages were lost")
            for number, _ in heard:
                self.hear(number, self._audience.receive(number))

    def result(self, spent: Spent) -> Paced:
        """Sum up."""
        lasts = [last - sent for last, sent in zip(self._last_at, self._sent_at, strict=True)]
        return Paced(
            len(lasts),
            quantile(self._waits, 0.5) * 1000,
            quantile(self._waits, 0.99) * 1000,
            quantile(lasts, 0.5) * 1000,
            quantile(lasts, 0.99) * 1000,
            spent.generator_share,
            spent.server_share,
            spent.others_share,
        )

    def _missing(self) -> int:
        """Count what somebody has not heard yet."""
        people, echo = len(self._heard), self._audience.dialect.echo
        expected = len(self._sent_at) * (people - (not echo))
        return expected - len(self._waits)


def measure(audience: Audience, senders: int, rate: float, seconds: float, spent: Spent) -> Paced:
    """Warm up, then talk for so many seconds."""
    _talked(audience, senders, rate, WARM_UP)
    spent.start()
    talk = _talked(audience, senders, rate, seconds)
    spent.stop()
    return talk.result(spent)


def _talked(audience: Audience, senders: int, rate: float, seconds: float) -> Talk:
    """Talk for so many seconds, and until everybody has heard everything."""
    people = len(audience.sockets)
    talk = Talk(audience, people, min(senders, people), rate)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for number, _ in audience.hear(talk.wait()):
            talk.hear(number, audience.receive(number))
    talk.finish()
    return talk
