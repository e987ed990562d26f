"""The question for a password, over the chat: what is typed here is shown, and known, nowhere else.

It comes into the field, or is dropped while the server is at work. Only Escape and success close
this; where keys came in vain just before success, they may be of the password typed once more, and
the rest of it must not come into the input: then it waits for Escape.
"""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from chat_server.protocol.commands import Secret
from chat_server.protocol.events import Field, Refused
from chat_server.protocol.passwords import LEAST, LIMIT, LONGEST_SPELLING
from chat_server.protocol.wording import refusal
from chat_tui.layout.lines import clean, drawn
from chat_tui.session.asking import Asking, Step, chosen, given

_TITLES: dict[Field, str] = {
    "password": "Password of {name}",
    "new_password": "New password for {name}",
    "new_password_again": "New password for {name}",
    "chat_password": "Password of this chat",
}
AGAIN = "The same password again"
DIFFER = "The two are not the same. Type both once more."
LENGTH = f"{LEAST} to {LIMIT} characters."
CHECKED = "One moment …"
DONE = "That is done. What you typed after Enter went nowhere."


class PasswordField(Input):
    """A line of which only the length is shown, and nothing is copied or told in a message.

    `admits` is asked before each key and paste.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.go_on", "Go on", show=False),
        Binding("tab,shift+tab,up,down", "screen.other_field", "The other", show=False),
    ]
    ALLOW_SELECT = False

    def __init__(self, id_: str, admits: Callable[[], bool]) -> None:
        super().__init__(id=id_, password=True, compact=True, max_length=LONGEST_SPELLING)
        self.cursor_blink = False  # a screen at rest writes nothing
        self.disable_messages(Input.Changed)
        self._admits = admits

    async def _on_key(self, event: events.Key) -> None:
        """Do at once what a key does, so that keys typed fast keep their order."""
        if event.key == "escape":
            return
        is_done = not self._admits()
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            is_done = is_done or await self.app.run_action(binding.action, self)
        if is_done:
            event.stop()
            event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        """Take in the first line, and never end it; the rest is for nobody."""
        event.stop()
        event.prevent_default()
        lines = event.text.splitlines()
        if self._admits() and lines:
            self.replace(lines[0], *self.selection)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Copy nothing, and leave it as it is."""


class PasswordScreen(ModalScreen[None]):
    """Asks for what `asking` needs; `given_up` is told when our user presses Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Cancel", show=False)]

    def __init__(self, asking: Asking, given_up: Callable[[], None]) -> None:
        super().__init__()
        self._asking = asking
        self._given_up = given_up
        self._fault = ""
        """What is wrong with what was typed, as far as that is found out here."""
        self._has_dropped = False
        """Whether anything was typed since Enter that was not taken in."""
        self._field: Field = asking.field
        self._title = Static(id="password-title", markup=False)
        self._first = PasswordField("password", self._admits)
        self._again = Static(AGAIN, markup=False)
        self._second = PasswordField("password-again", self._admits)
        self._told = Static(id="password-told", markup=False)
        self._keys = Static(id="password-keys", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="password-box"):
            yield from (self._title, self._first, self._again, self._second)
            yield from (self._told, self._keys)

    def on_mount(self) -> None:
        self._first.focus()
        self._draw()

    @property
    def may_close(self) -> bool:
        """Say whether all is done, and nothing that was typed may be on its way elsewhere."""
        return self._asking.done is not None and not self._has_dropped

    def show(self) -> None:
        """Show how far it is now."""
        if self._asking.field != self._field:
            self._field = self._asking.field
            self._clear()
        self._draw()

    # What is typed

    def _admits(self) -> bool:
        """Take note of something typed; say whether it may come in."""
        if not self._asking.is_open:
            self._has_dropped = True
            return False
        if self._fault:
            self._fault = ""
            self._draw()
        return True

    def action_go_on(self) -> None:
        """Take what was typed: on to the second field, or to the server."""
        secret = chosen(self._first.value) if self._is_new else given(self._first.value)
        if isinstance(secret, Refused):
            self._refuse(refusal(secret))
        elif not self._is_new or self._is_repeated(secret):
            self._tell(secret)
        elif self.focused is self._first:
            self._second.focus()
        else:
            self._refuse(DIFFER)

    def _is_repeated(self, secret: Secret) -> bool:
        return self.focused is self._second and given(self._second.value) == secret

    def _refuse(self, why: str) -> None:
        self._fault = why
        self._clear()
        self._draw()

    def _tell(self, secret: Secret) -> None:
        self._has_dropped = False
        self._clear()
        self._asking.tell(secret)

    def _clear(self) -> None:
        self._first.value = self._second.value = ""
        self._first.focus()

    def action_other_field(self) -> None:
        if self._is_new:
            (self._first if self.focused is self._second else self._second).focus()

    def action_leave(self) -> None:
        self._clear()
        self._given_up()

    # What is seen

    @property
    def _is_new(self) -> bool:
        return self._field == "new_password"

    def _draw(self) -> None:
        is_over = self._asking.step is Step.OVER
        self._title.update(_shown(_TITLES[self._field].format(name=self._asking.name)))
        self._first.display = not is_over
        self._again.display = self._second.display = self._is_new and not is_over
        text, is_wrong = self._fact()
        self._told.update(_shown(text))
        self._told.set_class(is_wrong, "-wrong")
        keys = "Escape: back to the chat" if is_over else "Enter: go on    Escape: cancel"
        self._keys.update(_shown(keys))

    def _fact(self) -> tuple[str, bool]:
        """Say how far it is, and whether something is wrong."""
        if self._fault:
            return self._fault, True
        if self._asking.refused is not None:
            return refusal(self._asking.refused), True
        if self._asking.done is not None:
            return DONE, False
        if not self._asking.is_open:
            return CHECKED, False
        return (LENGTH if self._is_new else ""), False


def _shown(text: str) -> Content:
    return Content(drawn(clean(text)))
