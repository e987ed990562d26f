"""How late do scheduled messages come? `python -m benchmarks.schedule [--messages N]`

Starts a real server as a process of its own, joins it with one client, and schedules messages
for 1 to 2 seconds ahead. Each is measured twice: by its stamp (when the server sent it) and by
its arrival (when the client had read it), both against the time at which it was due. The exit
status is 1 where one came early, or later than the 100 ms that an idle server may take.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.load.serving import quantile, serving
from chat_server.protocol.events import Event, Message, Scheduled
from chat_server.protocol.json_lines import parse_event

ALLOWED_MS = 100.0
"""Milliseconds that a scheduled message may be late on an idle server."""


class Lateness(NamedTuple):
    """How much later than due one message was, in milliseconds."""

    stamped: float
    arrived: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.schedule", description=__doc__)
    parser.add_argument("--messages", type=int, choices=range(1, 21), default=20, metavar="1..20")
    measured = asyncio.run(measure(parser.parse_args().messages))
    sys.stdout.write(report(measured))
    every = [ms for lateness in measured for ms in lateness]
    sys.exit(0 if min(every) >= 0 and max(every) < ALLOWED_MS else 1)


async def measure(messages: int) -> list[Lateness]:
    """Schedule messages with an idle server, and wait for all of them."""
    async with serving("memory:") as port:
        return await measure_at(port, messages)


async def measure_at(port: int, messages: int) -> list[Lateness]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"format json\nrename bench\n")
    for number in range(messages):
        writer.write(f"send -t {1 + number % 2} message {number}\n".encode())
        await asyncio.sleep(0.9 / messages)  # so that they are not all due at once
    due: dict[str, float] = {}
    measured: list[Lateness] = []
    while len(measured) < messages:
        event, arrived = await next_event(reader)
        if isinstance(event, Scheduled):
            due[event.item.text] = event.item.due
        elif isinstance(event, Message):
            late = due[event.text]
            measured.append(Lateness((event.at - late) * 1000, (arrived - late) * 1000))
    writer.close()
    await writer.wait_closed()
    return measured


async def next_event(reader: asyncio.StreamReader) -> tuple[Event, float]:
    """Read an event, and say when it was there: the same clock stamps the server's messages."""
    line = await asyncio.wait_for(reader.readline(), 10)
    return parse_event(line), time.time()  # noqa: TID251 - this is what is measured


def report(measured: Sequence[Lateness]) -> str:
    """Describe how late messages were, in a table."""
    lines = [f"{len(measured)} scheduled messages, milliseconds after they were due:"]
    lines += [
        f"  {name:8} median {quantile(late, 0.5):6.2f}   p95 {quantile(late, 0.95):6.2f}"
        f"   max {max(late):6.2f}   earliest {min(late):6.2f}"
        for name, late in zip(Lateness._fields, zip(*measured, strict=True), strict=True)
    ]
    early = sum(min(lateness) < 0 for lateness in measured)
    lines.append(f"  early: {early or 'none'}; allowed on an idle server: {ALLOWED_MS:.0f} ms")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
