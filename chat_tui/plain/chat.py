"""The chat as lines, without a screen: for pipes, and for whoever has their terminal read aloud.

What is said is written as telnet shows it, and never anything else than text.
"""

import asyncio
import codecs
import contextlib
import secrets
import signal
import sys
from asyncio import FIRST_COMPLETED
from collections.abc import Callable, Iterator
from typing import TextIO

import msgspec

from chat_server.protocol import text
from chat_server.protocol.events import Person, Refused, Welcome
from chat_server.protocol.names import name_key
from chat_server.protocol.wording import refusal
from chat_tui.config.preferences import Preferences
from chat_tui.config.settings import Settings
from chat_tui.layout.lines import clean, drawn, wrap
from chat_tui.plain.passwords import Passwords
from chat_tui.plain.pipes import LineSink, LineSource
from chat_tui.session.asking import Asking, Step
from chat_tui.session.connection import Connection, why_stopped
from chat_tui.session.outbox import Outbox
from chat_tui.session.protocol import Answered, Told
from chat_tui.session.spoken import Command, Guarded
from chat_tui.session.state import ChatState, Line, Note, Said, Status
from chat_tui.session.typed import clean as clean_input
from chat_tui.terminal.signals import ending
from chat_tui.typing.hints import doubted, hint_of
from chat_tui.typing.intent import Ask, Identify, Intent, Leave, LocalCommand, Refusal, Say
from chat_tui.typing.judge import Known, judge
from chat_tui.typing.local_commands import carry_out

AHEAD = 64
"""Lines that may wait for their answers before more are read."""
OUTPUT_CLOSED = 128 + signal.SIGPIPE
"""The exit status where nobody reads any more, as the shell gives it."""
LEAST_WIDTH = 10
"""Columns that a row has at least, however narrow the terminal is."""
FEW_LETTERS = "! Letters that {} does not have are shown as ?; LC_ALL=C.UTF-8 shows all."
"""What is said where the encoding of the output is not UTF-8."""
_INDENT = "  "


def chat(
    settings: Settings, now: Callable[[], float], patience: float, preferences: Preferences
) -> int:
    """Chat by the standard streams until there is nothing to read; return the exit status.

    It is 0 if every line was carried out, 1 if one was not; after a signal, 128 and its number.
    When there is nothing more to read, an answer is waited for at most `patience` seconds.
    """

    async def run() -> int:
        state = ChatState()
        state.ignored.entries = preferences.ignored
        state.moves = preferences.moves
        return await PlainChat(settings, now, state, patience).run()

    return asyncio.run(run())


