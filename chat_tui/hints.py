"""What Enter will do with a line, said while it is typed; and what Tab may make of it.

A line that begins with a command is that command; any other is said to everyone. One that
looks like a mistyped command is held back until Enter is pressed again.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from chat_server.commands import (
    COMMANDS,
    MAX_MESSAGE,
    Exit,
    Parsed,
    Resume,
    Send,
    SetFormat,
    nearest,
    parse,
    split_command,
)
from chat_server.events import Refused, duration, shortened

START = "Type a message, or a command. F1 shows the keys and commands."
_HERE = "/"


class Usage(NamedTuple):
    """A command's usage in three parts, of which `current` is the argument being typed."""

    before: str = ""
    current: str = ""
    after: str = ""


class Verdict(NamedTuple):
    """What Enter does with a line.

    `line` goes to the server, "" where there is nothing to send; `is_held`: Enter must be
    pressed twice for it. `hint` says so, after the `usage` of a command; `is_refused`: it says
    what is wrong.
    """

    hint: str
    usage: Usage = Usage()
    line: str = ""
    is_held: bool = False
    is_refused: bool = False
    is_exit: bool = False


def judge(typed: str) -> Verdict:
    """Say what Enter does with what is typed."""
    word = split_command(typed)[0]
    if not word:
        return Verdict(START)
    if word.startswith("/") or word.lower() in COMMANDS:
        return _command(typed, word)
    text = typed.strip()
    if len(text) > MAX_MESSAGE:
        return Verdict(
            f"A message has at most {MAX_MESSAGE} characters; this one has {len(text)}.",
            is_refused=True,
        )
    line = f"send -- {text}"
    if (meant := nearest(word)) is not None:
        hint = f"Did you mean the command {meant}? Enter twice says this to everyone as it is."
        return Verdict(hint, line=line, is_held=True)
    if option := _trailing_option(text):
        hint = f"{option} is for the command send. Enter twice says this to everyone as it is."
        return Verdict(hint, line=line, is_held=True)
    return Verdict("Enter sends this to everyone.", line=line)


def _command(typed: str, word: str) -> Verdict:
    name = word.lower().removeprefix(_HERE)
    if name not in COMMANDS:
        return Verdict(_unknown(word, nearest(word)), is_refused=True)
    usage = _usage(name, typed)
    parsed = parse(typed)
    match parsed:
        case Refused():
            return Verdict(_incomplete(parsed), usage, is_refused=True)
        case SetFormat() | Resume():
            hint = "This is for telnet and programs; here it is not needed."
            return Verdict(hint, usage, is_refused=True)
        case Exit():
            return Verdict("Enter leaves the chat.", usage, is_exit=True)
    return Verdict(_effect(parsed, name), usage, line=typed.strip())


def _unknown(word: str, meant: str | None) -> str:
    if meant is not None:
        return f"There is no command {shortened(word)}. Did you mean /{meant}?"
    return f"There is no command {shortened(word)}. To say it: send {shortened(word)} …"


def _incomplete(refused: Refused) -> str:
    """Leave out of a refusal what the usage beside it says already."""
    return re.sub(r" (Usage: |To send text that looks like an option).*$", "", refused.text)


def _effect(parsed: Parsed | None, name: str) -> str:
    if isinstance(parsed, Send):
        whom = "everyone" if parsed.to is None else parsed.to.text
        when = f" in {duration(parsed.delay)}" if parsed.delay else ""
        return f"Enter sends this to {whom}{when}."
    return COMMANDS[name].summary


_ARGUMENT = re.compile(r"\[[^]]*\]|\S+")
_OPTION_ARGUMENTS = {
    "-u": "[-u NAME]",
    "--username": "[-u NAME]",
    "-t": "[-t SECONDS]",
    "--time": "[-t SECONDS]",
    "--since": "[--since ID]",
}


def _usage(name: str, typed: str) -> Usage:
    """Mark, in a command's usage, the argument that is being typed at the end of the line."""
    usage = COMMANDS[name].usage
    words = typed.split()
    is_between = typed[-1].isspace()
    current = _current_argument(name, words, is_between=is_between)
    if current is None:
        return Usage(usage)
    start = usage.index(current)
    return Usage(usage[:start], current, usage[start + len(current) :])


def _current_argument(name: str, words: list[str], *, is_between: bool) -> str | None:
    latest = words[-1:] if is_between else words[-2:]
    for word in reversed(latest):
        argument = _OPTION_ARGUMENTS.get(word.partition("=")[0])
        if argument is not None and argument in COMMANDS[name].usage:
            return argument
    if len(words) == 1 and not is_between:
        return None
    arguments = _ARGUMENT.findall(COMMANDS[name].usage)[1:]
    return arguments[0] if arguments else None


def _trailing_option(text: str) -> str:
    """Return the option that a message seems to end with; "" where there is none."""
    words = text.split()
    candidates = [words[-1].partition("=")[0] if "=" in words[-1] else "", *words[-2:-1]]
    return next((word for word in candidates if word in ("-u", "-t", "--username", "--time")), "")


def completions(before: str, names: Iterable[str]) -> list[str]:
    """Return what the last word before the cursor may become, the likeliest first."""
    head, _, word = before.rpartition(" ")
    people = _beginning_with(word, names)
    if not head.strip():
        slash = _HERE if word.startswith(_HERE) else ""
        commands = [
            slash + name for name in COMMANDS if name.startswith(word.lower()[len(slash) :])
        ]
        return (commands if word else []) + people
    if head.split()[0].lower().removeprefix(_HERE) == "help":
        return [name for name in COMMANDS if name.startswith(word.lower())]
    return people


def _beginning_with(prefix: str, names: Iterable[str]) -> list[str]:
    folded = prefix.casefold()
    matching = (name for name in names if name.casefold().startswith(folded))
    return sorted(matching, key=str.casefold)
