"""Questions, which change nothing: how each kind is answered from the state at this moment."""

from collections.abc import Callable
from typing import TypeVar

from chat_server.protocol.commands import (
    AllScheduled,
    Audit,
    Bans,
    Help,
    History,
    Ignores,
    ListTokens,
    Moderators,
    Pending,
    Reports,
    Users,
    Whoami,
    explain,
)
from chat_server.protocol.events import Refused, Reply
from chat_server.rules.chat import Chat
from chat_server.rules.moderation import Moderation
from chat_server.settings import Settings

Question = (
    Help | Users | Pending | History | Whoami | ListTokens
    | Ignores | Moderators | Bans | Reports | AllScheduled | Audit | Refused
)  # fmt: skip
"""A line that changes nothing."""
Answer = Callable[[Question, Chat, str, Settings], Reply]
"""Answers a question out of a chat, for somebody's connection, with the server's settings."""

Q = TypeVar("Q", bound=Question)


def _row(
    question: type[Q], answer: Callable[[Q, Chat, str, Settings], Reply]
) -> tuple[type[Question], Answer]:
    """Make a row of the table, whose answer is only asked questions of this type."""
    return question, answer  # type: ignore[return-value]  # see above


def _help(asked: Help, chat: Chat, connection: str, settings: Settings) -> Reply:
    return explain(asked.command, to_moderator=chat.is_moderator(connection))


def _for_moderators(
    command: str, answer: Callable[[Q, Moderation, float], Reply]
) -> Callable[[Q, Chat, str, Settings], Reply]:
    """Make an answer that moderators alone are given."""

    def answered(asked: Q, chat: Chat, connection: str, settings: Settings) -> Reply:
        seen = chat.asks_moderation(connection, command)
        return seen if isinstance(seen, Refused) else answer(asked, seen, chat.at)

    return answered


def _history(asked: History, chat: Chat, connection: str, settings: Settings) -> Reply:
    count = settings.history if asked.count is None else asked.count
    return chat.history(connection, count, asked.since, asked.run)


ANSWERS: dict[type[Question], Answer] = dict((
    _row(Refused, lambda refused, *_: refused),
    _row(Help, _help),
    _row(Users, lambda _, chat, *__: chat.users()),
    _row(Pending, lambda _, chat, connection, __: chat.pending(connection)),
    _row(History, _history),
    _row(Whoami, lambda _, chat, connection, __: chat.whoami(connection)),
    _row(Ignores, lambda _, chat, connection, __: chat.ignores(connection)),
    _row(Moderators, lambda _, chat, *__: chat.moderators()),
    _row(Bans, _for_moderators("bans", lambda asked, seen, at: seen.all_bans(at))),
    _row(Reports, _for_moderators("reports", lambda asked, seen, at: seen.all_reports())),
    _row(AllScheduled, _for_moderators("scheduled", lambda asked, seen, at: seen.all_scheduled())),
    _row(Audit, _for_moderators("audit", lambda asked, seen, at: seen.audit(asked.count))),
    _row(ListTokens, lambda _, chat, connection, __: chat.tokens(connection)),
))  # fmt: skip


def answered(question: Question, chat: Chat, connection: str, settings: Settings) -> Reply:
    """Answer a question of somebody."""
    return ANSWERS[type(question)](question, chat, connection, settings)
