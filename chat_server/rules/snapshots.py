"""A state as bytes and back; the bytes are made piece by piece, so that nobody has to wait."""

from collections.abc import Iterable, Iterator

import msgspec

from chat_server.rules.older_states import brought_up_to_date
from chat_server.rules.state import Device, State

VERSION = 5
"""The form of the state; a state of an older one is brought up to date when it is read."""
PIECE = 32 * 1024
"""Bytes from which on a piece is given."""


MAP, ARRAY = b"\xdf", b"\xdd"


class NewerState(Exception):
    """A state is of a newer program."""

    def __init__(self, version: int) -> None:
        super().__init__(f"its state's version is {version}, ours {VERSION}")


class _Version(msgspec.Struct):
    version: int = 1


def decoded(encoded: bytes) -> State:
    """Read a state; NewerState where a newer program made it, DecodeError where it is damaged."""
    version = msgspec.msgpack.decode(encoded, type=_Version).version
    if version > VERSION:
        raise NewerState(version)
    if version < VERSION:
        return brought_up_to_date(encoded, version)
    return msgspec.msgpack.decode(encoded, type=State)


def pieces(state: State) -> Iterator[bytes]:
    """Encode a state as it is when this is called, in pieces that are to be put together."""
    return _pieces(_copied(state))


def _copied(state: State) -> dict[str, object]:
    """Copy what may change while the pieces are made, which takes far less than encoding it."""
    copy: dict[str, object] = {}
    for name in State.__struct_fields__:
        value = getattr(state, name)
        if isinstance(value, dict | list):
            value = value.copy()
        copy[name] = value
    copy["people"] = {
        number: msgspec.structs.replace(
            person,
            devices=tuple(map(_copied_device, person.devices)),
            account=None if person.account is None else msgspec.structs.replace(person.account),
            record=None if person.record is None else msgspec.structs.replace(person.record),
        )
        for number, person in state.people.items()
    }
    copy["nodes"] = {name: msgspec.structs.replace(node) for name, node in state.nodes.items()}
    copy["private"] = {
        key: msgspec.structs.replace(private, messages=[*private.messages])
        for key, private in state.private.items()
    }
    return copy


def _copied_device(device: Device) -> Device:
    return msgspec.structs.replace(device, keys=None if device.keys is None else {**device.keys})


def _pieces(fields: dict[str, object]) -> Iterator[bytes]:
    """Encode maps and lists an entry at a time (msgpack's spec: map 32, array 32)."""
    encode_into = msgspec.msgpack.Encoder().encode_into
    buffer = bytearray(_header(MAP, fields))
    for name, value in fields.items():
        encode_into(name, buffer, -1)
        parts: Iterable[object] = (value,)
        if isinstance(value, dict):
            buffer += _header(MAP, value)
            parts = (part for pair in value.items() for part in pair)
        elif isinstance(value, list):
            buffer += _header(ARRAY, value)
            parts = value
        for part in parts:
            encode_into(part, buffer, -1)
            if len(buffer) >= PIECE:
                yield bytes(buffer)
                buffer.clear()
    yield bytes(buffer)


def _header(kind: bytes, entries: dict[str, object] | dict[int, object] | list[object]) -> bytes:
    return kind + len(entries).to_bytes(4, "big")
