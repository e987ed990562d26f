"""What the lines of one connection mean: entering, commands, questions, and their answers.

Each line has one answer, in the lines' order. Commands go through the journal, many at a time; a
question waits until those before it are settled, and further lines wait for it. Nothing here
knows how lines come and where answers go.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from chat_server.clock import Clock
from chat_server.connection.attempts import Attempts
from chat_server.connection.identity import OF_IDENTITY, Identity
from chat_server.connection.identity import Command as OfIdentity
from chat_server.connection.passwords import Passwords
from chat_server.connection.phase import CLOSED, ENDED, HERE, KNOCKING, LEAVING, Phase, passed
from chat_server.connection.questions import Question, answered
from chat_server.connection.silence import Silence
from chat_server.connection.tokens import LENGTH, Tokens, hashed
from chat_server.delivery.broadcast import Receiver
from chat_server.delivery.turns import Turns
from chat_server.doors import DOORS
from chat_server.protocol import commands
from chat_server.protocol.commands import Rename
from chat_server.protocol.events import Bye, Event, Format, Ok, Refused, Reply, Welcome
from chat_server.protocol.names import Name
from chat_server.rules.chat import Chat, Login
from chat_server.rules.entries import (
    Command,
    Enter,
    IssueToken,
    Leave,
    LogIn,
    LogOut,
    Proposal,
    Return,
)
from chat_server.rules.rule import OfPeople, TypedCommand
from chat_server.settings import Settings

AT_ONCE = 64
"""Lines that one connection takes up before it is seen whether the turn allows more."""
LINE = 64
"""What taking up a line costs of the turn's budget besides its bytes, however short it is."""
ENTERING = 4096
"""What a newcomer costs of that budget: they are welcomed with the names of all."""
IN_FLIGHT = 256
"""Lines of one connection that may be on their way through the journal."""
NOT_SAVED = Refused("not_saved")
NOT_IN_YET = Refused("not_saved", {"command": "enter"})
JSON_ONLY = Refused("json_only")
NO_TOKEN = Refused("bad_token", {"length": LENGTH})

CHANGES = (commands.Send, commands.Rename, commands.Cancel, commands.Report)
"""Lines that change the chat, the most frequent first."""
Other = Question | OfIdentity | commands.Exit | commands.SetFormat | commands.Resume
"""What else a line can be."""


T = TypeVar("T")


class Hub(Protocol):
    """What a dialogue needs of the server."""

    chat: Chat
    clock: Clock
    settings: Settings
    passwords: Passwords
    attempts: Attempts
    is_stopping: bool
    lines: Turns
    """Bytes of lines that all connections together take up in a turn."""

    def propose(self, command: Command, connection: str, key: str) -> None: ...
    def tell(self, receiver: Receiver, event: Event) -> None: ...


class Partner(Receiver, Protocol):
    """Who one talks with: where lines come from, and answers go."""

    @property
    def used(self) -> float:
        """A number that grows with how much it has talked lately."""

    def may_rename(self) -> bool:
        """Say whether a new name is allowed now; if not, it takes up lines again once one is."""

    def hide_typing(self, hidden: bool) -> bool:
        """Let what is typed next not be shown where it is typed; say whether it will not be."""

    def proceed(self) -> None:
        """Take up lines again."""


