"""Events as lines for people: each begins with what it is, and nobody's text can imitate it.

`[time]` a message, `*` a fact or an answer, two spaces before the lines that follow an answer,
`!` a refusal. Gaps in what people say are shortened, or what follows one could stand at the
beginning of a row of the terminal. Times are in the time zone of the machine.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from chat_server.protocol import wording
from chat_server.protocol.events import Event, History, Message, Person, Users
from chat_server.protocol.moves import Move, runs
from chat_server.protocol.paging import KEPT, in_pages
from chat_server.protocol.unseen import with_short_gaps
from chat_server.protocol.wording import clock_time

QUARTER = 900.0
"""Seconds of a quarter of an hour; in every time zone a day begins with one."""
_MARKS = {"fact": "*", "refusal": "!"}


def render(events: Sequence[Event], now: float) -> bytes:
    """Render events as they are told to people at the time `now`."""
    return _encoded(lines(events, now))


def line(event: Event, now: float) -> bytes:
    """Render an event by itself, which may be several lines, or none."""
    if isinstance(event, Message):
        return (_message_line(event, now) + "\r\n").encode()
    return _encoded(_told(event, now))


def each(events: Iterable[Event], now: float) -> list[bytes]:
    """Render events for everyone, most of which are messages, each by itself."""
    return [
        (_message_line(event, now) + "\r\n").encode()
        if type(event) is Message
        else line(event, now)
        for event in events
    ]


def pages(event: Event, now: float) -> Iterator[bytes]:
    """Render a long answer piece by piece; what many ask for is rendered only once."""
    for page in in_pages(_long(event, now)):
        yield b"".join(page)


def _long(event: Event, now: float) -> Iterator[bytes]:
    match event:
        case History(messages) if messages:
            yield _encoded([_history_head(event)])
            quarter = now // QUARTER * QUARTER
            yield from (_kept_line(message, quarter) for message in messages)
        case Users(people):
            yield _users_lines(tuple(people))
        case _:
            yield from (_encoded([line]) for line in _told(event, now))


@lru_cache(maxsize=KEPT)
def _kept_line(message: Message, quarter: float) -> bytes:
    return _encoded([f"  {_message_line(message, quarter)}"])


@lru_cache(maxsize=4)
def _users_lines(people: tuple[Person, ...]) -> bytes:
    return _encoded(_told(Users([*people]), 0.0))


def moved(moves: Sequence[Move]) -> bytes:
    """Render moves that follow one another."""
    return _encoded([_moved(moves)])


def lines(events: Iterable[Event], now: float) -> Iterator[str]:
    """Yield the lines of events; comings, goings and renames in a row are one."""
    parts: Iterator[Event | list[Move]] = runs(events)
    for part in parts:
        if isinstance(part, list):
            yield _moved(part)
        else:
            yield from _told(part, now)


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join([f"{line}\r\n" for line in lines]).encode()


def _moved(moves: Sequence[Move]) -> str:
    return f"* {wording.moved(moves)}"


def _told(event: Event, now: float) -> Iterator[str]:
    """Yield the lines of an event."""
    match event:
        case Message():
            yield _message_line(event, now)
        case History(messages):
            yield _history_head(event)
            yield from (f"  {_message_line(message, now)}" for message in messages)
        case _:
            for kind, text, more in wording.statements(event, now):
                yield f"{_MARKS[kind]} {text}"
                yield from (f"  {line}" for line in more)


def _history_head(event: History) -> str:
    return f"* {wording.history(event)}"


def _message_line(event: Message, now: float) -> str:
    who = event.sender.name if event.to is None else f"{event.sender.name} -> {event.to.name}"
    if event.due is not None or event.left or event.away:
        who += _marks(event, now)
    text = event.text
    if not text.isascii() or "    " in text:
        text = with_short_gaps(text)
    return f"[{clock_time(event.at, now)}] {who}: {text}"


def _marks(event: Message, now: float) -> str:
    marks = ["left"] if event.left else ["away"] if event.away else []
    if event.due is not None:
        marks.append(f"due {clock_time(event.due, now)}")
    return f" ({', '.join(marks)})"
