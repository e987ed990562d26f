"""The panes side by side, above each other or one over the other, as there is room."""

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.widget import Widget

from chat_tui.layout.panes import SIDES, Side, columns, places


class Panes(Widget):
    """The messages in the middle, and people and scheduled messages beside, below or over them.

    Each side can be folded away; with little room it is, and lies over the middle when unfolded.
    """

    class Folded(Message):
        """Other sides are shown, or folded away, than before."""

    def __init__(self, people: Widget, middle: Widget, schedule: Widget) -> None:
        super().__init__(id="panes")
        self._middle = middle
        self._sides: dict[Side, Widget] = {"people": people, "schedule": schedule}
        self._folded: set[Side] = set()
        self._over: Side | None = None
        self._width = 0
        self._wanted = 0
        self._places = _PanesLayout(self)

    def compose(self) -> ComposeResult:
        yield self._middle
        yield from self._sides.values()

    def on_mount(self) -> None:
        self.watch(self._sides["schedule"], "virtual_size", self._sized, init=False)

    @property
    def layout(self) -> Layout:
        return self._places

    @property
    def is_narrow(self) -> bool:
        """Say whether the sides lie over the middle."""
        return columns(self._width) == "one"

    @property
    def sides(self) -> list[Widget]:
        """The sides that are seen, in the order in which one walks through them."""
        return [side for side in self._sides.values() if side.display]

    def is_shown(self, side: Side) -> bool:
        return side == self._over if self.is_narrow else side not in self._folded

    def fit(self, width: int) -> None:
        """Be the panes of a screen of this width."""
        if width == self._width:
            return
        was_narrow = self.is_narrow
        self._width = width
        if was_narrow != self.is_narrow:
            self._over = None
        self._show()

    def fold(self, side: Side) -> None:
        """Fold a side away, or unfold it; beside the messages, this holds for good."""
        if self.is_narrow:
            self._over = None if self._over == side else side
        else:
            self._folded ^= {side}
        self._show()

    def unfold(self, side: Side) -> None:
        """Show a side, if it is folded away."""
        if not self.is_shown(side):
            self.fold(side)

    def uncover(self) -> None:
        """Fold away what lies over the messages."""
        if self._over:
            self._over = None
            self._show()

    def boxes(self, size: Size) -> dict[Widget, Region]:
        """Say where each pane is in a space of this size."""
        shown: tuple[Side, ...] = tuple(side for side in SIDES if self.is_shown(side))
        found = places(size.width, size.height, shown, self._wanted)
        middle = {self._middle: Region(*found["middle"])}
        return middle | {self._sides[side]: Region(*found[side]) for side in shown}

    def _sized(self, size: Size) -> None:
        """Give the scheduled messages as many rows as they fill, if there is room."""
        if size.height + 2 != self._wanted:
            self._wanted = size.height + 2
            self.refresh(layout=True)

    def _show(self) -> None:
        for name, side in self._sides.items():
            side.display = self.is_shown(name)
            side.set_class(self.is_narrow, "-over")
        self.refresh(layout=True)
        self.post_message(self.Folded())


class _PanesLayout(Layout):
    """Puts the panes where they say that they are."""

    name = "panes"

    def __init__(self, panes: Panes) -> None:
        self._panes = panes

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        parent.pre_layout(self)
        boxes = self._panes.boxes(size)
        return [
            WidgetPlacement(boxes[child], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in boxes
        ]
