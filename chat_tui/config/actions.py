"""Everything that a key does, in one table.

Made from it: the bindings, the page of help, the palette, and the keys of the settings file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

Place = Literal["app", "main", "composer", "messages", "people", "schedule"]
"""Where the keys of an action work: app and main in every pane, the others in their own."""
Keys = Mapping[str, tuple[str, ...]]
"""The keys of every action, by its name."""


class Action(NamedTuple):
    """Something that a key does.

    `name` stands for it in the settings file, `keys` are what it has unless told otherwise, `run`
    is the action as Textual calls it, seen from its place, and `title` says what it does.
    """

    name: str
    place: Place
    keys: tuple[str, ...]
    run: str
    title: str
    is_first: bool = False
    """Ask for it before any pane is asked, so that it works wherever one is."""
    gives_way: bool = False
    """Leave its keys to another action that is to have them."""


_TABS = [
    Action(f"tab_{n}", "main", (f"alt+{n}",), f"screen.tab({n})", f"to conversation {n}", True)
    for n in range(1, 10)
]
ACTIONS = (
    Action("help", "app", ("f1",), "app.help", "show the keys and the commands"),
    Action("palette", "app", ("ctrl+p",), "app.command_palette", "find an action by name", True),
    Action("theme", "app", ("f2",), "app.change_theme", "choose other colours"),
    Action("redraw", "app", ("ctrl+l",), "app.redraw", "draw the screen anew", True),
    Action("connect", "app", ("ctrl+r",), "app.retry", "connect now, if we are cut off"),
    Action("export", "app", ("ctrl+s",), "app.export", "write this conversation into a file"),
    Action("send_again", "app", ("f3",), "app.send_again", "a message in red: send it again"),
    Action("drop", "app", ("f4",), "app.drop", "a message in red: drop it"),
    Action("quit", "app", ("ctrl+q",), "app.quit", "leave the chat", True),
    Action("page_up", "main", ("pageup",), "screen.page(-1)", "a page up in the messages"),
    Action("page_down", "main", ("pagedown",), "screen.page(1)", "a page down in the messages"),
    Action("newest", "main", ("ctrl+end",), "screen.newest", "down to the newest message"),
    Action("unread", "main", ("alt+u",), "screen.unread", "to where you stopped reading"),
    Action("earlier_mention", "main", ("alt+p",), "screen.mention(-1)", "the one for you above"),
    Action("later_mention", "main", ("alt+n",), "screen.mention(1)", "the one for you below"),
    Action("search", "main", ("ctrl+f",), "screen.search", "search the messages"),
    Action("next_pane", "main", ("f6",), "screen.walk(1)", "to the next pane"),
    Action("previous_pane", "main", ("shift+f6",), "screen.walk(-1)", "to the pane before"),
    Action("write", "main", ("escape",), "screen.write", "back to the input"),
    Action("people", "main", ("f7",), "screen.fold('people')", "show people, or hide them"),
    Action("scheduled", "main", ("f8",), "screen.fold('schedule')", "the same, scheduled ones"),
    *_TABS,
    Action("left_tab", "main", ("alt+left",), "screen.beside(-1)", "to the tab before", True),
    Action("right_tab", "main", ("alt+right",), "screen.beside(1)", "to the next tab", True),
    Action("next_new", "main", ("alt+a",), "screen.next_new", "to the next tab with news", True),
    Action("close_tab", "main", ("ctrl+w",), "screen.close_tab", "close this conversation", True),
    Action("undo", "main", ("alt+z",), "app.undo", "undo what was done to a scheduled message"),
    Action("send", "composer", ("enter",), "submit", "do what the line under the input says"),
    Action("new_line", "composer", ("ctrl+j", "alt+enter", "shift+enter"), "break_line",
           "begin another line"),
    Action("complete", "composer", ("tab",), "complete", "complete the word; again: the next"),
    Action("complete_back", "composer", ("shift+tab",), "complete(-1)", "the same, backwards"),
    Action("editor", "composer", ("ctrl+x",), "prefix", "then Ctrl+E: write in your $EDITOR",
           gives_way=True),
    Action("earlier", "composer", ("up",), "earlier", "what was typed before"),
    Action("later", "composer", ("down",), "later", "what was typed after it"),
    Action("line_up", "messages", ("up", "k"), "scroll_up", "a line up"),
    Action("line_down", "messages", ("down", "j"), "scroll_down", "a line down"),
    Action("first", "messages", ("home",), "scroll_home", "to the first message"),
    Action("last", "messages", ("end",), "scroll_end", "to the last message"),
    Action("choose_up", "messages", ("shift+up",), "choose(-1)", "choose the message above too"),
    Action("choose_down", "messages", ("shift+down",), "choose(1)", "choose the one below too"),
    Action("caret_back", "messages", ("left",), "caret(-1)", "back a character"),
    Action("caret_on", "messages", ("right",), "caret(1)", "on a character"),
    Action("choose_back", "messages", ("shift+left",), "caret(-1, True)", "choose back"),
    Action("choose_on", "messages", ("shift+right",), "caret(1, True)", "choose on"),
    Action("word_back", "messages", ("ctrl+left",), "caret_word(-1)", "back a word"),
    Action("word_on", "messages", ("ctrl+right",), "caret_word(1)", "on a word"),
    Action("choose_word_back", "messages", ("ctrl+shift+left",), "choose_word(-1)", "a word back"),
    Action("choose_word_on", "messages", ("ctrl+shift+right",), "choose_word(1)", "a word on"),
    Action("copy", "messages", ("c", "y"), "copy", "copy what is chosen"),
    Action("link_above", "messages", ("l",), "choose_link(-1)", "choose the link above"),
    Action("link_below", "messages", ("L",), "choose_link(1)", "choose the link below"),
    Action("open_link", "messages", ("o",), "open_link", "open the link"),
    Action("details", "messages", ("enter",), "details", "all about the message"),
    Action("choose_person", "people", ("enter",), "select", "open the conversation with them"),
    Action("address_person", "people", ("space",), "address", "write to them from where you are"),
    Action("person_details", "people", ("i",), "details", "all about them, and what you may do"),
    Action("cancel_item", "schedule", ("c", "delete"), "ask('cancelled')", "cancel this message"),
    Action("edit_item", "schedule", ("e",), "ask('edited')", "cancel it, and edit it in the input"),
    Action("send_item", "schedule", ("s",), "ask('sending')", "send it now, in 5 seconds"),
    Action("undo_item", "schedule", ("u",), "app.undo", "undo that, for 5 seconds"),
)  # fmt: skip
BY_NAME = {action.name: action for action in ACTIONS}
DEFAULT_KEYS: Keys = {action.name: action.keys for action in ACTIONS}

_EVERYWHERE = ("app", "main")
_SPELLED = {
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "delete": "Del",
    "question_mark": "?",
    "slash": "/",
}


def together(one: Place, other: Place) -> bool:
    """Say whether the keys of two places can be pressed at the same time."""
    return one == other or one in _EVERYWHERE or other in _EVERYWHERE


def clashes(keys: Keys) -> Iterator[tuple[str, str, str]]:
    """Go through the actions, by name, that share a key where both work: (one, other, key)."""
    for number, one in enumerate(ACTIONS):
        for other in ACTIONS[number + 1 :]:
            if together(one.place, other.place):
                shared = [key for key in keys[one.name] if key in keys[other.name]]
                for key in shared:
                    yield one.name, other.name, key


def runs(places: Sequence[Place], keys: Keys = DEFAULT_KEYS) -> dict[str, str]:
    """Say what to run for each key of some places, for a pane that asks nobody else."""
    actions = [action for action in ACTIONS if action.place in places]
    return {key: action.run for action in actions for key in keys[action.name]}


def spelled(keys: Iterable[str]) -> str:
    """Write keys as people know them: Ctrl+P, Shift+F6, PgUp."""
    return ", ".join(_spelled(*key.split("+")) for key in keys)


def _spelled(*parts: str) -> str:
    *modifiers, last = parts
    if last in _SPELLED:
        last = _SPELLED[last]
    elif modifiers or len(last) > 1:
        last = last.capitalize().replace("_", " ")
    return "+".join([*map(str.capitalize, modifiers), last])
