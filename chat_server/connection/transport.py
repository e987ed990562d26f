"""One connection as the loop sees it: bytes in, at the pace allowed, and a bounded send queue.

Bytes are taken apart, and lines taken up, at the connection's own pace, and only as far as the
turn's budget goes, which all connections share. What is told is written once per turn of the
loop; where the other end is slow, the rest waits in a `SendQueue`. While more than 64 KiB wait,
or a long answer is being read, no further line is taken up. One question is answered per turn.

How it speaks is its door's business, and what its lines mean its dialogue's.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, cast

from chat_server.connection import dialogue
from chat_server.connection.dialogue import Dialogue
from chat_server.connection.hang_ups import HangUps
from chat_server.connection.hearing import Hearing
from chat_server.connection.phase import CLOSED, ENDED
from chat_server.connection.rate_limit import SLICE, Meter
from chat_server.connection.throttle import Throttle
from chat_server.delivery.send_queue import KIB, OUTBOX, SendQueue
from chat_server.delivery.turns import Turns
from chat_server.doors import TEXT, Door, Reader
from chat_server.protocol import wording
from chat_server.protocol.events import Bye, Refused
from chat_server.rules.entries import Proposal

UNREAD = 64 * KIB
"""Bytes of one connection that are kept before their lines are taken up."""
QUESTION = 2 * KIB
"""What the answer to a question costs of the turn's budget, in bytes of lines."""
CLOSE_SECONDS = 5.0
"""How long a connection that ends may take to read what is left for it."""
TELNET_SECONDS = 1.0
"""How long telnet may take to say that it is telnet, before a password is asked for."""

log = logging.getLogger("chat_server")


class Hub(dialogue.Hub, Protocol):
    """What a connection needs of the server."""

    buffer: memoryview
    """Where the bytes of all connections arrive; each copies its own out at once."""
    hang_ups: HangUps
    renames: Turns
    """New names that everybody has to be told of."""
    sending: Turns
    """Bytes that those who are slow, or read long answers, are given in a turn."""

    def opened(self, transport: "Transport") -> None: ...
    def closed(self, transport: "Transport") -> None: ...
    def meter(self, address: str, began: float) -> Meter | None: ...


