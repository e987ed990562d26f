"""The state of a chat, as it is encoded in a snapshot: plain dicts and lists, no rules."""

import msgspec

from chat_server.protocol.events import Complaint as ShownComplaint
from chat_server.protocol.events import Deed, Event, Message, Ok, Person, Refused, Undelivered
from chat_server.protocol.names import Name
from chat_server.rules.schedule import ScheduledMessage

KEPT_KEYS = 256
"""Keys of a device's lines that are remembered with what they were answered."""
KEPT_DEEDS = 1000
"""What moderators did that is remembered."""
KEPT_ADDRESSES = 1000
"""Addresses of muted people that are remembered."""
MOST_MUTED_AT = 20
"""Addresses to which one person's mute goes along with them."""


class Everyone(msgspec.Struct, frozen=True, gc=False):
    """All who are here, `but` for whoever is at one connection."""

    but: str = ""
    deaf: tuple[str, ...] = ()
    """Connections of those who ignore whose doing it is."""


class Persons(msgspec.Struct, frozen=True, gc=False):
    """Those at these connections."""

    connections: tuple[str, ...]


EVERYONE = Everyone()
Audience = Everyone | Persons


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """An event, and whom it is for."""

    to: Audience
    event: Event


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What an entry causes, in order, and then the answer to the line that it came from.

    The answer is None where there was no line, or where what it causes is the answer.
    """

    deliveries: list[Delivery]
    answer: Ok | Refused | None = None


class Device(msgspec.Struct, gc=False):
    """One connection of somebody, or one that broke and can be taken up again by its token.

    `connection` is "" while it is broken, `gone_at` since when. `node` is the one that holds the
    connection, or that took it down when it ended; "" where it ended by itself. `address` is where
    it comes from, "" for this machine.
    """

    connection: str = ""
    node: str = ""
    token_hash: str = ""
    address: str = ""
    gone_at: float = 0.0
    bot: str = ""
    """The id of the program's token that it came by."""
    keys: dict[str, Ok] | None = None
    """The keys of its lines, with what they were answered; programs each count their own."""

    def answer_to(self, key: str) -> Ok | None:
        """Return how the line with a key was answered; None if it was not carried out."""
        return None if self.keys is None else self.keys.get(key)

    def remember_key(self, key: str, answer: Ok) -> None:
        if self.keys is None:
            self.keys = {}
        self.keys[key] = answer
        if len(self.keys) > KEPT_KEYS:
            del self.keys[next(iter(self.keys))]


class BotToken(msgspec.Struct, frozen=True, gc=False):
    """A token with which a member's programs come; `since` is a time of day."""

    id: str
    label: str
    since: float


class Account(msgspec.Struct, gc=False):
    """What makes somebody a member, who owns their name.

    `secret` is the hash of the password, `changed` its number, which is that of the entry that made
    it: no two passwords have the same. `since` is the time of day at which they registered,
    `left_at` the chat's time at which they were here last.
    """

    secret: str
    since: float
    changed: int = 0
    left_at: float = 0.0
    waiting: list[Message] | None = None
    """What was said to them while they were away."""
    tokens: dict[str, BotToken] | None = None
    """Their programs' tokens, by their hashes."""
    is_moderator: bool = False


class Record(msgspec.Struct, gc=False):
    """What complaints and mutes have left of somebody.

    `complained` are the times of their complaints of the last hour, `mutings` those of the mutes
    of the last day of which theirs were a part; until `unheard_until` theirs count for nothing.
    `complainers` are whose complaints muted them last, `appealed` whether they asked for the end
    of that. Times are the chat's.
    """

    complained: tuple[float, ...] = ()
    mutings: tuple[float, ...] = ()
    unheard_until: float = 0.0
    complainers: tuple[str, ...] = ()
    appealed: bool = False
    addresses: dict[str, str] = {}
    """From where those complained whose complaints count now, by their ids; not this machine."""
    muted_at: dict[str, float] = {}
    """For which addresses their mutes hold, and until when."""


