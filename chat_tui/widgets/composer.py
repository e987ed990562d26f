"""The input: what was typed before, what Tab makes of it, pastes, and Enter."""

import os
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import SuspendNotSupported
from textual.binding import BindingType
from textual.document._document import EditResult, Location
from textual.document._edit import Edit
from textual.geometry import Size
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from chat_server.protocol.events import Person
from chat_server.protocol.names import name_key
from chat_tui.config.actions import runs
from chat_tui.session.people import Recipient
from chat_tui.session.typed import Draft, History, clean
from chat_tui.terminal.suspension import LENDING, lent_terminal
from chat_tui.typing import clusters
from chat_tui.typing.completion import Completed, Walk
from chat_tui.typing.editor import edited, editor_of
from chat_tui.typing.hints import Hint, hint_of, is_held, question
from chat_tui.typing.intent import Ask, Identify, Intent, Leave, LocalCommand, Nothing, Say
from chat_tui.typing.judge import MAX_LINES, Known, addressed, judge, named
from chat_tui.widgets.bindings import bindings

MOST_ROWS = 6
MAX_PASTE = 100_000
"""Characters that can be pasted at once."""
_ELSEWHERE = ("f6", "f7", "pageup", "pagedown")
"""Keys of Textual's own area of text that do something else here."""
_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "super")


