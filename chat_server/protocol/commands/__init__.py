"""What can be typed: a file for each command, and the table of them all."""

from chat_server.protocol.commands.cancel import Cancel, unknown_item
from chat_server.protocol.commands.exit import Exit
from chat_server.protocol.commands.format import SetFormat
from chat_server.protocol.commands.help import Help
from chat_server.protocol.commands.history import MAX_HISTORY, History
from chat_server.protocol.commands.line import split_command, split_key
from chat_server.protocol.commands.login import Login
from chat_server.protocol.commands.logout import Logout
from chat_server.protocol.commands.password import ChangePassword
from chat_server.protocol.commands.pending import Pending
from chat_server.protocol.commands.register import Register
from chat_server.protocol.commands.rename import Rename
from chat_server.protocol.commands.report import Report
from chat_server.protocol.commands.resume import Resume
from chat_server.protocol.commands.row import Effect, Row
from chat_server.protocol.commands.secret import Secret
from chat_server.protocol.commands.send import MAX_DELAY, MAX_MESSAGE, Send
from chat_server.protocol.commands.table import COMMANDS, Parsed, Typed, explain, nearest, parse
from chat_server.protocol.commands.token import CreateToken, ListTokens, RevokeToken
from chat_server.protocol.commands.unregister import Unregister
from chat_server.protocol.commands.users import Users
from chat_server.protocol.commands.whoami import Whoami

__all__ = [
    "COMMANDS",
    "MAX_DELAY",
    "MAX_HISTORY",
    "MAX_MESSAGE",
    "Cancel",
    "ChangePassword",
    "CreateToken",
    "Effect",
    "Exit",
    "Help",
    "History",
    "ListTokens",
    "Login",
    "Logout",
    "Parsed",
    "Pending",
    "Register",
    "Rename",
    "Report",
    "Resume",
    "RevokeToken",
    "Row",
    "Secret",
    "Send",
    "SetFormat",
    "Typed",
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
