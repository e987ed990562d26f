"""People for tests: whoever has a name here has the same id everywhere, unless told otherwise.

They are made up: in tests with a server people have the ids that it gives them.
"""

from collections.abc import Iterable, Sequence

from chat_server.protocol.events import (
    Item,
    Joined,
    Left,
    Message,
    Person,
    Renamed,
    Undelivered,
    Welcome,
)
from tests.support.clock import DAWN


def person(name: str, first: str = "") -> Person:
    """Return somebody, who was called otherwise at `first`."""
    return Person(f"id-{first or name}", name)


def people(*names: str) -> list[Person]:
    return [person(name) for name in names]


def names(found: Iterable[Person]) -> list[str]:
    return [one.name for one in found]


def joined(*names: str, at: float = DAWN) -> Joined:
    return Joined(people(*names), at)


def left(*names: str, at: float = DAWN) -> Left:
    return Left(people(*names), at)


def renamed(old: str, new: str, first: str = "", at: float = DAWN) -> Renamed:
    """Tell that somebody, who was called otherwise at `first`, has another name than before."""
    return Renamed(person(new, first or old), old, at)


def says(
    sender: str | Person,
    text: str,
    to: str | Person | None = None,
    number: int = 1,
    at: float = DAWN,
    item: str | None = None,
) -> Message:
    """Return a message with the id `number`."""
    recipient = None if to is None else somebody(to)
    return Message(str(number), at, somebody(sender), recipient, text, item=item)


def somebody(named: str | Person) -> Person:
    return named if isinstance(named, Person) else person(named)


def welcome(
    you: str | Person,
    here: Sequence[Person] = (),
    *,
    chat: str = "c",
    time: float = DAWN,
    pending: Sequence[Item] = (),
    undelivered: Sequence[Undelivered] = (),
    last: str = "",
    token: str | None = None,
) -> Welcome:
    """Welcome somebody, who is alone here unless told otherwise."""
    users = list(here) or [somebody(you)]
    return Welcome(
        you=somebody(you),
        server="chat-server",
        version="1",
        chat=chat,
        time=time,
        users=users,
        pending=list(pending),
        undelivered=list(undelivered),
        last=last,
        token=token,
        here=len(users),
    )
