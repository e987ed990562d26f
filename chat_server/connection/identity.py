"""Who a connection says it is: logging in, and what one does with one's account.

A password is asked for on a line of its own, and stays here only until its hash is made or
compared, in a thread. Whether it is right is found out here; what follows from that, the chat
decides. Nothing is said to tell a wrong password from a name that nobody has.
"""

import hmac
import secrets
from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Protocol, TypeVar

from chat_server.clock import Clock
from chat_server.connection.attempts import Attempts
from chat_server.connection.passwords import Passwords
from chat_server.connection.tokens import hashed
from chat_server.protocol import commands
from chat_server.protocol.events import Ask, Field, Ok, Refused, Reply
from chat_server.protocol.names import Name
from chat_server.protocol.names import name_key as name_key_of
from chat_server.protocol.passwords import (
    ACCOUNTS_OFF,
    BUSY,
    WRONG_PASSWORD,
    in_one_form,
    prepared,
    too_many_attempts,
)
from chat_server.rules.accounts import NOT_A_MEMBER
from chat_server.rules.chat import Chat, Login
from chat_server.rules.entries import EndAccount, EndToken, NewAccount, NewPassword, NewToken
from chat_server.rules.rule import OfPeople
from chat_server.settings import Settings

NOTHING_ASKED = Refused("nothing_asked")
CANCELLED = Refused("cancelled")
WRONG_CHAT_PASSWORD = Refused("wrong_chat_password")
PASSWORDS_DIFFER = Refused("passwords_differ")

Command = (
    commands.Login | commands.Logout | commands.Register | commands.ChangePassword
    | commands.Unregister | commands.CreateToken | commands.RevokeToken | commands.Secret
)  # fmt: skip
"""What is said of oneself."""
OF_IDENTITY = (
    commands.Login, commands.Logout, commands.Register, commands.ChangePassword,
    commands.Unregister, commands.CreateToken, commands.RevokeToken, commands.Secret,
)  # fmt: skip

T = TypeVar("T")
ForHash = Callable[[str], OfPeople]
"""Makes a command of the hash of a password."""
Step = Callable[[str, str], None]
"""What is done with a password, and the key of its line."""


class Hub(Protocol):
    """What is needed of the server."""

    chat: Chat
    clock: Clock
    settings: Settings
    passwords: Passwords
    attempts: Attempts


class Owner(Protocol):
    """Whose connection it is."""

    address: str

    @property
    def connection(self) -> str: ...
    def answer(self, reply: Reply, key: str) -> None: ...
    def change(self, command: OfPeople, key: str) -> None: ...
    def log_in(self, login: Login, key: str) -> None: ...
    def log_out(self, key: str) -> None: ...
    def admit(self, key: str) -> None: ...

    def hide_typing(self, hidden: bool) -> bool:
        """Let what is typed next not be shown where it is typed; say whether it will not be."""

    def wait_for(
        self, work: Callable[[Callable[[T | None], None]], None], then: Callable[[T | None], None]
    ) -> None:
        """Start some work, take up no line before it is done, and go on with what it gives."""

    @property
    def types_blindly(self) -> bool:
        """Whether a new password is asked for twice, as nobody sees what they type."""


