"""Lines for stdout and the log, written in a thread: whoever reads them keeps nobody waiting.

A terminal that was stopped with Ctrl+S, or a pipe that nobody reads, blocks whoever writes to it;
here that is a thread that has nothing else to do. What does not fit into its bounded queue is
dropped, and counted.
"""

import contextlib
import logging
import os
import queue
import select
import threading
import time
from collections.abc import Callable

WAITING = 1000
"""Lines that may wait for a slow reader."""
LAST_WORDS_SECONDS = 1.0
"""How long the last lines may take to be written when the program ends."""
STDIN, STDOUT, STDERR = 0, 1, 2
CLOSED = -1
"""What stands for the descriptor of a stream that is closed."""


def fill_closed() -> set[int]:
    """Open the null device in place of standard streams that are closed; return which those were.

    Else what is opened next has their number, and gets what is meant for them.
    """
    closed = set()
    for descriptor in (STDIN, STDOUT, STDERR):
        if not _is_open(descriptor):
            closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    return closed


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


class LineWriter:
    """Writes lines to a descriptor, in their order, and never keeps its caller waiting."""

    def __init__(
        self,
        descriptor: int,
        *,
        dropped: Callable[[int], str] | None = None,
        failed: Callable[[str, OSError], None] | None = None,
    ) -> None:
        """Let `dropped` word how many lines were dropped, and `failed` hear, once, of a line that
        could not be written, and why."""
        self._descriptor = descriptor
        self._tell_dropped = dropped
        self._failed = failed
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self._too_many = self._unwritten = self._told = 0
        """Lines dropped as too many waited, lines not written, and how many of both were told."""
        self._thread: threading.Thread | None = None

    def write(self, line: str) -> None:
        """Have a line written soon; it is dropped where too many wait."""
        if self._thread is None:
            # Nobody waits for it at the end of the program but `close`, and that not for ever.
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._too_many += 1

    def close(self) -> None:
        """Write what waits, for a second at the most."""
        if self._thread is None:
            return
        end = time.monotonic() + LAST_WORDS_SECONDS
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=LAST_WORDS_SECONDS)
        self._thread.join(max(0.0, end - time.monotonic()))

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            self._put_if_possible(line)

    def _put_if_possible(self, line: str) -> None:
        try:
            self._put(line)
            self._put_dropped()
        except OSError as error:
            self._unwritten += 1
            if self._failed is not None:
                self._failed(line, error)
                self._failed = None

    def _put_dropped(self) -> None:
        dropped = self._too_many + self._unwritten - self._told
        if dropped and self._tell_dropped is not None:
            self._told += dropped
            self._put(self._tell_dropped(dropped))

    def _put(self, line: str) -> None:
        """Write a whole line; by `os.write`, as it holds no lock that Python needs when it ends."""
        left = f"{line}\n".encode("utf-8", "surrogateescape")
        while left:
            with contextlib.suppress(BlockingIOError):  # others may have made it non-blocking
                left = left[os.write(self._descriptor, left) :]
                continue
            select.select((), (self._descriptor,), ())


class LogHandler(logging.Handler):
    """What is logged, to stderr."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self.lines = LineWriter(STDERR, dropped=self._dropped)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.write(self.format(record))

    def _dropped(self, number: int) -> str:
        lines = "1 line was" if number == 1 else f"{number} lines were"
        text = f"{lines} dropped from this log, because nobody read it"
        return self.format(logging.makeLogRecord({"levelname": "WARNING", "msg": text}))
