"""The shape of a rule: who may use a command, whether it can succeed, and what it then does.

There is one for each command that changes the chat, found by the command's type.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from chat_server.protocol.events import Refused
from chat_server.rules.entries import Command, Entry, OfMembers, TypedCommand
from chat_server.rules.state import Outcome, Participant

OfPeople = TypedCommand | OfMembers
"""What somebody who is here has done."""


class Rule(NamedTuple):
    """What somebody's command does. Each part but `carry_out` refuses it, or returns None."""

    may: Callable[[Participant, float], Refused | None]
    """Whether somebody may use it, at a time of the chat."""
    check: Callable[[Participant, Command, float], Refused | None]
    """Whether it can succeed."""
    carry_out: Callable[[Participant, Command, Entry], Outcome]
    """What it does once it was checked."""


InnerRule = Callable[[Command, Entry], Outcome]
"""What a command does that the server proposes."""

C = TypeVar("C", bound=Command)


def anybody(person: Participant, at: float) -> Refused | None:
    return None


def rule(
    command: type[C],
    carry_out: Callable[[Participant, C, Entry], Outcome],
    check: Callable[[Participant, C, float], Refused | None],
    may: Callable[[Participant, float], Refused | None] = anybody,
) -> tuple[type[Command], Rule]:
    """Make a row of the table of rules, whose parts are only given commands of this type."""
    return command, Rule(may, check, carry_out)  # type: ignore[arg-type, return-value]  # see above


def inner_rule(
    command: type[C], carry_out: Callable[[C, Entry], Outcome]
) -> tuple[type[Command], InnerRule]:
    """Make a row of the inner table, whose rule is only given commands of this type."""
    return command, carry_out  # type: ignore[return-value]  # see above
