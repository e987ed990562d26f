"""States as older programs encoded them, and how they become one of today.

Before version 5, each person had one connection at most. Before version 4, people had numbers,
messages and scheduled ones held names, and sentences were kept. Before version 3, all nodes that
had been seen gave ids of one run. Before version 2, private messages stood among those to everyone.
"""

import re

import msgspec

from chat_server.protocol.events import Data, Message, Ok, Person, Undelivered
from chat_server.rules.schedule import ScheduledMessage
from chat_server.rules.state import Device, Node, Participant, Private, State


class _Name(msgspec.Struct, array_like=True):
    text: str
    key: str


class _Ok(msgspec.Struct):
    id: str = ""
    text: str = ""


class _Undelivered(msgspec.Struct):
    id: str
    reason: str
    to: str | None
    text: str


class _Item(msgspec.Struct):
    id: str
    at: float
    due: float
    to: str | None
    text: str


class _Scheduled(msgspec.Struct):
    item: _Item
    owner: int
    recipient: int | None


class _Message(msgspec.Struct):
    id: str
    at: float
    sender: str
    to: str | None
    text: str
    due: float | None = None
    left: bool = False


class _Record(msgspec.Struct, array_like=True):
    message: _Message
    sender: int
    recipient: int | None


class _Private(msgspec.Struct):
    one: int
    other: int
    messages: list[_Record] = []
    forgotten: int = 0


class _Person(msgspec.Struct):
    id: int
    name: _Name
    guest: int = 0
    connection: str = ""
    node: str = ""
    token_hash: str = ""
    muted_until: float = 0.0
    complaints: dict[int, float] | None = None
    keys: dict[str, _Ok] | None = None
    undelivered: list[_Undelivered] | None = None
    address: str = ""
    has_acted: bool = True


class _Person4(msgspec.Struct):
    """What version 4 had instead of devices."""

    connection: str = ""
    node: str = ""
    token_hash: str = ""
    address: str = ""
    keys: dict[str, Ok] | None = None


class _State4(msgspec.Struct):
    people: dict[str, _Person4] = {}


class _State(msgspec.Struct):
    """The state of versions 1 to 3, each of which lacks some of these."""

    at: float = 0.0
    reports: int = 2
    mute_seconds: int = 600
    next_guest: int = 1
    next_item: int = 1
    forgotten: int = 0
    started_at: float = 0.0
    people: dict[int, _Person] = {}
    names: dict[str, int] = {}
    tokens: dict[str, int] = {}
    connections: dict[str, int] = {}
    away: dict[int, float] = {}
    items: dict[int, _Scheduled] = {}
    postponed: dict[int, float] = {}
    messages: list[_Record] = []
    nodes: dict[str, Node] = {}
    seen: dict[str, int] = {}
    run: str = ""
    ahead: float = 0.0
    runs: dict[str, int] = {}
    muted_addresses: dict[str, float] = {}
    dismissed: dict[str, str] = {}
    idle: dict[int, float] = {}
    private: dict[str, _Private] = {}
    forgotten_private: int = 0
    newest_message: str = "0"
    version: int = 1


def brought_up_to_date(encoded: bytes, version: int) -> State:
    """Make a state of today of one of version 1 to 4; DecodeError where it is damaged."""
    return _from_4(encoded) if version == 4 else _from_3_or_older(encoded)


def _from_4(encoded: bytes) -> State:
    """Read a state in which a person had one connection at most."""
    state = msgspec.msgpack.decode(encoded, type=State)
    for id_, old in msgspec.msgpack.decode(encoded, type=_State4).people.items():
        state.people[id_].devices = _devices(old)
    state.version = State().version
    return state


