"""One connection: bytes in, at the pace allowed, and a bounded outbox.

The outbox:
1. It never blocks: what is told is written once per turn of the loop. Where the other end is
   slow, one piece waits in the transport and the rest here, as the pieces that all are told.
2. It never reorders.
3. What others cause is bounded: with more than 256 KiB waiting the connection is cut off.
4. An answer may exceed that, once: while more than 64 KiB wait, no further line is taken up,
   and there is one answer to a question per turn.
"""

import asyncio
import logging
import select
from typing import Protocol, cast

from chat_server import conversation
from chat_server.clock import Timer
from chat_server.conversation import Conversation
from chat_server.entries import Proposal
from chat_server.events import Bye, Refused
from chat_server.pacing import Pace
from chat_server.wire import ASK_BINARY, LineReader

KIB = 1024
UNREAD = 64 * KIB
"""Bytes of one connection that are kept before their lines are taken up."""
WAITING = 64 * KIB
"""Bytes that may wait to be written while a further line is taken up."""
OUTBOX = 256 * KIB
"""Bytes of what others said that may wait to be written."""
ENTRY_SECONDS = 0.3
"""How long a connection may be silent before it enters as a guest."""
CLOSE_SECONDS = 5.0
"""How long a connection that ends may take to read what is left for it."""

log = logging.getLogger("chat_server")


class Hub(conversation.Hub, Protocol):
    """What a session needs of the server."""

    buffer: memoryview
    """Where every connection's bytes arrive, one at a time."""
    is_stopping: bool
    pace: Pace | None
    """How fast each connection may talk; None: without limit."""

    def opened(self, session: "Session") -> None: ...
    def closed(self, session: "Session") -> None: ...
    def reading_changed(self, session: "Session", *, is_paused: bool) -> None: ...


