"""The door of programs: each event a line of JSON, each line with a key if it has one."""

from collections.abc import Iterable, Iterator, Sequence

from chat_server.doors.door import Part, Reader, Wants
from chat_server.doors.lines import LineReader
from chat_server.protocol import json_lines
from chat_server.protocol.commands import Parsed, parse, split_key
from chat_server.protocol.events import Event, Format
from chat_server.protocol.moves import runs


class JsonDoor:
    """Lines for programs; see `Door`."""

    name: Format = "json"
    welcome = ""
    wants = Wants(answers=True, token=True, each_move=True, telnet=False, bare_secrets=False)

    def reader(self, max_line: int) -> Reader:
        return LineReader(max_line)

    def parse(self, line: str) -> tuple[str, Parsed | None]:
        key, said = split_key(line)
        return key, parse(said) if isinstance(said, str) else said

    def line(self, event: Event, now: float) -> bytes:
        return json_lines.line(event)

    def pages(self, event: Event, now: float) -> Iterator[bytes]:
        return json_lines.pages(event)

    def each(self, events: Iterable[Event], now: float) -> list[bytes]:
        return json_lines.each(events)

    def join(self, parts: Sequence[Part]) -> bytes:
        moved = json_lines.moved
        return b"".join([moved(one) if isinstance(one, list) else one for one in runs(parts)])
