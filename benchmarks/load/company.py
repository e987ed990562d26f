"""Fifty people who chat while something else happens to their server: what do they miss?

They take turns to say something. Unlike elsewhere, what goes wrong ends nothing: it is counted.
"""

import time
from collections import deque

import msgspec

from benchmarks.load.audience import Audience, GivenUp, send_all
from benchmarks.load.dialects import MARK, Speaker
from benchmarks.load.serving import quantile

PATIENCE = 10.0
"""Seconds after which what was not heard is lost."""


class Ready(msgspec.Struct, frozen=True):
    """Everybody is in."""

    people: int


class Kept(msgspec.Struct, frozen=True):
    """What became of what they said; times in milliseconds, 0 where nothing was heard at all.

    `lost` counts what one of them did not hear, or heard twice or too late to be in order;
    `refused` what the server said it would not carry out; `cut_off` those who were hung up on.
    """

    said: int
    refused: int
    lost: int
    cut_off: int
    echo_p50: float
    echo_p99: float
    heard_p50: float
    heard_p99: float


class Person:
    """One of them: what they say, and what they have heard of the others."""

    def __init__(self, audience: Audience, order: int, people: int) -> None:
        self.socket = audience.sockets[order]
        self.order = order
        self.said_at: list[float] = []
        self.refused = 0
        self.is_here = True
        self.heard = 0
        """Lines of anybody that came in order."""
        self.wrong = 0
        """Lines that came again, or too late to be in order."""
        self._unanswered: deque[int] = deque()
        self._refusal = audience.dialect.refusal
        self._speaker = Speaker(audience.dialect, order)
        self._newest = [-1] * people
        self._tail = b""

    def say(self) -> None:
        """Say one line."""
        self._unanswered.append(len(self.said_at))
        self.said_at.append(time.perf_counter())
        send_all(self.socket, self._speaker.say(1))

    def hear(self, chunk: bytes) -> list[tuple[int, int]]:
        """Take what comes; return who said a line of it, and which of theirs it is."""
        complete, _, self._tail = (self._tail + chunk).rpartition(b"\n")
        refusal = self._refusal
        if not (refusal and refusal in complete):
            return self._heard_of(complete)
        heard: list[tuple[int, int]] = []
        for line in complete.splitlines():
            if line.startswith(refusal) and self._unanswered:
                self._unanswered.popleft()
                self.refused += 1
            heard += self._heard_of(line)
        return heard

    def _heard_of(self, lines: bytes) -> list[tuple[int, int]]:
        heard = []
        for digits, digits_of_number in MARK.findall(lines):
            sender, number = int(digits), int(digits_of_number)
            if number <= self._newest[sender]:
                self.wrong += 1
                continue
            self._newest[sender] = number
            self.heard += 1
            heard.append((sender, number))
            if sender == self.order:
                self._answered(number)
        return heard

    def _answered(self, number: int) -> None:
        while self._unanswered and self._unanswered[0] <= number:
            self._unanswered.popleft()


class Company:
    """All of them."""

    def __init__(self, audience: Audience, rate: float) -> None:
        self._audience = audience
        count = len(audience.sockets)
        self._people = [Person(audience, order, count) for order in range(count)]
        self._of = dict(zip(audience.numbers(), self._people, strict=True))
        self._pause = 1 / rate
        self._turn = 0
        self._echoes: list[float] = []
        self._waits: list[float] = []

    def talk(self, seconds: float) -> Kept:
        """Talk for so many seconds, and until everybody has heard everything or is given up."""
        due = begin = time.perf_counter()
        while (now := time.perf_counter()) < begin + seconds:
            if now >= due:
                due = max(due + self._pause, now)
                self._say_something()
            self._hear(max(0.0, due - time.perf_counter()))
        given_up = time.perf_counter() + PATIENCE
        while self._lost() and time.perf_counter() < given_up:
            self._hear(0.1)
        return self._kept()

    def _say_something(self) -> None:
        person = self._people[self._turn % len(self._people)]
        self._turn += 1
        if person.is_here:
            try:
                person.say()
            except (GivenUp, ConnectionError):
                self._hung_up(person)

    def _hear(self, timeout: float) -> None:
        for number, _ in self._audience.hear(timeout):
            person = self._of[number]
            try:
                chunk = bytes(self._audience.receive(number))
            except (GivenUp, ConnectionError):
                self._hung_up(person)
                continue
            now = time.perf_counter()
            for sender, own in person.hear(chunk):
                waited = now - self._people[sender].said_at[own]
                (self._echoes if sender == person.order else self._waits).append(waited)

    def _hung_up(self, person: Person) -> None:
        person.is_here = False
        person.socket.close()

    def _lost(self) -> int:
        """Count what somebody has not heard of what was said and not refused."""
        people = self._people
        each = sum(len(person.said_at) - person.refused for person in people)
        own = 0 if self._audience.dialect.echo else each
        return len(people) * each - own - sum(person.heard for person in people)

    def _kept(self) -> Kept:
        people = self._people
        echoes, waits = self._echoes or [0.0], self._waits or [0.0]
        return Kept(
            sum(len(person.said_at) for person in people),
            sum(person.refused for person in people),
            self._lost() + sum(person.wrong for person in people),
            sum(not person.is_here for person in people),
            *(quantile(times, part) * 1000 for times in (echoes, waits) for part in (0.5, 0.99)),
        )
