"""The styles of what the painter draws, as the stylesheet and the theme have them."""

from rich.style import Style as RichStyle
from textual.color import Color
from textual.style import Style
from textual.widget import Widget

from chat_tui.layout.colours import name_colour

CLASSES = {
    f"messages--{name}"
    for name in (
        "time",
        "mine",
        "mention",
        "private",
        "fact",
        "refusal",
        "divider",
        "unread",
        "waiting",
        "link",
        "hit",
        "current",
    )
}


def style_of(pane: Widget, name: str) -> RichStyle:
    """Return a style by its name: "text", "name " with somebody's name, or what follows
    "messages--" in CLASSES, several joined by spaces. After a line feed may come a mark to add:
    "selected" or "hit".
    """
    look, _, mark = name.partition("\n")
    parts = [] if look == "text" or look.startswith("name ") else look.split(" ")
    parts += [mark] if mark and mark != "selected" else []
    classes = [f"messages--{part}" for part in parts]
    style = pane.get_visual_style(*classes)
    if look.startswith("name "):
        colour = name_colour(look[5:], pane.app.theme_variables["background"])
        style += Style(foreground=Color.parse(colour), bold=True)
    if mark == "selected":
        style += pane.screen.get_visual_style("screen--selection", partial=True)
    # Textual's visual style leaves out whether the colours are reversed.
    is_reversed = any(pane.get_component_styles(each).text_style.reverse for each in classes)
    is_reversed |= mark == "selected" and pane.app.no_color
    return style.rich_style + RichStyle(reverse=is_reversed or None)
