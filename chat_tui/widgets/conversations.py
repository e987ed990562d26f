"""The tabs, and under them the messages of the conversation that is looked at.

A conversation has a pane of its own once it was looked at; a hidden one lays nothing out.
"""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from chat_tui.session.conversations import Conversation, Conversations
from chat_tui.session.outbox import Outgoing
from chat_tui.widgets.messages.view import MessageView
from chat_tui.widgets.tabs import ConversationTabs


class ConversationPanes(Vertical):
    """What the conversations show."""

    def __init__(self, conversations: Conversations) -> None:
        super().__init__(id="conversations")
        self._conversations = conversations
        self._tabs = ConversationTabs()
        first = conversations.active
        self._shown = first
        self._views: dict[Conversation, MessageView] = {}
        self._add_view(first).id = "messages"
        self._outgoing: Sequence[Outgoing] = ()
        self._owner: Callable[[Outgoing], Conversation] = lambda outgoing: first

    def compose(self) -> ComposeResult:
        yield self._tabs
        yield from self._views.values()

    @property
    def view(self) -> MessageView:
        """The messages that are looked at."""
        return self._views[self._shown]

    def show(self) -> None:
        """Show what is new in the conversations, and the one that is active now."""
        self._drop()
        self._turn()
        for view in self._views.values():
            view.show_new()
        self._show_outgoing()

    def show_outgoing(
        self, outgoing: Sequence[Outgoing], owner: Callable[[Outgoing], Conversation]
    ) -> None:
        """Show what has no answer yet, each in the conversation that owns it."""
        self._outgoing, self._owner = outgoing, owner
        self._show_outgoing()

    def _show_outgoing(self) -> None:
        owners = [(self._owner(outgoing), outgoing) for outgoing in self._outgoing]
        self.view.show_outgoing([outgoing for owner, outgoing in owners if owner is self._shown])
        unsent = [owner for owner, outgoing in owners if outgoing.state != "waiting"]
        self._tabs.show(self._conversations.tabs(unsent))

    def _drop(self) -> None:
        """Remove the panes of conversations that were closed."""
        for conversation, view in list(self._views.items()):
            if conversation in self._conversations.opened:
                title = Content(conversation.title or "messages")
                if view.border_title != title.markup:
                    view.border_title = title
                continue
            view.scrollback.transcript.has_reader = False
            del self._views[conversation]
            view.remove()

    def _turn(self) -> None:
        """Put the pane of the active conversation before the others."""
        active = self._conversations.active
        if active is self._shown and active in self._views:
            return
        before = self._views.get(self._shown)
        has_focus = before is not None and before.has_focus
        if before is not None:
            before.display = False
            before.stop_reading()
        self._shown = active
        view = self._views.get(active)
        if view is None:
            view = self._add_view(active)
            self.mount(view)
        view.appear()
        if has_focus:
            view.focus()

    def _add_view(self, conversation: Conversation) -> MessageView:
        view = self._views[conversation] = MessageView(conversation.transcript)
        view.border_title = Content(conversation.title or "messages")
        return view
