"""The input line: what was typed before, what Tab makes of it, and Enter."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from chat_tui.actions import runs
from chat_tui.bindings import bindings
from chat_tui.hints import Verdict, completions, judge

KEPT_TYPED = 200
"""Lines that Up goes back to."""


class Composer(Input):
    """A line that stays until it is known to be on its way."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("composer")

    class Judged(Message):
        """What Enter will do has changed; `is_pressed`: it did not do it, and says why."""

        def __init__(self, verdict: Verdict, *, is_pressed: bool = False) -> None:
            super().__init__()
            self.verdict = verdict
            self.is_pressed = is_pressed

    class Entered(Message):
        """What was typed is to be sent, or the chat to be left."""

        def __init__(self, typed: str, verdict: Verdict) -> None:
            super().__init__()
            self.typed = typed
            self.verdict = verdict

    def __init__(self) -> None:
        super().__init__(id="composer", compact=True, select_on_focus=False)
        self.names: Sequence[str] = ()
        self.actions: Mapping[str, str] = runs(("composer", "main", "app"))
        """What to run for which key: those of the input come before everybody else's."""
        self._typed: list[str] = []
        self._place: int | None = None
        self._draft = ""
        self._held = ""
        self._offers: list[str] = []
        self._offered = ""
        self._begun = ""

    def put(self, text: str, cursor: int | None = None) -> None:
        """Put a text into the line, and the cursor at its end or at a place in it."""
        self.value = text
        self.cursor_position = len(text) if cursor is None else cursor

    def address(self, name: str) -> None:
        """Make of what is typed a private message to somebody."""
        text = self.value.strip()
        text = text.removeprefix("send ").partition(" -u ")[0].strip() if text else ""
        begun = f"send {text}"
        self.put(f"{begun} -u {name}", cursor=len(begun))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._held = ""
        self.post_message(self.Judged(judge(self.value)))

    async def _on_key(self, event: events.Key) -> None:
        """Do at once what a key does here, so that keys typed fast keep their order.

        Textual would ask everyone above first, and the letters after Enter come in before it.
        """
        action = self.actions.get(event.key) or self._default_action(event.key)
        if action and await self.app.run_action(action, self):
            event.stop()
            event.prevent_default()

    def _default_action(self, key: str) -> str:
        bindings = self._bindings.key_to_bindings.get(key, ())
        return next((binding.action for binding in bindings if binding.id is None), "")

    async def action_submit(self) -> None:
        verdict = judge(self.value)
        if verdict.is_exit or (verdict.line and not self._is_held_back(verdict)):
            self.post_message(self.Entered(self.value, verdict))
            self._remember()
        elif self.value.strip():
            self.post_message(self.Judged(verdict, is_pressed=True))

    def _remember(self) -> None:
        """Empty the line, and let Up find it."""
        if self.value not in self._typed[-1:]:
            self._typed.append(self.value)
            del self._typed[:-KEPT_TYPED]
        self._place = None
        self._draft = ""
        self.value = ""

    def _is_held_back(self, verdict: Verdict) -> bool:
        if not verdict.is_held or self._held == self.value:
            return False
        self._held = self.value
        return True

    def action_complete(self) -> None:
        """Complete the word before the cursor; again: with the next that it may become."""
        before, after = self.value[: self.cursor_position], self.value[self.cursor_position :]
        if before != self._offered or not self._offers:
            self._offers = completions(before, self.names)
            self._begun = before[: len(before) - len(before.rpartition(" ")[2])]
        if not self._offers:
            return
        offer = self._offers.pop(0)
        self._offers.append(offer)
        space = " " if len(self._offers) == 1 and not after else ""
        self._offered = f"{self._begun}{offer}{space}"
        self.put(self._offered + after, cursor=len(self._offered))

    def action_earlier(self) -> None:
        if self._place is None:
            self._draft = self.value
            self._place = len(self._typed)
        self._go_to(self._place - 1)

    def action_later(self) -> None:
        if self._place is not None:
            self._go_to(self._place + 1)

    def _go_to(self, place: int) -> None:
        if place < 0:
            return
        if place >= len(self._typed):
            self._place = None
            self.put(self._draft)
        else:
            self._place = place
            self.put(self._typed[place])

    def _on_paste(self, event: events.Paste) -> None:
        """Take several lines as one, so that nothing is sent or lost by pasting."""
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(" ".join(event.text.split("\n")).replace("\r", ""))