class Participant(msgspec.Struct, gc=False):
    """Somebody, whatever they are called and however they are connected.

    `person` is who they are to others, made anew with each name; `key` is the compared form of
    the name, `skeletons` what it looks like (see `Name`). A guest has one device at most. What most
    people never have is None, to save memory.
    """

    person: Person
    key: str = ""
    guest: int = 0
    devices: tuple[Device, ...] = ()
    muted_until: float = 0.0
    complaints: dict[str, float] | None = None
    undelivered: list[Undelivered] | None = None
    has_acted: bool = True
    """Whether they did anything, or anything was done to them, that has to be remembered."""
    account: Account | None = None
    """What makes them a member; None for guests."""
    skeletons: tuple[str, ...] = ()
    ignored: dict[str, tuple[str, str]] | None = None
    """Of whom they hear nothing: by ids, the names and their compared forms of then."""
    since: float = 0.0
    """When they came first, in the chat's time."""
    spoken: int = 0
    """How often they have spoken; it is counted up to what complaints ask for."""
    record: Record | None = None
    """What is remembered of complaints, and of mutes; None for most people."""

    @property
    def id(self) -> str:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def connections(self) -> tuple[str, ...]:
        """Where they are here, in the order in which they came; empty while they are away."""
        return tuple([device.connection for device in self.devices if device.connection])

    @property
    def is_here(self) -> bool:
        return any(device.connection for device in self.devices)

    @property
    def can_come_back(self) -> bool:
        return self.account is not None or any(device.token_hash for device in self.devices)

    def device_at(self, connection: str) -> Device:
        """Return the device of a connection; StopIteration where they have none there."""
        return next(device for device in self.devices if device.connection == connection)

    def device_with(self, token_hash: str) -> Device:
        """Return the device that a token resumes; StopIteration without one."""
        return next(device for device in self.devices if device.token_hash == token_hash)

    @property
    def has_guest_name(self) -> bool:
        return self.key == f"guest{self.guest}"

    def known_record(self) -> Record:
        """Return the record of somebody, who has one from now on."""
        if self.record is None:
            self.record = Record()
        return self.record

    def is_muted(self, at: float) -> bool:
        return at < self.muted_until

    def remember_undelivered(self, event: Undelivered) -> None:
        self.undelivered = [*(self.undelivered or ()), event]


class Ban(msgspec.Struct, frozen=True, gc=False):
    """Who is kept away: a person, whoever comes from some addresses, or both.

    `until` is a time of the chat; 0: until it is ended.
    """

    who: str
    person: str
    addresses: tuple[str, ...]
    at: float
    until: float
    by: Person
    reason: str = ""


class Private(msgspec.Struct):
    """The messages between two people, or of one to themselves.

    `forgotten` is the number of the newest that is no longer kept.
    """

    one: str
    other: str
    messages: list[Message] = []
    forgotten: int = 0


class Node(msgspec.Struct, gc=False):
    """A node that is here: the word that is in its ids, and the last sequence that it proposed."""

    run: str
    seen: int


