"""A screen on which text of the messages is chosen with the mouse.

Textual asks the cells on the screen which text they show; a pane that scrolls and wraps anew
knows it better.
"""

from textual.geometry import Offset
from textual.screen import Screen
from textual.selection import SelectEnd
from textual.widget import Widget

from chat_tui.widgets.messages.view import MessageView


class SelectingScreen(Screen[None]):
    """What is chosen in the messages stays within them, however far the mouse is moved."""

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        view = self._chosen_in()
        if view is not None:
            return view, view.offset_at(x, y)
        widget, offset = super().get_widget_and_offset_at(x, y)
        if widget is not None and not widget.is_attached:
            return None, None  # a notice that was clicked away is drawn for a moment yet
        return (widget, widget.offset_at(x, y) if isinstance(widget, MessageView) else offset)

    def _update_select(self) -> None:
        """Let what is chosen grow while it is scrolled under the mouse."""
        state, view = self._select_state, self._chosen_in()
        container = None if view is None else view.parent
        if state is None or view is None or not isinstance(container, Widget):
            super()._update_select()
        elif state.end is not None:
            at = self.app.mouse_position
            end = SelectEnd(container, view, view.offset_at(*at))
            self._select_state = state.update_end(at, end)

    def _chosen_in(self) -> MessageView | None:
        """Return the pane in which something is being chosen."""
        state = self._select_state
        view = None if state is None else state.start.content_widget
        return view if isinstance(view, MessageView) else None

    def action_copy_text(self) -> None:
        for widget in self.selections:
            if isinstance(widget, MessageView):
                widget.action_copy()
                return
        super().action_copy_text()
