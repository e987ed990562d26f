"""People as events name them, for tests in which nobody really is."""

from collections.abc import Iterable

from chat_server.protocol.events import Person


def person(name: str) -> Person:
    """Make somebody up, whose id is no name."""
    return Person(f"1-{name}", name)


def people(*names: str) -> list[Person]:
    return [person(name) for name in names]


def names(found: Iterable[Person]) -> list[str]:
    return [one.name for one in found]