class Session(Conversation, asyncio.BufferedProtocol):
    """The server's side of one connection."""

    __slots__ = (
        "_allowance",
        "_backlog",
        "_backlog_size",
        "_entry_timer",
        "_full_at",
        "_has_answered",
        "_has_asked_binary",
        "_has_hung_up",
        "_is_closed",
        "_pace_timer",
        "_reader",
        "_reading_is_paused",
        "_transport",
        "_was_silent",
        "_writing_is_paused",
        "has_more",
        "peer",
    )
    _hub: Hub

    def __init__(self, hub: Hub, connection: str) -> None:
        super().__init__(hub, connection)
        self.has_more = False
        """Whether there is something to go on with once what is journaled is settled."""
        self.peer = "?"
        """The address of the other end."""
        self._transport: asyncio.Transport | None = None
        self._reader: LineReader | None = None
        """What is not taken up yet; most say nothing most of the time, and need none."""
        self._full_at = 0.0
        """When the token bucket of its pace is full again."""
        self._entry_timer: Timer | None = hub.clock.call_later(
            ENTRY_SECONDS, self._enter_in_silence
        )
        self._pace_timer: Timer | None = None
        self._was_silent = False
        self._has_asked_binary = False
        self._has_answered = False
        self._allowance = 0
        self._backlog: list[bytes] | None = None
        """What the transport is not given yet, because the other end is slow."""
        self._backlog_size = 0
        self._reading_is_paused = False
        self._writing_is_paused = False
        self._has_hung_up = False
        self._is_closed = False

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, but do not descend from them.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=0)
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if peer else "?"
        self._hub.opened(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        unread = self._unread()
        return self._hub.buffer[: UNREAD - unread] if unread else self._hub.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._is_closed:
            return
        try:
            self._hear(bytes(self._hub.buffer[:nbytes]))
        except Exception as fault:
            self.fail(fault)

    def _hear(self, chunk: bytes) -> None:
        reader = self._reader = self._reader or LineReader(self._hub.settings.max_line)
        replies = reader.feed(chunk)
        if replies:
            self._write(replies)
        self._proceed()
        if reader.has_heard_return or reader.has_heard_telnet:
            self._ask_binary_of_telnet(reader)

    def eof_received(self) -> bool:
        if self._is_closed:
            return False
        self.hang_up()
        return True

    def pause_writing(self) -> None:
        self._writing_is_paused = True

    def resume_writing(self) -> None:
        self._writing_is_paused = False
        try:
            self._write_backlog()
            self._proceed()
        except Exception as fault:
            self.fail(fault)

    def fail(self, fault: Exception) -> None:
        """End this connection for a fault of its transport or of ours, which harms nobody else."""
        if not self._is_closed:
            log.error("closed %s (%s) for a fault: %r", self._name(), self.peer, fault)
            self.has_ended = self._is_closed = True
        try:
            self.abort()
        except Exception:
            self.connection_lost(fault)

    def connection_lost(self, exc: Exception | None) -> None:
        self._hub.closed(self)
        if self.has_entered and not self.has_left and not self._hub.is_stopping:
            self.leave()
        self.has_ended = self._is_closed = True
        self._forget_entry_timer()

    def hang_up(self) -> None:
        """Carry out what was said before the other end closed, as far as the pace allows; leave."""
        self._has_hung_up = True
        self.proceed()

    def hang_up_if_silently_gone(self) -> None:
        """Ask the socket whether the other end is gone, while nothing is being read from it."""
        if not self._reading_is_paused or self._has_hung_up or self._transport is None:
            return
        try:
            poll = select.poll()
            poll.register(self._transport.get_extra_info("socket").fileno(), _HANG_UP)
            is_gone = bool(poll.poll(0))
        except Exception as fault:
            self.fail(fault)
            return
        if is_gone:
            self.hang_up()

    def _ask_binary_of_telnet(self, reader: LineReader) -> None:
        """Ask what is telnet, once, not to touch what is typed.

        It gives itself away by its commands, or by the way its lines end where one is garbled or
        somebody looked on before they typed.
        """
        if self._has_asked_binary:
            return
        is_likely = reader.has_heard_return and (self._was_silent or reader.has_heard_garbage)
        if self.format == "text" and (is_likely or reader.has_heard_telnet):
            self._has_asked_binary = True
            self._write(ASK_BINARY)

    # The chat's side

    def not_saved(self, proposal: Proposal) -> None:
        """Take back the oldest command that was to be journaled, and was not."""
        try:
            super().not_saved(proposal)
        except Exception as fault:
            self.fail(fault)
        self.proceed()

    def write(self, lines: bytes) -> None:
        """Write the lines of a flush, and go on with what had to wait for it."""
        if self._has_answered:
            self._allowance += len(lines)
        self._write(lines)
        if self.has_ended:
            self._close()
        if self._has_answered:
            self._has_answered = False
            asyncio.get_running_loop().call_soon(self.proceed)

    def _write(self, lines: bytes) -> None:
        if self._transport is None or self._transport.is_closing() or self._is_closed:
            return
        if self._writing_is_paused:
            self._backlog = self._backlog or []
            self._backlog.append(lines)
            self._backlog_size += len(lines)
        else:
            self._transport.write(lines)
        if self._writing_is_paused:
            self._cut_off_if_slow(self._transport)
        else:
            self._allowance = 0

    def _write_backlog(self) -> None:
        lines, self._backlog, self._backlog_size = self._backlog, None, 0
        if lines is not None and self._transport is not None:
            self._transport.write(b"".join(lines))
        if not self._writing_is_paused:
            self._allowance = 0

    def _waiting(self) -> int:
        """Count the bytes that the other end has not taken yet."""
        if not self._writing_is_paused or self._transport is None:
            return 0
        return self._transport.get_write_buffer_size() + self._backlog_size

    def abort(self) -> None:
        """Drop the connection with what waits for it."""
        if self._transport is not None:
            self._transport.abort()

    def _cut_off_if_slow(self, transport: asyncio.Transport) -> None:
        waiting = self._waiting()
        if waiting > OUTBOX + self._allowance:
            log.warning(
                "cut off %s (%s): %d KiB waited unread", self._name(), self.peer, waiting // KIB
            )
            transport.abort()

    def _name(self) -> str:
        return self._hub.chat.name_at(self.connection) or "somebody"

    def _close(self) -> None:
        """Close our direction, and drop what still comes: a reset could undo what was written."""
        transport = self._transport
        if transport is None or transport.is_closing() or self._is_closed:
            return
        self._write_backlog()
        self._is_closed = True
        self._reader = None
        if self._has_hung_up:
            transport.close()
        else:
            self._close_writing(transport)
        self._hub.clock.call_later(CLOSE_SECONDS, self.abort)

    def _close_writing(self, transport: asyncio.Transport) -> None:
        try:
            transport.write_eof()
            transport.resume_reading()
        except OSError:  # of asyncio's: the other end is gone, which nobody has heard yet
            transport.abort()

    # Lines

    def proceed(self) -> None:
        """Answer what can be answered, and take up lines as far as pace and outbox allow."""
        try:
            self._proceed()
        except Exception as fault:
            self.fail(fault)

    def _proceed(self) -> None:
        self.has_more = True
        reader = self._reader
        next_line = self._next_line
        if reader is not None and self._hub.pace is None:
            next_line = reader.next_line
        while self._may_go_on():
            if self.has_question:
                self._has_answered = True
                self.answer_question()
            elif self._hub.is_stopping:
                break
            elif self.take_lines(next_line):
                self.has_more = self._has_hung_up
                self._end_if_hung_up()
                break
            elif not self.has_question:
                break
        if self._entry_timer is not None and self.has_entered:
            self._forget_entry_timer()
        if (self._unread() >= UNREAD) != self._reading_is_paused:
            self._pause_or_resume()
        if reader is not None and reader.is_as_new:
            self._reader = None

    def _unread(self) -> int:
        """Count the bytes that are not taken up yet."""
        return 0 if self._reader is None else self._reader.unread

    def _forget_entry_timer(self) -> None:
        if self._entry_timer is not None:
            self._entry_timer.cancel()
            self._entry_timer = None

    def _next_line(self) -> str | Refused | None:
        """Return the next line if there is one and the pace allows it."""
        reader, pace = self._reader, self._hub.pace
        line = None if reader is None else reader.next_line()
        if reader is None or line is None or pace is None:
            return line
        now = self._hub.clock.monotonic()
        wait = pace.wait(self._full_at, now)
        if not wait:
            self._full_at = pace.after_line(self._full_at, now)
            return line
        reader.put_back(line)
        if self._pace_timer is not None:
            self._pace_timer.cancel()
        self._pace_timer = self._hub.clock.call_later(wait, self.proceed)
        return None

    def _may_go_on(self) -> bool:
        is_full = self._writing_is_paused and self._waiting() > WAITING
        return not (is_full or self._has_answered or self.has_ended)

    def _enter_in_silence(self) -> None:
        self._entry_timer = None
        self._was_silent = True
        if not (self.has_ended or self._is_closed):
            self.enter_as_guest()

    def _end_if_hung_up(self) -> None:
        if not self._has_hung_up or not self.is_settled:
            return
        if self.has_entered:
            self.leave()
            self.tell(Bye(reason="Goodbye."))
        else:
            self._close()

    def _pause_or_resume(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or self._is_closed or self._has_hung_up:
            return
        self._reading_is_paused = not self._reading_is_paused
        self._hub.reading_changed(self, is_paused=self._reading_is_paused)
        if self._reading_is_paused:
            transport.pause_reading()
        else:
            transport.resume_reading()


_HANG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
