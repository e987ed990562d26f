"""One connection: bytes in, at the pace allowed, and a bounded send queue.

Bytes are taken apart, and lines taken up, at a pace of the connection's own, and only as far as
the turn allows that all connections share. What is told is written once per turn of the loop;
where the other end is slow, the rest waits in a `SendQueue`. While more than 64 KiB wait, or a
long answer is being read, no further line is taken up, and there is one answer to a question per
turn.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from typing import Protocol, cast

import msgspec

from chat_server.connection import conversation
from chat_server.connection.conversation import HALF_A_LINE, NOT_IN_YET, Conversation
from chat_server.connection.hang_ups import HangUps
from chat_server.connection.hearing import Hearing
from chat_server.connection.rate_limit import SLICE, Meter
from chat_server.connection.silence import Silence
from chat_server.connection.throttle import Throttle
from chat_server.delivery.send_queue import KIB, SendQueue
from chat_server.delivery.turns import Turns
from chat_server.doors import ASK_BINARY, LineReader
from chat_server.protocol import wording
from chat_server.protocol.events import Bye, Refused
from chat_server.rules.addresses import counted
from chat_server.rules.entries import Proposal

UNREAD = 64 * KIB
"""Bytes of one connection that are kept before their lines are taken up."""
QUESTION = 2 * KIB
"""Bytes of lines that cost as much as the answer to a question."""
CLOSE_SECONDS = 5.0
"""How long a connection that ends may take to read what is left for it."""

log = logging.getLogger("chat_server")


class Hub(conversation.Hub, Protocol):
    """What a session needs of the server."""

    buffer: memoryview
    """Where every connection's bytes arrive, one at a time."""
    hang_ups: HangUps
    is_stopping: bool
    renames: Turns
    """New names that everybody has to be told of."""
    sending: Turns
    """Bytes that those who are slow, or read long answers, are given in a turn."""

    def opened(self, session: "Session") -> None: ...
    def closed(self, session: "Session") -> None: ...
    def meter(self, address: str) -> Meter | None: ...


