"""The table of actions as Textual's bindings."""

from textual.binding import Binding, BindingType

from chat_tui.config.actions import ACTIONS, DEFAULT_KEYS, Keys, Place

_NO_KEY = "no_key"
"""Stands for no key: Textual takes an empty entry for one that was not changed."""


def bindings(place: Place) -> list[BindingType]:
    """Make the bindings of a place, with the keys that they have unless told otherwise."""
    return [
        Binding(
            ",".join(action.keys) or _NO_KEY,
            action.run,
            action.title,
            show=False,
            priority=action.is_first,
            id=action.name,
        )
        for action in ACTIONS
        if action.place == place
    ]


def keymap(keys: Keys) -> dict[str, str]:
    """Name the keys that are others than usual, for `App.set_keymap`.

    No key may stand in two places that work together (`actions.clashes`): Textual would take it
    from one of them without a word.
    """
    return {
        name: ",".join(chosen) or _NO_KEY
        for name, chosen in keys.items()
        if chosen != DEFAULT_KEYS[name]
    }
