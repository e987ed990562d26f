"""The pane of the people who are here."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from chat_server.protocol.events import Person
from chat_tui.layout.colours import name_colour
from chat_tui.layout.lines import clean, drawn
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.choice import ChoiceList


class PeopleList(ChoiceList):
    """Who is here, in alphabetical order; choosing somebody asks for their conversation."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("people")

    class Chosen(Message):
        """The conversation with somebody is to be seen."""

        def __init__(self, person: Person) -> None:
            super().__init__()
            self.person = person

    class Addressed(Message):
        """What is typed is to go to somebody."""

        def __init__(self, person: Person) -> None:
            super().__init__()
            self.person = person

    class DetailsWanted(Message):
        """All about somebody is to be seen."""

        def __init__(self, person: Person) -> None:
            super().__init__()
            self.person = person

    class Counted(Message):
        """More people are here than before, or fewer."""

    def __init__(self) -> None:
        super().__init__(id="people")
        self.border_title = "people"
        self._people: dict[str, Person] = {}
        self._you = ""

    def show(self, people: Mapping[str, Person], you: str) -> None:
        """Show these people, by their ids, of whom oneself has the id `you`."""
        if (people, you) == (self._people, self._you):
            return
        if len(people) != len(self._people):
            self.post_message(self.Counted())
        self._people, self._you = dict(people), you
        self.show_keys(sorted(people, key=lambda key: _order(people[key].name)))
        self.border_title = f"people here ({len(people)})"

    @property
    def people(self) -> Iterable[Person]:
        """Who is here, in alphabetical order."""
        return [self._people[key] for key in self.keys]

    @property
    def count(self) -> int:
        return len(self._people)

    def chose(self) -> None:
        self.action_select()

    def action_select(self) -> None:
        if person := self._people.get(self.chosen):
            self.post_message(self.Chosen(person))

    def action_address(self) -> None:
        if person := self._people.get(self.chosen):
            self.post_message(self.Addressed(person))

    def action_details(self) -> None:
        if person := self._people.get(self.chosen):
            self.post_message(self.DetailsWanted(person))

    def entry(self, key: str) -> Content:
        name = self._people[key].name
        shown = drawn(clean(name))
        if key == self._you:
            return Content.assemble((shown, "bold"), (" (you)", "dim"))
        return Content.styled(shown, name_colour(name, self.app.theme_variables["background"]))


@lru_cache(maxsize=1 << 14)
def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name
