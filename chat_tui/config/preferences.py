"""What one likes: colours, keys, whom not to hear. Kept in a TOML file that is one's own.

The file is written, with comments, when there is none; what one has written into it is never
lost. A wrong entry is told and ignored.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from chat_server.protocol.names import name_key
from chat_tui.config.actions import ACTIONS, BY_NAME, DEFAULT_KEYS, Action, Keys, clashes, spelled
from chat_tui.config.keys import ALLOWED, is_typed, parse_key

Moves = Literal["all", "smart", "none"]
Notify = Literal["bell", "osc9", "osc777", "none"]
_TRIES, _PAUSE = 100, 0.02
"""How often, and after how many seconds, it is tried again to have the file for oneself."""


class Preferences(NamedTuple):
    """What one likes.

    `moves` says whose coming and going is told, `ignored` whose messages are not shown, `notify`
    how one is called while the terminal is not looked at, at most every `notify_seconds`, and
    `export` into which folder conversations are written ("": the one where one started).
    """

    theme: str = "textual-dark"
    moves: Moves = "all"
    ignored: tuple[str, ...] = ()
    notify: Notify = "bell"
    notify_seconds: float = 10.0
    keys: Keys = DEFAULT_KEYS
    export: str = ""


class Loaded(NamedTuple):
    """What a file holds, and what is wrong with it, in sentences."""

    preferences: Preferences
    faults: list[str]


Table = Mapping[str, object]


class Edit(NamedTuple):
    """What is done to a list of names, whatever else another client has done to it meanwhile."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def of(self, names: Iterable[str]) -> list[str]:
        """Return a list as it is after this."""
        kept = [name for name in names if not _is_among(name, self.removed)]
        return kept + [name for name in self.added if not _is_among(name, kept)]


class _BadFile(ValueError):
    """The file is no TOML."""


def load(path: Path, themes: Sequence[str]) -> Loaded:
    """Read the file, or write it when there is none; `themes` are the names there are."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Loaded(Preferences(), _begin(path, themes))
    except (OSError, UnicodeDecodeError) as error:
        return Loaded(Preferences(), [f"{path} cannot be read: {_reason(error)}."])
    try:
        table = _parse(text)
    except _BadFile as error:
        return Loaded(Preferences(), [f"{path} is no TOML, and is ignored: {error}."])
    preferences, faults = _read(table, themes)
    return Loaded(preferences, [f"{path}: {fault}." for fault in faults])


def save(
    path: Path, changes: Mapping[str, str | Sequence[str] | Edit], themes: Sequence[str]
) -> str:
    """Change entries of the file and nothing else in it; return what hinders that, or "".

    What another client has written into the file meanwhile stays.
    """
    import tomlkit  # 40 ms, and only needed here
    from tomlkit.exceptions import TOMLKitError

    try:
        with _alone(path):
            text = path.read_text(encoding="utf-8") if path.exists() else template(themes)
            document = tomlkit.parse(text)
            for name, value in changes.items():
                if isinstance(value, Edit):
                    document[name] = value.of(_strings(document.unwrap().get(name)) or ())
                else:
                    document[name] = value if isinstance(value, str) else list(value)
            _write(path, tomlkit.dumps(document))
    except (OSError, UnicodeDecodeError) as error:
        return f"{path} cannot be written, so this is not remembered: {_reason(error)}."
    except TOMLKitError as error:
        return f"{path} is no TOML, so this is not remembered: {error}."
    return ""


def template(themes: Sequence[str]) -> str:
    """Write the file as it is on first use: every entry with its default, explained."""
    defaults = Preferences()
    keys = "\n".join(_commented(action) for action in ACTIONS)
    return _TEMPLATE.format(
        themes=_wrapped(themes),
        theme=defaults.theme,
        moves=defaults.moves,
        notify=defaults.notify,
        seconds=round(defaults.notify_seconds),
        keys=keys,
    )


def _begin(path: Path, themes: Sequence[str]) -> list[str]:
    try:
        with _alone(path):
            if not path.exists():
                _write(path, template(themes))
    except OSError as error:
        return [f"{path} cannot be written, so nothing is remembered: {_reason(error)}."]
    return []


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other clients from changing the file: its folder is locked, which leaves nothing behind.

    Where there are no locks (on Windows, on some drives of networks), nobody is kept from it.
    """
    folder = Path(os.path.realpath(path)).parent
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        for left in range(_TRIES, -1, -1):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise
                time.sleep(_PAUSE)
            except OSError:
                break
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    """Replace the file at once, so that it is never half written; a link stays one."""
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _parse(text: str) -> Table:
    """Parse TOML with what comes with Python, which is fast, where it does."""
    if sys.version_info >= (3, 11):
        import tomllib

        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _BadFile(str(error)) from error
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text).unwrap()
    except TOMLKitError as error:
        raise _BadFile(str(error)) from error


