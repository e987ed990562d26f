"""What stands between a server and its Redis, and may lose what Redis answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

APPENDING = b"XADD"


class Losing:
    """Passes everything on, but for the answers to appends that it is told to lose."""

    def __init__(self, socket: Path) -> None:
        self.lost = 0
        self.to_lose = 0
        self.port = 0
        self._socket = socket
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_unix_connection(str(self._socket))
        self._writers += [writer, to_redis]
        answering = asyncio.create_task(self._answer(from_redis, writer))
        with contextlib.suppress(ConnectionError):
            while asked := await reader.read(2**16):
                to_redis.write(asked)
                if APPENDING in asked and self.lost < self.to_lose:
                    self.lost += 1
                    answering.cancel()
                    await asyncio.wait([answering])
                    await from_redis.read(2**16)
                    break
        self.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answer := await reader.read(2**16):
            writer.write(answer)

    def close(self) -> None:
        """End all connections."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()


@contextlib.asynccontextmanager
async def losing(socket: Path) -> AsyncIterator[Losing]:
    proxy = Losing(socket)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.close()
        server.close()
        await server.wait_closed()
