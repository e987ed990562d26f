"""How a connection comes into the chat, and as whom: in silence, by its first line, with a token.

What is said with a password goes to the `Identity`, which comes back with what it found out. A
server may be closed: to guests, or to whoever does not know its password.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from chat_server.connection import identity
from chat_server.connection.identity import Identity
from chat_server.connection.phase import HERE, KNOCKING, Phase
from chat_server.connection.silence import ENTER_AGAIN_SECONDS, Silence
from chat_server.connection.tokens import LENGTH, Tokens, hashed
from chat_server.delivery.turns import Turns
from chat_server.doors.door import Wants
from chat_server.protocol import commands
from chat_server.protocol.commands import Rename
from chat_server.protocol.events import Bye, Event, Ok, Refused, Reply, Welcome
from chat_server.protocol.names import Name
from chat_server.rules.chat import Login
from chat_server.rules.entries import Command, Enter, IssueToken, LogIn, LogOut, Return
from chat_server.rules.rule import OfPeople
from chat_server.settings import Settings

ENTERING = 4096
"""What a newcomer costs of a turn's budget of bytes: they are welcomed with the names of all."""
JSON_ONLY = Refused("json_only")
NO_TOKEN = Refused("bad_token", {"length": LENGTH})
MEMBERS_ONLY = Refused("members_only")

T = TypeVar("T")


class Hub(identity.Hub, Protocol):
    """What is needed of the server."""

    settings: Settings
    lines: Turns


class Lines(Protocol):
    """The dialogue in which one says who one is."""

    connection: str
    phase: Phase

    @property
    def wants(self) -> Wants:
        """What its door has to be told."""

    @property
    def will_want(self) -> Wants:
        """What the door has to be told that was asked for last."""

    @property
    def is_settled(self) -> bool: ...
    @property
    def used(self) -> float: ...
    def become(self, phase: Phase) -> None: ...
    def propose(self, command: Command, key: str) -> None: ...
    def ask(self, key: str, question: Callable[[], Reply]) -> None: ...
    def answer(self, reply: Reply, key: str) -> None: ...
    def tell(self, event: Event) -> None: ...
    def leave(self, *, goodbye: bool = False, key: str = "") -> None: ...
    def hold(self, command: commands.Resume, key: str) -> None: ...
    def wait_for(
        self, work: Callable[[Callable[[T | None], None]], None], then: Callable[[T | None], None]
    ) -> None: ...
    def hide_typing(self, hidden: bool) -> bool: ...
    def asks_telnet(self) -> bool: ...
    def wait_for_telnet(self, done: Callable[[None], None]) -> None: ...


