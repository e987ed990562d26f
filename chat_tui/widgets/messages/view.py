"""The pane of messages: shows a scrollback, and lets one move, choose and search in it."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.events import Click, MouseMove
from textual.geometry import Offset, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection as ScreenSelection
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.layout.lines import details, drawn
from chat_tui.session.outbox import Outgoing
from chat_tui.session.state import Said
from chat_tui.session.transcript import Transcript
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.messages.painter import Painter
from chat_tui.widgets.messages.reading import Reading
from chat_tui.widgets.messages.scrollback import Scrollback, TextPosition
from chat_tui.widgets.messages.search import Hits, Search
from chat_tui.widgets.messages.selection import LINE_END, Range, Selection
from chat_tui.widgets.messages.styles import CLASSES, style_of


class MessageView(ScrollView, can_focus=True):
    """What was said in a conversation, the newest at the bottom.

    What is known of it is in its parts, which know no screen: where one is in the scrollback, what
    is chosen in the selection, what is sought in the search, and what is unread in the reading.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = CLASSES
    BINDINGS: ClassVar[list[BindingType]] = bindings("messages")
    FOCUS_ON_CLICK: ClassVar[bool] = False  # so that what is typed next goes to the input

    class UnreadChanged(Message):
        """More is unread than before, or less."""

    class HitsChanged(Message):
        """What is sought is in more messages than before, or in fewer."""

        def __init__(self, view: "MessageView", hits: Hits) -> None:
            super().__init__()
            self._view = view
            self.hits = hits

        @property
        def control(self) -> "MessageView":
            return self._view

    class LinkOpened(Message):
        """A link is to be opened; it is one that may be."""

        def __init__(self, url: str) -> None:
            super().__init__()
            self.url = url

    class Copied(Message):
        """A text is to be copied."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class DetailsWanted(Message):
        """Everything about a message is to be shown."""

        def __init__(self, said: Said) -> None:
            super().__init__()
            self.said = said

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self.auto_links = False
        self.scrollback = Scrollback(transcript)
        self.selection = Selection(self.scrollback)
        self.search = Search(self.scrollback)
        self.reading = Reading(self.scrollback)
        style = partial(style_of, self)
        self._painter = Painter(self.scrollback, self.selection, self.search, style)
        self._outgoing: Sequence[Outgoing] = ()
        self._is_settling = False
        self._hovered: int | None = None

    # What comes

    @property
    def is_seen(self) -> bool:
        """Whether what comes is seen at once."""
        return self._is_shown and self.scrollback.is_following

    @property
    def _is_shown(self) -> bool:
        """Whether it has a place on the screen. Textual tells of that (Show), but not always."""
        return self.display and self.scrollback.width > 0

    def show_new(self) -> None:
        """Take in what was told since the last time; what is out of view is not drawn."""
        if not (came := self.scrollback.take_in()):
            return
        unread = self.reading.unread
        self.reading.take_in(came, is_seen=self.is_seen)
        if self.search.take_in(came):
            self.post_message(self.HitsChanged(self, self.search.hits))
        if self._is_shown:
            self.scrollback.settle()
            self._set_scroll()
        if self.is_seen:
            self.reading.read()
            self.refresh()
        if unread != self.reading.unread:
            self._tell_unread()

    def show_outgoing(self, outgoing: Sequence[Outgoing]) -> None:
        """Show below everything what is on its way, or could not be carried out."""
        if outgoing != self._outgoing:
            self._outgoing = outgoing
            self.scrollback.show_outgoing(outgoing)
            self._moved()

    def appear(self) -> None:
        """Show what came while something else was looked at."""
        self.display = True
        self.show_new()
        self.scrollback.settle()
        self._moved()

    def on_resize(self) -> None:
        region = self.scrollable_content_region
        self.scrollback.resize(region.width, region.height)
        self._moved()

    # What has not been seen

    def stop_reading(self) -> None:
        """Mark where one stopped reading."""
        self.reading.stop()
        self._moved()

    def read_on(self) -> bool:
        """Go to where one stopped reading. Return whether something came since then."""
        is_there = self.reading.go_on()
        self._moved()
        return is_there

    def _tell_unread(self) -> None:
        messages, mentions = self.reading.unread
        for_you = f" ({mentions} for you)" if mentions else ""
        self.border_subtitle = Content(f"↓ {messages} new{for_you}" if messages else "")
        self.set_class(messages > 0, "-unread")
        self.post_message(self.UnreadChanged())

    # How it moves

    def _moved(self) -> None:
        """Show what is seen now."""
        self._set_scroll()
        self.refresh()
        if self.is_seen and self.reading.unread.messages:
            self.reading.read()
            self._tell_unread()

    def _set_scroll(self) -> None:
        """Set the rows and the scroll bar without a layout, which would paint twice."""
        if not self.scrollback.width:
            return
        size = Size(self.scrollback.width, self.scrollback.rows)
        self._is_settling = True
        try:
            if size != self.virtual_size:
                self.set_reactive(Widget.virtual_size, size)
                self._scroll_update(size)
            self.set_reactive(Widget.scroll_target_y, float(self.scrollback.y))
            self.scroll_y = float(self.scrollback.y)
        finally:
            self._is_settling = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if not self._is_settling and round(new_value) != self.scrollback.y:
            self.scrollback.scroll_to(round(new_value))
            self._moved()
        super().watch_scroll_y(old_value, self.scroll_y)

    def follow(self) -> None:
        """Go to the end, and stay there."""
        self.search.forget_mention()
        self.scrollback.follow()
        self._moved()

    def move(self, rows: int) -> None:
        """Scroll by so many rows; negative: back."""
        self.scrollback.move(rows)
        self._moved()

    def page(self, pages: int) -> None:
        """Scroll by pages; negative: back."""
        self.move(pages * max(1, self.scrollback.window - 1))

    def action_scroll_up(self) -> None:
        self.move(-1)

    def action_scroll_down(self) -> None:
        self.move(1)

    def action_page_up(self) -> None:
        self.page(-1)

    def action_page_down(self) -> None:
        self.page(1)

    def action_scroll_home(self) -> None:
        self.scrollback.go_home()
        self._moved()

    def action_scroll_end(self) -> None:
        self.follow()

    # Searching

    def find(self, query: str) -> Hits:
        """Find a text in any spelling, and go to the newest place of it above where one was."""
        self.search.find(query)
        self._moved()
        return self.search.hits

    def find_next(self, step: int) -> Hits:
        """Go to the next place of what is sought; negative: above."""
        self.search.step(step)
        self._moved()
        return self.search.hits

    def end_search(self, *, is_staying: bool = False) -> None:
        """Show nothing as found any more, and go back to where one was, unless one stays."""
        self.search.end(is_staying=is_staying)
        self._moved()

    def step_mention(self, step: int) -> bool:
        """Go to the next message for oneself; negative: above. Return whether there is one."""
        is_there = self.search.step_mention(step)
        self._moved()
        return is_there

    # Choosing with the mouse: Textual's screen asks where in the text it is

    def offset_at(self, x: int, y: int) -> Offset:
        """Return the place in the text at a place of the screen, or the nearest to it: y is the
        sequence of the line, x the character in its text.
        """
        at, _ = self._character_at(x, y)
        return Offset(at.character, at.sequence)

    def selection_updated(self, selection: ScreenSelection | None) -> None:
        # The message comes late: keys may have chosen something else, or the pane may be closed.
        chosen = self.text_selection if self.is_attached else None
        self.selection.choose(None if chosen is None else _range(chosen))
        self.refresh()

    def get_selection(self, selection: ScreenSelection) -> tuple[str, str] | None:
        return self.selection.text_in(_range(selection)), "\n"

    def _character_at(self, x: int, y: int) -> tuple[TextPosition, bool]:
        """Return a place in the text, and whether there is a character under the pointer."""
        region = self.scrollable_content_region
        column = min(max(x - region.x, 0), max(0, region.width - 1))
        down = min(max(y - region.y, 0), max(0, region.height - 1))
        at, is_there = self.scrollback.character_at(down, column)
        return at, is_there and region.contains(x, y)

    def on_click(self, event: Click) -> None:
        """Go down where the number of new messages is clicked; else choose, or open a link."""
        event.prevent_default()
        if self.reading.unread.messages and event.y >= self.size.height - 1:
            self.follow()
            return
        at, is_there = self._character_at(int(event.screen_x), int(event.screen_y))
        if self.scrollback.is_empty:
            return
        if event.chain == 2 and self.selection.choose_word(at):
            self._show_chosen()
        elif event.chain >= 3:
            self.selection.choose_written(at.sequence)
            self._show_chosen()
        elif event.chain == 1 and is_there and self.text_selection is None:
            self._open(self.selection.link_at(at))

    def on_mouse_move(self, event: MouseMove) -> None:
        """Tell in a tooltip all about a message."""
        at, is_there = self._character_at(int(event.screen_x), int(event.screen_y))
        hovered = at.sequence if is_there else None
        if hovered != self._hovered:
            self._hovered = hovered
            said = None if hovered is None else self.scrollback.line(hovered)
            about = drawn("\n".join(details(said))) if isinstance(said, Said) else ""
            self.tooltip = Content(about) if about else None

    # Choosing with keys

    def action_caret(self, step: int, is_stretching: bool = False) -> None:
        """Go on so many characters, from the last message seen at first."""
        if not self.scrollback.is_empty:
            self.selection.step(step, is_stretching=is_stretching)
            self._show_chosen()

    def action_caret_word(self, step: int, is_stretching: bool = False) -> None:
        """Go on by words."""
        if not self.scrollback.is_empty:
            self.selection.step_word(step, is_stretching=is_stretching)
            self._show_chosen()

    def action_choose_word(self, step: int) -> None:
        """Choose by words."""
        self.action_caret_word(step, is_stretching=True)

    def action_choose(self, step: int) -> None:
        """Choose the last message seen, then the ones above or below it too, as a whole."""
        if not self.scrollback.is_empty:
            self.selection.choose_lines(step)
            self._show_chosen()

    def action_choose_link(self, step: int) -> None:
        """Choose the next link above or below, from what is seen at first."""
        if not self.scrollback.is_empty and self.selection.choose_link(step):
            self._show_chosen()

    def action_open_link(self) -> None:
        """Open the link that is chosen, or the last one seen."""
        if not self.selection.link and self.selection.choose_last_link():
            self._show_chosen()
        self._open(self.selection.link)

    def action_copy(self) -> None:
        """Copy what is chosen, or the last message seen."""
        if self.text_selection is None:
            self.action_choose(-1)
        if text := self.selection.text:
            self.post_message(self.Copied(text))

    def action_details(self) -> None:
        """Open a link that is chosen; of a message show everything."""
        link, caret = self.selection.link, self.selection.caret
        if link and self.selection.text in link:
            self._open(link)
            return
        sequence = self.scrollback.last_seen() if caret is None else caret.sequence
        said = self.scrollback.line(sequence)
        if isinstance(said, Said):
            self.post_message(self.DetailsWanted(said))

    def let_go(self) -> bool:
        """Choose nothing any more. Return whether anything was chosen."""
        is_chosen = self.text_selection is not None
        if is_chosen:
            self.selection.choose(None)
            self.screen.clear_selection()
        return is_chosen

    def _show_chosen(self) -> None:
        """Bring the caret into view, and tell the screen what is chosen."""
        chosen, caret = self.selection.range, self.selection.caret
        if chosen is None or caret is None:
            return
        self.screen.selections = {self: _on_screen(chosen)}
        self.scrollback.reach(caret.sequence)
        self._moved()

    def _open(self, link: str) -> None:
        if link:
            self.post_message(self.LinkOpened(link))

    # How it looks

    def render_line(self, y: int) -> Strip:
        return self._painter.row(y)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter.forget_styles()


def _range(selection: ScreenSelection) -> Range:
    """Take a selection from the screen; where it has no end, it goes on beyond the pane."""
    start = selection.start or Offset(0, 0)
    end = selection.end or Offset(LINE_END, LINE_END)
    return Range(TextPosition(start.y, start.x), TextPosition(end.y, end.x))


def _on_screen(chosen: Range) -> ScreenSelection:
    (first, start), (last, end) = chosen
    return ScreenSelection(Offset(start, first), Offset(end, last))
