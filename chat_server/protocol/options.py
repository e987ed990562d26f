"""Options of a message: taken from the two ends of a message, never from inside it."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from chat_server.protocol.events import Data, Refused, shortened
from chat_server.protocol.parameters import Parameter
from chat_server.protocol.slips import has_dash, slip

Forms = Mapping[str, str]
"""Each form in which an option is written, with the option's name, which is its short form."""


class Options(msgspec.Struct, frozen=True):
    """What was said, and the values of options by their names, as they were typed."""

    text: str
    values: Mapping[str, str] = {}

    def value(self, parameter: Parameter[object]) -> str:
        """Return what was typed for an option; "" where it was not given."""
        return self.values.get(parameter.name, "")


class _Taken(NamedTuple):
    """An option taken from one end of a message, and what is left of the message."""

    option: str
    value: str
    rest: str


def take_options(text: str, forms: Forms) -> Options | Refused:
    """Take `-u V`, `--username V`, `--username=V` and the like, each at most once.

    A lone `--` in front ends the options on both sides. What stays is kept to the letter.
    """
    if "-" not in text and (text.isascii() or not has_dash(text)):
        return Options(text)
    values: dict[str, str] = {}
    for take in (_take_front, _take_end):
        while text and (taken := take(text, forms)):
            if taken.option in values:
                return Refused("option_twice", {"command": "send", "option": taken.option})
            if not taken.value:
                return _without_value(taken.option)
            values[taken.option] = taken.value
            text = taken.rest
        if text == "--" or text.startswith("-- "):
            return Options(_literal(text[2:]), values)
    last = text.rpartition(" ")[2]
    if last in forms:
        return _without_value(last)
    return Options(text, values) if (found := slip(text)) is None else _mistaken(*found)


def _mistaken(word: str, meant: str) -> Refused:
    nearly: Data = {"command": "send", "word": shortened(word), "meant": shortened(meant)}
    return Refused("mistaken_option", nearly)


def _literal(text: str) -> str:
    """Trim the ends; no-break spaces at the beginning stay, as spaces, for they indent."""
    indented = text.strip(" ")
    blanks = len(indented) - len(indented.lstrip("\xa0"))
    trimmed = text.strip()
    return " " * blanks + trimmed if trimmed else ""


def _without_value(option: str) -> Refused:
    return Refused("missing_argument", {"command": "send", "argument": option})


def _take_front(text: str, forms: Forms) -> _Taken | None:
    if not text.startswith("-"):
        return None
    words = text.split(maxsplit=2)
    if words[0] in forms and len(words) > 1:
        return _Taken(forms[words[0]], words[1], "".join(words[2:]))
    return _take_joined(words[0], text[len(words[0]) :].lstrip(), forms)


def _take_end(text: str, forms: Forms) -> _Taken | None:
    words = text.rsplit(maxsplit=2)
    if len(words) > 1 and words[-2] in forms:
        return _Taken(forms[words[-2]], words[-1], "".join(words[:-2]))
    return _take_joined(words[-1], text[: -len(words[-1])].rstrip(), forms)


def _take_joined(word: str, rest: str, forms: Forms) -> _Taken | None:
    option, equals, value = word.partition("=")
    if equals and option.startswith("--") and option in forms:
        return _Taken(forms[option], value, rest)
    return None
