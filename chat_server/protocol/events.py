"""What a client is told: one frozen struct per event, the same in text and in JSON.

Facts and ids alone: the sentences for people are made of them in `chat_server.protocol.wording`.
Times are seconds since 1970 (UTC); ids are opaque strings; names are as they were then.
"""

from typing import ClassVar, Literal

import msgspec

PROTOCOL = 2
"""The version of what is spoken here; docs/protocol.md tells it."""

Format = Literal["text", "json"]

Value = str | int | float | list[str]
Data = dict[str, Value]
"""What a code is about, by name. Of what people typed, only as much as is worth repeating."""


Role = Literal["", "welcome", "move", "goodbye", "long"]
"""What an event is to those who pass it on; it is faster to ask for than the event's class."""


CROWD = 50
"""With more people than this, comings and goings are summed up, and names are not listed."""


class Person(msgspec.Struct, frozen=True, gc=False):
    """Somebody, by an id that is never given to anybody else, and their name as it was then."""

    id: str
    name: str


To = Person | None
"""Whom something is for: one person, or (None) everyone."""


class _Event(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    role: ClassVar[Role] = ""


class Answer(_Event, frozen=True, omit_defaults=True, kw_only=True):
    """The one event that answers a line; `re` repeats the key that the line was sent with."""

    re: str = ""


class Item(msgspec.Struct, frozen=True):
    """A scheduled message: made `at`, to be sent when `due`; `to` has the name of now."""

    id: str
    at: float
    due: float
    to: To
    text: str


class Undelivered(_Event, frozen=True, omit_defaults=True):
    """The scheduled message `id` could not be sent when it was due.

    `reason` is "not_here", or "muted", which the sender is `until` then. `because` is the
    sentence for people.
    """

    id: str
    reason: str
    to: To
    text: str
    until: float | None = None
    because: str = ""


class Welcome(_Event, frozen=True, kw_only=True):
    """Who one is, and the chat as it stands.

    `last` is the id of the newest message, `here` the number of people. In a crowd `users` is
    empty, except for programs, which have a `token`. `away` are the members who are not here, of
    those with whom one has written.
    """

    role: ClassVar[Role] = "welcome"
    protocol: int = PROTOCOL
    you: Person
    server: str
    version: str
    chat: str
    time: float
    users: list[Person]
    pending: list[Item]
    undelivered: list[Undelivered]
    last: str
    token: str | None = None
    here: int = 0
    away: list[Person] = []


class Message(_Event, frozen=True, gc=False, omit_defaults=True):
    """A message. `due` is set only where it comes late; `left`: its sender had left by then.

    `away`: they are a member, who was not here. `item` is the id of the scheduled message that it
    was until now.
    """

    id: str
    at: float
    sender: Person
    to: To
    text: str
    due: float | None = None
    left: bool = False
    item: str | None = None
    away: bool = False


class Joined(_Event, frozen=True):
    role: ClassVar[Role] = "move"
    people: list[Person]
    at: float


class Left(_Event, frozen=True, omit_defaults=True):
    """People are here no more; those of them who are `away` are members, who get what is said to
    them when they come.
    """

    role: ClassVar[Role] = "move"
    people: list[Person]
    at: float
    away: list[Person] = []


class Renamed(_Event, frozen=True):
    """Somebody, whose name was `old`, has another one."""

    role: ClassVar[Role] = "move"
    person: Person
    old: str
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


class Muted(_Event, frozen=True, omit_defaults=True):
    """Somebody cannot speak `until` then, because of complaints, or as a moderator wants it."""

    person: Person
    until: float
    by: Person | None = None
    reason: str = ""


class Unmuted(_Event, frozen=True):
    """Somebody can speak again, as a moderator wants it."""

    person: Person
    by: Person


class Kicked(_Event, frozen=True, omit_defaults=True):
    """A moderator sent somebody away, or (`banned`) keeps them away."""

    person: Person
    by: Person
    reason: str = ""
    banned: bool = False


class Deleted(_Event, frozen=True):
    """The message `id` is taken out of the chat."""

    id: str
    sender: Person
    by: Person


class Announced(_Event, frozen=True):
    """What a moderator says to everyone."""

    at: float
    by: Person
    text: str


class Notice(_Event, frozen=True, omit_defaults=True):
    """What one person is told besides: a `code` with its data, or what somebody said (`text`)."""

    code: str
    data: Data = {}
    text: str = ""


class Crowd(_Event, frozen=True):
    """How many came and went lately, for people who read: text only."""

    joined: int
    left: int
    renamed: int
    here: int


class Users(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    people: list[Person]


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

    `missed` counts the ones between the id that was asked from and the first given; None where
    no id was given, or some of those after it may be forgotten.
    """

    role: ClassVar[Role] = "long"
    messages: list[Message]
    missed: int | None


Field = Literal["password", "new_password", "new_password_again", "chat_password"]
"""What can be asked for."""


class Ask(Answer, frozen=True):
    """Something is to be said that nobody is to see: programs say `secret …`, people only that.

    `hidden`: what is typed next is not shown where it is typed.
    """

    field: Field
    name: str = ""
    hidden: bool = False


class Device(msgspec.Struct, frozen=True):
    """A connection of a member, or (not `here`) one that broke and can still be resumed.

    `address` is where it comes from, None the server's own machine. `this`: it is the one that
    asks. `program` is the label of the token that it came by, None where it came by a password.
    """

    address: str | None
    here: bool = True
    this: bool = False
    program: str | None = None


Rank = Literal["", "moderator", "owner"]
"""What somebody is to the chat besides."""


class Whoami(Answer, frozen=True):
    """Who one is; a member owns the name, `since` then, and is here over `connections`.

    `devices` are theirs, those that broke and can be resumed included; a guest is told none.
    """

    you: Person
    member: bool
    connections: int = 1
    since: float | None = None
    devices: list[Device] = []
    rank: Rank = ""


class Token(msgspec.Struct, frozen=True):
    """A token of a member's program, as far as it is shown: made at `since`."""

    id: str
    label: str
    since: float


class Tokens(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    tokens: list[Token]


class Ignored(Answer, frozen=True):
    """Whom one ignores, under the names that they had then."""

    people: list[Person]


class Moderators(Answer, frozen=True):
    people: list[Person]


class Ban(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is kept away, since `at`, and until when; None: until it is ended by its `id`."""

    id: str
    who: str
    at: float
    until: float | None
    by: Person
    reason: str = ""


class Bans(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    bans: list[Ban]


class Complaint(msgspec.Struct, frozen=True):
    """What somebody complained of; `counted`: it was one of those that can mute.

    `messages` are the last ones before it that they could see.
    """

    at: float
    by: Person
    of: Person
    text: str
    counted: bool
    messages: list[Message]


class Reports(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    reports: list[Complaint]


class OwnedItem(msgspec.Struct, frozen=True):
    """A scheduled message to everyone, and whose it is."""

    owner: Person
    item: Item


class AllPending(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    scheduled: list[OwnedItem]


class Deed(msgspec.Struct, frozen=True):
    """What a moderator did: a command, whom or what it was about, and what they said with it."""

    at: float
    by: Person
    command: str
    about: str
    text: str = ""


class Audit(Answer, frozen=True):
    role: ClassVar[Role] = "long"
    deeds: list[Deed]


class Ok(Answer, frozen=True, gc=False):
    """Carried out; `id` of the message or item made, a `code` where there is more to say."""

    id: str = ""
    code: str = ""
    data: Data = {}
    text: str = ""
    """The sentence for people, beside the code, at the door of programs; likewise below."""


class Refused(Answer, frozen=True):
    """Not carried out, for the reason that the `code` names."""

    code: str
    data: Data = {}
    text: str = ""


class Bye(Answer, frozen=True):
    """The connection ends; the `reason` is a code."""

    role: ClassVar[Role] = "goodbye"
    reason: str
    data: Data = {}
    text: str = ""


Event = (
    Welcome | Message | Joined | Left | Renamed | Scheduled | Fired | Cancelled | Undelivered
    | Muted | Unmuted | Kicked | Deleted | Announced | Notice | Crowd
    | Users | Pending | Help | History | Ask | Whoami | Tokens
    | Ignored | Moderators | Bans | Reports | AllPending | Audit | Ok | Refused | Bye
)  # fmt: skip


Reply = (
    Ignored | Users | Pending | Help | History | Ask | Whoami | Tokens
    | Moderators | Bans | Reports | AllPending | Audit | Ok | Refused | Bye
)  # fmt: skip
"""What answers a line."""


def shortened(text: str, limit: int = 40) -> str:
    """Quote a value in a refusal without repeating a screenful of it."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
