"""Keys as people write them in the settings file, and as Textual names them."""

import unicodedata

from chat_tui.config.keyboard_layouts import latin

ALLOWED = "a key such as 'f5', 'alt+k' or 'ctrl+g', or a list of keys"
_MODIFIERS = ("alt", "ctrl", "shift")
_NAMED = frozenset(
    ("escape", "enter", "tab", "space", "backspace", "insert", "delete", "home", "end", "pageup")
) | {"pagedown", "up", "down", "left", "right", *(f"f{number}" for number in range(1, 25))}
_ALIASES = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "page_up": "pageup",
    "page_down": "pagedown",
    "control": "ctrl",
    "meta": "alt",
    "option": "alt",
}
_SAME = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
}
"""Keys that no terminal can tell from others."""
_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}


def parse_key(written: str) -> str:
    """Read a key as a person writes it; return it as Textual names it, "" for no key.

    Letter case matters only for a letter alone; `+` itself is written `plus`.
    """
    *modifiers, last = [_part(part) for part in written.strip().split("+")]
    if len(set(modifiers)) < len(modifiers) or not set(modifiers) <= set(_MODIFIERS):
        return ""
    if modifiers and len(last) == 1:
        last = _part(latin(last.lower()))
    if last not in _NAMED and not _is_character(last):
        return ""
    key = "+".join([*sorted(modifiers), last])
    return _SAME.get(key, key)


def is_typed(key: str) -> bool:
    """Say whether a key writes something or moves in a text, so that the input needs it."""
    *modifiers, last = key.split("+")
    if set(modifiers) - {"shift"}:
        return False
    return _is_character(last) or last in ("space", "backspace", "enter", "left", "right")


def _part(part: str) -> str:
    """Read what stands between two `+`."""
    part = part.strip()
    if len(part) == 1:
        return part if part.isalnum() else _character(part)
    part = part.lower()
    return _ALIASES.get(part, part)


def _character(character: str) -> str:
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


def _is_character(name: str) -> bool:
    """Say whether Textual calls the key of a character by this name."""
    if len(name) == 1:
        return name.isalnum()
    return name in _CHARACTERS


_CHARACTERS = frozenset(_character(character) for character in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