def _from_3_or_older(encoded: bytes) -> State:
    old = msgspec.msgpack.decode(encoded, type=_State)
    if old.version < 2:
        _part_private_messages(old)
    return State(
        at=old.at,
        reports=old.reports,
        mute_seconds=old.mute_seconds,
        next_guest=old.next_guest,
        next_item=old.next_item,
        forgotten=old.forgotten,
        started_at=old.started_at,
        people=_people(old),
        names=_values(old.names),
        tokens=_values(old.tokens),
        connections=_values(old.connections),
        away=_keys(old.away),
        items={number: _item(scheduled) for number, scheduled in old.items.items()},
        postponed=old.postponed,
        messages=[_message(record) for record in old.messages],
        nodes=old.nodes or {node: Node(old.run, seen) for node, seen in old.seen.items()},
        ahead=old.ahead,
        runs=old.runs,
        muted_addresses=old.muted_addresses,
        dismissed=old.dismissed,
        idle=_keys(old.idle),
        private=_private(old),
        forgotten_private=old.forgotten_private,
        newest_message=old.newest_message,
    )


def _part_private_messages(state: _State) -> None:
    for record in state.messages:
        if record.recipient is not None:
            one, other = sorted((record.sender, record.recipient))
            key = f"{one} {other}"
            private = state.private.pop(key, None) or _Private(one, other, [], state.forgotten)
            state.private[key] = private
            private.messages.append(record)
    state.newest_message = state.messages[-1].message.id if state.messages else "0"
    state.messages = [record for record in state.messages if record.recipient is None]


def _values(ids: dict[str, int]) -> dict[str, str]:
    return {key: str(number) for key, number in ids.items()}


def _keys(times: dict[int, float]) -> dict[str, float]:
    return {str(number): at for number, at in times.items()}


def _people(old: _State) -> dict[str, Participant]:
    """Make the people, and those no longer known for whom something is still scheduled."""
    people = {str(number): _participant(person) for number, person in old.people.items()}
    for scheduled in old.items.values():
        if scheduled.recipient is not None and str(scheduled.recipient) not in people:
            over = Person(str(scheduled.recipient), scheduled.item.to or "somebody")
            people[over.id] = Participant(over)
    return people


def _participant(person: _Person) -> Participant:
    return Participant(
        Person(str(person.id), person.name.text),
        person.name.key,
        person.guest,
        _devices(person),
        person.muted_until,
        None if person.complaints is None else _keys(person.complaints),
        None if person.undelivered is None else [_undelivered(one) for one in person.undelivered],
        person.has_acted,
    )


def _devices(person: _Person | _Person4) -> tuple[Device, ...]:
    """Make the one device that somebody had, if they were here or could come back."""
    if not (person.connection or person.token_hash):
        return ()
    device = Device(person.connection, person.node, person.token_hash, person.address)
    for key, ok in (person.keys or {}).items():
        device.remember_key(key, _ok(ok) if isinstance(ok, _Ok) else ok)
    return (device,)


_SENTENCES = {
    "same_name": re.compile(r"You are (?P<name>.*) already"),
    "reported": re.compile(r"Reported (?P<name>.*)"),
}


def _ok(old: _Ok) -> Ok:
    for code, pattern in _SENTENCES.items():
        if (found := pattern.fullmatch(old.text)) is not None:
            data: Data = {"name": found["name"]}
            return Ok(old.id, code, data)
    return Ok(old.id)


def _undelivered(old: _Undelivered) -> Undelivered:
    """Turn the reason, a sentence, into a code; the recipient's id was not kept and is ""."""
    reason = "muted" if old.reason.startswith("you are muted") else "not_here"
    return Undelivered(old.id, reason, _person("", old.to), old.text)


def _person(id_: int | str | None, name: str | None) -> Person | None:
    return None if name is None else Person(str(id_), name)


def _item(old: _Scheduled) -> ScheduledMessage:
    recipient = None if old.recipient is None else str(old.recipient)
    return ScheduledMessage(old.item.at, old.item.due, str(old.owner), recipient, old.item.text)


def _message(old: _Record) -> Message:
    said = old.message
    return Message(
        said.id,
        said.at,
        Person(str(old.sender), said.sender),
        _person(old.recipient, said.to),
        said.text,
        said.due,
        said.left,
    )


def _private(old: _State) -> dict[str, Private]:
    private = {}
    for kept in old.private.values():
        one, other = sorted((str(kept.one), str(kept.other)))
        messages = [_message(record) for record in kept.messages]
        private[f"{one} {other}"] = Private(one, other, messages, kept.forgotten)
    return private
