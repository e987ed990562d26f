"""One connection: lines in, at the pace allowed; answers in the lines' order; a bounded outbox.

The outbox:
1. It never blocks: what is told is written once per turn of the loop, and waits in the
   transport if it must.
2. It never reorders.
3. What others cause is bounded: with more than 256 KiB waiting the connection is cut off.
4. An answer may exceed that, once: while more than 64 KiB wait, no further line is taken up,
   and there is one answer to a question per turn.
"""

import asyncio
import hashlib
import logging
import secrets
import select
import socket
from collections import deque
from collections.abc import Callable
from typing import Protocol, cast

import msgspec

from chat_server import commands
from chat_server.chat import Chat, TypedCommand
from chat_server.clock import Clock, Timer
from chat_server.commands import parse, split_key
from chat_server.entries import Command, Enter, IssueToken, Leave, Return
from chat_server.events import Bye, Event, Format, History, Ok, Refused, Reply, Welcome
from chat_server.flush import Receiver
from chat_server.names import Name
from chat_server.pacing import TokenBucket
from chat_server.settings import Settings
from chat_server.wire import LineReader

KIB = 1024
UNREAD = 64 * KIB
"""Bytes of one connection that are kept before their lines are taken up."""
WAITING = 64 * KIB
"""Bytes that may wait to be written while a further line is taken up."""
OUTBOX = 256 * KIB
"""Bytes of what others said that may wait to be written."""
IN_FLIGHT = 256
"""Lines of one connection whose answers may be outstanding."""
ENTRY_SECONDS = 0.3
"""How long a connection may be silent before it enters as a guest."""
CLOSE_SECONDS = 5.0
"""How long a connection that ends may take to read what is left for it."""

log = logging.getLogger("chat_server")


class Hub(Protocol):
    """What a session needs of the server."""

    chat: Chat
    clock: Clock
    settings: Settings
    buffer: memoryview
    """Where every connection's bytes arrive, one at a time."""
    is_stopping: bool

    def opened(self, session: "Session") -> None: ...
    def closed(self, session: "Session") -> None: ...
    def propose(self, command: Command, session: "Session", key: str) -> None: ...
    def tell(self, session: "Session", event: Event) -> None: ...


