"""What Enter will do with what is typed.

What begins with a command is that command; anything else is said, each line as a message of its
own, to everyone or to the person of the conversation. Where a command is followed by what it does
not take, nothing is done, for it may have been something to say. What looks mistyped is doubted.

In the conversation with a person everything is for that person, also a `send` that names nobody;
a `send` without options is there just a word of the message.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from chat_server.protocol.commands import (
    COMMANDS,
    MAX_DELAY,
    MAX_MESSAGE,
    Appoint,
    Ban,
    Cancel,
    Exit,
    Kick,
    Mute,
    Parsed,
    Rename,
    Report,
    Send,
    Unmute,
    nearest,
    parse,
    split_command,
)
from chat_server.protocol.commands.send import DELAY, FORMS, TO, options_of
from chat_server.protocol.events import Person, Refused
from chat_server.protocol.names import Name, find_name, name_key
from chat_server.protocol.options import Options
from chat_server.protocol.slips import slip
from chat_server.protocol.unseen import has_something_to_see
from chat_tui.session.names import same
from chat_tui.session.people import Recipient
from chat_tui.session.spoken import GUARDED, ORDERS
from chat_tui.typing.delays import parse_delay, time_of_day
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
from chat_tui.typing.local_commands import parse_local

MAX_LINES = 500
"""Lines that can be sent at once."""
SLASH = "/"
_OURS = ("ignore", "unignore", "ignores")
"""What the client does by itself, as /ignore."""
_BARE = frozenset(
    name for name, row in COMMANDS.items() if not (row.for_moderators or name in _OURS)
)
"""Commands without a slash: a text that begins as one that is only for moderators is a text."""
_WORDS, _END, _LONGEST_WORD = 8, 400, 100
"""Words, and characters, at each end of a text that may address somebody, and of such a word."""


class Known(NamedTuple):
    """What the arguments of commands can be: `names` of others here, `items` that are scheduled.

    None stands for what is not known. `people` are those whom names stand for, by the form in which
    names are compared.
    """

    names: Sequence[str] | None = None
    items: Sequence[str] | None = None
    people: Mapping[str, Person] = MappingProxyType({})

    def whom(self, typed: str) -> Person | None:
        """Return for whom a name stands."""
        found = find_name(typed)
        return None if found is None else self.people.get(found.key)


_NOTHING_KNOWN = Known()


class _Address(NamedTuple):
    """To whom something is said (`who` None: to everyone), and when: see `Say`."""

    who: Name | str | None
    to: Person | None
    delay: int = 0
    due: float | None = None
    command: str = ""


def judge(
    typed: str,
    recipient: Recipient | None = None,
    *,
    now: float,
    known: Known = _NOTHING_KNOWN,
    is_indented: bool = False,
) -> Intent:
    """Say what Enter does with what is typed in the conversation with `recipient` (None: everyone).

    `now` is the time in seconds since 1970. `is_indented`: several lines keep the blanks that they
    begin with.
    """
    if recipient is not None and recipient.has_left:
        return _judge_departed(typed, recipient.person, now, known)
    texts = _texts(typed, is_indented=is_indented)
    if not texts:
        return Nothing()
    word = split_command(typed)[0]
    command = command_of(word)
    if command == "send" and not (recipient and _is_said(typed, word)):
        return _send(typed, recipient, now, known, is_indented=is_indented)
    if len(texts) == 1 and command != "send" and (word.startswith(SLASH) or command in _BARE):
        return _command(typed, word, known)
    if len(texts) > 1 and (asking := _asking_among(texts)):
        return Refusal("password_among", {"line": asking})
    doubt = _doubt(texts[0]) if len(texts) == 1 else _doubt_among(texts)
    return _said(texts, _to(recipient), doubt)


def named(
    typed: str, meant: Mapping[str, Person], people: Mapping[str, Person]
) -> dict[str, Person]:
    """Return whom the names at both ends of a text stand for, where alone they address anybody.

    That is whom they were `meant` for before, and else who has them now, of the `people` here.
    """
    words = [*typed[:_END].split()[:_WORDS], *typed[-_END:].split()[-_WORDS:]]
    keys = {name_key(word.rpartition("=")[2]) for word in words if len(word) <= _LONGEST_WORD}
    found = ((key, meant.get(key) or people.get(key)) for key in keys)
    return {key: person for key, person in found if person is not None}


def addressed(typed: str, name: str) -> tuple[str, int]:
    """Make a text, which may be a `send` already, into one to somebody; and say where to go on."""
    text = typed.strip()
    word, rest = split_command(text)
    options = options_of(rest) if command_of(word) == "send" else Options(text)
    said, delay = (rest, "") if isinstance(options, Refused) else (options.text, "")
    if isinstance(options, Options) and options.value(DELAY):
        delay = f" -t {options.value(DELAY)}"
    begun = f"send {said}"
    if options_of(said) == Options(said):
        return f"{begun} -u {name}{delay}", len(begun)
    whole = f"send -u {name}{delay} -- {said}"
    return whole, len(whole)


def _to(recipient: Recipient | None) -> _Address:
    if recipient is None:
        return _Address(None, None)
    return _Address(recipient.person.id, recipient.person)


def command_of(word: str) -> str:
    """Return the name of the command that a line's first word is, if it is one."""
    return word.lower().removeprefix(SLASH)