class Session(Conversation, asyncio.BufferedProtocol):
    """The server's side of one connection."""

    __slots__ = (
        "_has_answered",
        "_has_asked_binary",
        "_has_hung_up",
        "_hearing",
        "_is_closed",
        "_knows_it_waits",
        "_reading_is_paused",
        "_sending",
        "_silence",
        "_throttle",
        "_transport",
        "_waits_to_talk",
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
        self._sending: SendQueue | None = None
        self._hearing: Hearing | None = None
        """What it has said; None before it says anything, as most say nothing."""
        self._throttle: Throttle | None = None
        """What keeps its pace; None: it may talk without limit."""
        self._silence = Silence(self, hub.clock, hub.lines)
        self._waits_to_talk = False
        self._knows_it_waits = False
        self._has_asked_binary = False
        self._has_answered = False
        self._reading_is_paused = False
        self._has_hung_up = False
        self._is_closed = False

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, but do not descend from them.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=0)
        self._sending = SendQueue(self._transport, self, self._hub.sending, self._hub.clock)
        peer = transport.get_extra_info("peername")
        self.peer = str(peer[0]) if peer else "?"
        if (meter := self._hub.meter(self.peer)) is not None:
            self._throttle = Throttle(meter, self, self._hub.clock)
        self.address = counted(self.peer)
        self._hub.opened(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._is_closed:
            return self._hub.buffer[:SLICE]
        if self._hearing is None or not (unread := self._hearing.unread):
            return self._hub.buffer
        return self._hub.buffer[: UNREAD - unread]

    def buffer_updated(self, nbytes: int) -> None:
        if self._is_closed:
            return
        if self._hearing is None:
            self._hearing = Hearing(self._hub.settings.max_line)
        self._hearing.add(bytes(self._hub.buffer[:nbytes]))
        self.proceed()

    def eof_received(self) -> bool:
        if self._is_closed:
            return False
        self._has_hung_up = True
        self.proceed()
        return True

    def pause_writing(self) -> None:
        if self._sending is not None:
            self._sending.pause()

    def resume_writing(self) -> None:
        if self._sending is not None:
            self._sending.resume()
        self.proceed()

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
        self._silence.end()

    def _ask_binary_of_telnet(self, reader: LineReader) -> None:
        """Ask what is telnet, once, not to touch what is typed.

        It gives itself away by its commands, or by the way its lines end where one is garbled or
        somebody looked on before they typed.
        """
        is_telnet = reader.has_heard_telnet or reader.has_heard_garbage or self._silence.has_lasted
        if self._has_asked_binary or self.has_ended or not is_telnet:
            return
        if self.format == self.next_format == "text":
            self._has_asked_binary = True
            self._write(ASK_BINARY)

    # The chat's side

    def not_saved(self, proposal: Proposal) -> None:
        """Take back the oldest command that was to be journaled, and was not."""
        try:
            super().not_saved(proposal)
            if self._silence.has_lasted and self._silence.is_over and not self.has_entered:
                self._enter_later()
        except Exception as fault:
            self.fail(fault)
        self.proceed()

    def _enter_later(self) -> None:
        """Try again for who looks on, and tell them once why they are not in the chat yet."""
        if not self._knows_it_waits:
            self._knows_it_waits = True
            self.tell(NOT_IN_YET)
        self._silence.begin_again()

    def write(self, lines: bytes) -> None:
        """Write the lines of a turn, and go on with what had to wait for it."""
        if self._sending is not None and not self._is_closed:
            self._sending.write(lines)
        if self.has_ended or self._has_answered:
            self._go_on_after_write()

    def write_parts(self, parts: Iterable[bytes | Iterator[bytes]]) -> None:
        """Write lines, and the pages of long answers as they are read."""
        lines: list[bytes] = []
        for part in parts:
            if isinstance(part, bytes):
                lines.append(part)
                continue
            self._write(b"".join(lines))
            lines = []
            if self._sending is not None and not self._is_closed:
                self._sending.add(part)
        self._write(b"".join(lines))
        self._go_on_after_write()

    def _go_on_after_write(self) -> None:
        if self.has_ended:
            self._close()
        if self._has_answered:
            self._has_answered = False
            asyncio.get_running_loop().call_soon(self.proceed)

    def _write(self, lines: bytes) -> None:
        if self._sending is not None and not self._is_closed and lines:
            self._sending.write(lines)

    def fell_behind(self, waiting: int) -> None:
        """Cut off who reads too little of what they are told."""
        log.warning(
            "cut off %s (%s): %d KiB waited unread", self._name(), self.peer, waiting // KIB
        )
        self.abort()

    def sent_all(self) -> None:
        """Go on with what had to wait until the other end has taken what it was told."""
        if self._is_closed:
            self._finish()
        else:
            asyncio.get_running_loop().call_soon(self.proceed)

    def _name(self) -> str:
        return self._hub.chat.name_at(self.connection) or "somebody"

    def abort(self) -> None:
        """Drop the connection with what waits for it."""
        if self._transport is not None:
            self._transport.abort()

    def _close(self) -> None:
        """Say no more but what waits, and drop what still comes."""
        transport = self._transport
        if transport is None or transport.is_closing() or self._is_closed:
            return
        self._is_closed, self._hearing = True, None
        self._hub.clock.call_later(CLOSE_SECONDS, self.abort)
        if self._sending is None or self._sending.is_empty:
            self._finish()

    def _finish(self) -> None:
        """Close our direction, and go on reading: a reset could undo what was written."""
        transport = self._transport
        if transport is None:
            return
        if self._has_hung_up:
            transport.close()
            return
        try:
            transport.write_eof()
            transport.resume_reading()
        except OSError:  # of asyncio's: the other end is gone, which nobody has heard yet
            transport.abort()

    # Lines

    def proceed(self) -> None:
        """Answer what can be answered, and take up lines as far as pace and outbox allow."""
        try:
            self._take_lines_in_turn()
            if self.has_entered and not self._silence.is_over:
                self._silence.end()
            if (hearing := self._hearing) is not None:
                if (hearing.unread >= UNREAD) != self._reading_is_paused:
                    self._pause_or_resume()
                if hearing.reader.has_heard_return or hearing.reader.has_heard_telnet:
                    self._ask_binary_of_telnet(hearing.reader)
        except Exception as fault:
            self.fail(fault)

    def _take_lines_in_turn(self) -> None:
        self.has_more, sending, turns = True, self._sending, self._hub.lines
        while not (self._has_answered or self.has_ended):
            if sending is None or (sending.is_busy and sending.holds_much):
                break
            if not self.is_free():
                if self.has_question:
                    self._has_answered = True
                    turns.left -= QUESTION
                    self.answer_question()
                    break
                if self.waits_for_journal:
                    break
            if self._hub.is_stopping:
                break
            if turns.left <= 0:
                self._wait_to_talk(turns)
                break
            if self._has_taken_all_lines():
                self.has_more = self._has_hung_up
                if self._has_hung_up:
                    self._end_if_hung_up()
                break

    @property
    def used(self) -> float:
        """Return what grows with how much it has talked lately."""
        return 0.0 if self._throttle is None else self._throttle.used

    def _wait_to_talk(self, turns: Turns) -> None:
        if not self._waits_to_talk:
            self._waits_to_talk = True
            turns.wait(self.used, self._talk_in_turn)

    def _talk_in_turn(self) -> None:
        self._waits_to_talk = False
        self.proceed()

    def _has_taken_all_lines(self) -> bool:
        """Take up lines; say whether that was all for now of what has come, or of the pace."""
        hearing = self._hearing
        if hearing is None:
            return True
        is_first = hearing.unheard and not (hearing.reader.unread or self.holds_line)
        if is_first and not self._hear_slice(hearing):
            return True
        next_line = hearing.reader.next_line if self._throttle is None else self._next_line
        return self.take_lines(next_line) and not (hearing.unheard and self._hear_slice(hearing))

    def _hear_slice(self, hearing: Hearing) -> bool:
        """Take the next of what has come apart, if the pace allows it; say whether it did."""
        size = hearing.next_size
        if self._throttle is not None and not self._throttle.lets_bytes_through(size):
            return False
        self._hub.lines.left -= size
        replies, reader = hearing.hear_slice(), hearing.reader
        if not reader.is_known and (goodbye := reader.goodbye()) is not None:
            self._send_away(goodbye)
            return False
        if replies and self.format == "text":
            self._write(replies)
        return True

    def _send_away(self, goodbye: Bye) -> None:
        """End what is no client of a chat; unless it has looked on before, nobody hears of it."""
        log.info("sent away %s: %s", self.peer, wording.goodbye(goodbye))
        self._hearing = None
        if self.has_entered and not self.has_left:
            self.leave()
        self.tell(goodbye)

    def _next_line(self) -> str | Refused | None:
        """Return the next line if there is one and the pace allows it."""
        assert self._hearing is not None and self._throttle is not None
        reader = self._hearing.reader
        line = reader.next_line()
        if line is None or self._throttle.lets_line_through():
            return line
        reader.put_back(line)
        return None

    def may_rename(self) -> bool:
        """Say whether the pace of new names allows another one; if not, go on when it does."""
        if self._throttle is None:
            return True
        if self._hub.renames.left <= 0:
            self._wait_to_talk(self._hub.renames)
            return False
        if not self._throttle.lets_name_through():
            return False
        self._hub.renames.left -= 1
        return True

    def enter_in_silence(self) -> None:
        """Enter as a guest, unless that is done or too late."""
        if not (self.has_ended or self._is_closed or self.has_entered):
            self.enter_as_guest()

    def _end_if_hung_up(self) -> None:
        """Say goodbye once everything was carried out that came before the other end closed."""
        is_over = self.is_settled and not self.holds_line
        if self._throttle is not None and self._throttle.is_waiting:
            is_over = False
        if self.has_ended or not is_over:
            return
        key = None if self._hearing is None else self._hearing.reader.key_of_half_a_line()
        if key is not None:
            self.tell(msgspec.structs.replace(HALF_A_LINE, re=key))
        if self.has_entered:
            goodbye = self._hub.chat.goodbye(self.connection)
            self.leave()
            self.tell(goodbye)
        elif self.was_told:
            self.tell(Bye("hung_up"))
        else:
            self._close()

    def _pause_or_resume(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or self._is_closed or self._has_hung_up:
            return
        self._reading_is_paused = not self._reading_is_paused
        if self._reading_is_paused:
            self._hub.hang_ups.watch(self, transport)
            transport.pause_reading()
        else:
            self._hub.hang_ups.forget(self)
            transport.resume_reading()
