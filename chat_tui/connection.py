"""The client's side of a connection: lines out, events in, and back again after every break.

Every line that is sent has a key. What was not answered when a connection broke is sent again
once the server has taken us back as the same person, so it is carried out once.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import NamedTuple

from chat_server.protocol.events import (
    Answer,
    Bye,
    Event,
    History,
    Left,
    Message,
    Ok,
    Refused,
    Renamed,
    Reply,
    Welcome,
)
from chat_tui.breaks import Over, hear_in_words, next_line, notice_breaks, reason_of
from chat_tui.heard import LONGEST_LINE, Heard, NoEvent, hear, left_out
from chat_tui.names import same
from chat_tui.outbox import Outbox, Outgoing
from chat_tui.state import Status, is_before

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds before the first and between the last tries to connect."""
YIELD_AFTER = 16 * 1024
"""Bytes after which others get their turn, however many wait to be read."""
ASIDE = 64 * 1024
"""Bytes from which on a line is taken in by a thread, so that it holds up nobody."""
CONNECT_SECONDS = 10.0
"""How long it may take to connect."""
NEXT_ADDRESS = 0.25
"""Seconds after which a host's next address is tried beside the one before (RFC 8305)."""
WELCOME_SECONDS = 20.0
"""How long a server may take to let us in."""
HELD_SECONDS = 150.0
"""How long a name that we want, and that nobody has any more, is asked for again."""
ASK_AGAIN = 5.0
"""Seconds between two such questions."""
FEW, UNANSWERED = 8, 64
"""Lines that may be without an answer: of many that are sent at once, so that one can stop; and of
all, for of many more a server would forget the keys.
"""

NO_CHAT = "What answers at {} is no chat server. --port or CHAT_PORT says where the chat is."
"""What our user is told, with the place, where another program has the port."""


class Answered(NamedTuple):
    """An answer, with the line that it answers."""

    outgoing: Outgoing
    event: Reply