def _judge_departed(typed: str, who: Person, now: float, known: Known) -> Intent:
    """Judge what is typed in the conversation with somebody who has left: it is not for them."""
    intent = judge(typed, now=now, known=known)
    if not isinstance(intent, Say) or any(message.to for message in intent.messages):
        return intent
    return Refusal("has_left", {"name": who.name})


def _is_said(typed: str, word: str) -> bool:
    """Say whether `send`, in a conversation with a person, is a word of what is said to them."""
    rest = split_command(typed)[1]
    return not word.startswith(SLASH) and bool(rest) and options_of(rest) == Options(rest)


def _texts(typed: str, *, is_indented: bool) -> tuple[str, ...]:
    """Split what is typed into messages, leaving out lines with nothing to see; several lines keep
    their indentation if it `is_indented`.
    """
    texts = [line for line in typed.split("\n") if has_something_to_see(line.strip())]
    return tuple(map(_indented if is_indented and len(texts) > 1 else str.strip, texts))


def _indented(line: str) -> str:
    """Trim the end alone; what a line begins with become spaces."""
    text = line.lstrip()
    return " " * (len(line) - len(text)) + text.rstrip()


def _said(texts: Sequence[str], address: _Address, doubt: Doubt | None) -> Intent:
    """Say these texts, unless something is wrong with one of them."""
    if len(texts) > MAX_LINES:
        return Refusal("too_many_lines", {"lines": len(texts)}, address.command)
    for number, text in enumerate(texts, 1):
        if len(text) > MAX_MESSAGE:
            code = "message_too_long" if len(texts) == 1 else "line_too_long"
            data = {"line": number, "characters": len(text)}
            return Refusal(code, data, address.command)
    messages = tuple(Send(text, address.who, address.delay) for text in texts)
    return Say(messages, address.to, address.due, doubt, address.command)


def _doubt(text: str) -> Doubt | None:
    """Say why a message is perhaps not meant as one."""
    if (meant := nearest(text.split(maxsplit=1)[0])) is not None:
        return Doubt("command", meant)
    if option := _trailing_option(text):
        return Doubt("option", option)
    if (found := slip(text)) is not None:
        return Doubt("slip", found[1])
    return None


def _doubt_among(texts: Sequence[str]) -> Doubt | None:
    """Say which of several lines looks like a command, for it would be said instead."""
    for number, text in enumerate(texts if len(texts) > 1 else (), 1):
        word = text.split(maxsplit=1)[0]
        if word.startswith(SLASH) or word.lower() in _BARE:
            return Doubt("command_among", text, number)
    return None


def _asking_among(texts: Sequence[str]) -> str:
    """Return the first of several lines that is a command which asks for a password, or "".

    The next line is perhaps that password, which nobody is to hear.
    """
    return next((text for text in texts if isinstance(parse(text), GUARDED)), "")


