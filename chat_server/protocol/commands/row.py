"""One row of the table of commands: the shape of what there is to know about a command."""

import enum
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from chat_server.protocol.events import Refused, shortened
from chat_server.protocol.parameters import Given, Parameter, option_forms

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class Effect(enum.Enum):
    """What a command does."""

    CHANGES = "changes the chat, through the journal"
    ASKS = "asks, and changes nothing"
    SWITCHES = "changes only the connection that it came over"
    IDENTIFIES = "says who one is, or changes one's account"


class Syntax(NamedTuple):
    """What a command is called and takes."""

    name: str
    parameters: tuple[Parameter[object], ...] = ()

    @property
    def usage(self) -> str:
        return " ".join((self.name, *(parameter.usage for parameter in self.parameters)))

    def too_much(self, extra: str) -> Refused:
        return Refused(
            "too_many_arguments",
            {"command": self.name, "usage": self.usage, "extra": shortened(extra)},
        )

    def missing(self, argument: str) -> Refused:
        return Refused(
            "missing_argument",
            {"command": self.name, "usage": self.usage, "argument": argument},
        )


class Row(msgspec.Struct, Generic[C_co], frozen=True):
    """A command: what it is called and takes, what it does, and how its line is parsed.

    Its rule in the chat, or what answers it, is found by the type of what `parse` returns.
    """

    syntax: Syntax
    summary: str
    effect: Effect
    parse: Callable[[str], C_co | Refused]
    """Makes the command of what follows its name, or refuses that."""
    details: Sequence[str] = ()
    for_moderators: bool = False
    """Whether `help` shows it to them alone."""

    @property
    def name(self) -> str:
        return self.syntax.name

    @property
    def parameters(self) -> Sequence[Parameter[object]]:
        return self.syntax.parameters

    @property
    def usage(self) -> str:
        return self.syntax.usage


def alone(syntax: Syntax, command: C) -> Callable[[str], C | Refused]:
    """Make the parser of a command that takes nothing."""
    return lambda rest: syntax.too_much(rest) if rest else command


def in_words(syntax: Syntax, make: Callable[[Given], C | Refused]) -> Callable[[str], C | Refused]:
    """Make a parser of words, one for each parameter, with options anywhere between them."""
    forms = option_forms(syntax.parameters)
    places = [parameter for parameter in syntax.parameters if not parameter.options]

    def wrong(texts: dict[str, str]) -> Refused | None:
        """Return the refusal of the first wrong value, which matters more than one too many."""
        values = (p.parse(texts[p.name]) for p in syntax.parameters if p.name in texts)
        return next((value for value in values if isinstance(value, Refused)), None)

    def split(rest: str) -> dict[str, str] | Refused:
        texts: dict[str, str] = {}
        free = iter(places)
        while rest:
            word, after = _first_word(rest)
            option = forms.get(word)
            if option is not None and option not in texts:
                word, after = _first_word(after)
                if not word:
                    return syntax.missing(option)
                texts[option] = word
            elif (forms and word.startswith("--")) or (place := next(free, None)) is None:
                return wrong(texts) or syntax.too_much(word if forms else rest)
            else:
                texts[place.name] = rest if place.is_rest else word
                after = "" if place.is_rest else after
            rest = after
        lacking = next((place for place in free if place.is_required), None)
        return texts if lacking is None else syntax.missing(lacking.name)

    def parse(rest: str) -> C | Refused:
        texts = split(rest)
        return texts if isinstance(texts, Refused) else make(Given(texts))

    return parse


def _first_word(text: str) -> tuple[str, str]:
    words = text.split(maxsplit=1)
    return words[0] if words else "", words[1] if len(words) == 2 else ""
