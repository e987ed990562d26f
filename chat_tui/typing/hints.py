"""What our user reads about what they type: what Enter will do with it, or what is wrong."""

from collections.abc import Sequence
from typing import NamedTuple

from chat_server.protocol.commands import COMMANDS, MAX_DELAY, MAX_MESSAGE, split_command
from chat_server.protocol.commands.send import DELAY
from chat_server.protocol.events import shortened
from chat_server.protocol.parameters import Parameter
from chat_server.protocol.wording import fault
from chat_tui.session.people import Recipient
from chat_tui.session.sending import UNASKED
from chat_tui.typing.delays import FORMS, span, when
from chat_tui.typing.intent import (
    Ask,
    Doubt,
    Identify,
    Intent,
    Leave,
    LocalCommand,
    Nothing,
    Refusal,
    Say,
)
from chat_tui.typing.judge import MAX_LINES, SLASH, command_of
from chat_tui.typing.local_commands import OWN_COMMANDS

START = "Type a message, or a command. F1 shows the keys and commands."
TIP = "Type a message, or a command. register makes the name {name} your own."
"""What is said once to a guest who has chosen a name."""
START_WITH = "Type a message to {name}, or a command. F1 shows the keys and commands."
START_AWAY = "{name} is away: what you type waits for them. F1 shows the keys and commands."


class Usage(NamedTuple):
    """A command's usage in three parts, of which `current` is the argument being typed."""

    before: str = ""
    current: str = ""
    after: str = ""


class Hint(NamedTuple):
    """What is said of what is typed, after the `usage` of a command.

    `is_refused`: it says what is wrong; `is_timed`: it changes as time passes.
    """

    text: str
    usage: Usage = Usage()
    is_refused: bool = False
    is_timed: bool = False


def fitted(hint: Hint, width: int) -> Usage:
    """Return as much of the usage as leaves room for what is said of the argument being typed."""
    usage = hint.usage
    is_about_it = bool(usage.current) and (hint.is_timed or hint.is_refused)
    if not is_about_it or len("".join(usage)) + 2 + len(hint.text) <= width:
        return usage
    is_too_long = len(usage.current) + 2 + len(hint.text) > width
    return Usage() if hint.is_refused and is_too_long else Usage(current=usage.current)


def hint_of(intent: Intent, typed: str, recipient: Recipient | None = None, *, now: float) -> Hint:
    """Say what an intent is, typed in the conversation with `recipient` (None: everyone)."""
    usage = _usage(intent.command, typed)
    match intent:
        case Say():
            return Hint(_said(intent, typed, now), usage, is_timed=bool(intent.delay))
        case Ask() | Identify():
            return Hint(COMMANDS[intent.command].summary, usage)
        case LocalCommand():
            return Hint(OWN_COMMANDS[intent.command].summary, usage)
        case Leave():
            return Hint("Enter leaves the chat.", usage)
        case Nothing():
            return Hint(_start(recipient))
        case Refusal():
            return Hint(_refused(intent, typed, recipient), usage, is_refused=True)


def is_held(say: Say) -> bool:
    """Say whether Enter has to be pressed twice."""
    return say.doubt is not None and len(say.messages) <= UNASKED


def question(say: Say, now: float) -> str:
    """Return what our user is asked before all this is sent; "" where it is sent at once."""
    if len(say.messages) <= UNASKED:
        return ""
    due = f" {_due(say, now)}" if say.delay else ""
    asked = f"Send these {len(say.messages)} messages to {_whom(say)}{due}?"
    return f"{asked} {doubted(say.doubt)}".strip()


def doubted(doubt: Doubt | None) -> str:
    """Say why something is perhaps not meant to be said; "" where there is no doubt."""
    match doubt:
        case Doubt("command", meant):
            return f"Did you mean the command {meant}?"
        case Doubt("option", option):
            return f"{option} is for the command send."
        case Doubt("slip", meant):
            return f"Did you mean {shortened(meant)}, which is for the command send?"
        case Doubt("command_among", text, number):
            return f"Line {number} is no command here, but said: {shortened(text, 20)}."
    return ""


def _start(recipient: Recipient | None) -> str:
    if recipient is None:
        return START
    start = START_AWAY if recipient.is_away else START_WITH
    return (_HAS_LEFT if recipient.has_left else start).format(name=recipient.person.name)


# What is said


