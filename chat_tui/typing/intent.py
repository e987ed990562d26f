"""What Enter will do with what is typed, said while it is typed.

What begins with a command is that command; anything else is said, each line as a message of its
own, to everyone or to the person of the conversation. Where a command is followed by what it does
not take, nothing is done, for it may have been something to say. What looks mistyped is held back
until Enter is pressed again, and about many lines there is a question first.

In the conversation with a person everything is for that person: a `send` that names nobody too,
and without options that word is only one of those to be said.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chat_server.protocol.commands import (
    COMMANDS,
    MAX_DELAY,
    MAX_MESSAGE,
    Cancel,
    Exit,
    Parsed,
    Rename,
    Report,
    Resume,
    SetFormat,
    nearest,
    parse,
    split_command,
)
from chat_server.protocol.events import Refused, shortened
from chat_server.protocol.options import Options, take_options
from chat_server.protocol.slips import slip
from chat_server.protocol.unseen import has_something_to_see
from chat_tui.session.people import called, is_departed, same
from chat_tui.typing.delays import FORMS, parse_delay, span, time_of_day, when
from chat_tui.typing.local_commands import Given, parse_own

START = "Type a message, or a command. F1 shows the keys and commands."
UNASKED = 3
"""Lines that are sent at once without a question."""
MAX_LINES = 500
"""Lines that are sent at once with one."""
_HERE = "/"
_KEPT_BLANK = "\xa0"
"""At the beginning of a message, told as a space (see docs/protocol.md)."""


class Usage(NamedTuple):
    """A command's usage in three parts, of which `current` is the argument being typed."""

    before: str = ""
    current: str = ""
    after: str = ""


class Verdict(NamedTuple):
    """What Enter does with what is typed.

    `lines` go to the server, none where there is nothing to send; `is_held`: Enter must be
    pressed twice for it; `question`: what to ask before the `texts`, which are what the lines
    say, are sent. `hint` says so, after the `usage` of a command; `is_refused`: it says what is
    wrong; `is_timed`: it changes as time passes. `due` is the time of day at which the lines are to
    be said, in seconds since 1970, where one was typed.
    """

    hint: str
    usage: Usage = Usage()
    lines: tuple[str, ...] = ()
    is_held: bool = False
    is_refused: bool = False
    is_exit: bool = False
    is_timed: bool = False
    question: str = ""
    texts: tuple[str, ...] = ()
    due: float | None = None

    @property
    def shown(self) -> tuple[str, Usage, bool]:
        """What one sees of it."""
        return self.hint, self.usage, self.is_refused


def fitted(verdict: Verdict, width: int) -> Usage:
    """Return as much of the usage as leaves room for what is said of the argument being typed."""
    usage = verdict.usage
    is_about_it = bool(usage.current) and (verdict.is_timed or verdict.is_refused)
    if not is_about_it or len("".join(usage)) + 2 + len(verdict.hint) <= width:
        return usage
    is_too_long = len(usage.current) + 2 + len(verdict.hint) > width
    return Usage() if verdict.is_refused and is_too_long else Usage(current=usage.current)


class _Sending(NamedTuple):
    """To whom ("" everyone) something is sent, with which options, and when."""

    to: str = ""
    delay: str = ""
    due: str = ""

    @property
    def whom(self) -> str:
        return shortened(self.to) or "everyone"

    @property
    def begun(self) -> str:
        """How a line begins that says something so."""
        to = f"-u {self.to} " if self.to else ""
        later = f"-t {self.delay} " if self.delay else ""
        return f"send {to}{later}-- "


class Known(NamedTuple):
    """What the arguments of commands can be: `names` of others here, `items` that are scheduled.

    None stands for what is not known.
    """

    names: Sequence[str] | None = None
    items: Sequence[str] | None = None


_NOTHING_KNOWN = Known()


def judge(
    typed: str,
    recipient: str = "",
    *,
    now: float,
    known: Known = _NOTHING_KNOWN,
    is_indented: bool = False,
) -> Verdict:
    """Say what Enter does with what is typed in the conversation with `recipient` ("" everyone).

    `now` is the time in seconds since 1970. `is_indented`: several lines keep the blanks that they
    begin with.
    """
    if is_departed(recipient):
        return _judge_departed(typed, called(recipient), now, known)
    texts = _texts(typed, is_indented=is_indented)
    if not texts:
        whom = f"a message to {recipient}" if recipient else "a message"
        return Verdict(START.replace("a message", whom))
    word = split_command(typed)[0]
    name = word.lower().removeprefix(_HERE)
    if name == "send" and not (recipient and _is_said(typed, word)):
        return _send(typed, recipient, now, is_indented=is_indented)
    if len(texts) == 1 and name != "send" and (word.startswith(_HERE) or name in COMMANDS):
        return _command(typed, word, recipient, known)
    sending = _Sending(recipient)
    if len(texts) > 1:
        return _several(texts, sending, Usage())
    verdict = _message(texts[0], sending)
    if name == "send" and not (verdict.is_held or verdict.is_refused):
        hint = f"Enter sends all of this to {sending.whom}; {_HERE}send leaves out the word send."
        return verdict._replace(hint=hint)
    return verdict


