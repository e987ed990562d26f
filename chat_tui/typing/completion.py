"""What Tab makes of the word before the cursor."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chat_server.protocol.commands import COMMANDS
from chat_server.protocol.parameters import Known, Parameter
from chat_tui.session.state import NOT_HERE
from chat_tui.typing.local_commands import OWN_COMMANDS, own_arguments

_HERE = "/"
_OFFERED = tuple(name for name in COMMANDS if name not in NOT_HERE)
_BARE = tuple(name for name in _OFFERED if not COMMANDS[name].for_moderators)
"""What is offered without a slash: what is only for moderators is a text without it."""


def completions(before: str, names: Sequence[str], items: Sequence[str] = ()) -> list[str]:
    """Return what the last word before the cursor may become, the likeliest first.

    `names` are in the order in which they are to be offered, `items` the ids of scheduled
    messages.
    """
    above, _, line = before.rpartition("\n")
    head, _, word = line.rpartition(" ")
    if not head.strip():
        commands = _commands(word) if word and not above.strip() else []
        return commands + [f"{name}: " for name in _beginning_with(word, names)]
    command = before.split()[0].lower().removeprefix(_HERE)
    if before.startswith(_HERE) and command in OWN_COMMANDS:
        offered = own_arguments(command)
        return _beginning_with(word, names if offered is None else offered)
    known = Known(names, items, _OFFERED)
    row = COMMANDS.get(command)
    if row is None:
        return _beginning_with(word, names)
    return _arguments(row.parameters, before.split(), word, known)


def _commands(word: str) -> list[str]:
    slash = _HERE if word.startswith(_HERE) else ""
    typed = word.lower().removeprefix(_HERE)
    offered = (*_OFFERED, *OWN_COMMANDS) if slash else _BARE
    return [slash + name for name in offered if name.startswith(typed)]


def _arguments(
    parameters: Sequence[Parameter[object]], words: list[str], word: str, known: Known
) -> list[str]:
    """Complete what comes after a command: the value of an option, an option, or what is said."""
    options = [parameter for parameter in parameters if parameter.options]
    before = words[:-1] if word else words
    for option in options:
        if before[-1] in option.options:
            return _beginning_with(word, option.offers(known))
        form, equals, begun = word.partition("=")
        if equals and form in option.options[1:]:
            return [f"{form}={offer}" for offer in _beginning_with(begun, option.offers(known))]
    offered = _unused(options, before, word)
    if word and offered:
        return offered
    place = next((parameter for parameter in parameters if not parameter.options), None)
    return offered + ([] if place is None else _beginning_with(word, place.offers(known)))


def _unused(options: Iterable[Parameter[object]], before: list[str], word: str) -> list[str]:
    """Offer the options that are not there yet, in their long form where one was begun."""
    given = {name.partition("=")[0] for name in before}
    form = -1 if word.startswith("--") else 0
    unused = [option.options[form] for option in options if not given.intersection(option.options)]
    return [option for option in unused if option.startswith(word)]


def _beginning_with(prefix: str, names: Iterable[str]) -> list[str]:
    folded = prefix.casefold()
    return [name for name in names if name.casefold().startswith(folded)]


class Completed(NamedTuple):
    """What stands before and after the cursor once a word was completed."""

    before: str
    after: str


class Walk:
    """Walks through what a word may become, for as long as nothing else is typed."""

    def __init__(self) -> None:
        self._offers: list[str] = []
        self._place = 0
        self._begun = ""
        self._offered = Completed("", "")

    def step(
        self, typed: Completed, step: int, names: Sequence[str], items: Sequence[str]
    ) -> Completed | None:
        """Go one further, or one back; None where there is nothing to offer."""
        if self._offers and typed == self._offered:
            self._place = (self._place + step) % len(self._offers)
        else:
            before = typed.before
            self._offers = completions(before, names, items)
            self._begun = before[: len(before) - len(before.split("\n")[-1].rpartition(" ")[2])]
            self._place = 0 if step > 0 else -1
        if not self._offers:
            return None
        self._offered = self._put(self._offers[self._place], typed.after)
        return self._offered

    def _put(self, offer: str, after: str) -> Completed:
        """Put an offer in place; the only one is followed by a space, for what comes next."""
        if after.startswith(" "):
            offer = offer.rstrip()
        elif len(self._offers) == 1 and not after and not offer.endswith(" "):
            offer += " "
        return Completed(self._begun + offer, after)