class Identity:
    """Who somebody is, as far as that takes passwords."""

    __slots__ = ("_hub", "_made", "_owner", "_step")

    def __init__(self, hub: Hub, owner: Owner) -> None:
        self._hub = hub
        self._owner = owner
        self._step: Step | None = None
        """What the next line is for; None where no password is asked for."""
        self._made = ""
        """The token that is being made."""

    @property
    def is_asking(self) -> bool:
        return self._step is not None

    @property
    def is_asking_for_admission(self) -> bool:
        """Say whether the next line is the server's own password."""
        return self._step == self._try_admission

    def take(self, command: Command, key: str) -> None:
        """Carry out what somebody said of themselves, once all lines before it are settled."""
        if isinstance(command, commands.Secret):
            self._take_secret(command.text, key)
            return
        self.forget_question()
        match command:
            case commands.Logout():
                self._owner.log_out(key)
            case commands.CreateToken(label):
                self._made = secrets.token_urlsafe(24)
                self._owner.change(NewToken(label, hashed(self._made)), key)
            case commands.RevokeToken(token):
                self._owner.change(EndToken(token), key)
            case _ if not self._hub.passwords.is_available:
                self._owner.answer(ACCOUNTS_OFF, key)
            case commands.Login(name):
                self._log_in(name, key)
            case commands.Register():
                self._register(key)
            case commands.ChangePassword():
                self._with_password(key, self._change_password)
            case commands.Unregister():
                self._with_password(key, self._unregister)

    def completed(self, answer: Ok) -> Ok:
        """Put the token itself, which only we know, into the answer to having made it."""
        made, self._made = self._made, ""
        return Ok(answer.id, answer.code, {**answer.data, "token": made}) if made else answer

    # Asking

    def _ask(self, field: Field, name: str, key: str, step: Step) -> None:
        hidden = self._owner.hide_typing(True)
        self._step = step
        self._owner.answer(Ask(field, name, hidden), key)

    def forget_question(self) -> None:
        """Ask for no password any more."""
        if self._step is not None:
            self._step = None
            self._owner.hide_typing(False)

    def _take_secret(self, text: str, key: str) -> None:
        step = self._step
        self.forget_question()
        if step is None:
            self._owner.answer(NOTHING_ASKED, key)
        elif not text:
            self._owner.answer(CANCELLED, key)
        else:
            step(text, key)

    def ask_for_admission(self) -> Ask:
        """Ask for the server's own password."""
        self._step = self._try_admission
        return Ask("chat_password", "", self._owner.hide_typing(True))

    # What there is to do

    def _try_admission(self, secret: str, key: str) -> None:
        if self._has_to_wait("", key):
            return
        address, attempts = self._owner.address, self._hub.attempts
        kept, given = in_one_form(self._hub.settings.password), in_one_form(secret)
        if hmac.compare_digest(kept.encode(), given.encode()):
            attempts.succeeded(address, "")
            self._owner.admit(key)
        else:
            attempts.failed(address, "", self._hub.clock.monotonic())
            self._owner.answer(WRONG_CHAT_PASSWORD, key)

    def _log_in(self, name: Name, key: str) -> None:
        def try_(secret: str, key: str) -> None:
            login = self._hub.chat.account(name)
            self._check(login, name.key, secret, key, self._owner.log_in)

        if not self._has_to_wait(name.key, key):
            self._ask("password", name.text, key, try_)

    def _register(self, key: str) -> None:
        chat, now = self._hub.chat, self._hub.clock.now()
        refused = chat.check(self._owner.connection, "", NewAccount(""), now)
        if refused is None:
            refused = self._too_many_accounts()
        if refused is not None:
            self._owner.answer(refused, key)
        else:
            self._ask_for_new(NewAccount, key)

    def _too_many_accounts(self) -> Refused | None:
        attempts, now = self._hub.attempts, self._hub.clock.monotonic()
        wait = attempts.wait_for_account(self._owner.address, now)
        return Refused("too_many_accounts", {"seconds": ceil(wait)}) if wait else None

    def _change_password(self, login: Login, key: str) -> None:
        self._ask_for_new(lambda secret: NewPassword(secret, login.changed), key)

    def _unregister(self, login: Login, key: str) -> None:
        self._owner.change(EndAccount(login.changed), key)

    def _with_password(self, key: str, then: Callable[[Login, str], None]) -> None:
        """Ask a member for the password that they have, and go on where it is right."""
        login = self._hub.chat.account_at(self._owner.connection)
        if login is None:
            self._owner.answer(NOT_A_MEMBER, key)
            return
        name = login.person.name
        name_key = name_key_of(name)

        def try_(secret: str, key: str) -> None:
            self._check(login, name_key, secret, key, then)

        if not self._has_to_wait(name_key, key):
            self._ask("password", name, key, try_)

    def _ask_for_new(self, command: ForHash, key: str) -> None:
        """Ask for a new password; a command then takes its hash."""
        self._ask("new_password", self._name(), key, partial(self._take_new, command))

    def _take_new(self, command: ForHash, secret: str, key: str) -> None:
        password = prepared(secret)
        if isinstance(password, Refused):
            self._owner.answer(password, key)
        elif self._owner.types_blindly:
            again = partial(self._take_again, command, password)
            self._ask("new_password_again", self._name(), key, again)
        else:
            self._keep(command, password, key)

    def _take_again(self, command: ForHash, password: str, secret: str, key: str) -> None:
        if prepared(secret) == password:
            self._keep(command, password, key)
        else:
            self._owner.answer(PASSWORDS_DIFFER, key)

    def _keep(self, command: ForHash, password: str, key: str) -> None:
        attempts, pair = self._hub.attempts, (self._owner.address, self._owner.connection)
        if not attempts.begin(*pair):
            self._owner.answer(BUSY, key)
            return

        def make(done: Callable[[str | None], None]) -> None:
            def ended(hash_: str | None) -> None:
                attempts.end(*pair)
                done(hash_)

            self._hub.passwords.hash(password, ended)

        def made(hash_: str | None) -> None:
            if hash_ is None:
                self._owner.answer(BUSY, key)
                return
            if command is NewAccount:
                attempts.registered(self._owner.address, self._hub.clock.monotonic())
            self._owner.change(command(hash_), key)

        self._owner.wait_for(make, made)

    def _name(self) -> str:
        return self._hub.chat.name_at(self._owner.connection)

    # Whether a password is right

    def _check(
        self,
        login: Login | None,
        name_key: str,
        secret: str,
        key: str,
        right: Callable[[Login, str], None],
    ) -> None:
        """Find out whether a password is a member's, and go on there where it is."""
        if self._has_to_wait(name_key, key):
            return
        password = prepared(secret)
        kept = None if login is None or isinstance(password, Refused) else login.secret
        given = "" if isinstance(password, Refused) else password
        pair = (self._owner.address, name_key)
        if not self._hub.attempts.begin(*pair):
            self._owner.answer(BUSY, key)
            return

        def look(done: Callable[[bool | None], None]) -> None:
            """Have it looked at; it counts also where the connection has gone meanwhile."""
            self._hub.passwords.verify(kept, given, lambda found: done(self._counted(pair, found)))

        def judge(is_right: bool | None) -> None:
            if is_right is None:
                self._owner.answer(BUSY, key)
            elif is_right and login is not None:
                right(login, key)
            else:
                self._owner.answer(WRONG_PASSWORD, key)

        self._owner.wait_for(look, judge)

    def _counted(self, pair: tuple[str, str], is_right: bool | None) -> bool | None:
        """Count an attempt that is over, if it was looked at; return what was found."""
        attempts = self._hub.attempts
        attempts.end(*pair)
        if is_right:
            attempts.succeeded(*pair)
        elif is_right is not None:
            attempts.failed(*pair, self._hub.clock.monotonic())
        return is_right

    def _has_to_wait(self, name_key: str, key: str) -> bool:
        """Refuse one attempt too many; say whether it was refused."""
        now = self._hub.clock.monotonic()
        wait = self._hub.attempts.wait(self._owner.address, name_key, now)
        if wait:
            self._owner.answer(too_many_attempts(wait), key)
        return wait > 0
