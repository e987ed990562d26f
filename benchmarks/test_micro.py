"""What one message costs, part by part: `make bench-micro`. `make test` does not run these."""

from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from chat_server.chat import Chat
from chat_server.commands import Send, parse
from chat_server.entries import Enter, Entry, Proposal
from chat_server.events import Format, Message
from chat_server.wire import LineReader, render

TEXT = "the quick brown fox jumps over the lazy dog, and then over the other one, one by one."
LINE = f"send {TEXT}"
AT = 1_800_000_000.0
MANY = 64
MAX_LINE = 8192


def test_read_lines(benchmark: BenchmarkFixture) -> None:
    """Bytes to lines, 64 at a time."""
    chunk = f"{LINE}\n".encode() * MANY
    reader = LineReader(MAX_LINE)

    def read() -> int:
        reader.feed(chunk)
        lines = 0
        while reader.next_line() is not None:
            lines += 1
        return lines

    assert benchmark(read) == MANY


def test_parse(benchmark: BenchmarkFixture) -> None:
    """A line to a command."""
    assert benchmark(parse, LINE) == Send(TEXT)


@pytest.mark.parametrize("people", [10, 1000])
def test_apply(benchmark: BenchmarkFixture, people: int) -> None:
    """A command to what everybody is told."""
    chat = Chat("bench")
    ids = count(1)

    def entry(connection: str, command: Enter | Send) -> Entry:
        number = next(ids)
        return Entry(number, AT, Proposal("node", number, connection, "", command))

    for person in range(people):
        chat.apply(entry(f"node.{person}", Enter()))
    outcome = benchmark(lambda: chat.apply(entry("node.0", Send(TEXT))))
    [delivery] = outcome.deliveries
    assert delivery.to is None


@pytest.mark.parametrize("format_", ["text", "json"])
def test_encode(benchmark: BenchmarkFixture, format_: Format) -> None:
    """What everybody is told to bytes, 64 messages at a time."""
    messages = [Message(str(number), AT, "p00001", None, TEXT) for number in range(MANY)]
    assert benchmark(render, messages, format_, AT).count(b"\n") == MANY
