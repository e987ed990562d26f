"""What is done at the terminal, one thing after the other: keys, pastes, and the mouse.

Textual hands a key on to the pane that has the focus while the keys before it may still wait in
other queues, and carries some out before any pane is asked. So keys that come at once overtake
each other, and a line goes to the conversation of a later key. Here each is handed on only when
the one before is wholly done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from textual import message_pump
from textual._queue import Queue
from textual.app import App
from textual.events import Event, Key
from textual.message import Message
from textual.message_pump import MessagePump

from chat_tui.terminal.suspension import LENDING

_TURNS = 100
"""Turns of the loop in which we check without a pause whether all is done."""
_PAUSE = 0.002
_PAUSES = 1000
"""How many pauses follow at most, so that nothing that hangs holds up the keys for ever."""


def watch_queues() -> None:
    """Make Textual's queues tell whether anything is left to do; call it before there is an app."""
    vars(message_pump)["Queue"] = _Queue


class Inputs:
    """Waits with each input until the one before is wholly done.

    `app` is whose queues are looked at, `carry_out` hands an input on.
    """

    def __init__(self, app: App[None], carry_out: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._carry_out = carry_out
        self._waiting: _Queue[Event] = _Queue()

    @property
    def are_done(self) -> bool:
        """Whether each was carried out, with all that came of it."""
        return self._waiting.is_at_rest and not self._is_busy()

    def take(self, event: Event) -> None:
        """Take in what was done, to be carried out in its turn."""
        self._waiting.put_nowait(event)

    def forget(self) -> None:
        """Forget what still waits: it was meant for the program that had the terminal."""
        while not self._waiting.empty():
            self._waiting.get_nowait()

    async def run(self) -> None:
        """Carry out what is done, for ever."""
        while True:
            event = await self._waiting.get()
            if not (isinstance(event, Key) and event.is_printable):
                await _while(self._is_searching)  # what is typed goes on with a search
            await self._carry_out(event)
            await _while(self._is_busy)
            await self._returned()

    async def _returned(self) -> None:
        """Wait while the terminal is lent, and until what came meanwhile has arrived here."""
        lending = [each for each in self._app.workers if each.group == LENDING]
        if lending:
            await asyncio.gather(*(worker.wait() for worker in lending), return_exceptions=True)
            await _while(self._is_busy)

    def _is_busy(self) -> bool:
        """Say whether anybody has anything left to do."""
        return any(map(_has_to_do, self._pumps()))

    def _pumps(self) -> Iterable[MessagePump]:
        """Go through all that have a queue, and through which an input may go."""
        if not self._app.screen_stack:
            return ()
        return (self._app, *self._app.screen.walk_children(with_self=True))

    def _is_searching(self) -> bool:
        """Say whether what lies over the chat, as the palette, is looking for something."""
        stack = self._app.screen_stack
        return len(stack) > 1 and any(
            worker.node is stack[-1] and not worker.is_finished for worker in self._app.workers
        )


async def _while(is_so: Callable[[], bool]) -> None:
    """Wait while something is so, but not for ever."""
    for turn in range(_TURNS + _PAUSES):
        if not is_so():
            break
        await asyncio.sleep(0 if turn < _TURNS else _PAUSE)


def _has_to_do(pump: MessagePump) -> bool:
    """Say whether something waits for somebody, or they are at work on what did."""
    queue: Queue[Message | None] = pump._message_queue
    return not (isinstance(queue, _Queue) and queue.is_at_rest)


T = TypeVar("T")


class _Queue(Queue[T]):
    """A queue that knows when there is nothing in it and its owner waits for more."""

    def __init__(self) -> None:
        super().__init__()
        self._is_waited_for = False

    @property
    def is_at_rest(self) -> bool:
        return self._is_waited_for and self.empty()

    async def get(self) -> T:
        self._is_waited_for = True
        try:
            return await super().get()
        finally:
            self._is_waited_for = False
