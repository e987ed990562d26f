"""The Redis, or Valkey, of a journal: its address, and what is lost where it ends."""

import logging
import re
from typing import NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from chat_server.journal.errors import CannotOpen

CONNECT_SECONDS = 3.0
"""How long it may take until a connection is there."""
USUAL_NAME = "chat"
"""What a chat is called whose address gives it no name."""
LOSSES = {
    ("no", ""): (
        "Redis keeps the chat in memory, and on the disk only now and then (appendonly no): what "
        "was said since is lost when Redis or its machine ends. Set appendonly yes and "
        "appendfsync always in redis.conf."
    ),
    ("yes", "everysec"): (
        "Redis writes to the disk once a second (appendfsync everysec): a power cut loses what "
        "was said, and shown to everyone, in the last second or two. Set appendfsync always."
    ),
    ("yes", "no"): (
        "Redis leaves it to the system when it writes to the disk (appendfsync no): a power cut "
        "loses what was said, and shown to everyone, in the last half a minute. Set appendfsync "
        "always."
    ),
}
"""What the log says of `appendonly` and `appendfsync` that can lose something."""

log = logging.getLogger("chat_server")

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Address(NamedTuple):
    """Where a chat is: a Redis, and which of the chats in it."""

    url: str
    """As Redis' library takes it."""
    chat: str
    shown: str
    """For people, without passwords."""


class Pool(Protocol):
    """What Redis' library says of its pools without types."""

    def make_connection(self) -> AbstractConnection: ...
    async def get_connection(self) -> AbstractConnection: ...
    async def release(self, connection: AbstractConnection) -> None: ...


class Transaction(Protocol):
    """Likewise of its pipelines."""

    def multi(self) -> None: ...


def parsed(url: str) -> Address:
    """Read an address such as `redis://host:6379/0?chat=NAME`; CannotOpen where it is none."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
        _ = parts.port
    except ValueError as error:
        raise CannotOpen(f"{_without_password(url)}: {error}") from error
    chat = options.pop("chat", USUAL_NAME)
    if not _NAME.fullmatch(chat):
        raise CannotOpen("a chat in Redis has a name of at most 64 letters, digits, and _ . -")
    unknown = [name for name in options if name != "db" and not name.startswith("ssl_")]
    if unknown:
        raise CannotOpen(f"the address of a Redis has no {unknown[0]}=; allowed: chat=, db=, ssl_…")
    if not (parts.path.strip("/") if parts.scheme == "unix" else host):
        raise CannotOpen(f"{parts.scheme}: needs an address, as in redis://localhost:6379/0")
    taken = f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(options)}"
    return Address(taken, chat, f"{parts.scheme}://{host}{parts.path}?chat={chat}")


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def connecting(address: Address, seconds: float) -> Redis:
    """Make what asks Redis, and waits so many seconds for each answer; it never asks twice.

    Raises CannotOpen for an address that Redis' library does not take.
    """
    try:
        made = Redis.from_url(
            address.url,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=seconds,
            socket_connect_timeout=CONNECT_SECONDS,
        )
        pool: Pool = made.connection_pool
        pool.make_connection()
    except (ValueError, TypeError) as error:
        raise CannotOpen(f"{address.shown}: {error}") from error
    return made


async def check(redis: Redis) -> None:
    """Log what a Redis can lose as it is set; CannotOpen where it may throw the chat away."""
    try:
        appending = msgspec.convert(await redis.config_get("append*"), dict[str, str])
        given = msgspec.convert(await redis.config_get("maxmemory-policy"), dict[str, str])
        policy = given["maxmemory-policy"]
    except (ResponseError, KeyError) as error:
        log.warning(
            "Redis does not say how it is set (%s); see to it that it has appendonly yes, "
            "appendfsync always and maxmemory-policy noeviction",
            error,
        )
        return
    if policy != "noeviction":
        raise CannotOpen(
            f"Redis may throw the chat away when its memory is full (maxmemory-policy {policy}); "
            "set maxmemory-policy noeviction in redis.conf"
        )
    loss = LOSSES.get(lasting(appending))
    if loss is not None:
        log.warning("%s", loss)


def lasting(appending: dict[str, str]) -> tuple[str, str]:
    """Name what `LOSSES` go by."""
    is_appended = appending.get("appendonly", "no")
    return is_appended, "" if is_appended == "no" else appending.get("appendfsync", "")
