"""How much room a list over the chat needs: Textual cannot lay one out in next to nothing."""

from textual.geometry import Size

COLUMNS, ROWS = 20, 8


def has_room(size: Size) -> bool:
    return size.width >= COLUMNS and size.height >= ROWS