def _judge_departed(typed: str, name: str, now: float, known: Known) -> Verdict:
    """Judge what is typed in the conversation with somebody who has left: it is not for them."""
    verdict = judge(typed, now=now, known=known)
    word, rest = split_command(typed)
    taken = take_options(rest) if word.lower().removeprefix(_HERE) == "send" else Options("")
    is_addressed = isinstance(taken, Refused) or bool(taken.recipient)
    if word and (is_addressed or not verdict.texts):
        return verdict
    hint = f"{name} has left; nobody hears this. Enter on a name in people (F6) writes to them."
    return Verdict(hint, is_refused=bool(word))


def _is_said(typed: str, word: str) -> bool:
    """Say whether `send`, in a conversation with a person, is a word of what is said to them."""
    rest = split_command(typed)[1]
    return not word.startswith(_HERE) and bool(rest) and take_options(rest) == Options(rest)


def _texts(typed: str, *, is_indented: bool) -> tuple[str, ...]:
    """Take apart what is typed into messages, of which each has something to see; several may keep
    what they are indented by.
    """
    texts = [line for line in typed.split("\n") if has_something_to_see(line.strip())]
    return tuple(map(_indented if is_indented and len(texts) > 1 else str.strip, texts))


def _indented(line: str) -> str:
    """Write the blanks before a text so that they stay: a server trims a message's ends."""
    text = line.lstrip()
    return _KEPT_BLANK * (len(line) - len(text)) + text.rstrip()


def _message(text: str, sending: _Sending) -> Verdict:
    if len(text) > MAX_MESSAGE:
        hint = f"A message has at most {MAX_MESSAGE} characters; this one has {len(text)}."
        return Verdict(hint, is_refused=True)
    verdict = Verdict(
        f"Enter sends this to {sending.whom}.", lines=(sending.begun + text,), texts=(text,)
    )
    if caution := _caution(text):
        hint = f"{caution} Enter twice says this to {sending.whom} as it is."
        return verdict._replace(hint=hint, is_held=True)
    return verdict


def _caution(text: str) -> str:
    """Say why a message is perhaps not meant as one; "" where it is."""
    if (meant := nearest(text.split(maxsplit=1)[0])) is not None:
        return f"Did you mean the command {meant}?"
    if option := _trailing_option(text):
        return f"{option} is for the command send."
    if (found := slip(text)) is not None:
        return f"Did you mean {shortened(found[1])}, which is for the command send?"
    return ""


def _several(texts: tuple[str, ...], sending: _Sending, usage: Usage) -> Verdict:
    """Say what Enter does with several lines, or with one that goes with the options of a send."""
    if wrong := _wrong_with(texts):
        return Verdict(wrong, usage, is_refused=True)
    lines = tuple(sending.begun + text for text in texts)
    verdict = Verdict(_sent(len(texts), sending), usage, lines, texts=texts)
    caution = _caution_of_several(texts)
    if len(texts) > UNASKED:
        when_due = f" {sending.due}" if sending.due else ""
        asked = f"Send these {len(texts)} messages to {sending.whom}{when_due}?"
        hint = f"Enter shows these {len(texts)} messages to {sending.whom}, and asks first."
        hint = f"{sending.due}: {hint}" if sending.due else hint
        return verdict._replace(hint=hint, question=f"{asked} {caution}".strip())
    if caution:
        hint = f"{caution} Enter twice sends all {len(texts)} lines to {sending.whom}."
        return verdict._replace(hint=hint, is_held=True)
    return verdict


def _sent(count: int, sending: _Sending) -> str:
    what = "this" if count == 1 else f"{count} messages"
    if sending.due:
        return f"{sending.due}: Enter schedules {what} for {sending.whom}."
    return f"Enter sends {what} to {sending.whom}."


def _wrong_with(texts: Sequence[str]) -> str:
    if len(texts) > MAX_LINES:
        return f"At most {MAX_LINES} lines can be sent at once; these are {len(texts)}."
    for number, text in enumerate(texts, 1):
        if len(text) > MAX_MESSAGE:
            which = "this one" if len(texts) == 1 else f"line {number}"
            return f"A message has at most {MAX_MESSAGE} characters; {which} has {len(text)}."
    return ""


