"""How people come in: step by step, several at a time."""

import socket
import time

from benchmarks.load.audience import PATIENCE, Audience, GivenUp
from benchmarks.load.dialects import Dialect


def enter(audience: Audience, people: int) -> float:
    """Let so many people in, until nobody is told of it any more; return the seconds.

    The seconds end with the last welcome.
    """
    begin = time.perf_counter()
    entrance = Entrance(audience, people)
    while entrance.is_open:
        heard = audience.hear(PATIENCE)
        if not heard:
            raise GivenUp(f"people wait in vain for their welcome: {entrance.situation()}")
        for number, _ in heard:
            entrance.hear(number, audience.receive(number))
    seconds = time.perf_counter() - begin
    audience.fall_silent()
    audience.acknowledge_late()
    return seconds


class Entrance:
    """People who are coming in; whenever one is in, the next one connects."""

    def __init__(self, audience: Audience, people: int) -> None:
        self._audience = audience
        self._outside = people
        self._waiting: dict[int, Newcomer] = {}
        for _ in range(min(people, audience.dialect.newcomers)):
            self._connect()

    @property
    def is_open(self) -> bool:
        """Say whether anybody is still to come in."""
        return bool(self._waiting or self._outside)

    def hear(self, number: int, chunk: memoryview) -> None:
        """Take what comes to anybody; people who are in already do not mind."""
        newcomer = self._waiting.get(number)
        if newcomer is None or not newcomer.hear(bytes(chunk)):
            return
        del self._waiting[number]
        if self._outside:
            self._connect()

    def situation(self) -> str:
        """Describe who waits, and what one of them was told last."""
        last = next((newcomer.tail for newcomer in self._waiting.values()), b"")
        return f"{len(self._waiting)} wait, {self._outside} have not come, last told {last!r}"

    def _connect(self) -> None:
        self._outside -= 1
        order = len(self._audience.sockets)
        connected = self._audience.connect()
        newcomer = Newcomer(connected, f"p{order:05}", self._audience.dialect)
        self._waiting[connected.fileno()] = newcomer


class Newcomer:
    """Somebody who is coming in."""

    def __init__(self, connected: socket.socket, name: str, dialect: Dialect) -> None:
        self.tail = b""
        self._socket = connected
        self._name = name
        self._steps = iter(dialect.enter)
        self._awaited = b""
        self._take_step()

    def hear(self, chunk: bytes) -> bool:
        """Take what comes, and take the next step if it is time; say whether there is none."""
        tail = self.tail + chunk
        if self._awaited not in tail:
            self.tail = tail[-64:]
            return False
        self.tail = b""
        return not self._take_step()

    def _take_step(self) -> bool:
        for said, awaited in self._steps:
            self._awaited = awaited.replace(b"{name}", self._name.encode())
            self._socket.send(said.format(name=self._name).encode())
            return True
        return False
