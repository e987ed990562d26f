"""From a code and its data to a sentence: what every table of sentences has in common.

A sentence is a template with the data's names in braces, or a function where a number, a plural
or several shapes are in it. Data that does not fit, which only another version would send, has no
sentence.
"""

from collections.abc import Callable, Mapping

from chat_server.protocol.events import Data

Template = str | Callable[[Data], str]


class Unworded(Exception):
    """A code, or data, for which there is no sentence here."""


def worded(table: Mapping[str, Template], code: str, data: Data) -> str:
    """Make the sentence of a code; Unworded where the table has none."""
    template = table.get(code)
    if template is None:
        raise Unworded(code)
    try:
        return template(data) if callable(template) else template.format_map(data)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise Unworded(code) from error


def number(data: Data, name: str) -> float:
    """Return a number of the data; TypeError where it is none."""
    value = data[name]
    if not isinstance(value, int | float):
        raise TypeError(f"{name} is no number")
    return value


def whole_number(data: Data, name: str) -> int:
    return int(number(data, name))
