"""What goes to a server, and the lines that say it; `parse` makes the same commands of them."""

from chat_server.protocol.commands import (
    Cancel,
    Help,
    History,
    Pending,
    Rename,
    Report,
    Send,
    Users,
)
from chat_server.protocol.events import Person
from chat_server.protocol.names import Name

Order = Help | Rename | Users | Cancel | Pending | History | Report
"""What a server can be asked to do besides sending a message."""
ORDERS = (Help, Rename, Users, Cancel, Pending, History, Report)
Command = Send | Order
"""What goes to a server."""
_KEPT_BLANK = "\xa0"
"""Stands for a space at the beginning of a message, which is not trimmed (docs/protocol.md)."""


def spoken(command: Command, to: Person | None = None) -> str:
    """Write the line of a command; with `to`, as people write it: a name in place of an id."""
    match command:
        case Send():
            return _sent(command, to)
        case Rename(name):
            return f"rename {name.text}"
        case Report(who):
            return f"report {_meant(who, to)}"
        case Cancel(item):
            return f"cancel {item or ''}".rstrip()
        case Help(asked):
            return f"help {asked or ''}".rstrip()
        case History():
            return _asked(command)
        case Users():
            return "users"
        case Pending():
            return "pending"


def _meant(who: Name | str, to: Person | None) -> str:
    """Write a name, or an id, which is somebody's whatever they are called by then."""
    if isinstance(who, Name):
        return who.text
    return f"={who}" if to is None else to.name


def _sent(said: Send, to: Person | None) -> str:
    """Write a message; the blanks that it begins with stay, where a server trims its ends."""
    whom = "" if said.to is None else f"-u {_meant(said.to, to)} "
    later = f"-t {said.delay} " if said.delay else ""
    text = said.text.lstrip(" ")
    return f"send {whom}{later}-- {_KEPT_BLANK * (len(said.text) - len(text))}{text}"


def _asked(history: History) -> str:
    count = "" if history.count is None else f" {history.count}"
    run = f"-{history.run}" if history.run else ""
    since = "" if history.since is None else f" --since {history.since}{run}"
    return f"history{count}{since}"
