"""Questions, which change nothing: how each kind is answered from the state at this moment."""

from collections.abc import Callable
from typing import TypeVar

from chat_server.protocol.commands import (
    Help,
    History,
    ListTokens,
    Pending,
    Users,
    Whoami,
    explain,
)
from chat_server.protocol.events import Refused, Reply
from chat_server.rules.chat import Chat
from chat_server.settings import Settings

Question = Help | Users | Pending | History | Whoami | ListTokens | Refused
"""A line that changes nothing."""
Answer = Callable[[Question, Chat, str, Settings], Reply]
"""Answers a question out of a chat, for somebody's connection, with the server's settings."""

Q = TypeVar("Q", bound=Question)


def _row(
    question: type[Q], answer: Callable[[Q, Chat, str, Settings], Reply]
) -> tuple[type[Question], Answer]:
    """Make a row of the table, whose answer is only asked questions of this type."""
    return question, answer  # type: ignore[return-value]  # see above


def _history(asked: History, chat: Chat, connection: str, settings: Settings) -> Reply:
    count = settings.history if asked.count is None else asked.count
    return chat.history(connection, count, asked.since, asked.run)


ANSWERS: dict[type[Question], Answer] = dict((
    _row(Refused, lambda refused, *_: refused),
    _row(Help, lambda asked, *_: explain(asked.command)),
    _row(Users, lambda _, chat, *__: chat.users()),
    _row(Pending, lambda _, chat, connection, __: chat.pending(connection)),
    _row(History, _history),
    _row(Whoami, lambda _, chat, connection, __: chat.whoami(connection)),
    _row(ListTokens, lambda _, chat, connection, __: chat.tokens(connection)),
))  # fmt: skip


def answered(question: Question, chat: Chat, connection: str, settings: Settings) -> Reply:
    """Answer a question of somebody."""
    return ANSWERS[type(question)](question, chat, connection, settings)
