"""What moderators have a server do, and the lines that say it."""

from collections.abc import Callable, Mapping

from chat_server.protocol.commands import (
    AllScheduled,
    Announce,
    Appeal,
    Appoint,
    Audit,
    Ban,
    Bans,
    Delete,
    Kick,
    Moderators,
    Mute,
    Reports,
    Unban,
    Unmute,
)
from chat_server.protocol.names import Name

Keeping = (
    Kick | Mute | Unmute | Ban | Unban | Delete | Announce | Appeal | Appoint
    | Moderators | Bans | Reports | AllScheduled | Audit
)  # fmt: skip
"""What has to do with keeping order."""
KEEPING = (
    Kick, Mute, Unmute, Ban, Unban, Delete, Announce, Appeal, Appoint,
    Moderators, Bans, Reports, AllScheduled, Audit,
)  # fmt: skip
_ALONE: Mapping[type[Keeping], str] = {
    Moderators: "moderators",
    Bans: "bans",
    Reports: "reports",
    AllScheduled: "scheduled",
}


def line_of(command: Keeping, meant: Callable[[Name | str], str]) -> str:
    """Write the line of a command; `meant` writes whom it is about."""
    if word := _ALONE.get(type(command)):
        return word
    return " ".join(word for word in _words(command, meant) if word)


def _words(command: Keeping, meant: Callable[[Name | str], str]) -> list[str]:
    match command:
        case Kick(who, reason):
            return ["kick", meant(who), reason]
        case Mute(who, seconds, reason):
            return ["mute", meant(who), str(seconds or ""), reason]
        case Ban(who, seconds, reason):
            return ["ban", meant(who), str(seconds or ""), reason]
        case Unmute(who):
            return ["unmute", meant(who)]
        case Appoint(who, off):
            return ["moderator", meant(who), "off" if off else ""]
        case Audit(count):
            return ["audit", str(count)]
    return _said(command)


def _said(command: Keeping) -> list[str]:
    match command:
        case Unban(ban):
            return ["unban", ban]
        case Delete(message):
            return ["delete", message]
        case Announce(text):
            return ["announce", text]
        case Appeal(text):
            return ["appeal", text]
    raise TypeError(f"{type(command).__name__} is not said")