class Arrival:
    """Who one connection is, from its first line on."""

    __slots__ = (
        "_hub",
        "_identity",
        "_is_admitted",
        "_knows_it_waits",
        "_lines",
        "_silence",
        "_tokens",
        "address",
        "has_looked_on",
    )

    def __init__(self, hub: Hub, lines: Lines, address: str) -> None:
        self.address = address
        """Where it comes from, for which a mute holds; "" for this machine."""
        self._hub = hub
        self._lines = lines
        self.has_looked_on = False
        """Whether somebody was silent for so long that they entered before they spoke."""
        self._silence: Silence | None = Silence(self, hub.clock, hub.lines)
        """None once it was ended."""
        self._knows_it_waits = False
        self._is_admitted = not hub.settings.password
        """Whether it need not say the server's password any more."""
        self._tokens: Tokens | None = None
        self._identity: Identity | None = None
        """What is said with passwords; None as long as nothing is."""

    @property
    def used(self) -> float:
        """Return a number that grows with how much the other end has talked lately."""
        return self._lines.used

    # In silence

    def enter_in_silence(self) -> None:
        """Enter as a guest, unless that is done, too late, or not allowed."""
        self.has_looked_on = True
        if self._lines.phase is KNOCKING and not self.is_asking:
            if self.is_open:
                self.enter(None, "")
            elif self._hub.settings.guests or not self._knows_it_waits:
                self._say_what_is_needed()

    def _say_what_is_needed(self) -> None:
        """Tell people at once what is needed to come in; programs are told once they ask."""
        self._knows_it_waits = True
        if not self._lines.wants.answers:
            self._lines.tell(self._what_is_needed())

    def end_silence(self) -> None:
        if self._silence is not None:
            self._silence.end()
            self._silence = None

    def enter_later(self, why: Refused) -> None:
        """Try again for a silent newcomer; tell them once why they are not in the chat yet."""
        if not (self.has_looked_on and self._is_silence_over):
            return
        if not self._knows_it_waits:
            self._knows_it_waits = True
            self._lines.tell(Refused(why.code, {**why.data, "command": "enter"}))
        self._begin_silence_again()

    def _wait_in_silence(self) -> None:
        """Let somebody who is not in the chat, and whose password was not right, enter later."""
        is_out = self._lines.phase is KNOCKING and self._is_silence_over
        if is_out and self._lines.is_settled and not self.is_asking:
            self._begin_silence_again()

    @property
    def _is_silence_over(self) -> bool:
        return self._silence is None or self._silence.has_lasted

    def _begin_silence_again(self) -> None:
        hub = self._hub
        self._silence = Silence(self, hub.clock, hub.lines, ENTER_AGAIN_SECONDS)

    # By the first line

    @property
    def is_open(self) -> bool:
        """Say whether a guest may enter over this connection."""
        return self._is_admitted and self._hub.settings.guests

    def take_first(self, first: commands.Parsed, key: str) -> bool:
        """Enter because of a first line; say whether that was all that the line asked for."""
        match first:
            case commands.SetFormat() | commands.Login() | commands.Secret():
                return False
            case commands.Exit() if not self.is_open:
                self._lines.ask(key, lambda: Bye("exit"))
                return True
            case commands.Resume(token) if self._may_return_with(token):
                if self.is_open:
                    self._lines.become(HERE)
                return False
        if not self.is_open:
            self._lines.ask(key, self._what_is_needed)
            return True
        if isinstance(first, Rename):
            self.enter(first.name, key)
            return True
        self.enter(None, "")
        return False

    def _what_is_needed(self) -> Reply:
        """Say what is needed to come in, or ask for it."""
        if not self._hub.settings.guests:
            return MEMBERS_ONLY
        return self._known_identity().ask_for_admission()

    def admit(self, key: str) -> None:
        """Let somebody in who knows the server's password."""
        self._is_admitted = True
        self._lines.answer(Ok(code="admitted"), key)
        if not self._lines.wants.answers:
            self.enter(None, "")

    def enter(self, name: Name | None, key: str) -> None:
        self._lines.become(HERE)
        self._hub.lines.left -= ENTERING
        self._lines.propose(Enter(name, self._fresh_hash(), self.address), key)

    def _may_return_with(self, token: str) -> bool:
        return self._lines.wants.token and len(token) == LENGTH

    def not_let_in(self) -> None:
        """Knock again where one was not let in."""
        if not self._hub.chat.has_entered(self._lines.connection):
            self._lines.become(KNOCKING)
            self._begin_silence_again()

    # With a token

    def resume(self, token: str, key: str) -> None:
        """Become the person of a token; where the chat is closed, only a known one lets in."""
        lines = self._lines
        if not lines.wants.token:
            lines.ask(key, lambda: JSON_ONLY)
            return
        if len(token) != LENGTH:
            lines.ask(key, lambda: NO_TOKEN)
            return
        if not lines.is_settled:
            lines.hold(commands.Resume(token), key)
            return
        is_guest = self._hub.chat.has_entered(lines.connection)
        may_stay_out = is_guest or lines.phase is KNOCKING
        unknown = self._hub.chat.check_token(hashed(token)) if may_stay_out else None
        if unknown is not None:
            lines.answer(unknown, key)
            return
        if lines.phase is KNOCKING:
            lines.become(HERE)
        tokens = self._known_tokens()
        known, fresh = tokens.known(token), tokens.fresh()
        lines.propose(Return(known, fresh, self.address, self.is_open), key)

    def propose_token(self) -> None:
        """Let somebody have a token who has none."""
        token_hash = self._hub.chat.token_hash_at(self._lines.connection)
        if self._tokens is None or not self._tokens.knows(token_hash):
            self._lines.propose(IssueToken(self._known_tokens().fresh()), "")

    def with_token(self, welcome: Welcome) -> Welcome:
        """Put the token that only we know in place of its hash."""
        token = None if self._tokens is None else self._tokens.in_use(welcome.token)
        return msgspec.structs.replace(welcome, token=token)

    def _fresh_hash(self) -> str | None:
        """Return the hash of a fresh token; None where the door has no use for one."""
        return self._known_tokens().fresh() if self._lines.will_want.token else None

    def _known_tokens(self) -> Tokens:
        if self._tokens is None:
            self._tokens = Tokens()
        return self._tokens

    # With a password

    @property
    def is_asking(self) -> bool:
        """Say whether the next line is a password."""
        return self._identity is not None and self._identity.is_asking

    @property
    def is_asking_for_admission(self) -> bool:
        """Say whether the next line is the server's own password."""
        return self._identity is not None and self._identity.is_asking_for_admission

    def ask_no_more(self) -> None:
        """Take the question back to which another line came than its answer."""
        if self._identity is not None:
            self._identity.forget_question()

    def identify(self, command: identity.Command, key: str) -> None:
        """Carry out what somebody says of themselves; who is not in the chat yet stays out.

        Whether what they type next can be hidden is found out before they are asked for it.
        """
        if self._lines.phase is KNOCKING:
            self.end_silence()
        if isinstance(command, commands.Secret) or not self._lines.asks_telnet():
            self._take(command, key)
        else:
            take = partial(self._take, command, key)
            self._lines.wait_for(self._lines.wait_for_telnet, lambda _: take())

    def _take(self, command: identity.Command, key: str) -> None:
        self._known_identity().take(command, key)
        self._wait_in_silence()

    def completed(self, answer: Ok) -> Ok:
        """Put the token of a program, which only we know, into the answer to having made it."""
        return answer if self._identity is None else self._identity.completed(answer)

    def _known_identity(self) -> Identity:
        if self._identity is None:
            self._identity = Identity(self._hub, self)
        return self._identity

    # What the identity needs

    @property
    def connection(self) -> str:
        return self._lines.connection

    @property
    def types_blindly(self) -> bool:
        """Say whether nobody sees what they type where a password is asked for."""
        return self._lines.wants.bare_secrets

    def answer(self, reply: Reply, key: str) -> None:
        self._lines.answer(reply, key)

    def hide_typing(self, hidden: bool) -> bool:
        return self._lines.hide_typing(hidden)

    def wait_for(
        self, work: Callable[[Callable[[T | None], None]], None], then: Callable[[T | None], None]
    ) -> None:
        """Start some work, take up no line before it is done, and go on with what it gives."""

        def go_on(result: T | None) -> None:
            then(result)
            self._wait_in_silence()

        self._lines.wait_for(work, go_on)

    def change(self, command: OfPeople, key: str) -> None:
        """Propose what somebody has done with their account, if it can succeed."""
        chat, now = self._hub.chat, self._hub.clock.now()
        answer = chat.check(self._lines.connection, key, command, now)
        if answer is None:
            self._lines.propose(command, key)
        else:
            self._lines.answer(answer, key)

    def log_in(self, login: Login, key: str) -> None:
        """Become a member, who gave the right password."""
        if self._lines.phase is KNOCKING:
            self._lines.become(HERE)
            self._hub.lines.left -= ENTERING
        command = LogIn(login.person.id, login.changed, self._fresh_hash(), self.address)
        self._lines.propose(command, key)

    def log_out(self, key: str) -> None:
        """Be a new guest; goodbye where none may be here."""
        if self._hub.chat.account_at(self._lines.connection) is not None and not self.is_open:
            self._lines.leave(goodbye=True, key=key)
        else:
            self._lines.propose(LogOut(self._fresh_hash(), self.address), key)
