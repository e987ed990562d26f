"""The two lines under the input: what Enter will do, and how things are."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from chat_tui.config.actions import Keys, spelled
from chat_tui.layout.lines import clean, drawn
from chat_tui.layout.panes import Side
from chat_tui.session.sending import Progress
from chat_tui.session.state import Status
from chat_tui.typing.hints import START, Hint, fitted


class _Line(Static):
    """A line that is written only when it changes, so that a screen at rest is left alone."""

    def put(self, content: Content) -> None:
        """Show this."""
        if content != self.content:
            self.update(content, layout=False)


class HintLine(_Line):
    """What Enter will do."""

    def __init__(self) -> None:
        super().__init__(START, id="hint", markup=False)
        self._hint = Hint(START)

    def show(self, hint: Hint, *, is_pressed: bool) -> None:
        """Show a hint; make it stand out if Enter was pressed in vain."""
        self._hint = hint
        self._fit()
        self.set_class(is_pressed, "-noticed")

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        usage = fitted(self._hint, self.content_size.width)
        parts = [(usage.before, ""), (usage.current, "bold reverse"), (usage.after, "")]
        typed = Content.assemble(*((text, style) for text, style in parts if text))
        between = "  " if typed.plain else ""
        self.put(Content.assemble(typed, between, Content(self._hint.text)))


class Facts(NamedTuple):
    """What the last line says beside the connection.

    `hidden` has the panes that are folded away, each with the number of what is in it;
    `is_elsewhere`: the keys go to a pane, and not to the input; `progress`: how far many lines are
    sent.
    """

    place: str
    you: str
    unread: int
    hidden: Mapping[Side, int]
    is_elsewhere: bool = False
    progress: Progress | None = None


class StatusLine(_Line):
    """Who one is, where, whether one is connected, and what is not seen.

    What there is no room for is written shorter, the less important first.
    """

    def __init__(self, keys: Keys) -> None:
        super().__init__("", id="status", markup=False)
        self._keys = keys
        self._shown: tuple[Status, Facts] | None = None

    def show(self, status: Status, facts: Facts) -> None:
        """Show how the connection is, and the facts."""
        self._shown = (status, facts)
        self.set_class(status.state != "connected", "-broken")
        self.count_down()

    def count_down(self) -> None:
        """Show what is left of the time until something happens."""
        if self._shown is not None:
            status, facts = self._shown
            parts = _parts(status, facts, asyncio.get_running_loop().time(), self._keys)
            text = drawn(clean(_fitted(parts, self.size.width - 4)))
            self.put(Content(f"  {text}  "))

    def on_resize(self) -> None:
        self.count_down()


class _Part(NamedTuple):
    """Something to say, and how where there is little room; a higher `rank` is shortened later."""

    rank: int
    text: str
    short: str


class _Parts(NamedTuple):
    """What stands at both ends of the line."""

    left: list[_Part]
    right: list[_Part]


_MARKS = {"connected": "●", "connecting": "◌", "waiting": "○", "stopped": "○", "closed": "○"}


def _parts(status: Status, facts: Facts, now: float, keys: Keys) -> _Parts:
    mark = _MARKS[status.state]
    words = _in_words(status, facts.place, now, keys)
    right = [_hidden(side, number, keys) for side, number in facts.hidden.items()]
    if (sending := facts.progress) is not None:
        stop = spelled(keys["write"][:1])
        text = f"sending {sending.sent} of {sending.total}"
        right.insert(0, _Part(7, f"{text}, {stop} stops" if stop else text, text))
    if facts.is_elsewhere:
        back = spelled(keys["write"][:1])
        right.insert(0, _Part(6, f"{back}: input", f"{back}: input"))
    help_key = spelled(keys["help"][:1])
    right.append(_Part(1, f"{help_key} help" if help_key else "", help_key))
    you = f"you are {facts.you}" if facts.you else ""
    if status.state != "connected":
        what = f"{mark} {words}"
        left = [_Part(5, what, what), _Part(0, you, "")]
        return _Parts(left, [part._replace(short="") for part in right if part.rank < 6])
    left = [_Part(0, f"{mark} {words}", mark), _Part(2, you, facts.you)]
    if facts.unread:
        down = spelled(keys["page_down"][:1])
        text = f"{facts.unread} unread below ({down})"
        left.insert(1, _Part(4, text, f"{facts.unread} unread"))
    return _Parts(left, right)


def _hidden(side: Side, number: int, keys: Keys) -> _Part:
    """Count what is folded away, and say which key shows it."""
    name = "people" if side == "people" else "scheduled"
    key = spelled(keys[name][:1])
    return _Part(3, f"{key} {name} {number}".strip(), f"{key}: {number}")


def _fitted(parts: _Parts, width: int) -> str:
    """Write the parts at both ends of the line, as many of them in full as there is room for."""
    ranks = sorted({part.rank for side in parts for part in side})
    left = right = ""
    for rank in [-1, *ranks]:
        left, right = (
            _joined(part.short if part.rank <= rank else part.text for part in side)
            for side in parts
        )
        room = width - cell_len(left) - cell_len(right)
        if room >= 2:
            return f"{left}{' ' * room}{right}"
    return f"{left}  {right}"


def _joined(texts: Iterable[str]) -> str:
    """Join what there is to say; a mark that stands alone belongs to what comes after it."""
    said = [text for text in texts if text]
    if len(said) > 1 and len(said[0]) == 1:
        said[:2] = [" ".join(said[:2])]
    return " · ".join(said)


def _in_words(status: Status, place: str, now: float, keys: Keys) -> str:
    if status.state == "connected":
        return f"connected to {place}"
    if status.state == "connecting":
        return f"connecting to {place} …"
    if status.state == "closed":
        return f"left {place}"
    key = spelled(keys["connect"][:1])
    left = max(0, round(status.retry_at - now))
    when = f"again in {left} s" if left else "again now"
    how = f", {when}{f', {key} at once' if key else ''}"
    if status.state == "stopped":
        how = f", {key} tries again" if key else ""
    return f"offline{how} · {place}: {drawn(status.reason)}"