class PlainChat:
    """What is read goes to the server, what is heard is written."""

    def __init__(
        self, settings: Settings, now: Callable[[], float], state: ChatState, patience: float
    ) -> None:
        self._now = now
        self._patience = patience
        self._place = f"{settings.host}:{settings.port}"
        self._state = state
        self._outbox = Outbox(now, secrets.token_hex(4))
        self._connection = Connection(
            settings.host,
            settings.port,
            settings.name,
            self._outbox,
            hear=self._hear,
            changed=self._status_changed,
        )
        self._source = LineSource(*_stream(sys.stdin))
        output, encoding = _stream(sys.stdout)
        self._sink = LineSink(output, encoding, gone=self._output_closed)
        if not encoding.startswith("utf"):
            self._write(FEW_LETTERS.format(encoding))
        self._progress = asyncio.Event()
        """Set whenever a line is answered, or there is a connection again."""
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._exit_status: int | None = None
        self._closing: asyncio.Task[None] | None = None
        self._is_output_closed = False
        self._is_told_broken = False
        self._has_failed = False
        self._you: Person | None = None
        self._asking: Asking | None = None
        """What needs a password, until it is over."""

    async def run(self) -> int:
        """Chat until everything is said, or a signal comes; return the exit status."""
        loop = asyncio.get_running_loop()
        for number in ending():
            loop.add_signal_handler(number, self._end, 128 + number)
        connecting = asyncio.create_task(self._connection.run())
        talking = asyncio.create_task(self._talk())
        await asyncio.wait({connecting, talking, self._ended}, return_when=FIRST_COMPLETED)
        for task in (talking, connecting):
            if task.done():
                task.result()
        talking.cancel()
        self._tell_unsaid()
        self._closing = asyncio.create_task(self._close())
        await asyncio.wait({self._closing})
        connecting.cancel()
        return int(self._has_failed) if self._exit_status is None else self._exit_status

    async def _close(self) -> None:
        """Say goodbye, and wait until everything is written; another signal ends that."""
        await self._connection.close()
        if not self._is_output_closed:
            await self._sink.close()

    async def _talk(self) -> None:
        """Send all that is read, and wait for the answers."""
        lines = self._source.lines()
        passwords = Passwords(
            self._source, lines, write=self._write, fail=self._fail, settled=self._settled
        )
        async for line in lines:
            intent = self._take(line)
            if isinstance(intent, Leave):
                break
            if isinstance(intent, Identify):
                await self._identify(intent.order, passwords)
            while len(self._outbox.outgoing) >= AHEAD:
                self._progress.clear()
                await self._progress.wait()
        with contextlib.suppress(asyncio.TimeoutError):
            while self._outbox.outgoing:
                self._progress.clear()
                await asyncio.wait_for(self._progress.wait(), self._patience)

    async def _identify(self, order: Guarded, passwords: Passwords) -> None:
        """Do something for which passwords are read."""
        self._asking = asking = Asking(
            order, self._state.you.name, self._connection.ask, self._progress.set
        )
        await passwords.answer(asking)
        if asking.done is not None:
            self._state.note(asking.done, self._now())
            self._show()
        self._asking = None

    async def _settled(self, asking: Asking) -> None:
        """Wait until all that was said before is answered, and then what was asked or told."""
        while self._outbox.outgoing or self._connection.status.state != "connected":
            if asking.step is Step.OVER:
                return
            self._progress.clear()
            await self._progress.wait()
        while asking.is_under_way:
            self._progress.clear()
            await self._progress.wait()

    def _take(self, line: str) -> Intent:
        """Send a line, or say why not; return what it means."""
        text = clean_input(line).replace("\n", " ")
        now = self._now()
        here = self._state.people.here.values()
        known = Known(people={name_key(person.name): person for person in here})
        intent = judge(text, now=now, known=known)
        match intent:
            case Refusal():
                self._fail(f"Not sent: {hint_of(intent, text, now=now).text}")
            case Say(messages, doubt=None):
                self._send(messages[0], intent.due, intent.to)
            case Say():
                why = doubted(intent.doubt)
                self._fail(f"Not sent: {why} To say it as it is, begin it with: send --")
            case Ask(order, to=to):
                self._send(order, to=to)
            case LocalCommand():
                self._state.say(*carry_out(intent, self._state), now)
                self._show()
        return intent

    def _send(self, command: Command, due: float | None = None, to: Person | None = None) -> None:
        self._outbox.add(command, due, to)
        self._connection.send_waiting()

    def _hear(self, event: Told) -> None:
        if isinstance(event, Answered):
            self._answered(event)
        else:
            self._state.apply(event, self._now())
            if isinstance(event, Welcome):
                self._welcomed(event)
        self._drop_held()
        self._show()

    def _answered(self, answered: Answered) -> None:
        self._progress.set()
        if not isinstance(answered.event, Refused):
            self._state.note(answered.event, self._now())
            return
        why, outgoing = refusal(answered.event), answered.outgoing
        self._fail(why if outgoing.said is None else f"{why} ({outgoing.line})")
        self._outbox.drop()

    def _welcomed(self, welcome: Welcome) -> None:
        """Say who one is; after a break, only that it is over."""
        self._progress.set()
        if self._is_told_broken and self._you == welcome.you:
            self._write(f"* Connected again to {self._place}.")
        else:
            shown = msgspec.structs.replace(welcome, undelivered=[], here=len(welcome.users))
            for line in text.lines([shown], self._now()):
                self._write(line)
        self._you = welcome.you
        self._is_told_broken = False

    def _drop_held(self) -> None:
        """Give up the lines that may have been said; there is nobody to decide about them."""
        for outgoing in self._outbox.outgoing:
            if outgoing.state == "held":
                self._fail(f"{outgoing.why} ({outgoing.line})")
                self._outbox.drop()
                self._progress.set()

    def _status_changed(self, status: Status) -> None:
        if status.state != "connected" and self._asking is not None:
            self._asking.broke()
        if status.state == "stopped":
            self._fail(why_stopped(status.reason, self._place))
            self._end(1)
        elif status.state == "waiting" and not self._is_told_broken:
            self._is_told_broken = True
            self._write(
                f"! Not connected to {self._place}: {status.reason}. "
                "Trying again; what you write waits."
            )

    def _show(self) -> None:
        """Write what is new."""
        before: Line | None = None
        for key, line in self._state.take_lines():
            is_again = key and isinstance(line, Note) and line.kind == "divider"
            if isinstance(line, Said) and line.is_past:
                continue  # what was said long ago is asked for by history
            if is_again or (line == before and isinstance(line, Note)):
                continue  # what stands in several conversations stands here once
            before = line
            for told in _told(line, self._now()):
                self._write(told)

    def _fail(self, why: str) -> None:
        self._has_failed = True
        self._write(f"! {why}")

    def _tell_unsaid(self) -> None:
        """Name the lines of which nobody knows whether they were carried out."""
        for outgoing in self._outbox.outgoing:
            self._fail(f"Not answered, and so perhaps not said: {outgoing.line}")

    def _write(self, line: str) -> None:
        """Write a line; where a terminal would break it, its further rows are indented.

        So nobody's text can come to stand where a line of the chat begins.
        """
        shown = clean(line)
        width = self._sink.width
        for row in [shown] if width is None else _rows(drawn(shown), width):
            self._sink.write(row)

    def _output_closed(self) -> None:
        self._is_output_closed = True
        self._end(OUTPUT_CLOSED)

    def _end(self, status: int) -> None:
        """Leave; when asked again, do not wait for anything."""
        if self._exit_status is None:
            self._exit_status = status
            self._ended.set_result(None)
        elif self._closing is not None:
            self._closing.cancel()


def _stream(stream: TextIO | None) -> tuple[int | None, str]:
    """Return a stream's descriptor (None where it was closed from the start) and its encoding.

    For ASCII that is UTF-8, which contains it: a locale with only ASCII asks for no other encoding.
    """
    if stream is None:
        return None, "utf-8"
    encoding = codecs.lookup(stream.encoding).name
    return stream.fileno(), "utf-8" if encoding == "ascii" else encoding


def _told(line: Line, now: float) -> Iterator[str]:
    """Word what is new as telnet does."""
    if isinstance(line, Said):
        yield from text.lines([line.message], now)
    elif line.is_more:
        yield f"{_INDENT}{line.text}"
    else:
        yield f"{'!' if line.kind == 'refusal' else '*'} {line.text}"


def _rows(line: str, width: int) -> Iterator[str]:
    """Break a line for a terminal; the rows after the first are indented."""
    starts = wrap(line, max(LEAST_WIDTH, width - len(_INDENT)))
    for start, end in zip([0, *starts], [*starts, len(line)], strict=True):
        yield f"{_INDENT if start else ''}{line[start:end].rstrip()}"
