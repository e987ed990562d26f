"""A list in which the chosen row stands out by more than a colour."""

from typing import ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.widgets import OptionList

_REVERSE = Style(reverse=True)


class ChoiceList(OptionList):
    """A list whose chosen row is reversed while the keys go to it.

    Reversed, a colour keeps the contrast that it has, in every theme and without colours; Textual
    leaves `text-style: reverse` of a row out.
    """

    FOCUS_ON_CLICK: ClassVar[bool] = False  # so that who clicks and types goes on writing

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        return strip.apply_style(_REVERSE) if self.has_focus and self._is_chosen(strip) else strip

    def _is_chosen(self, strip: Strip) -> bool:
        chosen = self.highlighted
        return chosen is not None and any(
            part.style is not None and part.style.meta.get("option") == chosen for part in strip
        )