class State(msgspec.Struct):
    """Everything that the entries so far have made.

    Times are the chat's own, except in messages, which keep the time of day at which they were
    said: `ahead` is what the time of day is ahead of the chat's. `nodes` are the ones that are
    here; `runs` has the last id of each earlier run. `started_at` is since when there are any.
    `messages` are those to everyone, `private` the others, the longest silent two first,
    and `newest_message` is the id of the newest of all. `forgotten` and `forgotten_private` are
    the numbers of the newest of either that are no longer kept.

    `names` maps compared names, `tokens` hashes of tokens (`bot_tokens` those of programs of
    members), and `connections` (in the order of arrival) connections to ids of people. `away` says
    since when guests who can be resumed have been gone, longest first; `idle` does so for those of
    them who did nothing. `dismissed` maps connections whose person is at another one by now to
    their nodes, until they end: nobody can enter over them. `muted_addresses` says until when each
    is muted. `postponed` are the times until which items that came due while no server was running
    wait for their recipients. `owners` are compared names; `reports_of_late`, `mutes_of_late` (the
    times of those that complaints caused), `bans` and `deeds` are for moderators.
    """

    at: float = 0.0
    reports: int = 2
    mute_seconds: int = 600
    next_guest: int = 1
    next_item: int = 1
    forgotten: int = 0
    started_at: float = 0.0
    people: dict[str, Participant] = {}
    names: dict[str, str] = {}
    tokens: dict[str, str] = {}
    connections: dict[str, str] = {}
    away: dict[str, float] = {}
    items: dict[int, ScheduledMessage] = {}
    postponed: dict[int, float] = {}
    messages: list[Message] = []
    nodes: dict[str, Node] = {}
    ahead: float = 0.0
    runs: dict[str, int] = {}
    muted_addresses: dict[str, float] = {}
    dismissed: dict[str, str] = {}
    idle: dict[str, float] = {}
    private: dict[str, Private] = {}
    forgotten_private: int = 0
    newest_message: str = "0"
    bot_tokens: dict[str, str] = {}
    report_seconds: int = 1800
    standing_seconds: int = 900
    owners: tuple[str, ...] = ()
    reports_of_late: list[ShownComplaint] = []
    mutes_of_late: list[float] = []
    bans: dict[str, Ban] = {}
    deeds: list[Deed] = []
    version: int = 5

    def mute_address(self, address: str, person: Participant, at: float) -> None:
        """Let new guests from an address be muted as long as somebody is who is there.

        No mute that there is already becomes shorter by that; what is over is forgotten.
        """
        if not address:
            return
        record = person.known_record()
        theirs = {where: end for where, end in record.muted_at.items() if at < end}
        if address not in theirs and len(theirs) >= MOST_MUTED_AT:
            return
        until = max(theirs.get(address, 0.0), person.muted_until)
        record.muted_at = theirs | {address: until}
        self.muted_addresses[address] = max(self.muted_addresses.pop(address, 0.0), until)
        if len(self.muted_addresses) > KEPT_ADDRESSES:
            first, *_ = self.muted_addresses
            still = {a: end for a, end in self.muted_addresses.items() if at < end and a != first}
            self.muted_addresses = still

    def unmute_addresses(self, person: Participant, at: float) -> None:
        """Let new guests speak where somebody is, and wherever their mute held.

        Where it holds because of others, too, who are known still, it stays as long as theirs.
        """
        record = person.known_record()
        where = dict.fromkeys((*record.muted_at, *[device.address for device in person.devices]))
        record.muted_at = {}
        records = [one.record for one in self.people.values() if one.record is not None]
        for address in where:
            self.muted_addresses.pop(address, None)
            until = max([other.muted_at.get(address, 0.0) for other in records], default=0.0)
            if at < until:
                self.muted_addresses[address] = until

    def is_owner(self, person: Participant) -> bool:
        return person.account is not None and person.key in self.owners

    def is_moderator(self, person: Participant) -> bool:
        """Say whether somebody keeps order here."""
        return person.account is not None and (person.account.is_moderator or self.is_owner(person))

    def has_moderators(self) -> bool:
        """Say whether there is anybody who keeps order, here or away."""
        return any(map(self.is_moderator, self.people.values()))

    def note_deed(self, by: Participant, command: str, about: str, text: str, at: float) -> None:
        """Remember what a moderator did; the oldest deeds are forgotten."""
        deed = Deed(self.time_of_day(at), by.person, command, about, text)
        self.deeds = [*self.deeds[1 - KEPT_DEEDS :], deed]

    def to_moderators(self) -> Persons:
        """Return where moderators are here."""
        people = self.people
        return Persons(
            tuple([c for c, id_ in self.connections.items() if self.is_moderator(people[id_])])
        )

    def time_of_day(self, at: float) -> float:
        """Return the time of day (seconds since 1970, UTC) at a time of the chat."""
        return at + self.ahead

    def person_at(self, connection: str) -> Participant | None:
        return self.people.get(self.connections.get(connection, ""))

    def meant(self, who: Name | str) -> Participant | None:
        """Find whom a name or an id means, here or away."""
        return self.people.get(who if isinstance(who, str) else self.names.get(who.key, ""))


def number_of(message: Message) -> int:
    """Return the number of the entry that made a message."""
    return int(message.id.partition("-")[0])
