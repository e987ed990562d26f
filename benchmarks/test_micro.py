"""What one message costs, part by part: `make bench-micro`. `make test` does not run these."""

from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from chat_server.chat import Chat
from chat_server.commands import Send, parse, split_key
from chat_server.entries import Enter, Entry, Proposal
from chat_server.events import Format, Message, Refused
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


WORST = {
    "marks": "send x -u a" + "\u0316\u0301" * 2000,
    "ligatures": "rename " + "\ufdfa" * 2700,
    "unseen": "send " + "\u3164" * 2600,
    "blanks": "send a" + " " * 8100 + "b",
    "words": "send " + "a " * 4000,
    "dashes": "send " + "-u=" * 2700,
    "options": "send " + "-u a " * 1600,
    "history": "history " + "1 " * 4000,
    "digits": "cancel " + "9" * 8100,
    "unknown": "x" * 8190,
    "key": "@" + "k" * 8190,
    "token": "resume " + "t" * 8100,
}
"""The longest lines of each kind, of which none may cost as much as a millisecond."""


@pytest.mark.parametrize("kind", WORST)
def test_parse_the_worst(benchmark: BenchmarkFixture, kind: str) -> None:
    """The worst line of a kind to what it means."""
    _, line = split_key(WORST[kind])
    benchmark(lambda: parse(line) if isinstance(line, str) else line)


WORST_BYTES = {
    "nop": b"\xff\xf1" * 2048,
    "do": b"\xff\xfd\x01" * 1365,
    "wishes": b"".join(b"\xff\xfd" + bytes([n % 250]) for n in range(1365)),
    "keys": b"\xff\xf7\xff\xf8" * 1024,
    "escaped": b"\xff\xff\xff\xf1" * 1024,
    "negotiation": b"\xff\xfa" + b"x\xff\xff" * 1364,
    "sequences": (b"\x1b[1;1H" * 682) + b"\n",
    "begun sequences": (b"\x1b]" * 2047) + b"\n",
    "erased": b"x" * 2047 + b"\x7f" * 2047 + b"\n",
    "returns": b"\r" * 4096,
    "line feeds": b"\n" * 4096,
    "garbage": b"\xd1" * 4095 + b"\n",
}
"""The worst bytes of each kind that are taken apart at once."""


@pytest.mark.parametrize("kind", WORST_BYTES)
def test_read_the_worst(benchmark: BenchmarkFixture, kind: str) -> None:
    """The worst bytes of a kind to lines."""

    def read() -> list[str | Refused]:
        reader = LineReader(MAX_LINE)
        reader.feed(WORST_BYTES[kind])
        return list(iter(reader.next_line, None))

    benchmark(read)
