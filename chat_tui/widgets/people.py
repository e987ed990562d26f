"""The pane of the people who are here."""

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from chat_tui.layout.colours import name_colour
from chat_tui.layout.lines import clean, drawn
from chat_tui.session.people import Ids
from chat_tui.widgets.bindings import bindings
from chat_tui.widgets.choice import ChoiceList


class PeopleList(ChoiceList):
    """Who is here, in alphabetical order; choosing somebody asks for their conversation."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("people")

    class Chosen(Message):
        """The conversation with somebody is to be seen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Addressed(Message):
        """What is typed is to go to somebody."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Counted(Message):
        """More people are here than before, or fewer."""

    def __init__(self) -> None:
        super().__init__(id="people")
        self.border_title = "people"
        self._names: dict[str, str] = {}
        self._you = ""

    def show(self, names: Sequence[str], you: str, ids: Ids) -> None:
        """Show these people, and which of them oneself is; by their ids they keep their place."""
        keys = [ids[name] for name in names]
        known = dict(zip(keys, names, strict=True))
        if (known, you) == (self._names, self._you):
            return
        if len(known) != len(self._names):
            self.post_message(self.Counted())
        self._names, self._you = known, you
        self.show_keys(sorted(keys, key=lambda key: _order(known[key])))
        self.border_title = f"people here ({len(keys)})"

    @property
    def names(self) -> list[str]:
        """Who is here, in alphabetical order."""
        return [self._names[key] for key in self.keys]

    @property
    def count(self) -> int:
        return len(self._names)

    def chose(self) -> None:
        self.action_select()

    def action_select(self) -> None:
        if name := self._names.get(self.chosen):
            self.post_message(self.Chosen(name))

    def action_address(self) -> None:
        if name := self._names.get(self.chosen):
            self.post_message(self.Addressed(name))

    def entry(self, key: str) -> Content:
        name = self._names[key]
        shown = drawn(clean(name))
        if name == self._you:
            return Content.assemble((shown, "bold"), (" (you)", "dim"))
        return Content.styled(shown, name_colour(name, self.app.theme_variables["background"]))


@lru_cache(maxsize=1 << 14)
def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name
