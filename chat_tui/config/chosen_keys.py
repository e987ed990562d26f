"""The keys that our user has chosen for actions, as far as allowed; and what is wrong with them."""

from chat_tui.config.actions import ACTIONS, BY_NAME, DEFAULT_KEYS, Keys, clashes, spelled
from chat_tui.config.keys import ALLOWED, is_typed, parse_key
from chat_tui.config.values import shown, strings


def read_keys(table: object) -> tuple[Keys, list[str]]:
    """Read the keys of actions; a key that two would have stays with the one that had it."""
    if not isinstance(table, dict):
        return DEFAULT_KEYS, [f"keys is {shown(table)}, and is ignored; allowed: a table [keys]"]
    chosen: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for name, value in table.items():
        keys = _keys(value)
        if name not in BY_NAME:
            allowed = ", ".join(BY_NAME)
            faults.append(f"keys.{shown(name)} is no action; allowed: {allowed}")
        elif keys is None:
            faults.append(f"keys.{name} is {shown(value)}, and is ignored; allowed: {ALLOWED}")
        elif typed := _needed_to_type(name, keys):
            faults.append(f"keys.{name} is {shown(value)}, and is ignored: {typed}")
        else:
            chosen[name] = keys
    while clash := _clash(chosen):
        name, other, key = clash
        del chosen[name]
        faults.append(
            f"keys.{name} is ignored, because {other} has {spelled([key])}; "
            "allowed: a key that nothing else has"
        )
    return _with_defaults(chosen), faults


def _with_defaults(chosen: Keys) -> Keys:
    """Add the usual keys of all other actions; some give way to what is chosen."""
    taken = {key for keys in chosen.values() for key in keys}
    usual = {
        action.name: tuple(key for key in action.keys if not action.gives_way or key not in taken)
        for action in ACTIONS
    }
    return {**usual, **chosen}


def _keys(value: object) -> tuple[str, ...] | None:
    written = (value,) if isinstance(value, str) and value else strings(value)
    if value == "":
        return ()
    if written is None:
        return None
    keys = [parse_key(key) for key in written]
    return tuple(dict.fromkeys(keys)) if all(keys) else None


def _needed_to_type(name: str, keys: tuple[str, ...]) -> str:
    """Say why an action that works in the input must not have one of these keys."""
    if BY_NAME[name].place not in ("app", "main", "composer"):
        return ""
    needed = [key for key in keys if is_typed(key) and key not in DEFAULT_KEYS[name]]
    if not needed:
        return ""
    return f"{spelled(needed)} is needed to type; allowed: {ALLOWED}"


def _clash(chosen: Keys) -> tuple[str, str, str] | None:
    """Find a chosen key that another action has: who gives way, who keeps it, the key."""
    order = list(chosen)
    for one, other, key in clashes(_with_defaults(chosen)):
        if one in chosen and other in chosen:
            first, last = sorted((one, other), key=order.index)
            return last, first, key
        if one in chosen or other in chosen:
            return (one, other, key) if one in chosen else (other, one, key)
    return None
