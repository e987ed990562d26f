"""Lines in and lines out by pipes, whoever made them and however slowly they are read."""

import asyncio
import os
import select
from collections.abc import Iterator
from io import FileIO
from typing import NamedTuple

import pytest

from chat_tui.plain import pipes
from chat_tui.plain.pipes import LineSink, LineSource
from tests.support.screen import PATIENCE, until

FULL = 64 * 1024
"""Bytes that a pipe holds."""


class Pipe(NamedTuple):
    """Both ends of a pipe that lets nobody wait for it."""

    read: FileIO
    write: FileIO


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    read, write = os.pipe()
    with FileIO(read, "r") as to_read, FileIO(write, "w") as to_write:
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        yield Pipe(to_read, to_write)


async def read_from(pipe: Pipe, size: int) -> bytes:
    """Read so much of a pipe as comes."""
    got = b""
    while len(got) < size:
        got += pipe.read.read(size - len(got)) or b""
        await asyncio.sleep(0)
    return got


async def test_a_pipe_without_waiting_is_read_until_it_is_closed(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    wait = select.select

    def waited_for(read: list[int], write: list[int], failed: list[int]) -> object:
        waits.extend(read)
        return wait(read, write, failed)

    async def is_waited_for(line: asyncio.Future[str], number: int) -> None:
        await until(lambda: len(waits) >= number or line.done())

    monkeypatch.setattr(select, "select", waited_for)
    lines = LineSource(pipe.read.fileno(), "utf-8").lines()
    for number, line in enumerate(("one", "two"), 1):
        later = asyncio.ensure_future(anext(lines))
        await is_waited_for(later, number)
        pipe.write.write(f"{line}\n".encode())
        assert await asyncio.wait_for(later, PATIENCE) == line
    pipe.write.close()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(lines), PATIENCE)


async def test_a_full_pipe_without_waiting_is_waited_for_and_loses_nothing(pipe: Pipe) -> None:
    gone = asyncio.Event()
    sink = LineSink(pipe.write.fileno(), "utf-8", gone=gone.set)
    said = [f"{number} {'x' * 1000}" for number in range(200)]
    for line in said:
        sink.write(line)
    await until(lambda: not select.select([], [pipe.write], [], 0)[1])
    text = "".join(f"{line}\n" for line in said).encode()
    assert not gone.is_set() and len(text) > FULL
    assert await asyncio.wait_for(read_from(pipe, len(text)), PATIENCE) == text
    await asyncio.wait_for(sink.close(), PATIENCE)
    assert not gone.is_set()


async def test_lines_that_are_left_out_at_the_end_are_told_of(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipes, "KEPT_LINES", 3)
    pipe.write.write(b"x" * FULL)
    sink = LineSink(pipe.write.fileno(), "utf-8", gone=lambda: None)
    for _ in range(2 * pipes.AT_ONCE):
        sink.write("line")
    closing = asyncio.ensure_future(sink.close())
    said = b""
    while not closing.done():
        said += pipe.read.read(FULL) or b""
        await asyncio.sleep(0)
    said += pipe.read.read(FULL) or b""
    assert said.splitlines()[-1].endswith(b" lines are left out, as nobody read them.")