def _trailing_option(text: str) -> str:
    """Return the option that a message seems to end with; "" where there is none."""
    words = text.split()
    candidates = [words[-1].partition("=")[0] if "=" in words[-1] else "", *words[-2:-1]]
    return next((word for word in candidates if word in FORMS), "")


def _send(
    typed: str, recipient: Recipient | None, now: float, known: Known, *, is_indented: bool
) -> Intent:
    """Judge a send, whose options stand at the two ends of all its lines."""
    taken = options_of(split_command(typed)[1])
    if isinstance(taken, Refused):
        return Refusal(taken.code, command="send", refused=taken)
    after, name = taken.value(DELAY), taken.value(TO)
    delay = parse_delay(after, now) if after else 0
    if delay is None:
        return Refusal("bad_time", {"time": after}, "send")
    if delay > MAX_DELAY:
        return Refusal("time_too_long", {"time": after}, "send")
    texts = _texts(taken.text, is_indented=is_indented)
    if not texts:
        return Refusal("empty_message", command="send")
    address = _addressed(name, known) if name else _to(recipient)
    if address is None:
        return Refusal("nobody_of_that_name", {"name": name}, "send")
    due = time_of_day(after, now)
    address = address._replace(delay=delay, due=due, command="send")
    return _said(texts if "\n" in taken.text else [taken.text], address, _doubt_among(texts))


def _addressed(typed: str, known: Known) -> _Address | None:
    """Say who is meant by a name, or by =ID; None where nobody can be called so."""
    if (person := known.whom(typed)) is not None:
        return _Address(person.id, person)
    who = typed[1:] if typed.startswith("=") else find_name(typed)
    return None if who is None else _Address(who, None)


def _command(typed: str, word: str, known: Known) -> Intent:
    """Judge what begins with a command, or with what looks like one."""
    match parse_local(typed):
        case LocalCommand() as local:
            return local._replace(to=known.whom(local.argument))
        case Refusal() as refusal:
            return refusal
    command = command_of(word)
    if command not in COMMANDS:
        return Refusal("unknown_command", {"word": word, "meant": nearest(word) or ""})
    parsed: Parsed | None = parse(typed)
    match parsed:
        case Refused():
            return Refusal(parsed.code, command=command, refused=parsed)
        case Report(Name(), _):
            return _reported(parsed, known, command)
        case Cancel(item) if item and known.items is not None and item not in known.items:
            return Refusal("unknown_item", {"item": item}, command)
        case Exit():
            return Leave()
        case Kick() | Mute() | Unmute() | Ban() | Appoint():
            return _about_somebody(parsed, known, command)
    return _asked(parsed, command)


def _asked(parsed: Parsed | None, command: str) -> Intent:
    """Judge what a server is asked to do as it was typed."""
    if isinstance(parsed, ORDERS):
        return Ask(parsed, command)
    if isinstance(parsed, GUARDED):
        return Identify(parsed, command)
    return Refusal("not_here", command=command)


def _about_somebody(
    order: Kick | Mute | Unmute | Ban | Appoint, known: Known, command: str
) -> Intent:
    """Let what a moderator does be about the person who has a name now, whom we know."""
    person = known.whom(order.who.text) if isinstance(order.who, Name) else None
    if person is None:
        return Ask(order, command)
    return Ask(msgspec.structs.replace(order, who=person.id), command, person)


def _reported(report: Report, known: Known, command: str) -> Intent:
    """Judge a report of somebody by their name."""
    assert isinstance(report.who, Name)
    who = report.who.text
    if known.names is not None and _is_nobodys(who, known.names):
        return Refusal("nobody_of_that_name", {"name": who}, command)
    person = known.whom(who)
    if person is None:
        return Ask(report, command)
    return Ask(Report(person.id, report.text), command, person)


def _is_nobodys(who: str, names: Iterable[str]) -> bool:
    """Say whether nobody has a name; False for no valid name: the server says what is wrong."""
    is_name = isinstance(parse(f"rename {who}"), Rename)
    return is_name and not any(same(who, other) for other in names)
