"""What is typed while another program has the terminal, and after it has given it back."""

import asyncio

from textual.app import App
from textual.events import Event, Key

from chat_tui.terminal.inputs import Inputs, watch_queues
from chat_tui.terminal.suspension import LENDING, Returned

watch_queues()


class Lending(App[None]):
    """An app that lends its terminal for a while, and has something to do once it is back."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.has_ended = asyncio.Event()
        self.has_put = asyncio.Event()
        self.inputs = Inputs(self, self._carry_out)

    async def _carry_out(self, event: Event) -> None:
        assert isinstance(event, Key)
        self.keys.append(event.key)
        if event.key == "e":
            self.run_worker(self._lend(), group=LENDING)

    async def _lend(self) -> None:
        await self.has_ended.wait()
        self.post_message(Returned())
        await self.has_put.wait()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Returned):
            self.inputs.forget()
        else:
            await super().on_event(event)

    def types(self, keys: str) -> None:
        for key in keys:
            self.inputs.take(Key(key, key))


async def test_only_what_was_typed_before_the_terminal_returned_was_for_another() -> None:
    app = Lending()
    async with app.run_test() as pilot:
        app.run_worker(app.inputs.run())
        app.types("ae:wq")
        await pilot.pause()
        assert app.keys == ["a", "e"]
        app.has_ended.set()
        await pilot.pause()
        app.types("bc")
        app.has_put.set()
        while not app.inputs.are_done:
            await pilot.pause()
        assert app.keys == ["a", "e", "b", "c"]
