"""A chat as one writes it first: streams, and a write and a drain for each line and receiver."""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter

people: set[StreamWriter] = set()


async def talk(reader: StreamReader, writer: StreamWriter) -> None:
    """Say to everybody what one person says."""
    people.add(writer)
    writer.write(b"welcome\n")
    try:
        while line := await reader.readline():
            for other in list(people):
                other.write(line)
                await other.drain()
    except ConnectionError:
        pass
    finally:
        people.discard(writer)
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
