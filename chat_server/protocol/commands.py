"""What can be typed: one table of commands, and the parser of a line.

A parsed command holds everything that does not depend on the state of the chat: checked
lengths, compared forms of names, seconds. The ones that change the chat are journaled as they
stand. Nothing here knows who typed the line.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from chat_server.protocol.events import Data, Format, HelpEntry, Refused, shortened
from chat_server.protocol.events import Help as HelpAnswer
from chat_server.protocol.names import Name, find_name, parse_name
from chat_server.protocol.options import Options, take_options
from chat_server.protocol.slips import one_edit_apart
from chat_server.protocol.unseen import has_something_to_see

MAX_MESSAGE = 2000
"""Code points in a message."""
MAX_DELAY = 30 * 24 * 3600
"""Seconds that a message may be scheduled ahead."""
MAX_HISTORY = 1000
"""Messages that one `history` may ask for."""
_LONGEST_ID = 19
"""Digits of any id or other number."""
_LONGEST_PERSON_ID = 64
"""Characters of any person's id."""


class Help(msgspec.Struct, frozen=True, tag=True):
    command: str | None = None


class Rename(msgspec.Struct, frozen=True, tag=True):
    name: Name


class Exit(msgspec.Struct, frozen=True, tag=True):
    pass


class Users(msgspec.Struct, frozen=True, tag=True):
    pass


