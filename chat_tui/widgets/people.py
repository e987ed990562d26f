"""The pane of the people who are here."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_tui.bindings import bindings
from chat_tui.colours import name_colour
from chat_tui.records import clean, drawn
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

    def __init__(self) -> None:
        super().__init__(id="people", compact=True, markup=False)
        self.border_title = "people"
        self._names: list[str] = []
        self._you = ""
        self._background = ""

    def show(self, names: Sequence[str], you: str) -> None:
        """Show these people, and which of them oneself is."""
        ordered = sorted(names, key=lambda name: (name.casefold(), name))
        if (ordered, you) == (self._names, self._you):
            return
        chosen = self._highlighted_name()
        self._names, self._you = ordered, you
        self.set_options(Option(self._prompt(name)) for name in ordered)
        self.border_title = f"people here ({len(ordered)})"
        if chosen in ordered:
            self.highlighted = ordered.index(chosen)

    def notify_style_update(self) -> None:
        """Colour the names anew in the colours of another theme."""
        super().notify_style_update()
        background = self.app.theme_variables["background"]
        if background != self._background:
            self._background = background
            for index, name in enumerate(self._names):
                self.replace_option_prompt_at_index(index, self._prompt(name))

    @property
    def count(self) -> int:
        return len(self._names)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._names[event.option_index]))

    def action_address(self) -> None:
        if name := self._highlighted_name():
            self.post_message(self.Addressed(name))

    def on_focus(self) -> None:
        if self.highlighted is None:
            self.action_first()

    def _highlighted_name(self) -> str:
        chosen = self.highlighted
        return self._names[chosen] if chosen is not None and chosen < len(self._names) else ""

    def _prompt(self, name: str) -> Content:
        shown = drawn(clean(name))
        if name == self._you:
            return Content.assemble((shown, "bold"), (" (you)", "dim"))
        return Content.styled(shown, name_colour(name, self.app.theme_variables["background"]))
