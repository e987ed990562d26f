"""`chat-server adduser NAME`: an account, made while no server is running.

The name is checked, and the account made, by the rules of the chat, as entries of its journal.
"""

import asyncio
import getpass
import secrets
import sys
from typing import TypeVar

from chat_server.clock import SystemClock
from chat_server.connection.passwords import Passwords
from chat_server.journal import Journal, open_journal
from chat_server.protocol import wording
from chat_server.protocol.events import Ok, Refused
from chat_server.protocol.names import Name, parse_name
from chat_server.protocol.passwords import ACCOUNTS_OFF, BUSY, prepared
from chat_server.rules.chat import Chat
from chat_server.rules.entries import AddMember, Command, NodeHere, NodesGone, Proposal
from chat_server.settings import Settings

T = TypeVar("T")


class CannotAdd(Exception):
    """An account cannot be made, for a reason that stands in the message."""


def add_user(settings: Settings, name: str) -> str:
    """Ask for a password and make an account; return what there is to say of it.

    Raises CannotAdd, or JournalError where the journal cannot be used: a server may be running.
    """
    wanted = _allowed(parse_name(name))
    password = _allowed(prepared(_asked_for(wanted.text)))
    asyncio.run(_add(settings, wanted, password))
    return f"{wanted.text} has an account"


def _allowed(value: T | Refused) -> T:
    if isinstance(value, Refused):
        raise CannotAdd(wording.refusal(value))
    return value


def _asked_for(name: str) -> str:
    """Ask for a password twice, unseen; where nobody is at a terminal, read a line of it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    password = getpass.getpass(f"Password for {name}: ").strip()
    if getpass.getpass("The same again: ").strip() != password:
        raise CannotAdd("the two passwords differ, so nothing is changed")
    return password


async def _add(settings: Settings, name: Name, password: str) -> None:
    clock = SystemClock()
    secret = await _hashed(password)
    journal = open_journal(settings.journal, clock)
    try:
        snapshot = await journal.open()
        chat = Chat(journal.chat, snapshot)
        await _replay(journal, chat, chat.last, "")
        clock.go_on_from(max(clock.wall() - chat.ahead, chat.at))
        before = chat.last
        node = secrets.token_urlsafe(6)
        commands: list[Command] = [
            NodesGone(await journal.gone(chat.nodes())),
            NodeHere(secrets.token_urlsafe(3)),
            AddMember(name, secret),
            NodesGone((node,)),
        ]
        await journal.append(
            [Proposal(node, number + 1, "", "", one) for number, one in enumerate(commands)]
        )
        _allowed(await _replay(journal, chat, before, node))
    finally:
        await journal.close()


async def _hashed(password: str) -> str:
    passwords = Passwords()
    if not passwords.is_available:
        raise CannotAdd(wording.refusal(ACCOUNTS_OFF))
    made: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
    passwords.hash(password, made.set_result)
    secret = await made
    passwords.close()
    return _allowed(BUSY if secret is None else secret)


async def _replay(journal: Journal, chat: Chat, after: int, node: str) -> Ok | Refused | None:
    """Carry out what the journal holds after an entry; return the last answer to a node's."""
    answer = None
    batches = journal.read(after)
    while chat.last < journal.last:
        for entry in await anext(batches):
            outcome = chat.apply(entry)
            if entry.proposal.node == node:
                answer = (outcome and outcome.answer) or answer
    await batches.aclose()
    return answer
