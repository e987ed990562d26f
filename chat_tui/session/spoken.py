"""What goes to a server, and the lines that say it; `parse` makes the same commands of them."""

from collections.abc import Mapping

from chat_server.protocol.commands import (
    Cancel,
    ChangePassword,
    CreateToken,
    Help,
    History,
    ListTokens,
    Login,
    Logout,
    Pending,
    Register,
    Rename,
    Report,
    RevokeToken,
    Send,
    Unregister,
    Users,
    Whoami,
)
from chat_server.protocol.events import Person
from chat_server.protocol.names import Name
from chat_tui.session.keeping_order import KEEPING, Keeping, line_of

Order = (
    Help | Rename | Users | Cancel | Pending | History | Report
    | Logout | Whoami | CreateToken | ListTokens | RevokeToken | Keeping
)  # fmt: skip
"""What a server can be asked to do besides sending a message."""
ORDERS = (
    Help, Rename, Users, Cancel, Pending, History, Report,
    Logout, Whoami, CreateToken, ListTokens, RevokeToken, *KEEPING,
)  # fmt: skip
Command = Send | Order
"""What goes to a server, and is kept until it is answered."""
Guarded = Login | Register | ChangePassword | Unregister
"""What a server asks a password for: see asking.py."""
GUARDED = (Login, Register, ChangePassword, Unregister)
_ALONE: Mapping[type[Command | Guarded], str] = {
    Users: "users",
    Pending: "pending",
    Register: "register",
    Logout: "logout",
    ChangePassword: "password",
    Unregister: "unregister",
    Whoami: "whoami",
    ListTokens: "token list",
}
"""Commands that take nothing."""
_KEPT_BLANK = "\xa0"
"""Stands for a space at the beginning of a message, which is not trimmed (docs/protocol.md)."""


def spoken(command: Command | Guarded, to: Person | None = None) -> str:
    """Write the line of a command; with `to`, as people write it: a name in place of an id."""
    if word := _ALONE.get(type(command)):
        return word
    if isinstance(command, KEEPING):
        return line_of(command, lambda who: _meant(who, to))
    match command:
        case Send():
            return _sent(command, to)
        case Rename(name):
            return f"rename {name.text}"
        case Report(who, text):
            return f"report {_meant(who, to)} {text}".rstrip()
        case Cancel(item):
            return f"cancel {item or ''}".rstrip()
        case Help(asked):
            return f"help {asked or ''}".rstrip()
        case History():
            return _asked(command)
    return _of_account(command)


def _of_account(command: Command | Guarded) -> str:
    match command:
        case Login(name):
            return f"login {name.text}"
        case CreateToken(label):
            return f"token create {label}".rstrip()
        case RevokeToken(token):
            return f"token revoke {token}"
    raise TypeError(f"{type(command).__name__} is not said")


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
