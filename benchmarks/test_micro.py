"""What one message costs, part by part, and what the worst ones do: `make bench-micro`.

`make test` does not run these.
"""

from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from chat_server.connection.rate_limit import SLICE
from chat_server.doors import DOORS, render
from chat_server.doors.lines import LineReader
from chat_server.protocol.commands import Send, parse, split_key
from chat_server.protocol.events import Format, Message, Person
from chat_server.rules.chat import Chat
from chat_server.rules.entries import Enter, Entry, NodeHere, Proposal
from chat_server.rules.state import Everyone

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

    def entry(connection: str, command: Enter | NodeHere | Send) -> Entry:
        number = next(ids)
        return Entry(number, AT, Proposal("node", number, connection, "", command))

    chat.apply(entry("", NodeHere("aB3x")))
    for person in range(people):
        chat.apply(entry(f"node.{person}", Enter()))
    outcome = benchmark(lambda: chat.apply(entry("node.0", Send(TEXT))))
    [delivery] = outcome.deliveries
    assert delivery.to == Everyone()


@pytest.mark.parametrize("format_", ["text", "json"])
def test_encode(benchmark: BenchmarkFixture, format_: Format) -> None:
    """What everybody is told to bytes, 64 messages at a time."""
    sender = Person("800-aB3x", "p00001")
    messages = [Message(f"{number}-aB3x", AT, sender, None, TEXT) for number in range(MANY)]
    assert benchmark(render, DOORS[format_], messages, AT).count(b"\n") == MANY


WORST = 0.001
"""Seconds that no line may take to be read and parsed, whatever is in it."""


def check_quick(benchmark: BenchmarkFixture) -> None:
    """Fail where what was measured takes too long; without measuring there is nothing to say."""
    assert benchmark.stats is None or benchmark.stats["median"] < WORST


def filled(beginning: str, part: str) -> bytes:
    """Make a line as long as lines may be."""
    begun, more = beginning.encode(), part.encode()
    return begun + more * ((MAX_LINE - len(begun)) // len(more)) + b"\n"


WORST_LINES = {
    "letters": filled("send ", "я"),
    "wide letters": filled("send ", "👩"),
    "marks in a message": filled("send a", "\u0316\u0301"),
    "marks in a recipient": filled("send x -u a", "\u0316\u0301"),
    "marks in a name": filled("rename a", "\u0316\u0301"),
    "long forms in a name": filled("rename ", "\ufdfa"),
    "long forms in a report": filled("report ", "\ufdfa"),
    "blanks": filled("send", " "),
    "other blanks": filled("send ", "\u2800"),
    "blanks alone": filled("", "\u00a0"),
    "nothing to see": filled("send ", "\u200b"),
    "marks alone": filled("send ", "\u0301"),
    "options": filled("send ", "-u x "),
    "near options": filled("send ", "--user "),
    "a near option": filled("send -u", "x"),
    "dashes": filled("send ", "— "),
    "a key": filled("@", "k"),
    "keys": filled("", "@k "),
    "an unknown word": filled("", "Ж"),
    "nearly a command": filled("sen", "d"),
    "a count": filled("history ", "9"),
    "counts": filled("history ", "1 "),
    "an id": filled("cancel ", "9"),
    "ids": filled("cancel ", "9 "),
    "a token": filled("resume ", "x"),
    "help": filled("help ", "İ"),
    "escapes": filled("send ", "\x1b"),
    "sequences": filled("send ", "x\x1b[A"),
    "an endless sequence": filled("send \x1b[", "0"),
    "endless strings": filled("send ", "\x1b]"),
    "endless strings of C1": filled("send ", "\x9d"),
    "controls": filled("send ", "a\x01"),
    "tabs": filled("send ", "a\t"),
    "erased one by one": filled("send ", "я\x7f"),
    "erased at the end": b"send " + "я".encode() * 2700 + b"\x08" * 2700 + b"\n",
    "erased with marks": filled("send ", "e\u0301\x08"),
    "erased emoji": b"send " + "👩\u200d".encode() * 1000 + b"\x08" * 1000 + b"\n",
    "erased words": filled("send ", "a \x17"),
    "erased lines": filled("send ", "a\x15"),
    "no UTF-8": filled("send ", "я")[:-2] + b"\n",
    "UTF-16": filled("", "s\0"),
    "too long": filled("send ", "x")[:-1] + b"x" * 10 + b"\n",
    "HTTP": filled("GET /", "."),
    "perhaps HTTP": filled("get /", ":"),
}


@pytest.mark.parametrize("line", WORST_LINES.values(), ids=WORST_LINES)
def test_worst_line(benchmark: BenchmarkFixture, line: bytes) -> None:
    """Bytes to a command, or to a refusal, of the worst line of each kind."""
    slices = [line[at : at + SLICE] for at in range(0, len(line), SLICE)]

    def read() -> None:
        reader = LineReader(MAX_LINE)
        for slice_ in slices:
            reader.feed(slice_)
            reader.goodbye()
        line = reader.next_line()
        if isinstance(line, str):
            _, line = split_key(line)
        if isinstance(line, str):
            parse(line)

    benchmark(read)
    check_quick(benchmark)


WORST_TELNET = {
    "nothing": b"\xff\xf1",
    "letters between": b"x\xff\xf1",
    "options": b"\xff\xfd\x01",
    "255": b"\xff\xff",
    "erase": b"\xff\xf7",
    "are you there": b"\xff\xf6",
    "sub-negotiations": b"\xff\xfa\xff\xf0",
    "an endless sub-negotiation": b"\xff\xfa" + b"\xff\xff" * SLICE,
    "garbled letters": b"\xd1\xff\xf5",
    "no telnet": b"\xff\x01",
}


@pytest.mark.parametrize("commands", WORST_TELNET.values(), ids=WORST_TELNET)
def test_worst_telnet(benchmark: BenchmarkFixture, commands: bytes) -> None:
    """As many bytes as are taken apart at once, of nothing but telnet's commands."""
    slice_ = (commands * SLICE)[:SLICE]
    benchmark(lambda: LineReader(MAX_LINE).feed(slice_))
    check_quick(benchmark)