def _said(say: Say, typed: str, now: float) -> str:
    whom, count = _whom(say), len(say.messages)
    due = f"{_due(say, now)}: " if say.delay else ""
    if count > UNASKED:
        return f"{due}Enter shows these {count} messages to {whom}, and asks first."
    if say.doubt is not None and count == 1:
        return f"{doubted(say.doubt)} Enter twice says this to {whom} as it is."
    if say.doubt is not None:
        return f"{doubted(say.doubt)} Enter twice sends all {count} lines to {whom}."
    if count == 1 and not say.command and command_of(split_command(typed)[0]) == "send":
        return f"Enter sends all of this to {whom}; {SLASH}send leaves out the word send."
    what = "this" if count == 1 else f"{count} messages"
    if due:
        return f"{due}Enter schedules {what} for {whom}."
    return f"Enter sends {what} to {whom}."


def _whom(say: Say) -> str:
    return shortened(say.whom) or "everyone"


def _due(say: Say, now: float) -> str:
    return f"→ {when(now + say.delay, now)}"


# What is refused

_HAS_LEFT = "{name} has left; nobody hears this. Enter on a name in people (F6) writes to them."
_REFUSALS = {
    "has_left": _HAS_LEFT,
    "too_many_lines": f"At most {MAX_LINES} lines can be sent at once; these are {{lines}}.",
    "message_too_long": (
        f"A message has at most {MAX_MESSAGE} characters; this one has {{characters}}."
    ),
    "line_too_long": (
        f"A message has at most {MAX_MESSAGE} characters; line {{line}} has {{characters}}."
    ),
    "bad_time": f"{DELAY.name} takes {FORMS}, not {{time}}.",
    "time_too_long": f"{DELAY.name} reaches {span(MAX_DELAY)} at most; {{time}} is more.",
    "empty_message": "There is no message.",
    "nobody_of_that_name": "Nobody else here is called {name}.",
    "unknown_item": "You have no scheduled message {item}.",
    "not_here": "This is for telnet and programs; here it is not needed.",
    "password_among": "{line} asks for a password: enter it alone. To say it: send -- …",
    "one_word": "One word is enough: {usage}",
    "bad_moves": "Choose one of: all, smart (only people who spoke lately), none",
    "missing_name": "Whom? A name is missing.",
}


def _refused(refusal: Refusal, typed: str, recipient: Recipient | None) -> str:
    """Say what is wrong; and of what may not be meant as a command, how to say it."""
    word = shortened(split_command(typed)[0])
    slash = "" if recipient is None or recipient.has_left else SLASH
    say = f"To say it: {slash}send {word} …"
    if refusal.code == "unknown_command" and not refusal.command:
        meant = refusal.data["meant"]
        return f"There is no command {word}. {f'Did you mean {SLASH}{meant}?' if meant else say}"
    is_ours = refusal.command in OWN_COMMANDS
    is_said = refusal.command == "send" or is_ours or refusal.command not in COMMANDS
    if is_said or refusal.code == "not_here":
        return _wrong(refusal)
    return f"{_wrong(refusal)} {say} ({refusal.command}: {COMMANDS[refusal.command].summary})"


def _wrong(refusal: Refusal) -> str:
    """Say what is wrong; in the server's words, if there are any, but without the usage."""
    if refusal.refused is None:
        data = {name: shortened(str(value)) for name, value in refusal.data.items()}
        return _REFUSALS[refusal.code].format_map(data)
    if refusal.code == "missing_argument" and refusal.refused.data["argument"] in DELAY.options:
        return f"{DELAY.name} takes {FORMS}."
    return fault(refusal.refused)


# The usage


def _usage(name: str, typed: str) -> Usage:
    """Mark, in a command's usage, the argument that is being typed at the end of the line."""
    if not name:
        return Usage()
    if name in OWN_COMMANDS:
        return _own_usage(OWN_COMMANDS[name].usage, typed)
    usage = COMMANDS[name].usage
    current = _current_argument(COMMANDS[name].parameters, typed)
    if current is None:
        return Usage(usage)
    start = usage.index(current)
    return Usage(usage[:start], current, usage[start + len(current) :])


def _current_argument(parameters: Sequence[Parameter[object]], typed: str) -> str | None:
    words, is_between = typed.split(), typed[-1].isspace()
    options = {form: parameter for parameter in parameters for form in parameter.options}
    for word in reversed(words[-1:] if is_between else words[-2:]):
        option = options.get(word.partition("=")[0])
        if option is not None:
            return option.usage
    if len(words) == 1 and not is_between:
        return None
    return parameters[0].usage if parameters else None


def _own_usage(usage: str, typed: str) -> Usage:
    name, _, argument = usage.partition(" ")
    is_argument = bool(argument) and " " in typed.strip(" \n") + typed[-1:]
    return Usage(f"{name} ", argument) if is_argument else Usage(usage)
