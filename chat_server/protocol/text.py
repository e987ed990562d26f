"""Events as lines for people: each begins with what it is, and nobody's text can imitate it.

`[time]` a message, `*` a fact or an answer, two spaces before the lines that follow an answer,
`!` a refusal. Gaps in what people say are shortened, or what follows one could stand at the
beginning of a row of the terminal. Times are in the time zone of the machine.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from functools import lru_cache, singledispatch

from chat_server.protocol.events import (
    CROWD,
    Bye,
    Cancelled,
    Crowd,
    Event,
    Fired,
    Help,
    History,
    Item,
    Joined,
    Left,
    Message,
    Muted,
    Ok,
    Pending,
    Refused,
    Renamed,
    Scheduled,
    Undelivered,
    Users,
    Welcome,
)
from chat_server.protocol.moves import Move, runs
from chat_server.protocol.paging import KEPT, in_pages
from chat_server.protocol.unseen import with_short_gaps

WIDTH = 78
"""Columns of a list of names."""
QUARTER = 900.0
"""Seconds of a quarter of an hour; in every time zone a day begins with one."""


def render(events: Sequence[Event], now: float) -> bytes:
    """Render events as they are told to people at the time `now`."""
    return _encoded(lines(events, now))


def line(event: Event, now: float) -> bytes:
    """Render an event by itself, which may be several lines, or none."""
    if isinstance(event, Message):
        return (_message_line(event, now) + "\r\n").encode()
    return _encoded(_told(event, now))


def pages(event: Event, now: float) -> Iterator[bytes]:
    """Render a long answer piece by piece, what many ask for once for all of them."""
    for page in in_pages(_long(event, now)):
        yield b"".join(page)


def _long(event: Event, now: float) -> Iterator[bytes]:
    match event:
        case History(messages) if messages:
            yield _encoded([_history_head(event)])
            quarter = now // QUARTER * QUARTER
            yield from (_kept_line(message, quarter) for message in messages)
        case Users(names):
            yield _users_lines(tuple(names))
        case _:
            yield from (_encoded([line]) for line in _told(event, now))


@lru_cache(maxsize=KEPT)
def _kept_line(message: Message, quarter: float) -> bytes:
    return _encoded([f"  {_message_line(message, quarter)}"])


@lru_cache(maxsize=4)
def _users_lines(names: tuple[str, ...]) -> bytes:
    return _encoded(_told(Users([*names]), 0.0))


def moved(moves: Sequence[Move]) -> bytes:
    """Render moves that follow one another."""
    return _encoded(_moved(moves))


def lines(events: Iterable[Event], now: float) -> Iterator[str]:
    """Yield the lines of events; comings, goings and renames in a row are one."""
    parts: Iterator[Event | list[Move]] = runs(events)
    for part in parts:
        yield from _moved(part) if isinstance(part, list) else _told(part, now)


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join([f"{line}\r\n" for line in lines]).encode()


def _moved(moves: Sequence[Move]) -> Iterator[str]:
    """Put comings, goings and renames that follow one another into one line."""
    told: list[str] = []
    verb, names = "", list[str]()
    for event in moves:
        if isinstance(event, Renamed):
            told += [*_names_moved(names, verb), f"{event.old} is now known as {event.new}"]
            verb, names = "", []
            continue
        moved = "joined" if isinstance(event, Joined) else "left"
        if moved != verb:
            told += _names_moved(names, verb)
            verb, names = moved, []
        names += event.names
    yield "* " + "; ".join([*told, *_names_moved(names, verb)])


def _names_moved(names: Sequence[str], verb: str) -> list[str]:
    return [f"{', '.join(names)} {verb}"] if names else []


@singledispatch
def _told(event: Event, now: float) -> Iterator[str]:
    """Yield the lines of an event."""
    raise TypeError(f"{type(event).__name__} is not told in text")


@_told.register
def _message(event: Message, now: float) -> Iterator[str]:
    yield _message_line(event, now)


def _message_line(event: Message, now: float) -> str:
    who = event.sender if event.to is None else f"{event.sender} -> {event.to}"
    if event.due is not None or event.left:
        who += _marks(event, now)
    text = event.text
    if not text.isascii() or "    " in text:
        text = with_short_gaps(text)
    return f"[{clock_time(event.at, now)}] {who}: {text}"


def _marks(event: Message, now: float) -> str:
    marks = ["left"] if event.left else []
    if event.due is not None:
        marks.append(f"due {clock_time(event.due, now)}")
    return f" ({', '.join(marks)})"


@_told.register(Joined)
@_told.register(Left)
@_told.register(Renamed)
def _move(event: Move, now: float) -> Iterator[str]:
    yield from _moved([event])


@_told.register
def _welcome(event: Welcome, now: float) -> Iterator[str]:
    here = _people_are(event.here)
    names = "" if event.here > CROWD else f": {', '.join(event.users)}"
    yield f"* Welcome, {event.you}. {here} here{names}. Type help for the commands."
    for undelivered in event.undelivered:
        yield from _undelivered(undelivered, now)
    if event.pending:
        yield from _pending(Pending(event.pending), now)


def _people_are(count: int) -> str:
    return "1 person is" if count == 1 else f"{count} people are"


@_told.register
def _scheduled(event: Scheduled, now: float) -> Iterator[str]:
    yield f"* Scheduled {_item(event.item, 'for', now)}"


def _item(item: Item, when: str, now: float) -> str:
    to = "" if item.to is None else f" (to {item.to})"
    return f"{item.id} {when} {clock_time(item.due, now)}{to}: {with_short_gaps(item.text)}"


@_told.register
def _fired(event: Fired, now: float) -> Iterator[str]:
    return iter(())


@_told.register
def _cancelled(event: Cancelled, now: float) -> Iterator[str]:
    yield f"* Cancelled {event.id}: {with_short_gaps(event.text)}"


@_told.register
def _undelivered(event: Undelivered, now: float) -> Iterator[str]:
    text = with_short_gaps(event.text)
    yield f"! Scheduled message {event.id} was not sent, because {event.reason}: {text}"


@_told.register
def _muted(event: Muted, now: float) -> Iterator[str]:
    yield f"* {event.name} is muted until {clock_time(event.until, now)}, after several complaints"


@_told.register
def _crowd(event: Crowd, now: float) -> Iterator[str]:
    counts = ((event.joined, "joined"), (event.left, "left"), (event.renamed, "renamed"))
    told = ", ".join(f"{count} {verb}" for count, verb in counts if count)
    yield f"* {told}; {event.here} are here"


@_told.register
def _users(event: Users, now: float) -> Iterator[str]:
    yield f"* {_people_are(len(event.names))} here:"
    yield from textwrap.wrap(
        ", ".join(event.names),
        WIDTH,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


@_told.register
def _pending(event: Pending, now: float) -> Iterator[str]:
    if not event.items:
        yield "* You have no scheduled messages."
        return
    yield f"* You have {_count(len(event.items), 'scheduled message')}:"
    for item in event.items:
        yield f"  {_item(item, 'for', now)}"


@_told.register
def _help(event: Help, now: float) -> Iterator[str]:
    if any(command.details for command in event.commands) or len(event.commands) == 1:
        for command in event.commands:
            yield f"* {command.usage}: {command.summary}"
            yield from (f"  {detail}" for detail in command.details)
        return
    yield "* The commands:"
    width = max(len(command.usage) for command in event.commands)
    for command in event.commands:
        yield f"  {command.usage:{width}}  {command.summary}"


@_told.register
def _history(event: History, now: float) -> Iterator[str]:
    if not event.messages:
        yield "* There are no messages."
        return
    yield _history_head(event)
    for message in event.messages:
        yield f"  {_message_line(message, now)}"


def _history_head(event: History) -> str:
    missed = f" ({event.missed} more came before them)" if event.missed else ""
    count = len(event.messages)
    return f"* The last {'message' if count == 1 else f'{count} messages'}{missed}:"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


@_told.register
def _ok(event: Ok, now: float) -> Iterator[str]:
    if event.text:
        yield f"* {event.text}"


@_told.register
def _refused(event: Refused, now: float) -> Iterator[str]:
    yield f"! {with_short_gaps(event.text)}"


@_told.register
def _bye(event: Bye, now: float) -> Iterator[str]:
    yield f"* {event.reason}"


@lru_cache(maxsize=256)
def clock_time(at: float, now: float) -> str:
    """Write a time of day as 14:03:07, and its date where it is not the day of `now`.

    All that is journaled together has the same time, and all that is told together the same now.
    """
    return _clock_time(int(at), int(now))


@lru_cache(maxsize=256)
def _clock_time(second: int, now: int) -> str:
    local, today = local_time(second), local_time(now)
    return local.strftime("%H:%M:%S" if local.date() == today.date() else "%Y-%m-%d %H:%M:%S")


def local_time(second: int) -> datetime:
    """Return a time (seconds since 1970) as it is in the time zone of this machine."""
    return datetime.fromtimestamp(second, tz=timezone.utc).astimezone()
