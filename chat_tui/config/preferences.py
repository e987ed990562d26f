"""What our user likes: colours, keys, whom not to hear. Kept in a TOML file of their own.

The file is written, with comments, when there is none; what our user has written into it is never
lost. A wrong entry is told and ignored.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from chat_tui.config import ignore_list
from chat_tui.config.actions import ACTIONS, DEFAULT_KEYS, Action, Keys
from chat_tui.config.chosen_keys import read_keys
from chat_tui.config.ignore_list import Edit, Entry
from chat_tui.config.own_file import alone, write
from chat_tui.config.values import shown

Moves = Literal["all", "smart", "none"]
Notify = Literal["bell", "osc9", "osc777", "none"]


class Preferences(NamedTuple):
    """What our user likes.

    `moves` says whose coming and going is told, `ignored` whose messages are not shown, `notify`
    how they are called while they do not look at the terminal, at most every `notify_seconds`,
    and `export` into which folder conversations are written ("": the one they started in).
    """

    theme: str = "textual-dark"
    moves: Moves = "all"
    ignored: tuple[Entry, ...] = ()
    notify: Notify = "bell"
    notify_seconds: float = 10.0
    keys: Keys = DEFAULT_KEYS
    export: str = ""


class Loaded(NamedTuple):
    """What a file holds, and what is wrong with it, in sentences."""

    preferences: Preferences
    faults: list[str]


Table = Mapping[str, object]


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


def save(path: Path, changes: Mapping[str, str | Edit], themes: Sequence[str]) -> str:
    """Change entries of the file and nothing else in it; return what hinders that, or "".

    What another client has written into the file meanwhile stays, and so does a list that cannot
    be read: of an edit only the difference is known, not what the list should be.
    """
    import tomlkit  # 40 ms, and only needed here
    from tomlkit.exceptions import TOMLKitError

    try:
        with alone(path):
            text = path.read_text(encoding="utf-8") if path.exists() else template(themes)
            document = tomlkit.parse(text)
            for name, value in changes.items():
                if isinstance(value, Edit):
                    written = document.unwrap().get(name, [])
                    if (entries := ignore_list.parse(written)) is None:
                        wrong = f"{name} is {shown(written)}, so this is not remembered"
                        return f"{path}: {wrong}; allowed: {ignore_list.ALLOWED}."
                    document[name] = ignore_list.listed(value.of(entries))
                else:
                    document[name] = value
            write(path, tomlkit.dumps(document))
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
        with alone(path):
            if not path.exists():
                write(path, template(themes))
    except OSError as error:
        return [f"{path} cannot be written, so nothing is remembered: {_reason(error)}."]
    return []


def _parse(text: str) -> Table:
    """Parse TOML with Python's own parser, which is fast, if this Python has one."""
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
        "ignored": (_ignored, ignore_list.ALLOWED),
        "notify": (_notify, _one_of(get_args(Notify))),
        "notify_seconds": (_notify_seconds, "a number from 0 to 3600"),
        "export": (_export, "a folder"),
    }
    for name, value in table.items():
        if name == "keys":
            continue
        if name not in entries:
            faults.append(f"{shown(name)} is no setting; allowed: {', '.join([*entries, 'keys'])}")
            continue
        read, allowed = entries[name]
        changed = read(value, preferences)
        if changed is None:
            faults.append(f"{name} is {shown(value)}, and is ignored; allowed: {allowed}")
        else:
            preferences = changed
    keys, wrong = read_keys(table.get("keys", {}))
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
    entries = ignore_list.parse(value)
    return None if entries is None else to._replace(ignored=entries)


def _notify_seconds(value: object, to: Preferences) -> Preferences | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 3600:
        return None
    return to._replace(notify_seconds=float(value))


def _export(value: object, to: Preferences) -> Preferences | None:
    return to._replace(export=value) if isinstance(value, str) and "\0" not in value else None


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

# People whose messages you do not want to see; "/ignore NAME" adds one. A name alone is whoever
# has it, in any chat; with an id and a chat it is one person, whatever they are called.
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
