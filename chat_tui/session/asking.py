"""A command for which a server asks a password: what is asked, and what is answered, once. Pure.

    NEW ── begun ──▶ COMMANDED
    COMMANDED ── Ask ──▶ ASKED ── told ──▶ TOLD ── Ask ──▶ ASKED (the next question)
        ▲                                   └──── Ok ───▶ OVER
        └── tried again ── REFUSED ◀── Refused, where another try makes sense; else OVER

What was typed may come before the question, and waits for it then. It is kept here alone, and only
until it is told: no outbox has it, and after a break nothing is told again.
"""

import enum
from collections.abc import Callable

from chat_server.protocol.commands import ChangePassword, Login, Register, Secret, Unregister
from chat_server.protocol.events import Ask, Field, Ok, Refused, Reply
from chat_server.protocol.passwords import prepared
from chat_tui.session.spoken import Guarded, spoken
from chat_tui.session.typed import clean

AGAIN = (
    "wrong_password", "bad_password", "passwords_differ", "too_many_attempts", "busy", "not_saved",
    "nothing_asked",
)  # fmt: skip
"""Refusals after which another try makes sense."""
NO_CONNECTION = Refused("no_connection", text="There is no connection to the server.")
BROKEN = Refused(
    "no_connection",
    text="The connection broke before this was answered. whoami tells who you are.",
)
NOTHING_TYPED = Refused("nothing_typed", text="Nothing is typed.")

AskServer = Callable[[str, Callable[[Reply], None]], bool]
"""Sends a line that is kept nowhere, and gives its answer to somebody; False: it cannot be sent."""


class Step(enum.Enum):
    """How far it is."""

    NEW = "nothing is given yet"
    COMMANDED = "the command is on its way, or the server's question"
    ASKED = "the server waits for a password"
    TOLD = "the password is on its way, or the answer to it"
    REFUSED = "the server did not do it, and would take another try"
    OVER = "it was done, or cannot be done"


def chosen(typed: str) -> Secret | Refused:
    """Take what was typed as a new password, if it can be one."""
    secret = given(typed)
    checked = secret if isinstance(secret, Refused) else prepared(secret.text)
    return checked if isinstance(checked, Refused) else secret


def given(typed: str) -> Secret | Refused:
    """Take what was typed as a password, as a server reads its line."""
    text = clean(typed).replace("\n", " ").strip()
    return Secret(text) if text else NOTHING_TYPED


class Asking:
    """Gives one command, and answers what is asked for it; `changed` is told of every step.

    `you` is what our user is called; `ask` reaches the server.
    """

    def __init__(
        self, order: Guarded, you: str, ask: AskServer, changed: Callable[[], None]
    ) -> None:
        self.step = Step.NEW
        self.order = order
        self.field, self.name = _expected(order, you)
        """What is asked for, and whose; as it is to be expected until the server has asked."""
        self.refused: Refused | None = None
        """Why it was not done, the last time."""
        self.done: Ok | None = None
        """The answer to what was done."""
        self._you = you
        self._ask = ask
        self._changed = changed
        self._kept: Secret | None = None
        """What was typed before the server has asked for it."""
        self._is_given_up = False

    @property
    def is_open(self) -> bool:
        """Say whether something may be typed now."""
        is_early = self.step in (Step.NEW, Step.COMMANDED) and self._kept is None
        return is_early or self.step in (Step.ASKED, Step.REFUSED)

    @property
    def is_under_way(self) -> bool:
        """Say whether the server has something to answer."""
        return self.step in (Step.COMMANDED, Step.TOLD)

    def begin(self) -> None:
        """Give the command."""
        self.step = Step.COMMANDED
        self._send(spoken(self.order))
        self._changed()

    def tell(self, secret: Secret) -> None:
        """Answer the question, or the one that is to come; after a refusal, try again."""
        if not self.is_open:
            return
        self.refused = None
        if self.step is Step.ASKED:
            self._tell(secret)
            self._changed()
            return
        self._kept = secret
        if self.step is Step.REFUSED:
            self.begin()
        else:
            self._changed()

    def give_up(self) -> None:
        """Tell nothing more; what was told already may be done all the same."""
        self._kept, self._is_given_up = None, True
        if self.step is not Step.TOLD:
            self.step = Step.OVER

    def broke(self) -> None:
        """Take note that the connection broke."""
        if self.step not in (Step.NEW, Step.OVER):
            self._end(BROKEN)
            self._changed()

    def _tell(self, secret: Secret) -> None:
        self.step = Step.TOLD
        self._send(f"secret {secret.text}")

    def _send(self, line: str) -> None:
        if not self._ask(line, self._answered):
            self._end(NO_CONNECTION)

    def _end(self, refused: Refused) -> None:
        self.step, self.refused, self._kept = Step.OVER, refused, None

    def _answered(self, reply: Reply) -> None:
        if self.step is Step.OVER:
            return
        match reply:
            case Ask() if self._is_given_up:
                self.step = Step.OVER
            case Ask(field, name):
                self._asked(field, name)
            case Refused(code) if code in AGAIN:
                self._end(reply)
                self.step = Step.REFUSED
                self.field, self.name = _expected(self.order, self._you)
            case Refused():
                self._end(reply)
            case Ok():
                self.step, self.done = Step.OVER, reply
        self._changed()

    def _asked(self, field: Field, name: str) -> None:
        """Take in a question; what was typed for another one is not its answer."""
        is_expected = field == self.field
        self.step, self.field, self.name = Step.ASKED, field, name
        kept, self._kept = self._kept, None
        if kept is not None and is_expected:
            self._tell(kept)


def _expected(order: Guarded, you: str) -> tuple[Field, str]:
    """Say what a server asks first for a command, and of whom."""
    match order:
        case Login(name):
            return "password", name.text
        case Register():
            return "new_password", you
        case ChangePassword() | Unregister():
            return "password", you
