"""Bytes to a server and back: connected, and connected again after every break.

What the lines mean is the matter of the protocol (protocol.py).
"""

import asyncio
import contextlib
import ipaddress
import random
import secrets
from collections.abc import Awaitable, Callable, Iterator

from chat_server.protocol.events import Reply, Welcome
from chat_tui.session.breaks import Over, next_line, notice_breaks, reason_of
from chat_tui.session.heard import LONGEST_LINE, hear
from chat_tui.session.outbox import Outbox
from chat_tui.session.protocol import NEWER, NO_CHAT, OLDER, OVER, Phase, Protocol, Told
from chat_tui.session.state import Status

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

IN_VAIN = {
    NO_CHAT: "What answers at {} is no chat server. --port or CHAT_PORT says where the chat is.",
    OLDER: "The server at {} speaks an older protocol than this client. Update the server.",
    NEWER: "The server at {} speaks a newer protocol than this client. Update the client.",
}
"""What our user is told, with the place, where no further try is of any use, by the reason."""


def why_stopped(reason: str, place: str) -> str:
    """Say why nothing is tried again until our user wants it."""
    return IN_VAIN[reason].format(place) if reason in IN_VAIN else reason


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
        hear: Callable[[Told], None],
        changed: Callable[[Status], None],
    ) -> None:
        self.status = Status("connecting")
        self._host, self._port = host, port
        self._outbox = outbox
        self._protocol = Protocol(name, outbox, _now, f"{secrets.token_hex(4)}-")
        self._hear, self._changed = hear, changed
        self._writer: asyncio.StreamWriter | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._retry = asyncio.Event()
        self._waits = waits()
        self._heard = asyncio.Event()
        self._closing = asyncio.Event()
        self._gone = asyncio.Event()

    def send_waiting(self) -> None:
        """Send what waits in the outbox, at once if we are connected and it is its turn."""
        self._protocol.send_waiting()
        self._flush()

    def ask(self, line: str, answered: Callable[[Reply], None]) -> bool:
        """Send a line that is kept nowhere; say whether it is sent: see `Protocol.ask`."""
        is_sent = self._protocol.ask(line, answered)
        self._flush()
        return is_sent

    async def all_answered(self) -> None:
        """Wait while we are connected and anything has no answer yet."""
        while self.status.state == "connected" and self._outbox.waiting:
            self._heard.clear()
            await self._heard.wait()

    def retry_now(self) -> None:
        """Connect at once instead of waiting for the next try."""
        self._waits = waits()
        self._retry.set()

    async def run(self) -> None:
        """Connect, and connect again, until `close`; where no chat is, only when asked to."""
        while not self._closing.is_set():
            self._set(Status("connecting", self.status.reason))
            self._retry.clear()
            reason = await self._connect_once()
            if self._closing.is_set():
                break
            self._retry.clear()
            if reason in IN_VAIN or self._protocol.is_sent_away:
                self._set(Status("stopped", reason))
                await self._retry.wait()
            else:
                wait = next(self._waits)
                self._set(Status("waiting", reason, _now() + wait))
                await _within(wait, self._retry.wait())
        self._set(Status("closed"))

    async def close(self) -> None:
        """Say goodbye, give the server a moment to hear it, and end `run`."""
        self._closing.set()
        self._retry.set()
        if self._writer is not None:
            self._say_goodbye()
            await _within(1.0, self._gone.wait())
        if self._writer is not None:
            self._writer.close()

    def _say_goodbye(self) -> None:
        self._protocol.leave()
        self._flush()

    async def _connect_once(self) -> str:
        """Hold one connection until it breaks; return why it did."""
        try:
            reader, writer = await _opened(self._host, self._port)
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
            self._protocol.greet()
            self._flush()
            await self._enter(reader)
            await self._listen(reader, lambda: self._protocol.phase in OVER)
            return self._protocol.reason
        except asyncio.CancelledError:
            self._say_goodbye()
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
        self._protocol.broke()
        self._flush()
        self._gone.set()

    async def _enter(self, reader: asyncio.StreamReader) -> None:
        """Listen until we are let in, or are not."""
        entering = self._listen(reader, lambda: self._protocol.phase is not Phase.HELLO)
        try:
            await asyncio.wait_for(entering, WELCOME_SECONDS)
        except asyncio.TimeoutError as error:
            if isinstance(error, OSError) and error.errno:  # from 3.11 on: the connection's own
                raise
            raise Over("it says nothing that a chat server says") from error

    async def _listen(self, reader: asyncio.StreamReader, is_done: Callable[[], bool]) -> None:
        """Take in what the server says. Raises Over when the connection is."""
        heard = 0
        while not is_done():
            line = await next_line(reader)
            await self._take(line)
            heard += len(line or b"")
            if heard >= YIELD_AFTER:
                heard = 0
                await asyncio.sleep(0)

    async def _take(self, line: bytes | None) -> None:
        """Take in a line, None in place of one that is too long, and pass on what it tells."""
        if line is None:
            told = self._protocol.skip(LONGEST_LINE)
        elif len(line) > ASIDE:
            told = self._protocol.take(await asyncio.to_thread(hear, line))
        else:
            told = self._protocol.receive(line)
        self._flush()
        for each in told:
            self._hear(each)
            if isinstance(each, Welcome):
                self._waits = waits()
                self._set(Status("connected"))
        self._heard.set()

    def _flush(self) -> None:
        """Write what is to be said now, and have the protocol woken when it asks for that."""
        if self._writer is not None and (data := self._protocol.data_to_send()):
            self._writer.write(data)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._protocol.wakes_at is not None:
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_at(self._protocol.wakes_at, self._wake)

    def _wake(self) -> None:
        self._protocol.wake()
        self._flush()

    def _set(self, status: Status) -> None:
        self.status = status
        self._heard.set()
        self._changed(status)


def waits() -> Iterator[float]:
    """Yield the seconds to wait after each try in vain: ever longer, and never quite the same."""
    longest = 2 * FIRST_WAIT
    while True:
        yield random.uniform(0.5, 1.0) * longest
        longest = min(longest * 2, LONGEST_WAIT)


async def _opened(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection; if this is cancelled, none stays open. Raises TimeoutError and OSError.

    `asyncio.wait_for` loses, before Python 3.12, a cancellation that comes with the connection.
    """
    opening = asyncio.ensure_future(
        asyncio.open_connection(host, port, limit=LONGEST_LINE, happy_eyeballs_delay=_race(host))
    )
    try:
        await asyncio.wait([opening], timeout=CONNECT_SECONDS)
    except asyncio.CancelledError:
        opening.add_done_callback(_close)
        opening.cancel()
        raise
    if not opening.done():
        opening.cancel()
        raise asyncio.TimeoutError
    return opening.result()


def _close(opened: "asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]") -> None:
    if not opened.cancelled() and opened.exception() is None:
        opened.result()[1].close()


def _race(host: str) -> float | None:
    """Return after how many seconds a host's next address is tried; None for an address itself.

    No race without need: asyncio loses the socket that has won one if it is cancelled just then.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return NEXT_ADDRESS
    return None


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _within(seconds: float, waiting: Awaitable[object]) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(waiting, seconds)
