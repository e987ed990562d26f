"""The two lines under the input: what Enter will do, and how things are."""

from textual.content import Content
from textual.widgets import Static

from chat_tui.hints import START, Verdict, fitted
from chat_tui.state import Status


class HintLine(Static):
    """What Enter will do."""

    def __init__(self) -> None:
        super().__init__(START, id="hint", markup=False)

    def show(self, verdict: Verdict, *, is_pressed: bool) -> None:
        """Show a verdict; after Enter was pressed in vain, so that it is noticed."""
        usage = fitted(verdict, self.content_size.width)
        parts = [(usage.before, ""), (usage.current, "bold reverse"), (usage.after, "")]
        typed = Content.assemble(*((text, style) for text, style in parts if text))
        between = "  " if typed.plain else ""
        self.update(Content.assemble(typed, between, Content(verdict.hint)), layout=False)
        self.set_class(is_pressed, "-noticed")


class StatusLine(Static):
    """Who one is, where, whether one is connected, and what has not been read."""

    def __init__(self) -> None:
        super().__init__("", id="status", markup=False)

    def show(self, status: Status, *, place: str, you: str, unread: int, now: float) -> None:
        """Show the connection at the loop's time `now`."""
        marks = {"connected": "●", "connecting": "◌", "waiting": "○", "closed": "○"}
        parts = [f"{marks[status.state]} {_in_words(status, place, now)}"]
        if unread:
            parts.append(f"{unread} unread below (PgDn)")
        if you:
            parts.append(f"you are {you}")
        parts.append("F1 help")
        self.update(Content("  ·  ".join(parts)), layout=False)
        self.set_class(status.state != "connected", "-broken")


def _in_words(status: Status, place: str, now: float) -> str:
    if status.state == "connected":
        return f"connected to {place}"
    if status.state == "connecting":
        return f"connecting to {place} …"
    if status.state == "closed":
        return f"left {place}"
    left = max(0, round(status.retry_at - now))
    when = f"again in {left} s" if left else "again now"
    return f"offline, {when}, Ctrl+R at once · {place}: {status.reason}"