class Session(Receiver, asyncio.BufferedProtocol):
    """The server's side of one connection."""

    def __init__(self, hub: Hub, connection: str) -> None:
        super().__init__()
        self.connection = connection
        self.peer = ""
        self._hub = hub
        self._transport: asyncio.Transport | None = None
        self._reader = LineReader(hub.settings.max_line)
        self._pace = TokenBucket(hub.settings.rate, hub.settings.burst, hub.clock.monotonic())
        self._entry_timer = hub.clock.call_later(ENTRY_SECONDS, self._enter_as_guest)
        self._pace_timer: Timer | None = None
        self._held: str | Refused | None = None
        self._journaled: deque[str] = deque()
        """The keys of lines that are on their way through the journal."""
        self._question: Callable[[], None] | None = None
        """What answers the line after them, once they are settled."""
        self._tokens: dict[str, str] = {}
        self._has_entered = False
        self._has_hung_up = False
        self._is_leaving = False
        self._has_left = False
        """Whether it was proposed to leave; a goodbye to whoever was resumed elsewhere is not."""
        self._is_ending = False
        self._has_asked = False
        self._allowance = 0
        self._reading_is_paused = False
        self._writing_is_paused = False

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's, but do not descend from them.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=WAITING)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.peer = str((transport.get_extra_info("peername") or ("?",))[0])
        self._hub.opened(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._hub.buffer[: UNREAD - self._reader.unread]

    def buffer_updated(self, nbytes: int) -> None:
        replies = self._reader.feed(bytes(self._hub.buffer[:nbytes]))
        if replies:
            self._write(replies)
        self.proceed()

    def eof_received(self) -> bool:
        self.hang_up()
        return True

    def pause_writing(self) -> None:
        self._writing_is_paused = True

    def resume_writing(self) -> None:
        self._writing_is_paused = False
        self._allowance = 0
        self.proceed()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hub.closed(self)
        if self._has_entered and not self._has_left and not self._hub.is_stopping:
            self._leave()
        self._is_leaving = self._is_ending = True
        self._entry_timer.cancel()

    def hang_up(self) -> None:
        """Carry out what was said before the other end closed, as far as the pace allows; leave."""
        self._has_hung_up = True
        self.proceed()

    def has_silently_hung_up(self) -> bool:
        """Ask the socket whether the other end is gone, while nothing is being read from it."""
        if not self._reading_is_paused or self._has_hung_up or self._transport is None:
            return False
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), _HANG_UP)
        return bool(poll.poll(0))

    # The chat's side

    def tell(self, event: Event) -> None:
        """Tell this connection something, in the next flush; what follows a goodbye is dropped."""
        if self._is_ending:
            return
        if isinstance(event, Welcome):
            event = msgspec.structs.replace(event, token=self._tokens.get(event.token or ""))
        elif isinstance(event, Bye):
            self._is_ending = self._is_leaving = True
        self._hub.tell(self, event)

    def settle(self, answer: Ok | Refused | Bye | None) -> None:
        """Take the answer to the oldest line that was journaled."""
        key = self._journaled.popleft()
        if answer is not None:
            self._answer(answer, key)
        self.proceed()

    def write(self, lines: bytes) -> None:
        """Write the lines of a flush, and go on with what had to wait for it."""
        if self._has_asked:
            self._allowance += len(lines)
        self._write(lines)
        if self._is_ending:
            self._close()
        if self._has_asked:
            self._has_asked = False
            asyncio.get_running_loop().call_soon(self.proceed)

    def _write(self, lines: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(lines)
        if self._writing_is_paused:
            self._cut_off_if_slow(self._transport)
        elif self._allowance and self._transport.get_write_buffer_size() <= WAITING:
            self._allowance = 0

    def abort(self) -> None:
        """Drop the connection with what waits for it."""
        if self._transport is not None:
            self._transport.abort()

    def _cut_off_if_slow(self, transport: asyncio.Transport) -> None:
        waiting = transport.get_write_buffer_size()
        if waiting > OUTBOX + self._allowance:
            name = self._hub.chat.name_at(self.connection) or "somebody"
            log.warning("cut off %s (%s): %d KiB waited unread", name, self.peer, waiting // KIB)
            transport.abort()

    def _close(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            self._hub.clock.call_later(CLOSE_SECONDS, self.abort)

    # Lines

    def proceed(self) -> None:
        """Answer what can be answered, and take up lines as far as pace and outbox allow."""
        self._answer_question()
        while self._may_take_line():
            line = self._next_line()
            if line is None:
                self._end_if_hung_up()
                break
            self._take(line)
            self._answer_question()
        self._pause_or_resume()

    def _next_line(self) -> str | Refused | None:
        """Return the next line if there is one and the pace allows it."""
        line = self._reader.next_line() if self._held is None else self._held
        if line is None:
            return None
        wait = self._pace.take(self._hub.clock.monotonic())
        self._held = line if wait else None
        if not wait:
            return line
        if self._pace_timer is not None:
            self._pace_timer.cancel()
        self._pace_timer = self._hub.clock.call_later(wait, self.proceed)
        return None

    def _may_take_line(self) -> bool:
        return not (
            self._is_leaving
            or self._hub.is_stopping
            or self._writing_is_paused
            or self._question
            or self._has_asked
            or len(self._journaled) >= IN_FLIGHT
        )

    def _end_if_hung_up(self) -> None:
        if not self._has_hung_up or self._journaled:
            return
        self._is_leaving = True
        if self._has_entered:
            self._leave()
            self.tell(Bye(reason="Goodbye."))
        else:
            self._close()

    def _pause_or_resume(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or self._has_hung_up:
            return
        is_full = self._reader.unread >= UNREAD
        if is_full != self._reading_is_paused:
            self._reading_is_paused = is_full
            if is_full:
                transport.pause_reading()
            else:
                transport.resume_reading()

    def _take(self, line: str | Refused) -> None:
        key = ""
        if isinstance(line, str) and self.format == "json":
            split = split_key(line)
            if isinstance(split, Refused):
                line = split
            else:
                key, line = split
        parsed = parse(line) if isinstance(line, str) else line
        if parsed is None:
            return
        is_first = not self._has_entered and not isinstance(parsed, commands.SetFormat)
        if not (is_first and self._enter_with(parsed, key)):
            self._carry_out(parsed, key)

    def _carry_out(self, parsed: commands.Parsed, key: str) -> None:
        match parsed:
            case commands.Exit():
                self._leave(goodbye=True, key=key)
            case commands.SetFormat(format_):
                self._set_format(format_, key)
            case commands.Resume(token):
                self._resume(token, key)
            case commands.Rename() | commands.Send() | commands.Cancel() | commands.Report():
                self._propose_unless_refused(parsed, key)
            case Refused():
                self._ask(key, lambda: parsed)
            case commands.Help(command):
                self._ask(key, lambda: commands.explain(command))
            case commands.Users():
                self._ask(key, self._hub.chat.users)
            case commands.Pending():
                self._ask(key, lambda: self._hub.chat.pending(self.connection))
            case commands.History(count, since):
                self._ask(key, lambda: self._history(count, since))

    def _history(self, count: int | None, since: int | None) -> History | Refused:
        chat, usual = self._hub.chat, self._hub.settings.history
        return chat.history(self.connection, usual if count is None else count, since)

    def _propose_unless_refused(self, command: TypedCommand, key: str) -> None:
        if not self._journaled:
            now = self._hub.clock.now()
            answer = self._hub.chat.check(self.connection, key, command, now)
            if answer is not None:
                self._answer(answer, key)
                return
        self._propose(command, key)

    def _propose(self, command: Command, key: str = "") -> None:
        self._journaled.append(key)
        self._hub.propose(command, self, key)

    def _leave(self, *, goodbye: bool = False, key: str = "") -> None:
        self._is_leaving = self._has_left = True
        self._propose(Leave(goodbye), key)

    def _ask(self, key: str, question: Callable[[], Reply]) -> None:
        self._question = lambda: self._answer(question(), key)

    def _answer_question(self) -> None:
        """Answer the question that is next in line, unless too much waits to be written."""
        if self._journaled or self._has_asked or self._writing_is_paused or self._is_ending:
            return
        question, self._question = self._question, None
        if question is not None:
            self._has_asked = True
            question()

    def _answer(self, reply: Reply, key: str) -> None:
        self.tell(msgspec.structs.replace(reply, re=key) if key else reply)

    # Entering

    def _enter_as_guest(self) -> None:
        if not self._is_leaving:
            self._enter(None, "")

    def _enter(self, name: Name | None, key: str) -> None:
        token_hash = self._fresh_token() if self.format == "json" else None
        self._has_entered = True
        self._propose(Enter(name, token_hash), key)

    def _enter_with(self, first: commands.Parsed, key: str) -> bool:
        """Enter with the first line; say whether that carries it out."""
        self._entry_timer.cancel()
        match first:
            case commands.Rename(name):
                self._enter(name, key)
                return True
            case commands.Resume(token) if self.format == "json":
                self._has_entered = True
                self._resume(token, key)
                return True
        self._enter_as_guest()
        return False

    def _resume(self, token: str, key: str) -> None:
        if self.format == "text":
            refused = Refused("json_only", "resume is for programs: type format json first.")
            self._ask(key, lambda: refused)
            return
        self._propose(Return(self._known(token), self._fresh_token()), key)

    def _set_format(self, format_: Format, key: str) -> None:
        if self._has_entered and format_ == "json" and not self._tokens:
            self._propose(IssueToken(self._fresh_token()))

        def switch() -> None:
            self.format = format_
            self._answer(Ok(), key)
            if self._has_entered and format_ == "json":
                self.tell(self._hub.chat.welcome(self.connection))

        self._question = switch

    def _fresh_token(self) -> str:
        """Make a token and return its hash."""
        return self._known(secrets.token_urlsafe(24))

    def _known(self, token: str) -> str:
        """Hash a token, and remember it; only the hash goes anywhere else."""
        hashed = hashlib.sha256(token.encode()).hexdigest()
        self._tokens[hashed] = token
        return hashed


_HANG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
