"""The server's settings: what each may be, and what holds otherwise."""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from chat_server.environment import BadSetting as BadSetting
from chat_server.environment import variables
from chat_server.protocol.names import Name, parse_name
from chat_server.protocol.passwords import LIMIT, in_one_form

T = TypeVar("T")

_HOSTS = "host names or addresses, with commas between them"
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30}

log = logging.getLogger("chat_server")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings with their defaults; `.env.example` explains each.

    `max_line`, `journal_max` and what is named after bytes are in bytes; `rate` is in lines and
    `bytes` in bytes a second. A limit of 0 is none.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    journal: str = "sqlite:chat.db"
    history: int = 20
    reports: int = 2
    mute_seconds: int = 600
    report_seconds: int = 1800
    standing_seconds: int = 900
    owners: tuple[str, ...] = ()
    max_line: int = 8192
    rate: float = 4.0
    burst: int = 20
    bytes: int = 64 << 10
    bytes_burst: int = 256 << 10
    renames_per_minute: int = 6
    guest_bytes_per_minute: int = 1 << 20
    answer_bytes: int = 2 << 20
    journal_max: int = 4 << 30
    connections: int = 10_000
    connections_per_address: int = 32
    new_per_minute: int = 60
    loop: str = "uvloop"
    password: str = ""
    guests: bool = True


def from_environment(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from a folder's `.env` and from the environment, which wins.

    What is no setting is logged. Raises BadSetting for the first value that is not allowed, and
    CannotRead for a file that is not readable.
    """
    given, warnings = variables(folder, environment)
    for warning in warnings:
        log.warning("%s", warning)
    return settings_from(given)


def settings_from(given: Mapping[str, str]) -> Settings:
    """Read the settings from variables; empty ones count as not set."""
    default = Settings()

    def read(variable: str, parse: Callable[[str], T | None], allowed: str, otherwise: T) -> T:
        text = given.get(variable, "").strip()
        value = parse(text) if text else otherwise
        if value is None:
            raise BadSetting(variable, text, allowed)
        return value

    def whole(variable: str, least: int, most: int, otherwise: int) -> int:
        allowed = f"a whole number from {least} to {most}"
        return read(variable, lambda text: _whole(text, least, most), allowed, otherwise)

    def limit(variable: str, otherwise: int) -> int:
        allowed = "a whole number up to 1000000, or 0: no limit"
        return read(variable, lambda text: _whole(text, 0, 1_000_000), allowed, otherwise)

    def bytes_from(variable: str, least: int, otherwise: int) -> int:
        allowed = f"bytes from {_in_short(least)} on, such as 64K or 1M"
        return read(variable, lambda text: _bytes(text, least) or None, allowed, otherwise)

    def limit_of_bytes(variable: str, least: int, otherwise: int) -> int:
        allowed = f"bytes from {_in_short(least)} on, such as 512M or 4G, or 0: no limit"
        return read(variable, lambda text: _bytes(text, least), allowed, otherwise)

    return Settings(
        host=read("CHAT_HOST", _hosts, _HOSTS, default.host),
        port=whole("CHAT_PORT", 0, 65535, default.port),
        journal=read("CHAT_JOURNAL", str, "the address of a journal", default.journal),
        history=whole("CHAT_HISTORY", 1, 1000, default.history),
        reports=whole("CHAT_REPORTS", 0, 1_000_000, default.reports),
        mute_seconds=whole("CHAT_MUTE_SECONDS", 1, 31_536_000, default.mute_seconds),
        report_seconds=whole("CHAT_REPORT_SECONDS", 1, 31_536_000, default.report_seconds),
        standing_seconds=whole("CHAT_STANDING_SECONDS", 0, 31_536_000, default.standing_seconds),
        owners=read("CHAT_OWNERS", _names, "names, with commas between them", default.owners),
        max_line=whole("CHAT_MAX_LINE", 256, 32768, default.max_line),
        rate=read("CHAT_RATE", _rate, "a number from 0.1 to 1000000, or 0: no limit", default.rate),
        burst=whole("CHAT_BURST", 1, 1_000_000, default.burst),
        password=read(
            "CHAT_PASSWORD", _password, "at most 128 characters of UTF-8", default.password
        ),
        guests=read("CHAT_GUESTS", _yes_or_no, "yes or no", default.guests),
        bytes=bytes_from("CHAT_BYTES", 1 << 10, default.bytes),
        bytes_burst=bytes_from("CHAT_BYTES_BURST", 4 << 10, default.bytes_burst),
        renames_per_minute=whole(
            "CHAT_RENAMES_PER_MINUTE", 1, 1_000_000, default.renames_per_minute
        ),
        guest_bytes_per_minute=limit_of_bytes(
            "CHAT_GUEST_BYTES_PER_MINUTE", 64 << 10, default.guest_bytes_per_minute
        ),
        answer_bytes=limit_of_bytes("CHAT_ANSWER_BYTES", 64 << 10, default.answer_bytes),
        journal_max=limit_of_bytes("CHAT_JOURNAL_MAX", 32 << 20, default.journal_max),
        connections=limit("CHAT_CONNECTIONS", default.connections),
        connections_per_address=limit(
            "CHAT_CONNECTIONS_PER_ADDRESS", default.connections_per_address
        ),
        new_per_minute=limit("CHAT_NEW_PER_MINUTE", default.new_per_minute),
        loop=read("CHAT_LOOP", _loop, "uvloop or asyncio", default.loop),
    )


def _hosts(text: str) -> str | None:
    return text if text.strip(" ,[]") else None


def _whole(text: str, least: int, most: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return None
    return int(text) if least <= int(text) <= most else None


def _names(text: str) -> tuple[str, ...] | None:
    names = [parse_name(one.strip()) for one in text.split(",") if one.strip()]
    keys = [one.key for one in names if isinstance(one, Name)]
    return tuple(keys) if len(keys) == len(names) else None


def _password(text: str) -> str | None:
    is_utf_8 = not any("\ud800" <= letter <= "\udfff" for letter in text)
    return text if is_utf_8 and 0 < len(in_one_form(text)) <= LIMIT else None


def _yes_or_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text.lower())


def _bytes(text: str, least: int) -> int | None:
    """Read a number of bytes, with K, M or G after it for 1024 of them and so on."""
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].isalpha() else (text, "")
    count = _whole(number, 0, 1 << 40)
    if count is None or unit not in _UNITS:
        return None
    bytes_ = count << _UNITS[unit]
    return bytes_ if bytes_ == 0 or bytes_ >= least else None


def _in_short(bytes_: int) -> str:
    """Write a number of bytes as it may be set."""
    unit, shift = next(
        (unit, shift) for unit, shift in reversed(_UNITS.items()) if bytes_ % (1 << shift) == 0
    )
    return f"{bytes_ >> shift}{unit}"


def _loop(text: str) -> str | None:
    return text if text in ("uvloop", "asyncio") else None


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if rate == 0 or 0.1 <= rate <= 1_000_000 else None