class Transport(asyncio.BufferedProtocol):
    """The server's side of one connection: it has a door, and a dialogue."""

    __slots__ = (
        "_began",
        "_has_answered",
        "_has_hung_up",
        "_hearing",
        "_hub",
        "_queue",
        "_reading_is_paused",
        "_stream",
        "_waits_to_talk",
        "dialogue",
        "door",
        "has_more",
        "listens_in",
        "peer",
    )
    _stream: asyncio.Transport
    _queue: SendQueue

    def __init__(self, hub: Hub, connection: str, peer: str, address: str) -> None:
        self._hub = hub
        self.door: Door = TEXT
        self.listens_in: Door | None = None
        self.dialogue = Dialogue(hub, self, connection, address)
        self.has_more = False
        """Whether there is more to do once the commands in flight are settled."""
        self.peer = peer
        """The address of the other end."""
        self._hearing: Hearing | None = None
        """What it has said; None before it says anything, as most say nothing."""
        self._waits_to_talk = False
        self._has_answered = False
        self._reading_is_paused = False
        self._has_hung_up = False

    # From the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, but do not descend from them.
        self._stream = cast("asyncio.Transport", transport)
        self._stream.set_write_buffer_limits(high=0)
        self._queue = SendQueue(self._stream, self, self._hub.sending, self._hub.clock)
        self._began = self._hub.clock.monotonic()
        self._hub.opened(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        if self.dialogue.phase is CLOSED:
            return self._hub.buffer[:SLICE]
        hearing = self._hearing
        if hearing is None or not (hearing.unheard or hearing.reader.unread):
            return self._hub.buffer
        return self._hub.buffer[: UNREAD - hearing.unread]

    def buffer_updated(self, nbytes: int) -> None:
        if self.dialogue.phase is CLOSED:
            return
        if self._hearing is None:
            self._hearing = self._new_hearing()
        hearing = self._hearing
        hearing.unheard += bytes(self._hub.buffer[:nbytes])
        if hearing.telnet_answered is not None:
            hearing.hear_telnet(hearing.telnet_answered)
        self.proceed()

    def _new_hearing(self) -> Hearing:
        hub = self._hub
        reader = self.door.reader(hub.settings.max_line)
        meter = hub.meter(self.dialogue.arrival.address, self._began)
        throttle = None if meter is None else Throttle(meter, self, hub.clock)
        return Hearing(reader, throttle, hub.lines, self._answer)

    def eof_received(self) -> bool:
        if self.dialogue.phase is CLOSED:
            return False
        self._has_hung_up = True
        self.proceed()
        return True

    def pause_writing(self) -> None:
        self._queue.pause()

    def resume_writing(self) -> None:
        self._queue.resume()
        self.proceed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hub.closed(self)
        self.dialogue.close()

    # From the server

    def not_saved(self, proposal: Proposal, why: Refused) -> None:
        """Take back the oldest command that was to be journaled, and was not."""
        try:
            self.dialogue.not_saved(proposal, why)
        except Exception as fault:
            self.fail(fault)
        self.proceed()

    def write(self, lines: bytes) -> None:
        """Write the lines of a turn, and go on with what had to wait for it."""
        phase, queue = self.dialogue.phase, self._queue
        if phase is CLOSED or queue.is_busy or len(lines) > OUTBOX or self._stream.is_closing():
            self._write(lines)
        else:
            self._stream.write(lines)
        if phase >= ENDED or self._has_answered:
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
            if self.dialogue.phase is not CLOSED:
                self._queue.add(part)
        self._write(b"".join(lines))
        self._go_on_after_write()

    def _write(self, lines: bytes) -> None:
        if lines and self.dialogue.phase is not CLOSED:
            self._queue.write(lines)

    def _go_on_after_write(self) -> None:
        if self.dialogue.phase >= ENDED:
            self._close()
        if self._has_answered:
            self._has_answered = False
            asyncio.get_running_loop().call_soon(self.proceed)

    # From the send queue

    def fell_behind(self, waiting: int) -> None:
        """Cut off who reads too little of what they are told."""
        log.warning(
            "cut off %s (%s): %d KiB waited unread", self._name(), self.peer, waiting // KIB
        )
        self.abort()

    def sent_all(self) -> None:
        """Go on with what had to wait until the other end has taken what it was told."""
        if self.dialogue.phase is CLOSED:
            self._finish()
        else:
            asyncio.get_running_loop().call_soon(self.proceed)

    # The end

    def fail(self, fault: Exception) -> None:
        """End this connection for a fault of its transport or of ours, which harms nobody else."""
        if self.dialogue.phase is not CLOSED:
            log.error("closed %s (%s) for a fault: %r", self._name(), self.peer, fault)
            self.dialogue.close()
        try:
            self.abort()
        except Exception:
            self.connection_lost(fault)

    def abort(self) -> None:
        """Drop the connection with what waits for it."""
        self._stream.abort()

    def _name(self) -> str:
        return self._hub.chat.name_at(self.dialogue.connection) or "somebody"

    def _close(self) -> None:
        """Say no more but what waits, and drop what still comes."""
        if self._stream.is_closing() or self.dialogue.phase is CLOSED:
            return
        self.dialogue.close()
        self._hearing = None
        self._hub.clock.call_later(CLOSE_SECONDS, self.abort)
        if self._queue.is_empty:
            self._finish()

    def _finish(self) -> None:
        """Close our direction, but read on: unread bytes would cause a reset that loses ours."""
        if self._has_hung_up:
            self._stream.close()
            return
        try:
            self._stream.write_eof()
            self._stream.resume_reading()
        except OSError:  # by asyncio: the other end is gone, but connection_lost has not come yet
            self._stream.abort()

    # Lines

    def proceed(self) -> None:
        """Answer what can be answered, and take up lines as far as pace and queue allow."""
        try:
            self._take_lines_in_turn()
            if (hearing := self._hearing) is not None:
                reader = hearing.reader
                if hearing.unheard or reader.unread or self._reading_is_paused:
                    self._read_on_or_pause(hearing)
                if reader.has_heard_return or reader.has_heard_telnet:
                    self._ask_telnet(reader)
        except Exception as fault:
            self.fail(fault)

    def _take_lines_in_turn(self) -> None:
        self.has_more, queue = True, self._queue
        dialogue = self.dialogue
        while not (self._has_answered or dialogue.phase >= ENDED):
            if queue.is_busy and queue.holds_much:
                break
            if not dialogue.is_free():
                if dialogue.has_question:
                    if self._answers_at_its_pace():
                        continue
                    break
                if dialogue.waits_for_journal:
                    break
            if self._hub.is_stopping or self._has_to_wait_for_turn():
                break
            hearing = self._hearing
            if hearing is None or self._has_taken_all_lines(hearing, dialogue):
                self.has_more = self._has_hung_up
                if self._has_hung_up:
                    self._end_if_heard_out()
                break

    def _has_to_wait_for_turn(self) -> bool:
        """Say whether all connections together have had enough of this turn; wait if so."""
        turns = self._hub.lines
        if turns.left > 0:
            return False
        self._wait_to_talk(turns)
        return True

    def _answers_at_its_pace(self) -> bool:
        """Answer a question; False where the answers before it were too long to do so yet."""
        throttle = self._throttle
        if throttle is not None and not throttle.lets_question_through(self._queue.take_paged()):
            return False
        self._hub.lines.left -= QUESTION
        self._has_answered = self.dialogue.answer_question()
        return True

    def _has_taken_all_lines(self, hearing: Hearing, dialogue: Dialogue) -> bool:
        """Take up lines; say whether no more can be: none are left, or the pace forbids it."""
        reader = hearing.reader
        is_first = hearing.unheard and not reader.unread and dialogue.held is None
        if is_first and not hearing.hear_slice():
            return True
        next_line = hearing.next_line if hearing.throttle else reader.next_line
        is_all = dialogue.take_lines(next_line)
        return is_all and not (hearing.unheard and hearing.hear_slice())

    def _answer(self, said: bytes | Bye) -> None:
        """Answer telnet, or send away what is no client of a chat."""
        if isinstance(said, Bye):
            log.info("sent away %s: %s", self.peer, wording.goodbye(said))
            self._hearing = None
            self.dialogue.tell(said)
        elif self.door.wants.telnet:
            self._write(said)

    def _ask_telnet(self, reader: Reader) -> bool:
        """Ask the other end whether it is telnet, if that seems so; say whether it was asked."""
        dialogue = self.dialogue
        if dialogue.phase >= ENDED or not dialogue.is_telnet_answered:
            return False
        question = reader.ask_telnet(has_looked_on=dialogue.arrival.has_looked_on)
        self._write(question)
        return question != b"" and not reader.has_heard_telnet

    def asks_telnet(self) -> bool:
        """Ask the other end whether it is telnet if that seems so; say whether it was asked now."""
        return self._hearing is not None and self._ask_telnet(self._hearing.reader)

    def wait_for_telnet(self, done: Callable[[None], None]) -> None:
        """Call back once it has answered, or has had time to."""
        assert self._hearing is not None
        hearing = self._hearing

        def answered() -> None:
            hearing.telnet_answered = None
            timer.cancel()
            done(None)

        timer = self._hub.clock.call_later(TELNET_SECONDS, answered)
        hearing.telnet_answered = answered

    @property
    def used(self) -> float:
        """Return a number that grows with how much it has talked lately."""
        return self._began if self._throttle is None else self._throttle.used

    @property
    def _throttle(self) -> Throttle | None:
        """What keeps its pace; None: nothing does, or it has not said anything yet."""
        return None if self._hearing is None else self._hearing.throttle

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

    def hide_typing(self, hidden: bool) -> bool:
        """Let telnet not show what is typed next; say whether there is one that does not."""
        hearing = self._hearing
        if hearing is None or not self.dialogue.is_telnet_answered:
            return False
        said = hearing.reader.hide_typing(hidden)
        self._write(said)
        return said != b""

    def _wait_to_talk(self, turns: Turns) -> None:
        if not self._waits_to_talk:
            self._waits_to_talk = True
            turns.wait(self.used, self._talk_in_turn)

    def _talk_in_turn(self) -> None:
        self._waits_to_talk = False
        self.proceed()

    def _end_if_heard_out(self) -> None:
        """Say goodbye once everything was carried out that came before the other end closed."""
        dialogue = self.dialogue
        is_waiting = self._throttle is not None and self._throttle.is_waiting
        if is_waiting or dialogue.holds_line or not dialogue.is_settled:
            return
        dialogue.hang_up(None if self._hearing is None else self._hearing.reader.half_a_line())
        if dialogue.phase < ENDED:
            self._close()

    def _read_on_or_pause(self, hearing: Hearing) -> None:
        """Pause reading while much waits to be taken up."""
        if (hearing.unread >= UNREAD) == self._reading_is_paused:
            return
        stream = self._stream
        if stream.is_closing() or self.dialogue.phase is CLOSED or self._has_hung_up:
            return
        self._reading_is_paused = not self._reading_is_paused
        if self._reading_is_paused:
            self._hub.hang_ups.watch(self, stream)
            stream.pause_reading()
        else:
            self._hub.hang_ups.forget(self)
            stream.resume_reading()
