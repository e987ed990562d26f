"""Two clients whose connections are cut again and again: nothing lost, doubled or out of order."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Refused
from chat_tui.session.connection import Connection
from chat_tui.session.outbox import Outbox
from chat_tui.session.protocol import Answered, Told
from chat_tui.session.state import ChatState, Said, Status
from tests.support.clock import DAWN
from tests.support.cutting import CuttingProxy, cutting_proxy
from tests.support.screen import PATIENCE, running_chat, until

SEED = 3
CUTS = 200
MESSAGES = 300
UNHEARD = 10
"""Messages that are not answered, or not shown at the other end, when the sender pauses.

A client catches up with one answer, which must fit between two cuts.
"""


class Chatter:
    """A client without a screen, which connects again as soon as it is cut off."""

    def __init__(self, port: int, name: str) -> None:
        self.shown: list[str] = []
        self.refused: list[Refused] = []
        self.outbox = Outbox()
        self._state = ChatState()
        self.connection = Connection(
            "127.0.0.1", port, name, self.outbox, hear=self._hear, changed=self._changed
        )

    def _hear(self, event: Told) -> None:
        if not isinstance(event, Answered):
            self._state.apply(event, DAWN)
        elif isinstance(event.event, Refused):
            self.refused.append(event.event)
        for _, line in self._state.take_lines():
            self.shown.append(line.message.text if isinstance(line, Said) else line.text)

    def _changed(self, status: Status) -> None:
        if status.state == "waiting":
            asyncio.get_running_loop().call_soon(self.connection.retry_now)

    @property
    def messages(self) -> list[str]:
        """What is shown of what was said, without who came and went."""
        return [text for text in self.shown if text.startswith("message ")]

    def says(self, text: str) -> None:
        self.outbox.add(Send(text))
        self.connection.send_waiting()


@contextlib.asynccontextmanager
async def chatting(port: int, name: str) -> AsyncIterator[Chatter]:
    chatter = Chatter(port, name)
    running = asyncio.create_task(chatter.connection.run())
    try:
        yield chatter
    finally:
        await chatter.connection.close()
        await asyncio.wait_for(running, PATIENCE)


async def test_200_cuts_lose_nothing_double_nothing_and_keep_the_order() -> None:
    chance = random.Random(SEED)
    async with (
        running_chat() as chat,
        cutting_proxy(chat.port, chance, CUTS // 2) as her_way,
        cutting_proxy(chat.port, chance, CUTS // 2) as his_way,
        chatting(her_way.port, "alice") as alice,
        chatting(his_way.port, "bob") as bob,
    ):
        said = await _say_many(alice, bob, her_way, his_way)
        await until(lambda: not alice.outbox.outgoing, "the last answer")
        await until(lambda: said[-1] in bob.messages, "the last message")
        assert (her_way.left, his_way.left) == (0, 0)
        assert bob.messages == said
        assert alice.messages == said
        assert chat.said() == said
        assert alice.refused == []


async def _say_many(sender: Chatter, receiver: Chatter, *ways: CuttingProxy) -> list[str]:
    """Say things until all the cuts were made, and one more; return them."""
    said: list[str] = []
    while len(said) < MESSAGES or any(way.left for way in ways):
        await until(lambda: len(sender.outbox.waiting) < UNHEARD, "answers")
        await until(lambda: len(said) - len(receiver.messages) < UNHEARD, "the receiver")
        said.append(f"message {len(said) + 1}")
        sender.says(said[-1])
    said.append(f"message {len(said) + 1}")
    sender.says(said[-1])
    return said
