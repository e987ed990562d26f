"""The chat's screen: three panes, the input, and two lines under it."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget

from chat_server.protocol.events import Person
from chat_server.protocol.names import name_key
from chat_tui.config.actions import DEFAULT_KEYS, Keys, Place, runs
from chat_tui.layout.panes import SIDES, Side
from chat_tui.screens.confirm import ConfirmScreen
from chat_tui.screens.selecting import SelectingScreen
from chat_tui.session.conversations import Conversation, Conversations
from chat_tui.session.outbox import Outgoing
from chat_tui.session.sending import Progress
from chat_tui.session.state import ChatState, Status
from chat_tui.typing.hints import TIP
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.conversations import ConversationPanes
from chat_tui.widgets.lines import Facts, HintLine, StatusLine
from chat_tui.widgets.messages.view import MessageView
from chat_tui.widgets.panes import Panes
from chat_tui.widgets.people import PeopleList
from chat_tui.widgets.schedule import ScheduleList
from chat_tui.widgets.search import SearchBar
from chat_tui.widgets.tabs import ConversationTabs


class MainScreen(SelectingScreen):
    """What one sees of the chat. It shows a state; the app decides what is done."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("main")
    AUTO_FOCUS = "#composer"

    class StopWanted(Message):
        """No more of the lines that were entered together are to be sent."""

    def __init__(
        self, now: Callable[[], float], conversations: Conversations, keys: Keys = DEFAULT_KEYS
    ) -> None:
        super().__init__()
        self._conversations = conversations
        self._conversation_panes = ConversationPanes(conversations)
        self.people = PeopleList()
        self.schedule = ScheduleList()
        self.composer = Composer(now)
        self.composer.actions = runs(("composer", "main", "app"), keys)
        self._search = SearchBar()
        self._hint = HintLine()
        self._status = StatusLine(keys)
        self._progress: Progress | None = None
        """How far the lines are sent that were entered together."""
        self._tipped = ""
        """The guest's name that can be made one's own, once that was said."""
        self._here = (0, "", "")
        self._voices: Sequence[str] = ()
        """The ids of those who spoke, the last first, as the composer was last told."""
        self._connection: tuple[Status, str, str] | None = None
        self._panes = Panes(self.people, self._conversation_panes, self.schedule)

    def compose(self) -> ComposeResult:
        yield self._panes
        yield self._search
        yield self.composer
        yield self._hint
        yield self._status

    def on_mount(self) -> None:
        self._panes.fit(self.app.size.width)

    @property
    def messages(self) -> MessageView:
        """The messages of the conversation that is looked at."""
        return self._conversation_panes.view

    def show_state(self, state: ChatState) -> None:
        """Show the conversations and the state."""
        self._conversation_panes.show()
        self.composer.recipient = self._conversations.active.recipient
        here = (state.people.changes, state.you.id, state.you.name)
        if here != self._here:
            self.people.show(state.people.here, state.you.id)
            self.composer.people = {name_key(each.name): each for each in self.people.people}
        voices = state.people.spoke
        if (here, voices) != (self._here, self._voices):
            self.composer.names = _by_voice(voices, state.you.id, self.people.people)
        self._here, self._voices = here, voices
        self._show_tip(state)
        self.composer.items = [item.id for item in state.pending]

    def _show_tip(self, state: ChatState) -> None:
        """Say once, to a guest who has chosen a name, that they can make it their own."""
        name = state.you.name if state.membership.may_register else ""
        if name != self._tipped:
            self._tipped = name
            self.composer.tip = TIP.format(name=name) if name else ""

    def show_outbox(
        self,
        outgoing: Sequence[Outgoing],
        owner: Callable[[Outgoing], Conversation],
        *,
        is_connected: bool,
    ) -> None:
        """Show what has no answer yet; questions only where they wait for a connection."""
        self.composer.is_informed = is_connected
        shown = [
            line
            for line in outgoing
            if not line.is_question or line.state != "waiting" or not is_connected
        ]
        self._conversation_panes.show_outgoing(shown, owner)

    @property
    def begun(self) -> list[str]:
        """What is being written in any conversation, or was before something was edited there."""
        active = self._conversations.active
        others = [each for each in self._conversations.opened if each is not active]
        drafts = [self.composer.draft, *(each.draft for each in others)]
        drafts += [each.stashed for each in (active, *others) if each.stashed is not None]
        texts = [self.composer.aside, *(draft.text for draft in drafts)]
        return [text for text in map(str.strip, texts) if text]

    def turn(self, conversation: Conversation | None) -> None:
        """Look at another conversation, if there is one to look at, and take up what was begun."""
        before = self._conversations.active
        if conversation is None or conversation is before:
            return
        before.draft = self.composer.draft
        self._conversations.go(conversation)
        self._take_up(conversation)

    def _take_up(self, conversation: Conversation) -> None:
        self._end_search()
        self.composer.draft = conversation.draft
        self.composer.recipient = conversation.recipient
        self._conversation_panes.show()
        self._show_facts()

    def edit(self, text: str) -> None:
        """Put a text into the input; what is there comes back once this is sent."""
        active = self._conversations.active
        if active.stashed is None:
            active.stashed = self.composer.draft
        self.composer.put(text)
        self.composer.focus()

    def begin(self, line: str, person: Person | None) -> None:
        """Have a line ended in the input that is about a person, if it is about anybody."""
        self.action_write()
        self.edit(line)
        self.composer.mean(person)

    def write_to(self, person: Person) -> None:
        """Go to the conversation with somebody."""
        self.turn(self._conversations.open(person))
        self.action_write()

    def end_edit(self, text: str) -> None:
        """Take a text out of the input again, if it is there as it was, in any conversation."""
        active = self._conversations.active
        active.draft = self.composer.draft
        for each in self._conversations.opened:
            if each.stashed is not None and each.draft.text == text:
                each.draft, each.stashed = each.stashed, None
                if each is active:
                    self.composer.draft = each.draft

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far the lines are sent that were entered together."""
        if progress != self._progress:
            self._progress = progress
            self._show_facts()

    def show_status(self, status: Status, place: str, you: str) -> None:
        """Show how the connection to a place is, and who we are there."""
        if (status, place, you) != self._connection:
            self._connection = (status, place, you)
            self._show_facts()

    def count_down(self) -> None:
        """Show how much time is left until the next try to connect."""
        self._status.count_down()

    @on(Panes.Folded)
    @on(MessageView.UnreadChanged)
    @on(PeopleList.Counted)
    @on(ScheduleList.Counted)
    def _show_facts(self) -> None:
        """Show the facts in the last line anew, when any of them may have changed."""
        if self._connection is None:
            return
        status, place, you = self._connection
        counts: dict[Side, int] = {"people": self.people.count, "schedule": self.schedule.count}
        hidden = {side: counts[side] for side in SIDES if not self._panes.is_shown(side)}
        panes = (self.messages, self.people, self.schedule)
        is_elsewhere = self._progress is None and self.focused in panes
        unread = self.messages.reading.unread.messages
        facts = Facts(place, you, unread, hidden, is_elsewhere, self._progress)
        self._status.show(status, facts)

    def on_descendant_focus(self) -> None:
        self._show_facts()

    def type(self, text: str) -> None:
        """Write in the input what was typed where nothing could be done with it."""
        self.composer.focus()
        self.composer.insert(text)

    def on_resize(self, event: Resize) -> None:
        self._panes.fit(event.size.width)
        self._keep_focus()

    @on(Composer.Judged)
    def _judged(self, event: Composer.Judged) -> None:
        self._hint.show(event.hint, is_pressed=event.is_pressed)

    @on(Composer.Asked)
    async def _asked(self, event: Composer.Asked) -> None:
        event.stop()
        question = ConfirmScreen(event.question, event.texts)
        await self.app.push_screen(question, self.composer.answer)

    @on(SearchBar.Changed)
    def _search_changed(self, event: SearchBar.Changed) -> None:
        if self._search.is_open:
            hits = self.messages.find(event.query)
            self._search.show(hits.count, hits.current)

    @on(SearchBar.Stepped)
    def _search_stepped(self, event: SearchBar.Stepped) -> None:
        hits = self.messages.find_next(event.step)
        self._search.show(hits.count, hits.current)

    @on(MessageView.HitsChanged)
    def _hits_changed(self, event: MessageView.HitsChanged) -> None:
        if event.control is self.messages and self._search.is_open:
            self._search.show(event.hits.count, event.hits.current)

    def _end_search(self) -> None:
        """End a search, because another conversation is looked at."""
        if self._search.is_open:
            self.messages.end_search(is_staying=True)
            self._search.close()
            self.composer.focus()

    @on(SearchBar.Ended)
    def _search_ended(self, event: SearchBar.Ended) -> None:
        """Close the search; the keys go to the messages where one stays at what was found."""
        self.messages.end_search(is_staying=event.is_staying)
        self._search.close()
        (self.messages if event.is_staying else self.composer).focus()

    @on(PeopleList.Chosen)
    def _chosen(self, event: PeopleList.Chosen) -> None:
        event.stop()
        self.write_to(event.person)

    @on(PeopleList.Addressed)
    def _addressed(self, event: PeopleList.Addressed) -> None:
        event.stop()
        self.composer.address(event.person.name)
        self.action_write()

    def at(self, place: Place) -> DOMNode:
        """Go to where an action works, and return it."""
        if place == "people" or place == "schedule":
            self._panes.unfold(place)
        panes: dict[Place, Widget] = {
            "composer": self.composer,
            "messages": self.messages,
            "people": self.people,
            "schedule": self.schedule,
        }
        if place in panes:
            self.set_focus(panes[place])
        return panes.get(place, self)

    @on(Composer.Entered)
    def _entered(self) -> None:
        """Put back what was in the input before something was edited there."""
        self.composer.tip = ""
        active = self._conversations.active
        if active.stashed is not None:
            self.composer.draft, active.stashed = active.stashed, None

    @on(ConversationTabs.Chosen)
    def _tab_chosen(self, event: ConversationTabs.Chosen) -> None:
        event.stop()
        if (conversation := self._conversations.find(event.key)) is not None:
            self.turn(conversation)

    def action_tab(self, place: int) -> None:
        """Look at the conversation of a tab, from 1 on."""
        if (conversation := self._conversations.at(place)) is not None:
            self.turn(conversation)

    def action_beside(self, step: int) -> None:
        self.turn(self._conversations.beside(step))

    def action_next_new(self) -> None:
        if (conversation := self._conversations.next_new()) is not None:
            self.turn(conversation)

    def action_close_tab(self) -> None:
        """Close the conversation; in a text that is being written, Ctrl+W deletes a word."""
        closing = self._conversations.active
        if closing is self._conversations.everyone or self.composer.text:
            raise SkipAction
        if closing.stashed is not None:
            self.composer.draft, closing.stashed = closing.stashed, None
            return
        self._conversations.close()
        self._take_up(self._conversations.active)
        self.composer.focus()

    def action_walk(self, step: int) -> None:
        """Go to the next pane that is seen."""
        seen = [self.composer, self.messages, *self._panes.sides]
        place = seen.index(self.focused) if self.focused in seen else 0
        seen[(place + step) % len(seen)].focus()

    def action_write(self) -> None:
        """Go back to the input; first let go of what is chosen in the messages.

        In the input itself, stop what is being sent.
        """
        if self.focused is self.composer and self._progress is not None:
            self.post_message(self.StopWanted())
        self._panes.uncover()
        if not self.messages.let_go():
            self.composer.focus()

    def action_page(self, pages: int) -> None:
        self.messages.page(pages)

    def action_newest(self) -> None:
        self.messages.follow()

    def action_unread(self) -> None:
        if not self.messages.read_on():
            self.notify("Nothing came since you looked away.", markup=False)

    def action_mention(self, step: int) -> None:
        if not self.messages.step_mention(step):
            where = "above" if step < 0 else "below"
            self.notify(f"No message for you {where}.", markup=False)

    def action_search(self) -> None:
        self._search.open()

    def action_fold(self, side: Side) -> None:
        """Fold a side away, or unfold it; one that lies over the messages takes the keys."""
        self._panes.fold(side)
        if self._panes.is_narrow and self._panes.is_shown(side):
            self.at(side)
        self._keep_focus()

    def _keep_focus(self) -> None:
        """Leave a pane that is not seen any more."""
        if self.focused in (self.people, self.schedule) and not self.focused.display:
            self.composer.focus()


def _by_voice(voices: Sequence[str], you: str, people: Iterable[Person]) -> list[str]:
    """Return the others' names: first those who spoke, in the order of `voices`, then the rest."""
    others = {person.id: person.name for person in people if person.id != you}
    spoke = [others.pop(voice) for voice in voices if voice in others]
    return [*spoke, *others.values()]
