"""What the lines of one connection mean: entering, commands, questions, and their answers.

Each line has one answer, in the lines' order. Commands go through the journal, many at a time; a
question waits until those before it are settled, and further lines wait for it.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from chat_server.clock import Clock
from chat_server.connection.tokens import LENGTH, Tokens, hashed
from chat_server.delivery.broadcast import Receiver
from chat_server.delivery.turns import Turns
from chat_server.protocol import commands
from chat_server.protocol.commands import Rename, parse, split_key
from chat_server.protocol.events import Bye, Event, Format, History, Ok, Refused, Reply, Welcome
from chat_server.protocol.names import Name
from chat_server.rules.chat import Chat
from chat_server.rules.entries import Command, Enter, IssueToken, Leave, Proposal, Return
from chat_server.rules.rule import TypedCommand
from chat_server.settings import Settings

AT_ONCE = 64
"""Lines that one connection takes up before it is seen whether the turn allows more."""
LINE = 64
"""Bytes of a line that cost as much as taking it up, however short it is."""
ENTERING = 4096
"""Bytes of lines that cost as much as a newcomer, who is welcomed with the names of all."""
IN_FLIGHT = 256
"""Lines of one connection that may be on their way through the journal."""
NOT_SAVED = Refused("not_saved")
NOT_IN_YET = Refused("not_saved", {"command": "enter"})
HALF_A_LINE = Refused("half_a_line")
JSON_ONLY = Refused("json_only")
NO_TOKEN = Refused("bad_token", {"length": LENGTH})

Change = TypedCommand
CHANGES = (commands.Send, commands.Rename, commands.Cancel, commands.Report)
"""Lines that change the chat, the most frequent first."""
Question = commands.Help | commands.Users | commands.Pending | commands.History | Refused
"""A line that changes nothing."""
Other = Question | commands.Exit | commands.SetFormat | commands.Resume
"""What else a line can be."""


class Hub(Protocol):
    """What a conversation needs of the server."""

    chat: Chat
    clock: Clock
    settings: Settings
    lines: Turns
    """Bytes of lines that all connections together take up in a turn."""

    def propose(self, command: Command, connection: str, key: str) -> None: ...
    def tell(self, receiver: Receiver, event: Event) -> None: ...


class Conversation(Receiver):
    """Lines, and what becomes of them."""

    __slots__ = (
        "_held",
        "_hub",
        "_in_doubt",
        "_in_flight",
        "_question",
        "_talks_on",
        "_tokens",
        "address",
        "connection",
        "has_ended",
        "has_entered",
        "has_left",
        "next_format",
        "was_told",
    )

    def __init__(self, hub: Hub, connection: str) -> None:
        super().__init__()
        self.connection = connection
        self.address = ""
        """Where it comes from, for which a mute holds; "" for this machine."""
        self.has_entered = False
        self.has_left = False
        """Whether it is leaving: no further line counts."""
        self.has_ended = False
        """Whether it was told goodbye."""
        self.was_told = False
        """Whether it was told anything itself."""
        self.next_format: Format = "text"
        """The format that was asked for last; until that is answered the one before is spoken."""
        self._hub = hub
        self._tokens: Tokens | None = None
        self._in_flight = 0
        """How many commands are on their way through the journal."""
        self._in_doubt = False
        """Whether any of them may change what becomes of the lines after it."""
        self._talks_on = False
        """Whether something that they may say is on its way, so that they may say the next, too."""
        self._held: tuple[Change | commands.Resume, str] | None = None
        """The line, with its key, whose turn comes when those before it are settled, or later."""
        self._question: Callable[[], None] | None = None
        """What answers the line after those."""

    @property
    def is_settled(self) -> bool:
        """Say whether nothing is on its way through the journal."""
        return not self._in_flight

    @property
    def waits_for_journal(self) -> bool:
        """Say whether nothing can be done before what is in flight is settled."""
        if self._question is None and self._held is None:
            return self._in_flight >= IN_FLIGHT or self.has_left
        return self._in_flight > 0

    @property
    def holds_line(self) -> bool:
        """Say whether a line that was taken up waits for those before it."""
        return self._held is not None

    def take_lines(self, next_line: Callable[[], str | Refused | None]) -> bool:
        """Take up some lines; say whether that was all, so that none has to wait.

        Nothing that was taken up may wait for the journal. What they cause, and their answers,
        are told in their time.
        """
        taken, is_free = 0, True
        if self._held is not None:
            held, self._held = self._held, None
            self._take_up(*held)
            if self.holds_line and self.is_settled:
                return True
            is_free = self.is_free()
        propose, connection = self._hub.propose, self.connection
        while is_free and taken < AT_ONCE:
            line, key = next_line(), ""
            if line is None:
                break
            taken += 1
            if self.format == "json" and isinstance(line, str):
                key, line = split_key(line)
            parsed = parse(line) if isinstance(line, str) else line
            if (
                self._talks_on
                and isinstance(parsed, commands.Send)
                and not (key or parsed.to or parsed.delay)
            ):
                self._in_flight += 1
                propose(parsed, connection, "")
                is_free = self._in_flight < IN_FLIGHT
            elif parsed is not None:
                self._take_up(parsed, key)
                is_free = self.is_free()
        else:
            self._hub.lines.left -= taken * LINE
            return False
        self._hub.lines.left -= taken * LINE
        return True

    def is_free(self) -> bool:
        """Say whether a further line can be taken up."""
        is_waiting = self._question is not None or self._held is not None
        return not (is_waiting or self._in_flight >= IN_FLIGHT or self.has_left)

    def _take_up(self, parsed: commands.Parsed, key: str) -> None:
        if not self.has_entered and self._enter_with(parsed, key):
            return
        if isinstance(parsed, CHANGES):
            self._change(parsed, key)
        else:
            self._carry_out(parsed, key)

    def _change(self, command: Change, key: str) -> None:
        """Propose what can succeed; the rest is answered in its turn, and not journaled."""
        if self._in_flight and self._has_to_wait(command):
            self._held = (command, key)
            return
        answer = self._hub.chat.check(self.connection, key, command, self._hub.clock.now())
        if answer is None:
            if isinstance(command, Rename) and not self.may_rename():
                self._held = (command, key)
            else:
                self._propose(command, key)
        elif self._in_flight:
            self._held = (command, key)
        else:
            self._answer(answer, key)

    def _has_to_wait(self, command: Change) -> bool:
        """Say whether nobody can tell yet if a command can succeed.

        What one says to everyone while entering can, whoever one becomes.
        """
        if self._in_doubt:
            return True
        chat = self._hub.chat
        is_for_all = isinstance(command, commands.Send) and not (command.to or command.delay)
        is_sure = is_for_all and not chat.is_muted_address(self.address, self._hub.clock.now())
        return not is_sure and not chat.has_entered(self.connection)

    def may_rename(self) -> bool:
        """Say whether this is the time for a new name; if not, more lines are taken up then."""
        return True

    def settle(self, answer: Ok | Refused | None, key: str) -> None:
        """Take the answer to the oldest command that was journaled; None where it needs none.

        Of an answer without a code people are not told: they see what their line caused.
        """
        self._in_flight -= 1
        if not self._in_flight:
            self._in_doubt = self._talks_on = False
        if answer is not None and (answer.code or self.format == "json"):
            if isinstance(answer, Refused):
                self._talks_on = False
            self._answer(answer, key)

    def not_saved(self, proposal: Proposal) -> None:
        """Refuse the oldest command that was to be journaled: it is not in the journal.

        Who leaves need not wait until that can be saved.
        """
        if isinstance(proposal.command, Leave):
            if proposal.command.goodbye:
                self.tell(Bye("exit", re=proposal.key))
            return
        if isinstance(proposal.command, Enter | Return):
            self.has_entered = self._hub.chat.has_entered(self.connection)
        is_line = not isinstance(proposal.command, Enter) or proposal.command.name is not None
        self.settle(NOT_SAVED if is_line else None, proposal.key)

    @property
    def has_question(self) -> bool:
        """Say whether it is a question's turn to be answered."""
        return self._question is not None and not self._in_flight

    def answer_question(self) -> None:
        """Answer the question whose turn it is."""
        assert self._question is not None
        question, self._question = self._question, None
        question()

    def enter_as_guest(self) -> None:
        self._enter(None, "")

    def leave(self, *, goodbye: bool = False, key: str = "") -> None:
        """End the person's presence, or, with a `goodbye`, the person."""
        self.has_left = True
        self._propose(Leave(goodbye), key)

    def tell(self, event: Event) -> None:
        """Tell this connection something at the next write; what follows a goodbye is dropped."""
        if self.has_ended:
            return
        if isinstance(event, Welcome):
            event = self._with_token(event)
        self.was_told = True
        self.has_ended = event.role == "goodbye"
        self._hub.tell(self, event)

    def _with_token(self, welcome: Welcome) -> Welcome:
        """Put the token that only we know in place of its hash."""
        token = None if self._tokens is None else self._tokens.in_use(welcome.token)
        return msgspec.structs.replace(welcome, token=token)

    def _carry_out(self, parsed: Other, key: str) -> None:
        match parsed:
            case commands.Exit():
                self.leave(goodbye=True, key=key)
            case commands.SetFormat(format_):
                self._set_format(format_, key)
            case commands.Resume(token):
                self._resume(token, key)
            case _:
                self._ask(key, lambda: self._reply(parsed))

    def _reply(self, question: Question) -> Reply:
        """Answer what is only asked, out of the state at this moment."""
        match question:
            case Refused():
                return question
            case commands.Help(command):
                return commands.explain(command)
            case commands.Users():
                return self._hub.chat.users()
            case commands.Pending():
                return self._hub.chat.pending(self.connection)
            case commands.History():
                return self._history(question)

    def _history(self, asked: commands.History) -> History | Refused:
        count = self._hub.settings.history if asked.count is None else asked.count
        return self._hub.chat.history(self.connection, count, asked.since, asked.run)

    def _propose(self, command: Command, key: str) -> None:
        self._in_flight += 1
        is_harmless = isinstance(command, commands.Send) and not command.delay
        if not is_harmless and not isinstance(command, Enter):
            self._in_doubt = True
        self._talks_on = is_harmless and not self._in_doubt
        self._hub.propose(command, self.connection, key)

    def _ask(self, key: str, question: Callable[[], Reply]) -> None:
        self._question = lambda: self._answer(question(), key)

    def _answer(self, reply: Reply, key: str) -> None:
        self.tell(msgspec.structs.replace(reply, re=key) if key else reply)

    # Entering

    def _known_tokens(self) -> Tokens:
        if self._tokens is None:
            self._tokens = Tokens()
        return self._tokens

    def _enter(self, name: Name | None, key: str) -> None:
        token_hash = self._known_tokens().fresh() if self.format == "json" else None
        self.has_entered = True
        self._hub.lines.left -= ENTERING
        self._propose(Enter(name, token_hash, self.address), key)

    def _enter_with(self, first: commands.Parsed, key: str) -> bool:
        """Enter with the first line that is said in the chat; say whether that carries it out."""
        match first:
            case commands.SetFormat():
                return False
            case Rename(name):
                self._enter(name, key)
                return True
            case commands.Resume(token) if self.format == "json" and len(token) == LENGTH:
                self.has_entered = True
                self._resume(token, key)
                return True
        self.enter_as_guest()
        return False

    def _resume(self, token: str, key: str) -> None:
        if self.format == "text":
            self._ask(key, lambda: JSON_ONLY)
            return
        if len(token) != LENGTH:
            self._ask(key, lambda: NO_TOKEN)
            return
        if self._in_flight:
            self._held = (commands.Resume(token), key)
            return
        is_in = self._hub.chat.has_entered(self.connection)
        unknown = self._hub.chat.check_token(hashed(token)) if is_in else None
        if unknown is not None:
            self._answer(unknown, key)
            return
        tokens = self._known_tokens()
        self._propose(Return(tokens.known(token), tokens.fresh(), self.address), key)

    def _set_format(self, format_: Format, key: str) -> None:
        self.next_format = format_
        if self.has_entered and format_ == "json" and self._tokens is None:
            self._propose(IssueToken(self._known_tokens().fresh()), "")

        def switch() -> None:
            self.format = format_
            self._answer(Ok(code="text_from_now_on" if format_ == "text" else ""), key)
            if self.has_entered and format_ == "json":
                self.tell(self._hub.chat.welcome(self.connection))

        self._question = switch
