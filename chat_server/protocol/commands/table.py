"""The one table of commands, and the parser of a line, which reads it.

A parsed command holds everything that does not depend on the state of the chat: checked
lengths, compared forms of names, seconds. The ones that change the chat are journaled as they
stand. Nothing here knows who typed the line.
"""

from chat_server.protocol.commands.announce import ANNOUNCE, Announce
from chat_server.protocol.commands.appeal import APPEAL, Appeal
from chat_server.protocol.commands.audit import AUDIT, Audit
from chat_server.protocol.commands.ban import BAN, Ban
from chat_server.protocol.commands.bans import BANS, Bans
from chat_server.protocol.commands.cancel import CANCEL, Cancel
from chat_server.protocol.commands.delete import DELETE, Delete
from chat_server.protocol.commands.exit import EXIT, Exit
from chat_server.protocol.commands.format import FORMAT, SetFormat
from chat_server.protocol.commands.help import Help, help_row
from chat_server.protocol.commands.history import HISTORY, History
from chat_server.protocol.commands.ignore import IGNORE, Ignore
from chat_server.protocol.commands.ignores import IGNORES, Ignores
from chat_server.protocol.commands.kick import KICK, Kick
from chat_server.protocol.commands.login import LOGIN, Login
from chat_server.protocol.commands.logout import LOGOUT, Logout
from chat_server.protocol.commands.moderator import MODERATOR, Appoint
from chat_server.protocol.commands.moderators import MODERATORS, Moderators
from chat_server.protocol.commands.mute import MUTE, Mute
from chat_server.protocol.commands.password import PASSWORD, ChangePassword
from chat_server.protocol.commands.pending import PENDING, Pending
from chat_server.protocol.commands.register import REGISTER, Register
from chat_server.protocol.commands.rename import RENAME, Rename
from chat_server.protocol.commands.report import REPORT, Report
from chat_server.protocol.commands.reports import REPORTS, Reports
from chat_server.protocol.commands.resume import RESUME, Resume
from chat_server.protocol.commands.row import Row
from chat_server.protocol.commands.scheduled import SCHEDULED, AllScheduled
from chat_server.protocol.commands.secret import SECRET, Secret
from chat_server.protocol.commands.send import SEND, Send
from chat_server.protocol.commands.token import TOKEN, Token
from chat_server.protocol.commands.unban import UNBAN, Unban
from chat_server.protocol.commands.unignore import UNIGNORE, Unignore
from chat_server.protocol.commands.unmute import UNMUTE, Unmute
from chat_server.protocol.commands.unregister import UNREGISTER, Unregister
from chat_server.protocol.commands.users import USERS, Users
from chat_server.protocol.commands.whoami import WHOAMI, Whoami
from chat_server.protocol.events import Help as HelpAnswer
from chat_server.protocol.events import HelpEntry, Refused, shortened
from chat_server.protocol.slips import one_edit_apart

Typed = (
    Help | Rename | Exit | Users | Send | Cancel | Pending | History | Report | SetFormat | Resume
    | Ignore | Unignore | Ignores
    | Kick | Mute | Unmute | Ban | Unban | Delete | Announce | Appeal | Appoint
    | Moderators | Bans | Reports | AllScheduled | Audit
    | Register | Login | Logout | ChangePassword | Unregister | Whoami | Token | Secret
)  # fmt: skip
"""What a line can mean."""
Parsed = Typed | Refused

_ROWS: tuple[Row[Typed], ...] = (
    SEND,
    USERS,
    RENAME,
    HISTORY,
    PENDING,
    CANCEL,
    IGNORE,
    UNIGNORE,
    IGNORES,
    REPORT,
    APPEAL,
    MODERATORS,
    KICK,
    MUTE,
    UNMUTE,
    BAN,
    UNBAN,
    BANS,
    REPORTS,
    SCHEDULED,
    DELETE,
    ANNOUNCE,
    MODERATOR,
    AUDIT,
    REGISTER,
    LOGIN,
    LOGOUT,
    PASSWORD,
    UNREGISTER,
    WHOAMI,
    TOKEN,
    SECRET,
    FORMAT,
    RESUME,
    EXIT,
)
COMMANDS: dict[str, Row[Typed]] = {
    row.name: row for row in (help_row([row.name for row in _ROWS]), *_ROWS)
}


def parse(line: str) -> Parsed | None:
    """Say what a line means; None for an empty one.

    The first word is the command, in any letter case, with or without a leading `/`.
    """
    words = line.split(maxsplit=1)
    if not words:
        return None
    word, rest = words[0], words[1].rstrip() if len(words) > 1 else ""
    row = COMMANDS.get(word) or COMMANDS.get(word.lower().removeprefix("/"))
    return _unknown(word, rest) if row is None else row.parse(rest)


def nearest(word: str) -> str | None:
    """Return the command that a word is one slip away from (`one_edit_apart`); None without one.

    Those for moderators are too many words of other meanings, and are not guessed.
    """
    lowered = word.lower().removeprefix("/")
    if lowered in COMMANDS or len(lowered) < 3:
        return None
    rows = (row for row in COMMANDS.values() if not row.for_moderators)
    return next((row.name for row in rows if one_edit_apart(lowered, row.name)), None)


def explain(command: str | None = None, *, to_moderator: bool = False) -> HelpAnswer:
    """List the commands of guests, or of moderators, or say all there is to say of one."""
    if command is not None:
        row = COMMANDS[command]
        return HelpAnswer([HelpEntry(row.name, row.usage, row.summary, list(row.details))])
    rows = [row for row in COMMANDS.values() if to_moderator or not row.for_moderators]
    return HelpAnswer([HelpEntry(row.name, row.usage, row.summary) for row in rows])


def _unknown(word: str, rest: str) -> Refused:
    meant = nearest(word)
    if meant is None:
        whole = shortened(f"{word} {rest}".strip())
        return Refused("unknown_command", {"command": shortened(word), "line": whole})
    return Refused("unknown_command", {"command": shortened(word), "meant": meant})
