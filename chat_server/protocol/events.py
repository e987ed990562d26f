"""What a client is told: one frozen struct per event, the same in text and in JSON.

Times are seconds since 1970 (UTC); ids are opaque strings; names are as they were then.
"""

from typing import ClassVar, Literal

import msgspec

Format = Literal["text", "json"]


Role = Literal["", "welcome", "move", "goodbye", "long"]
"""What an event is to those who pass it on; asking its class is slow with many a message."""


CROWD = 50
"""People from whose number on comings and goings are summed up, and names not listed."""


class _Event(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    role: ClassVar[Role] = ""


class Answer(_Event, frozen=True, omit_defaults=True, kw_only=True):
    """The one event that answers a line; `re` repeats the key that the line was sent with."""

    re: str = ""


class Item(msgspec.Struct, frozen=True):
    """A scheduled message: made `at`, to be sent when `due`; `to` None means everyone."""

    id: str
    at: float
    due: float
    to: str | None
    text: str


class Undelivered(_Event, frozen=True):
    """The scheduled message `id` could not be sent when it was due."""

    id: str
    reason: str
    to: str | None
    text: str


class Welcome(_Event, frozen=True):
    """Who one is, and the chat as it stands.

    `last` is the id of the newest message, `here` the number of people. A crowd's names stand
    in `users` only for programs, which have a `token`.
    """

    role: ClassVar[Role] = "welcome"
    you: str
    server: str
    version: str
    chat: str
    time: float
    users: list[str]
    pending: list[Item]
    undelivered: list[Undelivered]
    last: str
    token: str | None = None
    here: int = 0


class Message(_Event, frozen=True, gc=False):
    """A message. `due` is set only where it comes late; `left`: its sender had left by then."""

    id: str
    at: float
    sender: str
    to: str | None
    text: str
    due: float | None = None
    left: bool = False


class Joined(_Event, frozen=True):
    role: ClassVar[Role] = "move"
    names: list[str]
    at: float


class Left(_Event, frozen=True):
    role: ClassVar[Role] = "move"
    names: list[str]
    at: float


class Renamed(_Event, frozen=True):
    role: ClassVar[Role] = "move"
    old: str
    new: str
    at: float


class Scheduled(_Event, frozen=True):
    item: Item


class Fired(_Event, frozen=True):
    """The scheduled message `id` was sent, as the message `message`."""

    id: str
    message: str


class Cancelled(_Event, frozen=True):
    id: str
    text: str


class Muted(_Event, frozen=True):
    name: str
    until: float


class Crowd(_Event, frozen=True):
    """How many came and went lately, for people who read: text only."""

    joined: int
    left: int
    renamed: int
    here: int


class Users(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    names: list[str]


class Pending(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    items: list[Item]


class HelpEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What there is to know of one command; `details` only where it was asked for by name."""

    name: str
    usage: str
    summary: str
    details: list[str] = []


class Help(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    commands: list[HelpEntry]


class History(Answer, frozen=True):
    """Messages, oldest first.

    `missed` counts the ones between the id that was asked from and the first given;
    None where nothing was asked from, or that is no longer known.
    """

    role: ClassVar[Role] = "long"
    messages: list[Message]
    missed: int | None


class Ok(Answer, frozen=True, gc=False):
    """Carried out; `id` of the message or item made, `text` for people where it says more."""

    id: str = ""
    text: str = ""


class Refused(Answer, frozen=True):
    """Not carried out. `code` is stable and for programs, `text` is for people."""

    code: str
    text: str


class Bye(Answer, frozen=True):
    role: ClassVar[Role] = "goodbye"
    reason: str


Event = (
    Welcome | Message | Joined | Left | Renamed | Scheduled | Fired | Cancelled | Undelivered
    | Muted | Crowd | Users | Pending | Help | History | Ok | Refused | Bye
)  # fmt: skip


Reply = Users | Pending | Help | History | Ok | Refused | Bye
"""What answers a line."""


def shortened(text: str, limit: int = 40) -> str:
    """Quote a value in a refusal without repeating a screenful of it."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def duration(seconds: float) -> str:
    """Say a time span as people do, rounded up: "3 seconds", "9 min 30 s", "2 h 5 min"."""
    whole = max(1, int(-(-seconds // 1)))
    if whole < 60:
        return f"{whole} second{'' if whole == 1 else 's'}"
    larger, unit, smaller, lesser = (
        (whole // 60, "min", whole % 60, "s")
        if whole < 3600
        else (whole // 3600, "h", whole % 3600 // 60, "min")
    )
    return f"{larger} {unit} {smaller} {lesser}" if smaller else f"{larger} {unit}"
