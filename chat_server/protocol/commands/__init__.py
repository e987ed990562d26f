"""What can be typed: a file for each command, and the table of them all."""

from chat_server.protocol.commands.announce import Announce
from chat_server.protocol.commands.appeal import Appeal
from chat_server.protocol.commands.audit import Audit
from chat_server.protocol.commands.ban import Ban
from chat_server.protocol.commands.bans import Bans
from chat_server.protocol.commands.cancel import Cancel, unknown_item
from chat_server.protocol.commands.delete import Delete
from chat_server.protocol.commands.exit import Exit
from chat_server.protocol.commands.format import SetFormat
from chat_server.protocol.commands.help import Help
from chat_server.protocol.commands.history import MAX_HISTORY, History
from chat_server.protocol.commands.ignore import Ignore
from chat_server.protocol.commands.ignores import Ignores
from chat_server.protocol.commands.kick import Kick
from chat_server.protocol.commands.line import split_command, split_key
from chat_server.protocol.commands.login import Login
from chat_server.protocol.commands.logout import Logout
from chat_server.protocol.commands.moderator import Appoint
from chat_server.protocol.commands.moderators import Moderators
from chat_server.protocol.commands.mute import Mute
from chat_server.protocol.commands.password import ChangePassword
from chat_server.protocol.commands.pending import Pending
from chat_server.protocol.commands.register import Register
from chat_server.protocol.commands.rename import Rename
from chat_server.protocol.commands.report import Report
from chat_server.protocol.commands.reports import Reports
from chat_server.protocol.commands.resume import Resume
from chat_server.protocol.commands.row import Effect, Row
from chat_server.protocol.commands.scheduled import AllScheduled
from chat_server.protocol.commands.secret import Secret
from chat_server.protocol.commands.send import MAX_DELAY, MAX_MESSAGE, Send
from chat_server.protocol.commands.table import COMMANDS, Parsed, Typed, explain, nearest, parse
from chat_server.protocol.commands.token import CreateToken, ListTokens, RevokeToken
from chat_server.protocol.commands.unban import Unban
from chat_server.protocol.commands.unignore import Unignore
from chat_server.protocol.commands.unmute import Unmute
from chat_server.protocol.commands.unregister import Unregister
from chat_server.protocol.commands.users import Users
from chat_server.protocol.commands.whoami import Whoami

__all__ = [
    "COMMANDS",
    "MAX_DELAY",
    "MAX_HISTORY",
    "MAX_MESSAGE",
    "AllScheduled",
    "Announce",
    "Appeal",
    "Appoint",
    "Audit",
    "Ban",
    "Bans",
    "Cancel",
    "ChangePassword",
    "CreateToken",
    "Delete",
    "Effect",
    "Exit",
    "Help",
    "History",
    "Ignore",
    "Ignores",
    "Kick",
    "ListTokens",
    "Login",
    "Logout",
    "Moderators",
    "Mute",
    "Parsed",
    "Pending",
    "Register",
    "Rename",
    "Report",
    "Reports",
    "Resume",
    "RevokeToken",
    "Row",
    "Secret",
    "Send",
    "SetFormat",
    "Typed",
    "Unban",
    "Unignore",
    "Unmute",
    "Unregister",
    "Users",
    "Whoami",
    "and",
    "explain",
    "nearest",
    "parse",
    "split_command",
    "split_key",
    "unknown_item",
]