class Dialogue:
    """Lines, and what becomes of them."""

    __slots__ = (
        "_hub",
        "_identity",
        "_in_doubt",
        "_in_flight",
        "_knows_it_waits",
        "_next_door",
        "_partner",
        "_question",
        "_silence",
        "_talks_on",
        "_tokens",
        "address",
        "connection",
        "held",
        "phase",
        "was_told",
    )

    def __init__(self, hub: Hub, partner: Partner, connection: str) -> None:
        self.connection = connection
        self.address = ""
        """Where it comes from, for which a mute holds; "" for this machine."""
        self.phase: Phase = KNOCKING
        self.was_told = False
        """Whether it was told anything itself."""
        self._hub = hub
        self._partner = partner
        self._next_door = partner.door
        """The door that was asked for last; the partner's own changes when that is answered."""
        self._silence = Silence(self, hub.clock, hub.lines)
        self._knows_it_waits = False
        self._tokens: Tokens | None = None
        self._identity: Identity | None = None
        """What is said of accounts; None as long as nothing is."""
        self._in_flight = 0
        """How many commands are on their way through the journal."""
        self._in_doubt = False
        """Whether any of them may change what becomes of the lines after it."""
        self._talks_on = False
        """Whether a checked message is on its way, so that one to everyone need not be checked."""
        self.held: tuple[TypedCommand | commands.SetFormat | commands.Resume, str] | None = None
        """A line and its key that wait, for the lines before it or for the pace of new names."""
        self._question: Callable[[], None] | None = None
        """Answers the question that waits for the lines before it; None where there is none."""

    @property
    def is_settled(self) -> bool:
        """Say whether nothing is on its way through the journal."""
        return not self._in_flight

    @property
    def waits_for_journal(self) -> bool:
        """Say whether nothing can be done before what is in flight is settled."""
        if self._question is None and self.held is None:
            return self._in_flight >= IN_FLIGHT or self.phase >= LEAVING
        return self._in_flight > 0

    @property
    def holds_line(self) -> bool:
        """Say whether a line that was taken up waits for those before it."""
        return self.held is not None

    @property
    def has_looked_on(self) -> bool:
        """Say whether somebody was silent for so long that they entered before they spoke."""
        return self._silence.has_lasted

    @property
    def is_telnet_answered(self) -> bool:
        """Say whether telnet's own bytes may go to the other end, now and after the next answer."""
        return self._partner.door.wants.telnet and self._next_door.wants.telnet

    # Lines

    def take_lines(self, next_line: Callable[[], str | Refused | None]) -> bool:
        """Take up some lines; False where more might be taken up at once.

        Call it only where nothing `waits_for_journal`. What the lines cause, and their answers,
        are told later.
        """
        if self.held is not None and self._holds_on(*self.held):
            return True
        taken = 0
        parse, propose, connection = self._partner.door.parse, self._hub.propose, self.connection
        if self._is_asking and self._partner.door.wants.bare_secrets:
            parse = _bare_secret
        while (
            taken < AT_ONCE
            and self.held is None
            and self._question is None
            and self._in_flight < IN_FLIGHT
            and self.phase < LEAVING
        ):
            line = next_line()
            if line is None:
                break
            taken += 1
            key, parsed = parse(line) if isinstance(line, str) else ("", line)
            if (
                self._talks_on
                and isinstance(parsed, commands.Send)
                and not (key or parsed.to or parsed.delay)
            ):
                self._in_flight += 1
                propose(parsed, connection, "")
            elif isinstance(parsed, CHANGES) and self.phase is HERE:
                self._change(parsed, key)
            elif parsed is not None:
                self._take_up(parsed, key)
        else:
            self._hub.lines.left -= taken * LINE
            return False
        self._hub.lines.left -= taken * LINE
        return True

    def _holds_on(self, parsed: commands.Parsed, key: str) -> bool:
        """Try the held line again; say whether it still waits, though nothing is in flight."""
        self.held = None
        self._take_up(parsed, key)
        return self.holds_line and self.is_settled

    def is_free(self) -> bool:
        """Say whether a further line can be taken up."""
        is_waiting = self._question is not None or self.held is not None
        return not (is_waiting or self._in_flight >= IN_FLIGHT or self.phase >= LEAVING)

    def _take_up(self, parsed: commands.Parsed, key: str) -> None:
        if self.phase is KNOCKING and self._enter_with(parsed, key):
            return
        if isinstance(parsed, CHANGES):
            self._change(parsed, key)
        else:
            self._carry_out(parsed, key)

    def _change(self, command: TypedCommand, key: str) -> None:
        """Propose what can succeed; the rest is answered in its turn, and not journaled."""
        if self._in_flight and self._has_to_wait(command):
            self.held = (command, key)
            return
        answer = self._hub.chat.check(self.connection, key, command, self._hub.clock.now())
        if answer is None:
            if isinstance(command, Rename) and not self._partner.may_rename():
                self.held = (command, key)
            else:
                self._propose(command, key)
        elif self._in_flight:
            self.held = (command, key)
        else:
            self.answer(answer, key)

    def _has_to_wait(self, command: TypedCommand) -> bool:
        """Say whether nobody can tell yet if a command can succeed.

        A message to everyone can succeed even while its sender is entering, under any name.
        """
        if self._in_doubt:
            return True
        chat = self._hub.chat
        is_for_all = isinstance(command, commands.Send) and not (command.to or command.delay)
        is_sure = is_for_all and not chat.is_muted_address(self.address, self._hub.clock.now())
        return not is_sure and not chat.has_entered(self.connection)

    def _carry_out(self, parsed: Other, key: str) -> None:
        if isinstance(parsed, OF_IDENTITY):
            self._question = partial(self._identify, parsed, key)
            return
        match parsed:
            case commands.Exit():
                self._leave(goodbye=True, key=key)
            case commands.SetFormat(format_):
                self._set_format(format_, key)
            case commands.Resume(token):
                self._resume(token, key)
            case _:
                self._ask(key, lambda: self._reply(parsed))

    # Accounts

    @property
    def _is_asking(self) -> bool:
        return self._identity is not None and self._identity.is_asking

    @property
    def types_blindly(self) -> bool:
        """Say whether nobody sees what they type where a password is asked for."""
        return self._partner.door.wants.bare_secrets

    def _identify(self, command: OfIdentity, key: str) -> None:
        """Carry out what somebody says of themselves; who is not in the chat yet stays out."""
        if self._identity is None:
            self._identity = Identity(self._hub, self)
        if self.phase is KNOCKING:
            self._silence.end()
        self._identity.take(command, key)
        self._wait_in_silence()

    def _wait_in_silence(self) -> None:
        """Let somebody who is not in the chat, and whose password was not right, enter later."""
        is_out = self.phase is KNOCKING and self._silence.is_over
        if is_out and self._question is None and not self._is_asking:
            self._silence.begin_again()

    def wait_for(
        self, work: Callable[[Callable[[T | None], None]], None], then: Callable[[T | None], None]
    ) -> None:
        """Start some work, take up no line before it is done, and go on with what it gives."""

        def done(result: T | None) -> None:
            self._in_flight -= 1
            self._question = lambda: go_on(result)
            self._partner.proceed()

        def go_on(result: T | None) -> None:
            then(result)
            self._wait_in_silence()

        self._in_flight += 1
        self._question = _not_yet
        work(done)

    def hide_typing(self, hidden: bool) -> bool:
        return self._partner.hide_typing(hidden)

    def change(self, command: OfPeople, key: str) -> None:
        """Propose what somebody has done with their account, if it can succeed."""
        answer = self._hub.chat.check(self.connection, key, command, self._hub.clock.now())
        if answer is None:
            self._propose(command, key)
        else:
            self.answer(answer, key)

    def log_in(self, login: Login, key: str) -> None:
        """Become a member, who gave the right password."""
        if self.phase is KNOCKING:
            self._become(HERE)
            self._hub.lines.left -= ENTERING
        token_hash = self._known_tokens().fresh() if self._next_door.wants.token else None
        self._propose(LogIn(login.person.id, login.changed, token_hash, self.address), key)

    def log_out(self, key: str) -> None:
        token_hash = self._known_tokens().fresh() if self._next_door.wants.token else None
        self._propose(LogOut(token_hash, self.address), key)

    def _reply(self, question: Question) -> Reply:
        return answered(question, self._hub.chat, self.connection, self._hub.settings)

    def _propose(self, command: Command, key: str) -> None:
        self._in_flight += 1
        is_harmless = isinstance(command, commands.Send) and not command.delay
        if not is_harmless and not isinstance(command, Enter):
            self._in_doubt = True
        self._talks_on = is_harmless and not self._in_doubt
        self._hub.propose(command, self.connection, key)

    def _set_format(self, format_: Format, key: str) -> None:
        self._next_door = door = DOORS[format_]
        if door.wants.token and self._in_flight:  # who may be entering, with a token or without
            self.held = (commands.SetFormat(format_), key)
            return
        if self.phase is HERE and door.wants.token and not self._has_token():
            self._propose(IssueToken(self._known_tokens().fresh()), "")

        def switch() -> None:
            self._partner.door = door
            self.answer(Ok(code=door.welcome), key)
            if self.phase is HERE and door.wants.token:
                self.tell(self._hub.chat.welcome(self.connection))

        self._question = switch

    # Answers

    def settle(self, answer: Ok | Refused | None, key: str) -> None:
        """Take the answer to the oldest command that was journaled; None where it needs none.

        People are not told an answer without a code: they see what their line caused.
        """
        self._in_flight -= 1
        if not self._in_flight:
            self._in_doubt = self._talks_on = False
        if isinstance(answer, Refused) and self.phase is HERE and self.is_settled:
            self._stay_out_if_refused()
        if self._identity is not None and isinstance(answer, Ok) and answer.code == "token_made":
            answer = self._identity.completed(answer)
        if answer is not None and (answer.code or self._partner.door.wants.answers):
            if isinstance(answer, Refused):
                self._talks_on = False
            self.answer(answer, key)

    def _stay_out_if_refused(self) -> None:
        """Knock again where one was not let in."""
        if not self._hub.chat.has_entered(self.connection):
            self._become(KNOCKING)
            self._silence.begin_again()

    def not_saved(self, proposal: Proposal) -> None:
        """Refuse the oldest command that was to be journaled: it is not in the journal.

        Somebody who leaves is told goodbye at once, though that is saved later; for somebody who
        entered by silence, entering is tried again later.
        """
        if isinstance(proposal.command, Leave):
            if proposal.command.goodbye:
                self.tell(Bye("exit", re=proposal.key))
            return
        is_entering = isinstance(proposal.command, Enter | Return | LogIn)
        if is_entering and self.phase is HERE and not self._hub.chat.has_entered(self.connection):
            self._become(KNOCKING)
        self.settle(NOT_SAVED if _is_line(proposal.command) else None, proposal.key)
        if self.phase is KNOCKING and self._silence.has_lasted and self._silence.is_over:
            self._enter_later()

    @property
    def has_question(self) -> bool:
        """Say whether it is a question's turn to be answered."""
        return self._question is not None and not self._in_flight

    def answer_question(self) -> bool:
        """Answer the question whose turn it is; say whether anything was told at once."""
        assert self._question is not None
        question, self._question = self._question, None
        was_told, self.was_told = self.was_told, False
        question()
        has_answered, self.was_told = self.was_told, self.was_told or was_told
        return has_answered

    def tell(self, event: Event) -> None:
        """Tell this connection something at the next write; what follows a goodbye is dropped.

        Somebody who is told goodbye while they are here leaves.
        """
        if self.phase >= ENDED:
            return
        if isinstance(event, Welcome):
            event = self._with_token(event)
        self.was_told = True
        if event.role == "goodbye":
            self._leave_if_here()
            self._become(ENDED)
        self._hub.tell(self._partner, event)

    def _with_token(self, welcome: Welcome) -> Welcome:
        """Put the token that only we know in place of its hash."""
        token = None if self._tokens is None else self._tokens.in_use(welcome.token)
        return msgspec.structs.replace(welcome, token=token)

    def _ask(self, key: str, question: Callable[[], Reply]) -> None:
        self._question = lambda: self.answer(question(), key)

    def answer(self, reply: Reply, key: str) -> None:
        """Answer a line."""
        self.tell(msgspec.structs.replace(reply, re=key) if key else reply)

    # Coming

    def enter_in_silence(self) -> None:
        """Enter as a guest, unless that is done or too late."""
        if self.phase is KNOCKING and not self._is_asking:
            self._enter(None, "")

    @property
    def used(self) -> float:
        """Return a number that grows with how much the other end has talked lately."""
        return self._partner.used

    def _enter_later(self) -> None:
        """Try again for a silent newcomer; tell them once why they are not in the chat yet."""
        if not self._knows_it_waits:
            self._knows_it_waits = True
            self.tell(NOT_IN_YET)
        self._silence.begin_again()

    def _enter(self, name: Name | None, key: str) -> None:
        wants = self._next_door.wants
        token_hash = self._known_tokens().fresh() if wants.token else None
        self._become(HERE)
        self._hub.lines.left -= ENTERING
        self._propose(Enter(name, token_hash, self.address), key)

    def _enter_with(self, first: commands.Parsed, key: str) -> bool:
        """Enter because of a first line; say whether entering was all that the line asked for."""
        match first:
            case commands.SetFormat() | commands.Login() | commands.Secret():
                return False
            case Rename(name):
                self._enter(name, key)
                return True
            case commands.Resume(token) if self._may_return_with(token):
                self._become(HERE)
                self._resume(token, key)
                return True
        self._enter(None, "")
        return False

    def _may_return_with(self, token: str) -> bool:
        return self._partner.door.wants.token and len(token) == LENGTH

    def _resume(self, token: str, key: str) -> None:
        if not self._partner.door.wants.token:
            self._ask(key, lambda: JSON_ONLY)
            return
        if len(token) != LENGTH:
            self._ask(key, lambda: NO_TOKEN)
            return
        if self._in_flight:
            self.held = (commands.Resume(token), key)
            return
        is_in = self._hub.chat.has_entered(self.connection)
        unknown = self._hub.chat.check_token(hashed(token)) if is_in else None
        if unknown is not None:
            self.answer(unknown, key)
            return
        tokens = self._known_tokens()
        self._propose(Return(tokens.known(token), tokens.fresh(), self.address), key)

    def _has_token(self) -> bool:
        """Say whether we know the token of who this is; call it only with nothing in flight."""
        token_hash = self._hub.chat.token_hash_at(self.connection)
        return self._tokens is not None and self._tokens.knows(token_hash)

    def _known_tokens(self) -> Tokens:
        if self._tokens is None:
            self._tokens = Tokens()
        return self._tokens

    # Going

    def hang_up(self, half_a_line: Refused | None) -> None:
        """Say goodbye to an end that sends no more and whose lines are all carried out.

        Nothing is said to a connection that was never here nor told anything.
        """
        if half_a_line is not None:
            self.tell(half_a_line)
        if self.phase is HERE:
            self.tell(self._hub.chat.goodbye(self.connection))
        elif self.was_told:
            self.tell(Bye("hung_up"))

    def close(self) -> None:
        """Hear and tell no more; who is still here leaves."""
        self._silence.end()
        self._leave_if_here()
        if self.phase is not CLOSED:
            self._become(CLOSED)

    def _leave_if_here(self) -> None:
        if self.phase is HERE and not self._hub.is_stopping:
            self._leave()

    def _leave(self, *, goodbye: bool = False, key: str = "") -> None:
        """End the person's presence or, with a `goodbye`, the person: they cannot come back."""
        self._become(LEAVING)
        self._propose(Leave(goodbye), key)

    def _become(self, phase: Phase) -> None:
        self.phase = passed(self.phase, phase)
        if phase is HERE:
            self._silence.end()


def _bare_secret(line: str) -> tuple[str, commands.Parsed | None]:
    """Take a whole line for the password that was asked for."""
    return "", commands.Secret(line.strip())


def _not_yet() -> None:
    """Stand for a question whose answer is being made."""


def _is_line(command: Command) -> bool:
    """Say whether a command is what somebody typed, and not only done for them."""
    match command:
        case Enter(name):
            return name is not None
        case IssueToken():
            return False
    return True
