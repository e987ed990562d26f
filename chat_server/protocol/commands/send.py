"""The command `send`: say something, now or later, to everyone or to one person."""

import msgspec

from chat_server.protocol.commands.row import Effect, Row, Syntax
from chat_server.protocol.events import Refused, shortened
from chat_server.protocol.names import Name
from chat_server.protocol.options import Options, take_options
from chat_server.protocol.parameters import Parameter, option_forms, people, person, whole_number
from chat_server.protocol.unseen import has_something_to_see

MAX_MESSAGE = 2000
"""Code points in a message."""
MAX_DELAY = 30 * 24 * 3600
"""Seconds that a message may be scheduled ahead."""


class Send(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Say `text` to everyone (`to` None) or to one person, at once or `delay` seconds later.

    A person is meant by their name, or by their id.
    """

    text: str
    to: Name | str | None = None
    delay: int = 0


def _message(typed: str) -> str | Refused:
    if len(typed) > MAX_MESSAGE:
        return Refused("message_too_long", {"length": len(typed), "limit": MAX_MESSAGE})
    if not typed or not (typed.isascii() or has_something_to_see(typed)):
        return Refused("empty_message", {"command": "send", "usage": _SYNTAX.usage})
    return typed


def _seconds(typed: str) -> int | Refused:
    seconds = whole_number(typed, 0, MAX_DELAY)
    if seconds is None:
        return Refused("bad_time", {"time": shortened(typed), "limit": MAX_DELAY})
    return seconds


MESSAGE = Parameter("MESSAGE", _message, people, is_rest=True)
TO: Parameter[Name | str] = Parameter(
    "NAME", person, people, options=("-u", "--username"), is_required=False
)
DELAY = Parameter("SECONDS", _seconds, options=("-t", "--time"), is_required=False)
_SYNTAX = Syntax("send", (MESSAGE, TO, DELAY))
FORMS = option_forms((TO, DELAY))
"""Every form of every option, with the name of the option."""


def options_of(rest: str) -> Options | Refused:
    """Take what follows `send` apart into the message and the values of options."""
    return take_options(rest, FORMS)


def _parse(rest: str) -> Send | Refused:
    if "-" not in rest and rest.isascii() and 0 < len(rest) <= MAX_MESSAGE:
        return Send(rest)  # as most are: no option, and something to see
    options = take_options(rest, FORMS)
    if not isinstance(options, Options):
        return options
    text = _message(options.text)
    if not isinstance(text, str):
        return text
    return _with_options(text, options) if options.values else Send(text)


def _with_options(text: str, options: Options) -> Send | Refused:
    seconds, recipient = options.value(DELAY), options.value(TO)
    delay = DELAY.parse(seconds) if seconds else 0
    if isinstance(delay, Refused):
        return delay
    to = TO.parse(recipient) if recipient else None
    return to if isinstance(to, Refused) else Send(text, to, delay)


SEND = Row(
    _SYNTAX,
    "say something, now or later",
    Effect.CHANGES,
    _parse,
    details=(
        "send hello                  to everyone who is here",
        "send hello -u bob           to bob alone (also --username bob, --username=bob)",
        "send hello -t 60            in a minute (also --time 60, --time=60)",
        "send -u bob -t 60 hello     options may stand in front as well",
        "send -- ls -t 5             says: ls -t 5",
        f"A message has at most {MAX_MESSAGE} characters.",
        f"-t takes 0 to {MAX_DELAY} seconds (30 days).",
    ),
)
