"""What one connection is told, on its way into its transport.

1. It never blocks its caller, and never reorders.
2. While the other end keeps up, bytes go straight to the transport; otherwise they wait here, and
   are given a piece at a time, when the transport has sent the piece before.
3. What everybody is told waits as bytes that all queues share, so a slow reader costs hardly any
   memory. A long answer waits as an iterator, and is made a page at a time.
4. It is bounded: an end has fallen behind if it reads nothing for `PATIENCE` while more than
   `OUTBOX` waits, or if more than `MOST` waits. This is judged before a part is added, so one
   turn may add any amount.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from chat_server.clock import Clock
from chat_server.delivery.turns import Turns

KIB = 1024
OUTBOX = 256 * KIB
"""Bytes of what others said that may wait for somebody who reads nothing."""
MOST = 4096 * KIB
"""Bytes of what others said that may wait for anybody: a burst that all send at once is less."""
WAITING = 64 * KIB
"""Bytes that may wait to be written while a further line is taken up."""
PATIENCE = 3.0
"""Seconds within which the other end has to read some of what waits, if only a little."""
PIECE = 32 * KIB
"""Bytes of what waits that one connection is given in a turn."""

LINES = (bytes, memoryview)
Part = bytes | memoryview | Iterator[bytes]
"""Lines as they are written, or what makes the pages of a long answer."""


class Owner(Protocol):
    """Whose queue it is."""

    def fell_behind(self, waiting: int) -> None:
        """Be told that too little was read, and that so many bytes wait."""

    def sent_all(self) -> None:
        """Be told that nothing waits any more."""

    def fail(self, fault: Exception) -> None:
        """Be told what the transport raised."""


class SendQueue:
    """Lines and pages, in the order in which they are told."""

    __slots__ = (
        "_clock",
        "_in_transport",
        "_is_paused",
        "_moved_at",
        "_owner",
        "_paged",
        "_pages",
        "_parts",
        "_size",
        "_transport",
        "_turns",
        "_waits_for_turn",
        "is_busy",
    )

    def __init__(
        self, transport: asyncio.Transport, owner: Owner, turns: Turns, clock: Clock
    ) -> None:
        self._transport = transport
        self._owner = owner
        self._turns = turns
        self._clock = clock
        self._parts: deque[Part] | None = None
        """What waits; None with nothing waiting, as it is for most."""
        self._size = 0
        """Bytes of the lines among it; pages are not made yet."""
        self._pages = 0
        self._paged = 0
        """Bytes of pages that were made since `take_paged`."""
        self._is_paused = False
        self.is_busy = False
        """Whether something waits, here or in the transport."""
        self._waits_for_turn = False
        self._in_transport = 0
        """Bytes that the transport held when last looked at."""
        self._moved_at = 0.0
        """Since when it has held that many."""

    def write(self, lines: bytes) -> None:
        if not self.is_busy and len(lines) <= OUTBOX:
            if not self._transport.is_closing():
                self._transport.write(lines)
        else:
            self.add(lines)

    def add(self, part: Part) -> None:
        """Let a part wait behind the others, unless the other end has fallen behind."""
        transport = self._transport
        if transport.is_closing():
            return
        if self._has_fallen_behind(transport.get_write_buffer_size(), self._clock.monotonic()):
            self._owner.fell_behind(self.waiting)
            return
        if self._parts is None:
            self._parts, self.is_busy = deque(), True
        self._parts.append(part)
        if isinstance(part, LINES):
            self._size += len(part)
        else:
            self._pages += 1
        self._send_on()

    @property
    def is_empty(self) -> bool:
        """Say whether the transport has been given everything."""
        return self._parts is None

    @property
    def holds_much(self) -> bool:
        """Say whether no further line is to be taken up before some of what waits is read."""
        return self._pages > 0 or self.waiting > WAITING

    @property
    def waiting(self) -> int:
        """Count the bytes that the other end has not taken yet."""
        if not self.is_busy:
            return 0
        return self._transport.get_write_buffer_size() + self._size

    def take_paged(self) -> int:
        """Return how many bytes of long answers were made since this was asked last."""
        paged, self._paged = self._paged, 0
        return paged

    def pause(self) -> None:
        """Note that the transport's own buffer has something in it."""
        self._is_paused = self.is_busy = True

    def resume(self) -> None:
        """Note that the transport's own buffer is empty, and go on."""
        self._is_paused = False
        self.is_busy = self._parts is not None
        self._send_on()

    def _has_fallen_behind(self, in_transport: int, now: float) -> bool:
        if in_transport != self._in_transport or not in_transport:
            self._in_transport, self._moved_at = in_transport, now
        waiting = in_transport + self._size
        return waiting > MOST or (waiting > OUTBOX and now >= self._moved_at + PATIENCE)

    def _send_on(self) -> None:
        try:
            self._give_next_piece()
        except Exception as fault:
            self._owner.fail(fault)

    def _give_next_piece(self) -> None:
        parts = self._parts
        if parts is None or self._is_paused or self._waits_for_turn:
            return
        if self._transport.is_closing():
            self._drop()
            return
        if self._turns.left > 0:
            piece = self._take(parts)
            self._turns.left -= len(piece)
            self._transport.write(piece)
        if not parts:
            self._parts, self.is_busy = None, self._is_paused
            self._owner.sent_all()
        elif not self._is_paused:
            self._waits_for_turn = True
            self._turns.wait(0, self._take_turn)

    def _drop(self) -> None:
        """Make and give nothing more: nobody reads it."""
        self._parts, self.is_busy = None, False
        self._size = self._pages = 0

    def _take_turn(self) -> None:
        self._waits_for_turn = False
        self._send_on()

    def _take(self, parts: deque[Part]) -> bytes:
        """Take out what comes next, about as many bytes as a piece has."""
        taken: list[bytes | memoryview] = []
        room = PIECE
        while room > 0 and parts:
            lines = self._next(parts, room)
            room -= len(lines)
            taken.append(lines)
        return b"".join(taken)

    def _next(self, parts: deque[Part], room: int) -> bytes | memoryview:
        part = parts.popleft()
        if not isinstance(part, LINES):
            if page := next(part, b""):
                parts.appendleft(part)
            else:
                self._pages -= 1
            self._paged += len(page)
            return page
        if len(part) > room:
            parts.appendleft(memoryview(part)[room:])
            part = memoryview(part)[:room]
        self._size -= len(part)
        return part
