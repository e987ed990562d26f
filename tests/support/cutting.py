"""A TCP proxy that cuts the connections through it, each after a number of bytes."""

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator

from tests.support.screen import PATIENCE

SHORT, LONG = 400, 2500
"""Bytes of the longest connections of either kind: about a greeting, or a conversation."""


class CuttingProxy:
    """Pass bytes on; so many connections are cut, the ones after them are not."""

    def __init__(self, target: int, chance: random.Random, cuts: int) -> None:
        self.port = 0
        self.left = cuts
        self._target = target
        self._chance = chance
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        budget = Budget(self._bytes())
        passing = [
            asyncio.create_task(budget.spend(*ends)) for ends in ((reader, back), (there, writer))
        ]
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for passer in passing:
            passer.cancel()
        await asyncio.wait(passing)
        self.left -= budget.left == 0
        self._end(writer, back)

    def _bytes(self) -> int:
        if not self.left:
            return sys.maxsize
        return self._chance.randint(1, self._chance.choice((SHORT, LONG)))

    def _end(self, *ends: asyncio.StreamWriter) -> None:
        """Close as a program does that stops, or reset as a network does."""
        is_reset = self._chance.random() < 0.5
        for end in ends:
            if is_reset:
                end.transport.abort()
            else:
                end.close()

    async def ended(self) -> None:
        """Wait until nobody is connected any more."""
        if self._serving:
            await asyncio.wait(self._serving, timeout=PATIENCE)


class Budget:
    """Bytes that one connection may still carry, whichever way."""

    def __init__(self, left: int) -> None:
        self.left = left

    async def spend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass bytes on until they end, or until nothing is left."""
        with contextlib.suppress(ConnectionError):
            while self.left and (said := await reader.read(4096)):
                carried = said[: self.left]
                self.left -= len(carried)
                writer.write(carried)


@contextlib.asynccontextmanager
async def cutting_proxy(
    target: int, chance: random.Random, cuts: int
) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(target, chance, cuts)
    listener = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = listener.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        listener.close()
        await proxy.ended()
        await listener.wait_closed()
