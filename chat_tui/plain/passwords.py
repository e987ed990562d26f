"""Passwords by lines: the ones after a command that needs them, not shown where they are typed.

A program knows beforehand how many lines that are: one, and after `password` two, whatever is
answered; so no password is ever taken for something to say. At a terminal one is asked for each,
twice for a new one, and what was typed besides while that lasts is dropped.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

from chat_server.protocol.commands import ChangePassword, Register, Secret
from chat_server.protocol.events import Ask, Field, Refused
from chat_server.protocol.wording import refusal, statements
from chat_tui.plain.pipes import LineSource
from chat_tui.session.asking import Asking, Step, chosen, given
from chat_tui.session.spoken import Guarded

DIFFER = "The two are not the same, so nothing is changed."


def fields(order: Guarded) -> tuple[Field, ...]:
    """Say what is asked for a command."""
    match order:
        case Register():
            return ("new_password",)
        case ChangePassword():
            return ("password", "new_password")
    return ("password",)


class Passwords:
    """Takes passwords out of what is read.

    `lines` are what is read from `source`, `write` writes a line, `fail` one that says what is
    wrong, and `settled` waits until the server has answered.
    """

    def __init__(
        self,
        source: LineSource,
        lines: AsyncIterator[str],
        *,
        write: Callable[[str], None],
        fail: Callable[[str], None],
        settled: Callable[[Asking], Awaitable[None]],
    ) -> None:
        self._source, self._lines = source, lines
        self._write, self._fail = write, fail
        self._settled = settled

    async def answer(self, asking: Asking) -> None:
        """Answer what is asked for a command, which is given here; say then what is wrong."""
        with self._source.unseen():
            await self._settled(asking)
            asking.begin()
            faults = [await self._take(asking, field) for field in fields(asking.order)]
            await self._settled(asking)
        if asking.refused is not None:
            faults.append(refusal(asking.refused))
        for fault in filter(None, faults):
            self._fail(fault)

    async def _take(self, asking: Asking, field: Field) -> str:
        """Take a line, and tell it if it is asked for; say what is wrong with it."""
        await self._settled(asking)
        if not (asking.step is Step.ASKED and asking.field == field):
            if not self._source.is_terminal:
                await self._next()
            return ""
        secret = await self._read(asking, field)
        if isinstance(secret, Secret):
            asking.tell(secret)
            return ""
        asking.give_up()
        return DIFFER if secret is None else refusal(secret)

    async def _read(self, asking: Asking, field: Field) -> Secret | Refused | None:
        """Ask, and read; None where a new one that nobody sees is not typed the same twice."""
        self._ask(field, asking.name)
        if field != "new_password":
            return await self._next()
        secret = chosen(await anext(self._lines, ""))
        if self._source.is_terminal and isinstance(secret, Secret):
            self._ask("new_password_again", asking.name)
            return secret if await self._next() == secret else None
        return secret

    async def _next(self) -> Secret | Refused:
        return given(await anext(self._lines, ""))

    def _ask(self, field: Field, name: str) -> None:
        for _, text, _ in statements(Ask(field, name, hidden=True), 0.0):
            self._write(f"* {text}")
