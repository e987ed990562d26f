"""What Tab makes of the word before the cursor."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chat_server.protocol.commands import COMMANDS
from chat_tui.typing.local_commands import OWN_COMMANDS, own_arguments

_HERE = "/"
_OPTIONS = {
    "send": (("-u", "--username"), ("-t", "--time")),
    "history": (("--since", "--since"),),
}
"""The options of commands, each in its short and its long form."""
_OF_NAMES = ("-u", "--username")
_OF_OTHERS = ("-t", "--time", "--since")
_JOINED = "--username="


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
    if command == "help":
        return [name for name in COMMANDS if name.startswith(word.lower())]
    if command == "cancel":
        return [item for item in items if item.startswith(word)]
    return _arguments(command, before.split(), word, names)


def _commands(word: str) -> list[str]:
    slash = _HERE if word.startswith(_HERE) else ""
    typed = word.lower().removeprefix(_HERE)
    own = OWN_COMMANDS if slash else ()
    return [slash + name for name in (*COMMANDS, *own) if name.startswith(typed)]


def _arguments(command: str, words: list[str], word: str, names: Iterable[str]) -> list[str]:
    """Complete what comes after a command, or within a message."""
    options = _OPTIONS.get(command, ())
    before = words[:-1] if word else words
    if options and before[-1] in _OF_OTHERS:
        return []
    if options and before[-1] not in _OF_NAMES:
        if word.startswith(_JOINED):
            return [_JOINED + name for name in _beginning_with(word[len(_JOINED) :], names)]
        if offered := _unused(options, before, word):
            return offered if word else offered + list(names)
    return _beginning_with(word, names)


def _unused(options: Iterable[tuple[str, str]], before: list[str], word: str) -> list[str]:
    """Offer the options that are not there yet, in their long form where one was begun."""
    given = {name.partition("=")[0] for name in before}
    form = 1 if word.startswith("--") else 0
    unused = [forms[form] for forms in options if not given.intersection(forms)]
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
