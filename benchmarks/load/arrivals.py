"""People come in by the thousand while a few others talk: how fast, and how late do those hear?"""

import time

import msgspec

from benchmarks.load.audience import Audience
from benchmarks.load.entrance import Entrance, enter
from benchmarks.load.paced import Paced, Talk
from benchmarks.load.processes import Spent

TALKERS = 50


class Arrivals(msgspec.Struct, frozen=True):
    """How many came in within how many seconds, and how late the others heard each other."""

    people: int
    seconds: float
    talk: Paced


def measure(audience: Audience, people: int, rate: float, spent: Spent) -> Arrivals:
    """Let so many people in, some of whom talk from the first on."""
    talkers = min(TALKERS, people)
    enter(audience, talkers)
    talk = Talk(audience, talkers, min(10, talkers), rate)
    spent.start()
    begin = time.perf_counter()
    entrance = Entrance(audience, people - talkers)
    while entrance.is_open:
        for number, _ in audience.hear(talk.wait()):
            chunk = audience.receive(number)
            entrance.hear(number, chunk)
            talk.hear(number, chunk)
    seconds = time.perf_counter() - begin
    talk.finish()
    spent.stop()
    audience.fall_silent()
    return Arrivals(people - talkers, seconds, talk.result(spent))
