"""All about a person, over the chat, and doing what our user chooses there or in the palette."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from textual.app import App, SystemCommand

from chat_server.protocol.events import Person
from chat_server.protocol.names import name_key
from chat_tui.screens.main import MainScreen
from chat_tui.screens.person import PersonScreen
from chat_tui.session.about import WRITE, About, Inquiry, about
from chat_tui.session.asking import AskServer
from chat_tui.session.membership import Entry, entries
from chat_tui.session.state import ChatState
from chat_tui.typing.intent import Ask, Identify, LocalCommand
from chat_tui.typing.judge import Known, judge

Doable = Ask | Identify | LocalCommand
"""What is done at once."""


class Describing:
    """Shows people, and does what is chosen about them as if its line had been typed.

    `ask` reaches the server, `now` is its time, and `do` does what a line means.
    """

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        state: ChatState,
        ask: AskServer,
        *,
        now: Callable[[], float],
        do: Callable[[Doable], Awaitable[None]],
    ) -> None:
        self._app = app
        self._main = main
        self._state = state
        self._ask = ask
        self._now = now
        self._do = do
        self._person = Person("", "")
        self._inquiry = Inquiry(ask, state.learn, self.show)
        self._screen: PersonScreen | None = None

    async def begin(self, person: Person) -> None:
        """Show a person, unless something lies over the chat already."""
        if len(self._app.screen_stack) > 1:
            return
        self._person = person
        self._inquiry = Inquiry(self._ask, self._state.learn, self.show)
        self._inquiry.begin()
        self._screen = PersonScreen(self._about())
        await self._app.push_screen(self._screen, self._closed)

    def broke(self) -> None:
        """Take note that there is no connection any more."""
        self._inquiry.broke()

    def show(self) -> None:
        """Show what is known by now, and ask for what could not be asked before."""
        if self._screen is not None:
            self._inquiry.begin()
            self._screen.show(self._about())

    def commands(self, with_whom: Person | None) -> Iterator[SystemCommand]:
        """List for the palette what can be done about one's name, and whom one can look at."""
        for entry in entries(self._state.membership):
            yield SystemCommand(entry.title, entry.line, partial(self.choose, entry))
        own = partial(self.begin, self._state.you)
        yield SystemCommand("Your account and devices", "whoami", own)
        if with_whom is not None:
            title = f"All about {with_whom.name}"
            yield SystemCommand(title, "and what you may do", partial(self.begin, with_whom))

    async def choose(self, entry: Entry, person: Person | None = None) -> None:
        """Do what an entry says, or have typed what it still needs."""
        if entry == WRITE and person is not None:
            self._main.write_to(person)
            return
        people = {} if person is None else {name_key(person.name): person}
        intent = judge(entry.line, now=self._now(), known=Known(people=people))
        if isinstance(intent, Doable) and not entry.is_begun:
            await self._do(intent)
        else:
            self._main.begin(f"{entry.line} ", person)

    def _about(self) -> About:
        person = self._state.people.find(self._person.id) or self._person
        return about(person, self._state, self._inquiry, self._now())

    async def _closed(self, entry: Entry | None) -> None:
        self._screen = None
        if entry is not None:
            await self.choose(entry, self._about().person)
