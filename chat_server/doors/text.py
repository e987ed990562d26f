"""The door of people: lines as they are typed, at telnet, nc or the like."""

from collections.abc import Iterable, Iterator, Sequence

from chat_server.doors.door import Part, Reader, Wants
from chat_server.doors.lines import LineReader
from chat_server.protocol import text
from chat_server.protocol.commands import Parsed, parse
from chat_server.protocol.events import Event, Format
from chat_server.protocol.moves import runs


class TextDoor:
    """Lines for people; see `Door`."""

    name: Format = "text"
    welcome = "text_from_now_on"
    wants = Wants(answers=False, token=False, each_move=False, telnet=True, bare_secrets=True)

    def reader(self, max_line: int) -> Reader:
        return LineReader(max_line)

    def parse(self, line: str) -> tuple[str, Parsed | None]:
        return "", parse(line)

    def line(self, event: Event, now: float) -> bytes:
        return text.line(event, now)

    def pages(self, event: Event, now: float) -> Iterator[bytes]:
        return text.pages(event, now)

    def each(self, events: Iterable[Event], now: float) -> list[bytes]:
        return text.each(events, now)

    def join(self, parts: Sequence[Part]) -> bytes:
        return b"".join([text.moved(one) if isinstance(one, list) else one for one in runs(parts)])
