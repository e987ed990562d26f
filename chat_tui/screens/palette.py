"""The palette, and its entries: every action, each on one line with its key."""

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input

from chat_tui.screens.room import has_room


class Palette(CommandPalette):
    """Textual's, with a cursor that stays: a screen at rest writes nothing."""

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_resize(self, event: Resize) -> None:
        if self.is_current and not has_room(event.size):
            self.dismiss()


class ActionProvider(Provider):
    """Finds an action by what it does, or by its key."""

    async def discover(self) -> Hits:
        for title, keys, run, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(_entry(Content(title), keys), run, text=title)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, keys, run, _ in self.app.get_system_commands(self.screen):
            score = max(matcher.match(title), matcher.match(keys))
            if score > 0:
                yield Hit(score, _entry(matcher.highlight(title), keys), run, text=title)


def _entry(title: Content, keys: str) -> Content:
    return Content.assemble(title, "  ", (keys, "dim"))
