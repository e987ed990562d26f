"""A journal in a stream of Redis, or Valkey, which several servers may share.

A batch is one record of the stream. Redis gives each record its place and its time, and every
server counts the entries in them, so that all know each entry by the same id.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError, ResponseError, WatchError

from chat_server.clock import Clock
from chat_server.journal.engine import Address, Pool, Transaction, check, connecting
from chat_server.journal.errors import CannotOpen, CutOff, NotSaved
from chat_server.rules.entries import Entry, Proposal, Snapshot

VERSION = 1
"""Of what is in Redis. Whatever an older program could not read needs a new one."""
ANSWER_SECONDS = 5.0
"""How long Redis may take to answer, which a slow disk makes it do."""
BLOCK_SECONDS = 2.0
"""How long Redis lets who reads wait for what is new."""
AGAIN_SECONDS = 0.2
"""How long to wait before Redis is asked again that could not be reached."""
SILENT_SECONDS = 10.0
"""Servers that append nothing for so long, while Redis runs, are gone."""
READ_AT_ONCE = 100
"""Records that are read at once."""
SLICE = 256 * 1024
"""Bytes of a snapshot that are written at once; those who say something meanwhile do not wait."""
SLICE_KEPT = 60
"""Seconds after which Redis forgets the slices of a snapshot that was given up."""

log = logging.getLogger("chat_server")

_encode = msgspec.msgpack.Encoder().encode
_proposals = msgspec.msgpack.Decoder(list[Proposal])

Fields = dict[bytes, bytes]
Record = tuple[bytes, Fields]
BEGAN, PROPOSALS = b"began", b"proposals"
"""What a record has: the first of all the name of the chat, each other one a batch."""


class Mark(NamedTuple):
    """A record, and the id of the last entry up to its end."""

    last: int
    record: bytes
    print: int
    """By which it is told from what another copy of the journal has in its place."""


class Header(msgspec.Struct, frozen=True, array_like=True):
    """What stands before the slices of a snapshot: where the stream goes on from it."""

    last: int
    mark: int
    record: bytes
    slices: int


_headers = msgspec.msgpack.Decoder(Header)


class RedisJournal:
    """Entries in a stream that all servers of a chat append to, and read."""

    is_shared = True
    size = 0  # what Redis may hold in memory is for Redis to limit

    def __init__(self, address: Address, clock: Clock) -> None:
        self.chat = ""
        self.place = address.shown
        self.last = 0
        self._address = address
        self._clock = clock
        self._about = f"chat:{{{address.chat}}}:about"
        self._stream = f"chat:{{{address.chat}}}:journal"
        self._snapshot = f"chat:{{{address.chat}}}:snapshot"
        self._redis = connecting(address, ANSWER_SECONDS)
        self._marks: deque[Mark] = deque()
        """The records that were read, from the one on from which the newest snapshot goes on."""
        self._begin = 0
        """The last entry of the snapshot that the chat began with."""
        self._silent = 0.0
        self._is_uncertain = False
        """Whether what is appended next may be there already."""
        self._cut_off: CutOff | None = None
        """Why nothing can be appended any more."""
        self._asking: set[asyncio.Task[tuple[list[Record], list[Record]]]] = set()
        self._closed = asyncio.Event()

    # Opening

    async def open(self) -> Snapshot | None:
        """Find the chat in Redis, or found it; go by Redis' clock from now on."""
        try:
            await check(self._redis)
            await self._found()
            return await self._opened()
        except (RedisError, OSError) as error:
            raise CannotOpen(f"cannot keep the chat in {self.place}: {error}") from error
        except msgspec.DecodeError as error:
            raise self._damaged(error) from error

    async def _found(self) -> None:
        """Begin a new chat, unless there is one already."""
        async with self._redis.pipeline() as pipe:
            await pipe.watch(self._about, self._stream)
            has_entries = await _asked(pipe.exists(self._stream), int)
            if await _asked(pipe.hmget(self._about, "chat"), list[bytes | None]) != [None]:
                return
            if has_entries:
                raise CannotOpen(f"{self.place} has no chat but entries of one; choose another")
            chat = secrets.token_urlsafe(9)
            _begin(pipe)
            pipe.hset(self._about, mapping={"chat": chat, "version": VERSION, "last": 0})
            pipe.xadd(self._stream, {BEGAN: chat})
            try:
                await pipe.execute()
            except WatchError:  # by another server, at the same time
                return

    async def _opened(self) -> Snapshot | None:
        async with self._redis.pipeline() as pipe:
            pipe.hmget(self._about, "chat", "version", "last")
            pipe.lrange(self._snapshot, 0, -1)
            pipe.xrange(self._stream, count=1)
            pipe.xrevrange(self._stream, count=1)
            pipe.time()
            about, slices, first, newest, (seconds, millionths) = await _asked(
                pipe.execute(),
                tuple[list[bytes], list[bytes], list[Record], list[Record], tuple[int, int]],
            )
        self.chat, version, self.last = about[0].decode(), int(about[1]), int(about[2])
        if version > VERSION:
            raise CannotOpen(
                f"{self.place} is of a newer program (its version is {version}, ours {VERSION}); "
                "use that one, or choose another chat with CHAT_JOURNAL"
            )
        now = seconds + millionths / 1e6
        await self._measure_silence(now, newest)
        self._clock.follow(max([now, *[_time(record) for record, _ in newest]]))
        if slices:
            return await self._continued(_headers.decode(slices[0]), slices[1:])
        if not first or BEGAN not in first[0][1]:
            raise self._damaged("its beginning is missing")
        self._marks.append(_mark(0, first[0]))
        return None

    async def _continued(self, header: Header, slices: list[bytes]) -> Snapshot:
        record = await self._record(self._redis, header.record)
        if not record or header.last > self.last or len(slices) != header.slices:
            raise self._damaged("its snapshot is of another copy")
        self._marks.append(_mark(header.mark, record[0]))
        self._begin = header.last
        return Snapshot(header.last, b"".join(slices))

    async def _measure_silence(self, now: float, newest: list[Record]) -> None:
        """Note for how long nobody has appended, who could have."""
        try:
            up = (await self._redis.info("server"))["uptime_in_seconds"]
        except ResponseError:
            return
        self._silent = min([float(up), *[now - _time(record) for record, _ in newest]])

    def _damaged(self, error: object) -> CannotOpen:
        return CannotOpen(
            f"{self.place} is damaged ({error}) and was left as it is; "
            "docs/operations.md says how to restore it, or to start anew"
        )

    async def gone(self, nodes: tuple[str, ...]) -> tuple[str, ...]:
        return nodes if self._silent >= SILENT_SECONDS else ()

    # Appending

    async def append(self, batch: Sequence[Proposal]) -> None:
        try:
            if self._cut_off is not None:
                raise self._cut_off
            await self._reach()
            await self._append(batch)
        except (ResponseError, _Unreachable, CutOff) as error:
            if not self._is_uncertain or self._cut_off is not None:
                raise NotSaved(f"cannot write to {self.place}: {error}") from error
            raise OSError(str(error)) from error
        except RedisError as error:
            self._is_uncertain = True
            raise OSError(str(error)) from error
        except OSError:
            self._is_uncertain = True
            raise
        self._is_uncertain = False

    async def _reach(self) -> None:
        """Make sure that there is a connection; nothing was said over it of what is to be."""
        pool: Pool = self._redis.connection_pool
        try:
            await pool.release(await pool.get_connection())
        except (RedisError, OSError) as error:
            raise _Unreachable(str(error)) from error

    async def _append(self, batch: Sequence[Proposal]) -> None:
        before = self._clock.now()
        async with self._redis.pipeline() as pipe:
            pipe.hincrby(self._about, "last", len(batch))
            pipe.xadd(self._stream, {PROPOSALS: _encode(batch)}, nomkstream=True)
            last, record = await _asked(pipe.execute(), tuple[int, bytes | None])
        if record is None:
            raise self._cut_off_by("it is not there any more")
        self.last = max(self.last, last)
        at = _time(record)
        if not before - 0.001 <= at <= self._clock.now():
            self._clock.follow(at)

    # Reading

    async def read(self, after: int) -> AsyncGenerator[list[Entry], None]:
        after = max(after, self._begin)
        mark = next((mark for mark in reversed(self._marks) if mark.last <= after), self._marks[0])
        tail = connecting(self._address, BLOCK_SECONDS + ANSWER_SECONDS)
        try:
            while not self._closed.is_set():
                entries: list[Entry] = []
                for record in await self._next_records(tail, mark):
                    batch = self._entries(mark.last, record)
                    mark = self._noted(_mark(mark.last + len(batch), record))
                    entries += batch if mark.last - len(batch) >= after else _after(batch, after)
                if entries:
                    yield entries
        finally:
            await tail.aclose()

    def _entries(self, last: int, record: Record) -> list[Entry]:
        at = _time(record[0])
        try:
            proposals = _proposals.decode(record[1].get(PROPOSALS, b"\x90"))
        except msgspec.DecodeError as error:
            raise self._damaged(error) from error
        return [Entry(id_, at, one) for id_, one in enumerate(proposals, start=last + 1)]

    def _noted(self, mark: Mark) -> Mark:
        if mark.last > self._marks[-1].last:
            self._marks.append(mark)
        self.last = max(self.last, mark.last)
        return mark

    async def _next_records(self, tail: Redis, mark: Mark) -> list[Record]:
        """Wait for what comes after a record; none came where Redis could not be reached.

        Raises CutOff where that record is not there any more: then what comes is of another copy,
        or something between was trimmed.
        """
        failures = 0
        while not self._closed.is_set():
            asking = asyncio.get_running_loop().create_task(self._ask(tail, mark, failures))
            self._asking.add(asking)
            try:
                records, here = await asking
            except (RedisError, OSError) as error:
                failures += 1
                if failures == 1:
                    log.error("cannot read from %s, trying again: %s", self.place, error)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            except asyncio.CancelledError:
                if self._closed.is_set():
                    return []
                raise
            finally:
                self._asking.discard(asking)
            if failures:
                log.warning("reading from %s again, after %d failures", self.place, failures)
            if not _is_same(mark, here):
                raise await self._why_cut_off(tail, mark)
            return records
        return []

    async def _ask(
        self, tail: Redis, mark: Mark, failures: int
    ) -> tuple[list[Record], list[Record]]:
        """Ask for what comes after a record, and then for that record; at once after failures."""
        block = None if failures else int(BLOCK_SECONDS * 1000)
        async with tail.pipeline(transaction=False) as pipe:
            pipe.xread({self._stream: mark.record}, count=READ_AT_ONCE, block=block)
            pipe.xrange(self._stream, mark.record, mark.record)
            streams, here = await _asked(
                pipe.execute(), tuple[list[tuple[bytes, list[Record]]], list[Record]]
            )
        return [record for _, records in streams for record in records], here

    async def _record(self, redis: Redis, record: bytes) -> list[Record]:
        return await _asked(redis.xrange(self._stream, record, record), list[Record])

    async def _why_cut_off(self, tail: Redis, mark: Mark) -> CutOff:
        first = await _asked(tail.xrange(self._stream, count=1), list[Record])
        if first and _place(first[0][0]) > _place(mark.record):
            return self._cut_off_by(
                "it has gone on for too long without this server; start this server anew"
            )
        return self._cut_off_by(
            "it is an older copy, or another one, than what was read so far. This server mixes "
            "nothing: start it anew to go on with what there is"
        )

    def _cut_off_by(self, why: str) -> CutOff:
        self._cut_off = CutOff(f"the chat in {self.place} is not what it was: {why}")
        return self._cut_off

    # Snapshots

    async def save(self, snapshot: Snapshot) -> None:
        if self._cut_off is not None:
            raise NotSaved(str(self._cut_off))
        while len(self._marks) > 1 and self._marks[1].last <= snapshot.last:
            self._marks.popleft()
        try:
            await self._save(snapshot, self._marks[0])
        except (RedisError, OSError) as error:
            raise NotSaved(f"cannot write to {self.place}: {error}") from error

    async def _save(self, snapshot: Snapshot, mark: Mark) -> None:
        """Write a snapshot in slices that nobody reads, and let it count then, all at once."""
        state = memoryview(snapshot.state)
        slices = [bytes(state[begin : begin + SLICE]) for begin in range(0, len(state), SLICE)]
        header = Header(snapshot.last, mark.last, mark.record, len(slices))
        slices_key = f"{self._snapshot}:{secrets.token_urlsafe(6)}"
        for slice_ in [_encode(header), *slices]:
            async with self._redis.pipeline() as pipe:
                pipe.rpush(slices_key, slice_)
                pipe.expire(slices_key, SLICE_KEPT)
                await pipe.execute()
        async with self._redis.pipeline() as pipe:
            while not await self._replaced(pipe, slices_key, header, mark):
                continue

    async def _replaced(self, pipe: Pipeline, slices: str, header: Header, mark: Mark) -> bool:
        """Replace the snapshot that counts by a newer one; False where another server was faster.

        Nothing is written where this is not the journal any more that the snapshot is of: what
        is looked at and what is written go over one connection, which ends where Redis does.
        """
        await pipe.watch(self._snapshot)
        kept = await _asked(pipe.lrange(self._snapshot, 0, 0), list[bytes])
        older = [_headers.decode(one) for one in kept]
        if older and older[0].last >= header.last:
            await _asked(pipe.delete(slices), int)
            return True
        if not _is_same(mark, await self._record(pipe, mark.record)):
            raise NotSaved(f"the chat in {self.place} is not what it was")
        if await _asked(pipe.llen(slices), int) != header.slices + 1:
            raise NotSaved(f"{self.place} has lost a part of it")
        _begin(pipe)
        pipe.rename(slices, self._snapshot)
        pipe.persist(self._snapshot)
        for one in older:
            _, oldest = min((one.mark, one.record), (header.mark, header.record))
            pipe.xtrim(self._stream, minid=oldest, approximate=False)
        try:
            await pipe.execute()
        except WatchError:
            return False
        return True

    async def close(self) -> None:
        self._closed.set()
        for asking in self._asking:
            asking.cancel()
        await self._redis.aclose()


class _Unreachable(Exception):
    """There is no connection to Redis, so nothing was said over it."""


T = TypeVar("T")


async def _asked(answer: Awaitable[object], shape: type[T]) -> T:
    """Wait for an answer of Redis, which is of that shape."""
    return msgspec.convert(await answer, shape)


def _begin(transaction: Transaction) -> None:
    """Let what follows be carried out at once, if nothing has changed that was looked at."""
    transaction.multi()


def _mark(last: int, record: Record) -> Mark:
    return Mark(last, record[0], _print(record))


def _print(record: Record) -> int:
    return hash(frozenset(record[1].items()))


def _is_same(mark: Mark, here: list[Record]) -> bool:
    """Say whether what is in a record's place is that record."""
    return len(here) == 1 and _print(here[0]) == mark.print


def _after(batch: list[Entry], after: int) -> list[Entry]:
    return [entry for entry in batch if entry.id > after]


def _place(record: bytes) -> tuple[int, int]:
    """Read the id of a record: milliseconds since 1970, and the place among those of the same."""
    milliseconds, _, number = record.partition(b"-")
    return int(milliseconds), int(number)


def _time(record: bytes) -> float:
    return _place(record)[0] / 1000