class Send(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Say `text` to everyone (`to` None) or to one person, at once or `delay` seconds later.

    A person is meant by their name, or by their id.
    """

    text: str
    to: Name | str | None = None
    delay: int = 0


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """Cancel the item with this id, or the one scheduled last (None)."""

    item: str | None = None


class Pending(msgspec.Struct, frozen=True, tag=True):
    pass


class History(msgspec.Struct, frozen=True, tag=True):
    """Ask for the newest `count` messages (None: the server's choice), after an id.

    An id is the number `since` of an entry, with a minus sign and the `run` of the server.
    """

    count: int | None = None
    since: int | None = None
    run: str = ""


class Report(msgspec.Struct, frozen=True, tag=True):
    """Complain of somebody, who is meant by their name, or by their id."""

    who: Name | str = msgspec.field(name="name")


class SetFormat(msgspec.Struct, frozen=True, tag=True):
    format: Format


class Resume(msgspec.Struct, frozen=True, tag=True):
    token: str


Typed = (
    Help | Rename | Exit | Users | Send | Cancel | Pending | History | Report | SetFormat | Resume
)
"""What a line can mean."""

Parsed = Typed | Refused


class Spec(NamedTuple):
    """One row of the table: everything there is to know about a command."""

    name: str
    usage: str
    summary: str
    details: tuple[str, ...]
    parse: Callable[[str], Parsed]


def parse(line: str) -> Parsed | None:
    """Say what a line means; None for an empty one.

    The first word is the command, in any letter case, with or without a leading `/`.
    """
    words = line.split(maxsplit=1)
    if not words:
        return None
    word, rest = words[0], words[1].rstrip() if len(words) > 1 else ""
    spec = COMMANDS.get(word) or COMMANDS.get(word.lower().removeprefix("/"))
    return _unknown(word, rest) if spec is None else spec.parse(rest)


def split_command(line: str) -> tuple[str, str]:
    """Split a line into its first word and what follows it, both without outer white space."""
    words = line.split(maxsplit=1)
    if len(words) == 2:
        return words[0], words[1].rstrip()
    return (words[0], "") if words else ("", "")


_KEY = re.compile(r"@([A-Za-z0-9_-]{1,32})(?:\s+|$)")


def split_key(line: str) -> tuple[str, str | Refused]:
    """Take `@KEY ` from the beginning of a JSON client's line; "" where there is none."""
    if not line.startswith("@"):
        return "", line
    match = _KEY.match(line)
    if match is None:
        return "", Refused("bad_key", {"key": shortened(line.partition(" ")[0])})
    return match[1], line[match.end() :]


def nearest(word: str) -> str | None:
    """Return the command that a word is one slip away from: a letter too many, missing or wrong."""
    lowered = word.lower().removeprefix("/")
    if lowered in COMMANDS or len(lowered) < 3:
        return None
    return next((known for known in COMMANDS if one_edit_apart(lowered, known)), None)


def explain(command: str | None = None) -> HelpAnswer:
    """List all commands, or say all there is to say of one."""
    if command is not None:
        spec = COMMANDS[command]
        return HelpAnswer([HelpEntry(spec.name, spec.usage, spec.summary, list(spec.details))])
    return HelpAnswer([HelpEntry(s.name, s.usage, s.summary) for s in COMMANDS.values()])


def unknown_item(item: str) -> Refused:
    """Refuse what was meant for a scheduled message that there is not."""
    return Refused("unknown_item", {"item": shortened(item)})


def _unknown(word: str, rest: str) -> Refused:
    meant = nearest(word)
    if meant is None:
        whole = shortened(f"{word} {rest}".strip())
        return Refused("unknown_command", {"command": shortened(word), "line": whole})
    return Refused("unknown_command", {"command": shortened(word), "meant": meant})


def _without_arguments(command: Typed, word: str) -> Callable[[str], Parsed]:
    def parse_nothing(rest: str) -> Parsed:
        return _too_much(word, rest) if rest else command

    return parse_nothing


def _too_much(word: str, rest: str) -> Refused:
    usage = COMMANDS[word].usage
    extra = shortened(rest)
    return Refused("too_many_arguments", {"command": word, "usage": usage, "extra": extra})


def _missing(word: str, argument: str) -> Refused:
    usage = COMMANDS[word].usage
    return Refused("missing_argument", {"command": word, "usage": usage, "argument": argument})


def _parse_help(rest: str) -> Parsed:
    if not rest:
        return Help()
    asked = rest.lower().removeprefix("/")
    if asked not in COMMANDS:
        return Refused("unknown_command", {"command": shortened(rest)})
    return Help(asked)


def _parse_rename(rest: str) -> Parsed:
    if not rest:
        return _missing("rename", "NAME")
    wanted = parse_name(rest)
    return wanted if isinstance(wanted, Refused) else Rename(wanted)


def _parse_report(rest: str) -> Parsed:
    if not rest:
        return _missing("report", "NAME")
    if " " in rest:
        return _too_much("report", rest.split(maxsplit=1)[1])
    reported = _find_person(rest)
    return reported if isinstance(reported, Refused) else Report(reported)


def _find_person(typed: str) -> Name | str | Refused:
    """Say who is meant: NAME, or =ID; refuse what nobody can have."""
    is_id = typed.startswith("=") and typed != "="
    if is_id and len(typed) <= _LONGEST_PERSON_ID:
        return typed[1:]
    if is_id:
        return Refused("nobody_of_that_id", {"id": shortened(typed[1:])})
    found = find_name(typed)
    return Refused("nobody_of_that_name", {"name": shortened(typed)}) if found is None else found


def _parse_cancel(rest: str) -> Parsed:
    if " " in rest:
        return _too_much("cancel", rest.split(maxsplit=1)[1])
    return unknown_item(rest) if len(rest) > _LONGEST_ID else Cancel(rest or None)


def _parse_format(rest: str) -> Parsed:
    match rest.lower():
        case "text":
            return SetFormat("text")
        case "json":
            return SetFormat("json")
        case "":
            return _missing("format", "text|json")
    return Refused("bad_format", {"format": shortened(rest)})


def _parse_resume(rest: str) -> Parsed:
    if not rest:
        return _missing("resume", "TOKEN")
    return Resume(rest)


def _parse_history(rest: str) -> Parsed:
    count: int | None = None
    since: int | None = None
    run = ""
    words = rest.split()
    while words:
        word = words.pop(0)
        if word == "--since" and since is None:
            if not words:
                return _missing("history", "--since")
            number, _, run = words[0].partition("-")
            since = _whole_number(number, 0, 2**63 - 1)
            if since is None:
                return Refused("bad_id", {"id": shortened(words[0])})
            words.pop(0)
        elif count is None and not word.startswith("--"):
            count = _whole_number(word, 1, MAX_HISTORY)
            if count is None:
                return Refused("bad_count", {"count": shortened(word), "limit": MAX_HISTORY})
        else:
            return _too_much("history", word)
    return History(count, since, run)


def _parse_send(rest: str) -> Parsed:
    if "-" not in rest and rest.isascii() and 0 < len(rest) <= MAX_MESSAGE:
        return Send(rest)  # as most are: no option, and something to see
    taken = take_options(rest)
    if not isinstance(taken, Options):
        return taken
    if len(taken.text) > MAX_MESSAGE:
        too_long: Data = {"length": len(taken.text), "limit": MAX_MESSAGE}
        return Refused("message_too_long", too_long)
    if not taken.text or not (taken.text.isascii() or has_something_to_see(taken.text)):
        usage = COMMANDS["send"].usage
        return Refused("empty_message", {"command": "send", "usage": usage})
    delay = _whole_number(taken.seconds, 0, MAX_DELAY) if taken.seconds else 0
    if delay is None:
        return Refused("bad_time", {"time": shortened(taken.seconds), "limit": MAX_DELAY})
    if not taken.recipient:
        return Send(taken.text, None, delay)
    recipient = _find_person(taken.recipient)
    return recipient if isinstance(recipient, Refused) else Send(taken.text, recipient, delay)


def _whole_number(text: str, least: int, most: int) -> int | None:
    if not (len(text) <= _LONGEST_ID and text.isascii() and text.isdigit()):
        return None
    value = int(text)
    return value if least <= value <= most else None


COMMANDS: dict[str, Spec] = {
    spec.name: spec
    for spec in (
        Spec(
            "help",
            "help [COMMAND]",
            "list the commands, or explain one",
            ("help alone lists everything; help send explains send.",),
            _parse_help,
        ),
        Spec(
            "send",
            "send MESSAGE [-u NAME] [-t SECONDS]",
            "say something, now or later",
            (
                "send hello                  to everyone who is here",
                "send hello -u bob           to bob alone (also --username bob, --username=bob)",
                "send hello -t 60            in a minute (also --time 60, --time=60)",
                "send -u bob -t 60 hello     options may stand in front as well",
                "send -- ls -t 5             says: ls -t 5",
                f"A message has at most {MAX_MESSAGE} characters.",
                f"-t takes 0 to {MAX_DELAY} seconds (30 days).",
            ),
            _parse_send,
        ),
        Spec(
            "users",
            "users",
            "who is here",
            (),
            _without_arguments(Users(), "users"),
        ),
        Spec(
            "rename",
            "rename NAME",
            "change your name",
            (
                "A name has 1 to 20 letters, digits, - _ . and begins with a letter or digit.",
                "ALICE and alice are the same name; nobody else can have it while you do.",
            ),
            _parse_rename,
        ),
        Spec(
            "history",
            "history [N] [--since ID]",
            "the last messages you may see",
            (
                f"history 50 gives the last 50; at most {MAX_HISTORY}.",
                "With --since only what came after the message with that id.",
            ),
            _parse_history,
        ),
        Spec(
            "pending",
            "pending",
            "your scheduled messages",
            (),
            _without_arguments(Pending(), "pending"),
        ),
        Spec(
            "cancel",
            "cancel [ID]",
            "take back a scheduled message",
            (
                "cancel alone takes back the one that you scheduled last.",
                "pending shows your scheduled messages with their ids.",
            ),
            _parse_cancel,
        ),
        Spec(
            "report",
            "report NAME",
            "complain about somebody",
            ("Enough complaints mute somebody for a while; each person's count once.",),
            _parse_report,
        ),
        Spec(
            "format",
            "format text|json",
            "text for people, json for programs",
            ("json says everything as one object a line.",),
            _parse_format,
        ),
        Spec(
            "resume",
            "resume TOKEN",
            "be the same person again (json)",
            ("After a broken connection. The token is in the welcome that json gets.",),
            _parse_resume,
        ),
        Spec(
            "exit",
            "exit",
            "say goodbye and leave",
            (),
            _without_arguments(Exit(), "exit"),
        ),
    )
}
