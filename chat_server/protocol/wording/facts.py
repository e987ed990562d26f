"""What has happened, and what there is: sentences for the events that are no messages."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import singledispatch
from typing import Literal, NamedTuple

from chat_server.protocol.events import (
    CROWD,
    AllPending,
    Announced,
    Ask,
    Audit,
    Ban,
    Bans,
    Bye,
    Cancelled,
    Crowd,
    Deed,
    Deleted,
    Device,
    Event,
    Field,
    Fired,
    Help,
    History,
    Ignored,
    Item,
    Joined,
    Kicked,
    Left,
    Message,
    Moderators,
    Muted,
    Notice,
    Ok,
    Pending,
    Person,
    Rank,
    Refused,
    Renamed,
    Reports,
    Scheduled,
    Tokens,
    Undelivered,
    Unmuted,
    Users,
    Welcome,
    Whoami,
)
from chat_server.protocol.unseen import with_short_gaps
from chat_server.protocol.wording.answers import answered, because, goodbye
from chat_server.protocol.wording.notices import noticed
from chat_server.protocol.wording.quantities import clock_time, counted, people_are
from chat_server.protocol.wording.refusals import refusal

WIDTH = 76
"""Columns of a list of names."""


class Statement(NamedTuple):
    """A sentence, what it is, and the lines that belong to it."""

    kind: Literal["fact", "refusal"]
    text: str
    more: Sequence[str] = ()


def statements(event: Event, now: float) -> Iterator[Statement]:
    """Say an event that is no message, and no history of messages, at the time `now`."""
    return _told(event, now)


def moved(moves: Sequence[Joined | Left | Renamed]) -> str:
    """Say comings, goings and renames that follow one another, as one sentence."""
    told: list[str] = []
    verb, names = "", list[str]()
    for event in moves:
        if isinstance(event, Renamed):
            told += [
                *_names_moved(names, verb),
                f"{event.old} is now known as {event.person.name}",
            ]
            verb, names = "", []
            continue
        moved = "joined" if isinstance(event, Joined) else "left"
        if moved != verb:
            told += _names_moved(names, verb)
            verb, names = moved, []
        names += [person.name for person in event.people]
    return "; ".join([*told, *_names_moved(names, verb)])


def _names_moved(names: Sequence[str], verb: str) -> list[str]:
    return [f"{', '.join(names)} {verb}"] if names else []


def _names(people: Sequence[Person]) -> str:
    return ", ".join([person.name for person in people])


def _fact(text: str, more: Sequence[str] = ()) -> Iterator[Statement]:
    yield Statement("fact", text, more)


@singledispatch
def _told(event: Event, now: float) -> Iterator[Statement]:
    raise TypeError(f"{type(event).__name__} is no sentence")


@_told.register(Joined)
@_told.register(Left)
@_told.register(Renamed)
def _move(event: Joined | Left | Renamed, now: float) -> Iterator[Statement]:
    return _fact(moved([event]))


@_told.register
def _welcome(event: Welcome, now: float) -> Iterator[Statement]:
    names = "" if event.here > CROWD else f": {_names(event.users)}"
    yield from _fact(
        f"Welcome, {event.you.name}. {people_are(event.here)} here{names}. "
        "Type help for the commands."
    )
    for undelivered in event.undelivered:
        yield from _undelivered(undelivered, now)
    if event.pending:
        yield from _pending(Pending(event.pending), now)


@_told.register
def _scheduled(event: Scheduled, now: float) -> Iterator[Statement]:
    return _fact(f"Scheduled {_item(event.item, now)}")


def _item(item: Item, now: float) -> str:
    to = "" if item.to is None else f" (to {item.to.name})"
    return f"{item.id} for {clock_time(item.due, now)}{to}: {with_short_gaps(item.text)}"


@_told.register
def _fired(event: Fired, now: float) -> Iterator[Statement]:
    return iter(())


@_told.register
def _cancelled(event: Cancelled, now: float) -> Iterator[Statement]:
    return _fact(f"Cancelled {event.id}: {with_short_gaps(event.text)}")


@_told.register
def _undelivered(event: Undelivered, now: float) -> Iterator[Statement]:
    text = with_short_gaps(event.text)
    why = because(event, now)
    yield Statement("refusal", f"Scheduled message {event.id} was not sent, because {why}: {text}")


@_told.register
def _muted(event: Muted, now: float) -> Iterator[Statement]:
    until = clock_time(event.until, now)
    why = "after several complaints" if event.by is None else f"by {event.by.name}"
    return _fact(f"{event.person.name} is muted until {until}, {why}{_because(event.reason)}")


@_told.register
def _unmuted(event: Unmuted, now: float) -> Iterator[Statement]:
    return _fact(f"{event.person.name} may speak again, as {event.by.name} decided")


@_told.register
def _kicked(event: Kicked, now: float) -> Iterator[Statement]:
    what = "is kept away" if event.banned else "was sent away"
    return _fact(f"{event.person.name} {what} by {event.by.name}{_because(event.reason)}")


def _because(reason: str) -> str:
    return f": {with_short_gaps(reason)}" if reason else ""


@_told.register
def _deleted(event: Deleted, now: float) -> Iterator[Statement]:
    return _fact(f"{event.by.name} deleted a message of {event.sender.name}")


@_told.register
def _announced(event: Announced, now: float) -> Iterator[Statement]:
    return _fact(f"Announcement by {event.by.name}: {with_short_gaps(event.text)}")


@_told.register
def _notice(event: Notice, now: float) -> Iterator[Statement]:
    return _fact(noticed(event, now))


@_told.register
def _ignored(event: Ignored, now: float) -> Iterator[Statement]:
    if not event.people:
        return _fact("You ignore nobody.")
    return _fact(f"You ignore {_names(event.people)}")


@_told.register
def _moderators(event: Moderators, now: float) -> Iterator[Statement]:
    if not event.people:
        return _fact("There are no moderators.")
    return _fact(f"The moderators: {_names(event.people)}")


@_told.register
def _bans(event: Bans, now: float) -> Iterator[Statement]:
    if not event.bans:
        return _fact("Nobody is banned.")
    return _fact(f"{counted(len(event.bans), 'ban')}:", [_ban(ban, now) for ban in event.bans])


def _ban(ban: Ban, now: float) -> str:
    until = "" if ban.until is None else f" until {clock_time(ban.until, now)}"
    return f"{ban.id}  {ban.who}{until}, by {ban.by.name}{_because(ban.reason)}"


@_told.register
def _reports(event: Reports, now: float) -> Iterator[Statement]:
    if not event.reports:
        yield from _fact("There are no complaints.")
    for complaint in event.reports:
        at, text = clock_time(complaint.at, now), _because(complaint.text)
        only = "" if complaint.counted else " (which does not count)"
        yield from _fact(
            f"{at} {complaint.by.name} complained of {complaint.of.name}{only}{text}",
            [_said(message, now) for message in complaint.messages],
        )


def _said(message: Message, now: float) -> str:
    at, text = clock_time(message.at, now), with_short_gaps(message.text)
    return f"{message.id}  [{at}] {message.sender.name}: {text}"


@_told.register
def _all_pending(event: AllPending, now: float) -> Iterator[Statement]:
    if not event.scheduled:
        return _fact("Nothing is scheduled for everyone.")
    return _fact(
        f"{counted(len(event.scheduled), 'scheduled message')} for everyone:",
        [f"{one.owner.name}: {_item(one.item, now)}" for one in event.scheduled],
    )


@_told.register
def _audit(event: Audit, now: float) -> Iterator[Statement]:
    if not event.deeds:
        return _fact("Moderators have done nothing yet.")
    return _fact("What was done:", [_deed(deed, now) for deed in event.deeds])


def _deed(deed: Deed, now: float) -> str:
    about = f" {deed.about}" if deed.about else ""
    return f"{clock_time(deed.at, now)} {deed.by.name}: {deed.command}{about}{_because(deed.text)}"


@_told.register
def _crowd(event: Crowd, now: float) -> Iterator[Statement]:
    counts = ((event.joined, "joined"), (event.left, "left"), (event.renamed, "renamed"))
    told = ", ".join(f"{count} {verb}" for count, verb in counts if count)
    return _fact(f"{told}; {event.here} are here")


@_told.register
def _users(event: Users, now: float) -> Iterator[Statement]:
    names = textwrap.wrap(
        _names(event.people), WIDTH, break_long_words=False, break_on_hyphens=False
    )
    return _fact(f"{people_are(len(event.people))} here:", names)


@_told.register
def _ask(event: Ask, now: float) -> Iterator[Statement]:
    shown = "" if event.hidden else " (it can be seen as you type it)"
    what = _FIELDS[event.field].format(name=event.name)
    return _fact(f"{what}{shown}; an empty line cancels:")


_FIELDS: Mapping[Field, str] = {
    "password": "Password of {name}",
    "new_password": "New password for {name}",
    "new_password_again": "The same password again",
    "chat_password": "Password of this chat",
}


@_told.register
def _whoami(event: Whoami, now: float) -> Iterator[Statement]:
    if event.since is None:
        return _fact(f"You are {event.you.name}, a guest. register makes the name yours.")
    where = "" if event.connections == 1 else f", over {event.connections} connections"
    since = f"a member since {clock_time(event.since, now)}{_RANKS[event.rank]}"
    return _fact(
        f"You are {event.you.name}, {since}{where}", [device(one) for one in event.devices]
    )


_RANKS: Mapping[Rank, str] = {"": "", "moderator": " and a moderator", "owner": " and an owner"}


def device(one: Device) -> str:
    """Say where a member is, or can come back from."""
    where = "the server's machine" if one.address is None else one.address
    parts = ["this connection"] if one.this else []
    if one.program is not None:
        parts.append(f"the program {one.program}" if one.program else "a program")
    if not one.here:
        parts.append("broken, can be resumed")
    return f"from {where}" + (f" ({', '.join(parts)})" if parts else "")


@_told.register
def _tokens(event: Tokens, now: float) -> Iterator[Statement]:
    if not event.tokens:
        return _fact("You have no tokens.")
    return _fact(
        f"You have {counted(len(event.tokens), 'token')}:",
        [f"{t.id}  {clock_time(t.since, now)}  {t.label}".rstrip() for t in event.tokens],
    )


@_told.register
def _pending(event: Pending, now: float) -> Iterator[Statement]:
    if not event.items:
        return _fact("You have no scheduled messages.")
    return _fact(
        f"You have {counted(len(event.items), 'scheduled message')}:",
        [_item(item, now) for item in event.items],
    )


@_told.register
def _help(event: Help, now: float) -> Iterator[Statement]:
    commands = event.commands
    if any(command.details for command in commands) or len(commands) == 1:
        for command in commands:
            yield from _fact(f"{command.usage}: {command.summary}", command.details)
        return
    width = max(len(command.usage) for command in commands)
    yield from _fact(
        "The commands:",
        [f"{command.usage:{width}}  {command.summary}" for command in commands],
    )


def history(event: History) -> str:
    """Make the heading of a history, above its messages."""
    if not event.messages:
        return "There are no messages."
    missed = f" ({event.missed} more came before them)" if event.missed else ""
    count = len(event.messages)
    return f"The last {'message' if count == 1 else f'{count} messages'}{missed}:"


@_told.register
def _ok(event: Ok, now: float) -> Iterator[Statement]:
    if text := answered(event):
        yield from _fact(text)


@_told.register
def _refused(event: Refused, now: float) -> Iterator[Statement]:
    yield Statement("refusal", with_short_gaps(refusal(event)))


@_told.register
def _bye(event: Bye, now: float) -> Iterator[Statement]:
    return _fact(goodbye(event))