class Composer(TextArea):
    """The input. What is typed stays until it is entered.

    `names` are offered by Tab in their order, as are `items`, the ids of scheduled messages;
    `people` are those who are seen to be here, by their names as names are compared; `recipient` is
    with whom the conversation is.
    """

    DEFAULT_CSS = """
    Composer, Composer:focus {
        border: none;
        height: auto;
        min-height: 1;
        scrollbar-size: 0 0;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("composer")

    class Judged(Message):
        """What Enter will do has changed; `is_pressed`: Enter did nothing, and this says why."""

        def __init__(self, hint: Hint, *, is_pressed: bool = False) -> None:
            super().__init__()
            self.hint = hint
            self.is_pressed = is_pressed

    class Entered(Message):
        """What was typed is to be done."""

        def __init__(self, intent: Say | Ask | Identify | LocalCommand) -> None:
            super().__init__()
            self.intent = intent

    class Asked(Message):
        """Our user is to be asked before all these texts are sent: see `answer`."""

        def __init__(self, question: str, texts: Sequence[str]) -> None:
            super().__init__()
            self.question = question
            self.texts = texts

    class LeaveRequested(Message):
        """The chat is to be left."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(id="composer", compact=True, highlight_cursor_line=False)
        for key in _ELSEWHERE:
            self._bindings.key_to_bindings.pop(key, None)
        self.cursor_blink = False
        self.names: Sequence[str] = ()
        self.people: dict[str, Person] = {}
        self.actions: Mapping[str, str] = runs(("composer", "main", "app"))
        """What to run for which key: those of the input come before everybody else's."""
        self.items: Sequence[str] = ()
        self.is_locked = False
        """Whether a password is asked for, of which no key may come in here."""
        self.is_informed = False
        """Whether `names` and `items` are complete, as the server has told them."""
        self._tip = ""
        self._now = now
        self._recipient: Recipient | None = None
        self._meant: dict[str, Person] = {}
        """Whom the names in the text stand for: who had each when it came into the text."""
        self._typed = History()
        self._walk = Walk()
        self._held = ""
        self._asked: Say | None = None
        self._is_prefixed = False
        self._cut_from = ""
        self._shown: Hint | None = None
        self._timer: Timer | None = None
        self.disable_messages(TextArea.Changed, TextArea.SelectionChanged)

    @property
    def recipient(self) -> Recipient | None:
        return self._recipient

    @recipient.setter
    def recipient(self, recipient: Recipient | None) -> None:
        if recipient != self._recipient:
            self._recipient = recipient
            self._judge()

    @property
    def tip(self) -> str:
        """What is said while nothing is typed to everyone; "" for what is usual."""
        return self._tip

    @tip.setter
    def tip(self, tip: str) -> None:
        if tip != self._tip:
            self._tip = tip
            self._judge()

    @property
    def draft(self) -> Draft:
        """What is typed and not sent; another conversation's may be put in its place."""
        return self._typed.draft(self._typing)

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self._typed.leave(self.text)
        self._take(draft)

    @property
    def aside(self) -> str:
        """What was begun before an earlier text was taken up and changed; "" for nothing."""
        return self._typed.aside(self.text).text

    @property
    def _typing(self) -> Draft:
        return Draft(self.text, self._cursor, _whom(self._intent()))

    def _take(self, draft: Draft) -> None:
        """Show what is to be gone on with, for whom it was."""
        self.load_text(clean(draft.text))
        self._cursor = draft.cursor
        self.mean(draft.to)

    def mean(self, person: Person | None) -> None:
        """Let a name stand for this person, who had it when it was typed, if it is in the text."""
        if person is not None:
            self._meant[name_key(person.name)] = person
            self._meant = named(self.text, self._meant, self.people)
            self._judge()

    @property
    def _cursor(self) -> int:
        """The place of the cursor in the text."""
        row, column = self.cursor_location
        return sum(len(self.document.get_line(above)) + 1 for above in range(row)) + column

    @_cursor.setter
    def _cursor(self, place: int) -> None:
        before = self.text[:place]
        self.move_cursor((before.count("\n"), len(before.rpartition("\n")[2])))

    def put(self, text: str, cursor: int | None = None) -> None:
        """Put a text into the input, and the cursor at its end or at a place in it."""
        self.replace(text, self.document.start, self.document.end)
        self._cursor = len(self.text) if cursor is None else cursor

    def put_back(self, text: str) -> None:
        """Put a text that was not sent before what is being written."""
        self.put("\n".join(filter(None, (text, self.text))))

    def address(self, name: str) -> None:
        """Make what is typed into a private message to somebody who is here."""
        text, cursor = addressed(self.text, name)
        self.put(text, cursor)
        self.mean(self.people.get(name_key(name)))

    def unlock(self) -> None:
        """Take in again what is typed."""
        self.is_locked = False

    def answer(self, is_sure: bool | None) -> None:
        """Send what was asked about, or leave it as it is."""
        asked, self._asked = self._asked, None
        if asked is not None and is_sure:
            # From our own queue: what we post while a parent calls us would not bubble up to it.
            self.call_later(self._enter, asked)

    # What Textual asks of an area of text

    def on_mount(self) -> None:
        self._timer = self.set_interval(1.0, self._tick, pause=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Grow with the text, up to a third of the screen."""
        most = max(1, min(MOST_ROWS, viewport.height // 3))
        return max(1, min(most, self.wrapped_document.height))

    def edit(self, edit: Edit) -> EditResult:
        """Change the text; what no line may contain does not come into it."""
        edit.text = clean(edit.text)
        return super().edit(edit)

    def update_suggestion(self) -> None:
        """Say, after each change, what Enter will do; it ends a question about what was there."""
        self._held = ""
        self._asked = None
        self._meant = named(self.text, self._meant, self.people)
        self._judge()

    def get_cursor_left_location(self) -> Location:
        row, column = self.cursor_location
        if column == 0:
            return super().get_cursor_left_location()
        return row, clusters.before(self.document.get_line(row), column)

    def get_cursor_right_location(self) -> Location:
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if column == len(line):
            return super().get_cursor_right_location()
        return row, clusters.after(line, column)

    def get_cursor_up_location(self) -> Location:
        return self._at_cluster(super().get_cursor_up_location())

    def get_cursor_down_location(self) -> Location:
        return self._at_cluster(super().get_cursor_down_location())

    def get_target_document_location(self, event: events.MouseEvent) -> Location:
        return self._at_cluster(super().get_target_document_location(event))

    def _at_cluster(self, location: Location) -> Location:
        """Return where the character begins in which a place is."""
        row, column = location
        return row, clusters.beginning(self.document.get_line(row), column)

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """Look for none: this is no code."""
        return None

    async def _on_key(self, event: events.Key) -> None:
        """Do at once what a key does here, so that keys typed fast keep their order.

        Textual would ask everyone above first, and the letters after Enter come in before it.
        While there is a question, what it is about stays as it is.
        """
        if self.is_locked or self._asked is not None or await self._is_done(event.key):
            event.stop()
            event.prevent_default()
        elif not set(_MODIFIERS).isdisjoint(event.key.split("+")[:-1]):
            event.prevent_default()

    async def _is_done(self, key: str) -> bool:
        """Do what a key does, and say whether it does anything."""
        is_prefixed, self._is_prefixed = self._is_prefixed, False
        if is_prefixed and key == "ctrl+e":
            self._uncut()
            self.action_edit()
            return True
        action = self.actions.get(key) or self._default_action(key)
        return bool(action) and await self.app.run_action(action, self)

    def _default_action(self, key: str) -> str:
        if key == "end" and not self.text:
            return "screen.newest"
        bindings = self._bindings.key_to_bindings.get(key, ())
        return next((binding.action for binding in bindings if binding.id is None), "")

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def action_paste(self) -> None:
        self.paste(self.app.clipboard)

    def paste(self, pasted: str) -> None:
        """Take in all of what is pasted, or say why nothing of it; nothing is ever sent by it."""
        if self.is_locked:
            return
        too_long = len(pasted) > MAX_PASTE
        text = "" if too_long else clean(pasted).rstrip("\n")
        lines = pasted.count("\n") + 1 if too_long else text.count("\n") + 1
        if too_long or lines > MAX_LINES:
            self._complain(
                f"This paste has {lines} lines and {len(pasted)} characters; at most {MAX_LINES} "
                f"and {MAX_PASTE} fit here. Nothing of it was taken."
            )
            return
        self.replace(text, *self.selection, maintain_selection_offset=False)
        self.focus()

    # What keys do

    def action_submit(self) -> None:
        """Do what the hint says."""
        intent = self._intent()
        match intent:
            case Leave():
                self._remember()
                self.post_message(self.LeaveRequested())
            case Say() if asked := question(intent, self._now()):
                self._asked = intent
                self.post_message(self.Asked(asked, intent.texts))
            case Say() if self._is_held_back(intent):
                self._show(self._hint(intent), is_pressed=True)
            case Identify():
                self.is_locked = True
                self._enter(intent)
            case Say() | Ask() | LocalCommand():
                self._enter(intent)
            case _ if self.text.strip():
                self._show(self._hint(intent), is_pressed=True)

    def action_break_line(self) -> None:
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    def action_complete(self, step: int = 1) -> None:
        """Complete the word before the cursor; again: with the next that it may become."""
        text, cursor = self.text, self._cursor
        typed = Completed(text[:cursor], text[cursor:])
        completed = self._walk.step(typed, step, self.names, self.items)
        if completed is not None and completed != typed:
            self.put("".join(completed), cursor=len(completed.before))

    def action_earlier(self) -> None:
        """Go up a row, and from the first one to what was typed before."""
        if not self.navigator.is_first_wrapped_line(self.cursor_location):
            self.action_cursor_up()
        elif (text := self._typed.earlier(self._typing)) is not None:
            self.put(text)

    def action_later(self) -> None:
        """Go down a row, and from the last one to what was typed after it."""
        if not self.navigator.is_last_wrapped_line(self.cursor_location):
            self.action_cursor_down()
        elif (draft := self._typed.later()) is not None:
            self.put(draft.text, draft.cursor)
            self.mean(draft.to)

    def action_prefix(self) -> None:
        """Wait for the key after Ctrl+X; what is selected is cut, as elsewhere."""
        self._is_prefixed = True
        self._cut_from = self.text
        if self.selected_text:
            self.action_cut()

    def _uncut(self) -> None:
        if self.text != self._cut_from:
            self.undo()

    def action_edit(self) -> None:
        """Open the editor on what is typed."""
        self.run_worker(self._edit(), group=LENDING, exclusive=True)

    async def _edit(self) -> None:
        """Give the terminal to the editor; nothing is painted meanwhile, but all else goes on."""
        try:
            with lent_terminal(self.app):
                result = await edited(self.text, editor_of(os.environ))
        except SuspendNotSupported:
            self._complain("An editor cannot be opened here.")
            return
        if result.failure:
            self._complain(result.failure)
        elif result.text != self.text:
            self.put(result.text)

    # What becomes of it

    def _intent(self) -> Intent:
        people = ChainMap(self._meant, self.people)
        known = Known(people=people)
        if self.is_informed:
            known = Known(self.names, self.items, people)
        return judge(self.text, self.recipient, now=self._now(), known=known, is_indented=True)

    def _hint(self, intent: Intent) -> Hint:
        if self._tip and intent == Nothing() and self.recipient is None:
            return Hint(self._tip)
        return hint_of(intent, self.text, self.recipient, now=self._now())

    def _judge(self) -> None:
        hint = self._hint(self._intent())
        if self._timer is not None:
            (self._timer.resume if hint.is_timed else self._timer.pause)()
        if hint != self._shown:
            self._show(hint)

    def _tick(self) -> None:
        """Keep a time in the hint current; a complaint stays until the text changes."""
        if self._shown is not None:
            self._judge()

    def _complain(self, text: str) -> None:
        self._show(Hint(text, is_refused=True), is_pressed=True)

    def _show(self, hint: Hint, *, is_pressed: bool = False) -> None:
        self._shown = None if is_pressed else hint
        self.post_message(self.Judged(hint, is_pressed=is_pressed))

    def _enter(self, intent: Say | Ask | Identify | LocalCommand) -> None:
        self._remember()
        self.post_message(self.Entered(intent))

    def _remember(self) -> None:
        """Empty the input, and let Up find what was in it; what had been begun comes back."""
        self._take(self._typed.remember(self.text))

    def _is_held_back(self, say: Say) -> bool:
        """Say whether Enter has to be pressed once more; for the same text, only once."""
        if not is_held(say) or self._held == self.text:
            return False
        self._held = self.text
        return True


def _whom(intent: Intent) -> Person | None:
    """Return for or about whom an intent is, if that is somebody whom we know."""
    return intent.to if isinstance(intent, Say | Ask | LocalCommand) else None