class Connection:
    """Keep up a connection; tell `hear` of what the server says, `changed` of the status.

    What the outbox has is sent as soon as there is a connection, and again after each break.
    """

    def __init__(
        self,
        host: str,
        port: int,
        name: str,
        outbox: Outbox,
        *,
        hear: Callable[[Event | Answered], None],
        changed: Callable[[Status], None],
    ) -> None:
        self.status = Status("connecting")
        self._host, self._port = host, port
        self._name = name
        self._you = ""
        self._outbox = outbox
        self._hear, self._changed = hear, changed
        self._writer: asyncio.StreamWriter | None = None
        self._is_let_in = False
        self._retry = asyncio.Event()
        self._keys = 0
        self._own: dict[str, Callable[[Reply], None]] = {}
        self._is_welcome = False
        self._sent: dict[str, None] = {}
        """Keys of the lines that this connection has not answered, the oldest first."""
        self._token = ""
        self._new_token = ""
        self._chat = ""
        self._last = ""
        self._newest = ""
        self._is_catching_up = False
        self._waits = waits()
        self._asking: asyncio.TimerHandle | None = None
        self._ask_until = 0.0
        self._closing = asyncio.Event()
        self._gone = asyncio.Event()

    def send(self, outgoing: Outgoing) -> None:
        """Send a line of the outbox, at once if we are connected and it is its turn."""
        if outgoing.key in self._outbox:
            self._send_waiting()

    def retry_now(self) -> None:
        """Connect at once instead of waiting for the next try."""
        self._waits = waits()
        self._retry.set()

    async def run(self) -> None:
        """Connect, and connect again, until `close`; where no chat is, only when asked to."""
        while not self._closing.is_set():
            self._set(Status("connecting", self.status.reason))
            self._retry.clear()
            try:
                reason = await self._connect_once()
            except NoEvent:
                self._set(Status("stopped", "what answers is no chat server"))
                await self._retry.wait()
                continue
            if self._closing.is_set():
                break
            wait = next(self._waits)
            retry_at = asyncio.get_running_loop().time() + wait
            self._retry.clear()
            self._set(Status("waiting", reason, retry_at))
            await _within(wait, self._retry.wait())
        self._set(Status("closed"))

    async def close(self) -> None:
        """Say goodbye, give the server a moment to hear it, and end `run`."""
        self._closing.set()
        self._retry.set()
        if self._writer is not None:
            self._write("exit")
            await _within(1.0, self._gone.wait())
        if self._writer is not None:
            self._writer.close()

    async def _connect_once(self) -> str:
        """Hold one connection until it breaks; return why it did. Raises NoEvent."""
        try:
            connecting = asyncio.open_connection(
                self._host, self._port, limit=LONGEST_LINE, happy_eyeballs_delay=NEXT_ADDRESS
            )
            reader, writer = await asyncio.wait_for(connecting, CONNECT_SECONDS)
        except asyncio.TimeoutError:
            return "no answer"
        except OSError as error:
            return reason_of(error)
        try:
            if self._closing.is_set():
                return "closed meanwhile"
            notice_breaks(writer)
            self._writer = writer
            self._gone.clear()
            self._greet()
            await self._enter(reader)
            return await self._listen(reader)
        except asyncio.CancelledError:
            self._write("exit")
            raise
        except Over as over:
            return str(over)
        except OSError as error:
            return reason_of(error)
        finally:
            self._over(writer)

    def _over(self, writer: asyncio.StreamWriter) -> None:
        """Forget what belongs to a connection that is over."""
        writer.close()
        self._writer = None
        self._is_welcome = self._is_let_in = False
        self._sent.clear()
        if self._asking is not None:
            self._asking.cancel()
        self._gone.set()

    def _greet(self) -> None:
        """Become somebody: whom we were, or somebody of our name, or a guest."""
        self._own.clear()
        self._write("format json")
        if self._token:
            self._ask(f"resume {self._token}", self._resumed)
        elif self._name:
            self._ask(f"rename {self._name}", self._named)
        else:
            self._ask("users", lambda answer: None)

    async def _enter(self, reader: asyncio.StreamReader) -> None:
        """Listen until we are let in. Raises NoEvent where no chat server answers."""
        try:
            await asyncio.wait_for(self._listen(reader, is_entering=True), WELCOME_SECONDS)
        except asyncio.TimeoutError as error:
            raise Over("it says nothing that a chat server says") from error

    async def _listen(self, reader: asyncio.StreamReader, *, is_entering: bool = False) -> str:
        """Take in what the server says, until it is over or we are let in; say why it is over."""
        heard = 0
        while not (is_entering and self._is_let_in):
            line = await next_line(reader)
            if line is None:
                self._leave_out_line()
                continue
            await self._hear_line(line)
            heard += len(line)
            if heard >= YIELD_AFTER:
                heard = 0
                await asyncio.sleep(0)
        return ""

    async def _hear_line(self, line: bytes) -> None:
        """Take in a line, and tell what of it is left out."""
        try:
            heard = await asyncio.to_thread(hear, line) if len(line) > ASIDE else hear(line)
        except NoEvent:
            if not self._is_let_in:
                return hear_in_words(line)
            heard = Heard(None, [left_out("a line that is no event")])
        for fault in heard.left_out:
            self._hear(Refused("not_understood", fault))
        if heard.event is not None:
            self._take(heard.event)
        if isinstance(heard.event, Bye):
            raise Over(heard.event.reason)

    def _leave_out_line(self) -> None:
        """Tell of a line that is too long; what we catch up with may have been in it."""
        fault = left_out(f"a line of more than {LONGEST_LINE} bytes")
        self._hear(Refused("not_understood", fault))
        if self._is_catching_up:
            self._caught_up(History([], None))

    def _take(self, event: Event) -> None:
        match event:
            case Welcome():
                self._welcomed(event)
                return
            case Message():
                self._newest = event.id
                if not self._is_catching_up:
                    self._last = event.id
            case Left(names):
                self._doubt(names)
            case Renamed(old, new):
                self._doubt([old])
                if old == self._you:
                    self._you = self._name = new
                    self._ask_until = 0.0
            case Answer() if self._is_taken(event):
                return
        self._hear(event)
        if self._you != self._name and _frees(event, self._name):
            self._want_name()
            self._ask_for_name()

    def _is_taken(self, answer: Reply) -> bool:
        """Give an answer to whom it is for; say whether it is for any of our lines.

        A refusal without a key is of the oldest line: answers come in the order of the lines.
        """
        key = answer.re
        if isinstance(answer, Refused) and not key:
            key = next(iter(self._sent), "")
        self._sent.pop(key, None)
        if key in self._own:
            self._own.pop(key)(answer)
        elif (outgoing := self._outbox.answer(key, answer)) is not None:
            self._hear(Answered(outgoing, answer))
            self._send_waiting()
        else:
            return isinstance(answer, Ok)
        return True

    def _doubt(self, names: Sequence[str]) -> None:
        """Ask about what was not sent yet to people whose names may be somebody else's now."""
        self._outbox.hold(
            is_meant=lambda waiting: (
                waiting.key not in self._sent and any(same(waiting.whom, name) for name in names)
            )
        )

    def _welcomed(self, welcome: Welcome) -> None:
        """Fetch what was said before, or since we were last here."""
        is_new = not self._token
        self._is_let_in = True
        if welcome.chat != self._chat or is_before(welcome.last, self._last):
            self._last = self._chat = ""
        question = self._question(welcome.chat)
        self._you = welcome.you
        self._new_token = welcome.token or ""
        self._chat = welcome.chat
        self._newest = welcome.last
        self._is_catching_up = True
        self._waits = waits()
        self._hear(welcome)
        self._set(Status("connected"))
        self._ask(question, self._caught_up)
        if is_new:
            self._begin()

    def _question(self, chat: str) -> str:
        """Ask for what we have not heard; all of it, if we were here and heard nothing yet."""
        if chat != self._chat:
            return "history"
        return f"history 1000 --since {self._last}" if self._last else "history 1000"

    def _begin(self) -> None:
        """Be from now on whom the server has welcomed, and say what waits."""
        self._token = self._new_token
        self._is_welcome = True
        self._send_waiting()

    def _send_waiting(self) -> None:
        """Send what was not sent on this connection, in order, as far as it may be."""
        if not self._is_welcome:
            return
        for outgoing in self._outbox.waiting:
            if outgoing.key in self._sent:
                continue
            if len(self._sent) >= (FEW if outgoing.is_of_many else UNANSWERED):
                break
            if line := self._outbox.sendable(outgoing.key):
                self._sent[outgoing.key] = None
                self._write(f"@{outgoing.key} {line}")

    def _caught_up(self, answer: Reply) -> None:
        """Go on with what was missed; with what there is, where an older copy was put back."""
        if isinstance(answer, Refused) and answer.code == "bad_id" and self._last:
            self._last = ""
            self._hear(answer)
            self._ask("history", self._caught_up)
            return
        self._is_catching_up = False
        self._last = self._newest
        self._hear(answer if isinstance(answer, History) else History([], None))

    def _resumed(self, answer: Reply) -> None:
        """Send again what was not answered; where we are somebody new, ask our user before."""
        if isinstance(answer, Refused):
            self._outbox.hold(
                "The server does not know us any more", lambda waiting: not waiting.is_question
            )
            if self._name:
                self._ask(f"rename {self._name}", self._named)
        else:
            # Nobody tells who left or took another name meanwhile.
            self._outbox.hold(is_meant=lambda waiting: bool(waiting.whom))
        self._begin()

    def _named(self, answer: Reply) -> None:
        if isinstance(answer, Refused):
            self._hear(answer)
            if answer.code == "name_taken":
                self._want_name()

    def _want_name(self) -> None:
        """Ask for our name for a while, if it is kept for somebody who is not here any more."""
        loop = asyncio.get_running_loop()
        self._ask_until = loop.time() + HELD_SECONDS
        self._ask_again_later()

    def _ask_again_later(self) -> None:
        loop = asyncio.get_running_loop()
        if self._asking is not None:
            self._asking.cancel()
        if loop.time() < self._ask_until:
            self._asking = loop.call_later(ASK_AGAIN, self._ask_for_name)

    def _ask_for_name(self) -> None:
        self._ask(f"rename {self._name}", lambda answer: self._ask_again_later())

    def _ask(self, line: str, answered: Callable[[Reply], None]) -> None:
        key = self._next_key()
        self._own[key] = answered
        self._sent[key] = None
        self._write(f"@{key} {line}")

    def _next_key(self) -> str:
        self._keys += 1
        return str(self._keys)

    def _write(self, line: str) -> None:
        if self._writer is not None:
            self._writer.write(line.encode() + b"\n")

    def _set(self, status: Status) -> None:
        self.status = status
        self._changed(status)


def waits() -> Iterator[float]:
    """Yield the seconds to wait after each try in vain: ever longer, and never quite the same."""
    longest = 2 * FIRST_WAIT
    while True:
        yield random.uniform(0.5, 1.0) * longest
        longest = min(longest * 2, LONGEST_WAIT)


def _frees(event: Event, name: str) -> bool:
    """Say whether somebody gives up a name; of whoever only lost their connection it is kept."""
    return (isinstance(event, Left) and name in event.names) or (
        isinstance(event, Renamed) and event.old == name
    )


async def _within(seconds: float, waiting: Awaitable[object]) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(waiting, seconds)
