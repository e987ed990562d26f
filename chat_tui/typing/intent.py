"""What a typed text can mean. Facts alone: hints.py puts them into words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from chat_server.protocol.commands import Send
from chat_server.protocol.events import Person, Refused
from chat_server.protocol.names import Name
from chat_tui.session.spoken import Guarded, Order

LocalName = Literal["ignore", "unignore", "moves"]
_NO_DATA: Mapping[str, str | int] = MappingProxyType({})


class Doubt(NamedTuple):
    """Why a text is perhaps not meant to be said: a slip, or a command at line `number`."""

    code: Literal["command", "option", "slip", "command_among"]
    found: str
    number: int = 0


class Say(NamedTuple):
    """Say something, each message by itself, all to the same and at the same time.

    `to` is who hears it, if that is somebody whom we know. `due` is the time of day at which it is
    to be said, in seconds since 1970, where one was typed. `command` is "send" where that was typed
    for it.
    """

    messages: tuple[Send, ...]
    to: Person | None = None
    due: float | None = None
    doubt: Doubt | None = None
    command: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(message.text for message in self.messages)

    @property
    def whom(self) -> str:
        """The name of who hears it, as far as that is known; "" is everyone."""
        meant = self.messages[0].to
        if self.to is not None or meant is None:
            return "" if self.to is None else self.to.name
        return meant.text if isinstance(meant, Name) else f"={meant}"

    @property
    def delay(self) -> int:
        """In how many seconds it is said."""
        return self.messages[0].delay


class Ask(NamedTuple):
    """Have the server do something else, which may be about somebody whom we know."""

    order: Order
    command: str
    to: Person | None = None


class Identify(NamedTuple):
    """Have the server do something for which it asks a password."""

    order: Guarded
    command: str


class LocalCommand(NamedTuple):
    """Have the client do something by itself, which may be about somebody whom we know."""

    command: LocalName
    argument: str = ""
    to: Person | None = None


class Leave(NamedTuple):
    """Leave the chat."""

    command: str = "exit"


class Nothing(NamedTuple):
    """Do nothing: nothing is typed."""

    command: str = ""


class Refusal(NamedTuple):
    """Do nothing, because something is wrong: with the `command`, where one was begun.

    `refused` is what the server would say of it, where that says it best.
    """

    code: str
    data: Mapping[str, str | int] = _NO_DATA
    command: str = ""
    refused: Refused | None = None


Intent = Say | Ask | Identify | LocalCommand | Leave | Nothing | Refusal