def _caution_of_several(texts: Sequence[str]) -> str:
    """Say which of several lines looks like a command, for it would be said instead."""
    if len(texts) == 1:
        return ""
    for number, text in enumerate(texts, 1):
        word = text.split(maxsplit=1)[0]
        if word.startswith(_HERE) or word.lower() in COMMANDS:
            return f"Line {number} is no command here, but said: {shortened(text, 20)}."
    return ""


def _send(typed: str, recipient: str, now: float, *, is_indented: bool) -> Verdict:
    """Judge a send, whose options stand at the two ends of all its lines."""
    usage = _usage("send", typed)
    taken = take_options(split_command(typed)[1])
    if isinstance(taken, Refused):
        return Verdict(_incomplete(taken), usage, is_refused=True)
    delay = parse_delay(taken.seconds, now) if taken.seconds else 0
    if wrong := _wrong_delay(taken.seconds, delay):
        return Verdict(wrong, usage, is_refused=True)
    due = f"→ {when(now + delay, now)}" if delay else ""
    texts = _texts(taken.text, is_indented=is_indented)
    if not texts:
        return Verdict("There is no message.", usage, is_refused=True)
    sending = _Sending(taken.recipient or recipient, str(delay) if taken.seconds else "", due)
    moment = time_of_day(taken.seconds, now)
    verdict = _several(texts, sending, usage)._replace(is_timed=bool(delay), due=moment)
    is_plain = "\n" not in typed.strip() and (not taken.seconds or taken.seconds.isdigit())
    is_plain = is_plain and taken.recipient == sending.to
    return verdict._replace(lines=(typed.strip(),)) if verdict.lines and is_plain else verdict


def _wrong_delay(written: str, delay: int | None) -> str:
    if delay is None:
        return f"-t takes {FORMS}, not {shortened(written)}."
    if delay > MAX_DELAY:
        return f"-t reaches {span(MAX_DELAY)} at most; {shortened(written)} is more."
    return ""


def _own(given: Given, typed: str) -> Verdict:
    """Judge a command that the client carries out by itself."""
    name, _, argument = given.command.usage.partition(" ")
    is_argument = bool(argument) and " " in typed.strip(" \n") + typed[-1:]
    usage = Usage(f"{name} ", argument) if is_argument else Usage(given.command.usage)
    if given.fault:
        return Verdict(given.fault, usage, is_refused=True)
    return Verdict(given.command.summary, usage, lines=(typed.strip(),))


def _command(typed: str, word: str, recipient: str, known: Known) -> Verdict:
    name = word.lower().removeprefix(_HERE)
    if (given := parse_own(typed)) is not None:
        return _own(given, typed)
    if name not in COMMANDS:
        return Verdict(_unknown(word, nearest(word), recipient), is_refused=True)
    usage = _usage(name, typed)
    parsed: Parsed | None = parse(typed)
    if wrong := _wrong_argument(parsed, known):
        hint = f"{wrong} {_say(word, recipient)} ({name}: {COMMANDS[name].summary})"
        return Verdict(hint, usage, is_refused=True)
    match parsed:
        case SetFormat() | Resume():
            hint = "This is for telnet and programs; here it is not needed."
            return Verdict(hint, usage, is_refused=True)
        case Exit():
            return Verdict("Enter leaves the chat.", usage, is_exit=True)
    return Verdict(COMMANDS[name].summary, usage, lines=(typed.strip(),))


def _unknown(word: str, meant: str | None, recipient: str) -> str:
    if meant is not None:
        return f"There is no command {shortened(word)}. Did you mean /{meant}?"
    return f"There is no command {shortened(word)}. {_say(word, recipient)}"


def _say(word: str, recipient: str) -> str:
    """Tell how to say something that begins with a command."""
    send = f"{_HERE}send" if recipient else "send"
    return f"To say it: {send} {shortened(word)} …"


def _wrong_argument(parsed: Parsed | None, known: Known) -> str:
    """Say why what follows a command is nothing that it takes; "" where it is, or may be."""
    match parsed:
        case Refused():
            return _incomplete(parsed)
        case Report(name) if known.names is not None and _is_nobodys(name.text, known.names):
            return f"Nobody else here is called {shortened(name.text)}."
        case Cancel(item) if item and known.items is not None and item not in known.items:
            return f"You have no scheduled message {shortened(item)}."
    return ""


def _is_nobodys(name: str, names: Iterable[str]) -> bool:
    """Say whether nobody has a name; of what can be no name the server says what is wrong."""
    is_name = isinstance(parse(f"rename {name}"), Rename)
    return is_name and not any(same(name, other) for other in names)


def _incomplete(refused: Refused) -> str:
    """Leave out of a refusal what the usage beside it says already."""
    known = r" (Usage: |To send text that looks like an option|Type help to see).*$"
    text = re.sub(known, "", refused.text)
    return text.replace("needs a number of seconds after it.", f"takes {FORMS}.")


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