def _read(table: Table, themes: Sequence[str]) -> tuple[Preferences, list[str]]:
    """Take what is right in the table, and name what is not."""
    preferences, faults = Preferences(), []
    entries: dict[str, tuple[Callable[[object, Preferences], Preferences | None], str]] = {
        "theme": (lambda value, to: _theme(value, to, themes), "one of " + ", ".join(themes)),
        "moves": (_moves, _one_of(get_args(Moves))),
        "ignored": (_ignored, "a list of names"),
        "notify": (_notify, _one_of(get_args(Notify))),
        "notify_seconds": (_notify_seconds, "a number from 0 to 3600"),
        "export": (_export, "a folder"),
    }
    for name, value in table.items():
        if name == "keys":
            continue
        if name not in entries:
            faults.append(f"{_short(name)} is no setting; allowed: {', '.join([*entries, 'keys'])}")
            continue
        read, allowed = entries[name]
        changed = read(value, preferences)
        if changed is None:
            faults.append(f"{name} is {_short(value)}, and is ignored; allowed: {allowed}")
        else:
            preferences = changed
    keys, wrong = _read_keys(table.get("keys", {}))
    return preferences._replace(keys=keys), faults + wrong


def _theme(value: object, to: Preferences, themes: Sequence[str]) -> Preferences | None:
    return to._replace(theme=value) if isinstance(value, str) and value in themes else None


def _moves(value: object, to: Preferences) -> Preferences | None:
    for known in get_args(Moves):
        if value == known:
            return to._replace(moves=known)
    return None


def _notify(value: object, to: Preferences) -> Preferences | None:
    for known in get_args(Notify):
        if value == known:
            return to._replace(notify=known)
    return None


def _ignored(value: object, to: Preferences) -> Preferences | None:
    names = _strings(value)
    return None if names is None else to._replace(ignored=names)


def _notify_seconds(value: object, to: Preferences) -> Preferences | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        return None
    return to._replace(notify_seconds=float(value))


def _export(value: object, to: Preferences) -> Preferences | None:
    return to._replace(export=value) if isinstance(value, str) and "\0" not in value else None


def _read_keys(table: object) -> tuple[Keys, list[str]]:
    """Read the keys of actions; a key that two would have stays with the one that had it."""
    if not isinstance(table, dict):
        return DEFAULT_KEYS, [f"keys is {_short(table)}, and is ignored; allowed: a table [keys]"]
    chosen: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for name, value in table.items():
        keys = _keys(value)
        if name not in BY_NAME:
            allowed = ", ".join(BY_NAME)
            faults.append(f"keys.{_short(name)} is no action; allowed: {allowed}")
        elif keys is None:
            faults.append(f"keys.{name} is {_short(value)}, and is ignored; allowed: {ALLOWED}")
        elif typed := _needed_to_type(name, keys):
            faults.append(f"keys.{name} is {_short(value)}, and is ignored: {typed}")
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
    written = (value,) if isinstance(value, str) and value else _strings(value)
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


def _is_among(name: str, names: Iterable[str]) -> bool:
    return any(name_key(name) == name_key(other) for other in names)


def _strings(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    strings = tuple(part for part in value if isinstance(part, str) and part)
    return strings if len(strings) == len(value) else None


def _short(value: object) -> str:
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:57]}..."


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (isinstance(error, OSError) and error.strerror) or "it is not UTF-8"


def _one_of(names: Sequence[str]) -> str:
    return ", ".join(names)


def _toml(keys: Sequence[str]) -> str:
    quoted = [f'"{key}"' for key in keys]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"


def _commented(action: Action) -> str:
    entry = f"{action.name} = {_toml(action.keys)}"
    return f"# {entry:<36} # {action.title}"


def _wrapped(names: Sequence[str]) -> str:
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > 90:
            lines.append("")
        lines[-1] += f"{name}, "
    return "\n".join(f"#   {line}".rstrip() for line in lines).rstrip(",")


_TEMPLATE = """\
# What you like in the chat's client (chat-tui). A line that begins with # is a comment.
# The client reads this file when it starts; it names a wrong entry and goes on without it.
# It changes theme, moves and ignored by itself, and leaves everything else as you wrote it.

# The colours. ansi-dark and ansi-light are your terminal's own.
{themes}
theme = "{theme}"

# Tell who comes, leaves and takes another name: "all" of them, "smart" (only people who have
# spoken), or "none".
moves = "{moves}"

# People whose messages you do not want to see; "/ignore NAME" adds one.
ignored = []

# How to call you while you look elsewhere: the terminal's "bell", a notification of the desktop
# by "osc9" or "osc777" (which one depends on the terminal), or "none"; and how many seconds are
# between two calls at least.
notify = "{notify}"
notify_seconds = {seconds}

# The folder into which Ctrl+S writes what was said; "" is the one where you started the client.
export = ""

# Keys. Remove the # before an action to give it another key, as in quit = "ctrl+x", several, as in
# ["ctrl+x", "f10"], or none: []. Modifiers are ctrl, alt and shift. F1 in the client shows all.
[keys]
{keys}
"""
