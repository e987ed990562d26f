"""The server: connections in, their commands through the journal, what comes of them out.

The story of one line: `Transport` reads it and proposes a command, `Pump` journals it and brings
it back as an entry, `Chat.apply` carries it out, and `Broadcast` tells everyone, once a turn.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from chat_server import open_files
from chat_server.arrivals import Arrivals
from chat_server.clock import Clock
from chat_server.connection.attempts import Attempts
from chat_server.connection.budgets import Budgets
from chat_server.connection.dialogue import NOT_SAVED
from chat_server.connection.hang_ups import HangUps
from chat_server.connection.passwords import Passwords
from chat_server.connection.rate_limit import Addresses, Meter, limits
from chat_server.connection.transport import UNREAD, Transport
from chat_server.delivery.broadcast import Broadcast, Receiver
from chat_server.freed_memory import FreedMemory
from chat_server.journal import Journal
from chat_server.journal.errors import CannotOpen, JournalError
from chat_server.journal.sequencer import Pump
from chat_server.listening import listening
from chat_server.neighbours import Neighbours
from chat_server.protocol.events import Bye, Event, Joined, Left, Message, Person, Renamed
from chat_server.protocol.wording import duration
from chat_server.rules import addresses
from chat_server.rules.chat import Chat
from chat_server.rules.entries import (
    ClockSet,
    Configure,
    Entry,
    Fire,
    IssueToken,
    Leave,
    NodeHere,
    NodesGone,
    NodeStays,
    Proposal,
)
from chat_server.rules.snapshots import NewerState
from chat_server.rules.state import EVERYONE, Delivery, Persons
from chat_server.saving import JournalLimit, Saving
from chat_server.settings import Settings
from chat_server.timers import Firing, SumUps

STEP_SECONDS = 0.4
"""How long each step of an orderly stop may take: all of them, and the end of the process, two
seconds."""
SAVE_SECONDS = 0.75
"""How long after the beginning of a stop the last snapshot is given up."""
CLOCK_SET = 1.0
"""Seconds by which the time of day has to be off before the machine's clock counts as set."""

PROGRESS_EVERY = 100_000
"""Entries read at a start after which the log says how far it is."""

log = logging.getLogger("chat_server")


class Server:
    """A chat, open to connections within the block of `running`."""

    chat: Chat
    fault: BaseException | None = None
    """Why the chat cannot go on; None as long as it can."""
    places: Sequence[tuple[str, int]] = ()
    """The host and port of each listener."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        clock: Clock,
        counted: Callable[[str], str] = addresses.counted,
    ) -> None:
        """Let `counted` say what the address of a peer counts as, "" where it is not counted."""
        self.settings = settings
        self.clock = clock
        self.buffer = memoryview(bytearray(UNREAD))
        self.hang_ups = HangUps(clock)
        self.passwords = Passwords()
        self.attempts = Attempts()
        self.is_stopping = False
        self._limits = limits(settings)
        self._addresses = Addresses()
        self.end = asyncio.Event()
        """Set by whoever wants the server to stop, and by a fault."""
        self._journal = journal
        self._pump = Pump(
            journal,
            self._settle,
            self._refuse,
            self._look_at_clock,
            self._must_happen,
            lambda: self._limit.is_reached(),
        )
        self.propose = self._pump.propose
        self._budgets = Budgets(clock, lambda: self.chat.here(), self._pump.is_gathering)
        self.lines, self.sending = self._budgets.lines, self._budgets.sending
        self.renames = self._budgets.renames
        self._tasks: list[asyncio.Task[None]] = []
        self._is_open = False
        self._ahead = 0.0
        """Seconds that the time of day is ahead of the chat's own, as was proposed last."""
        self._ahead_logged = 0.0
        """Likewise, as the log knows it."""
        self._progress_told = 0
        self._saving: Saving
        self._limit: JournalLimit
        self._broadcast = Broadcast()
        self._connections: dict[str, Transport] = {}
        self._arrivals = Arrivals(settings, clock, open_files.at_once(), counted, self._take_in)
        self._freed_memory = FreedMemory(clock)
        self._all_closed = asyncio.Event()
        self._all_closed.set()
        self._opened = 0
        self._is_write_due = False
        self._sum_ups = SumUps(self._broadcast, clock, lambda: self.chat.here(), self._write_soon)
        self._firing: Firing
        self._run = secrets.token_urlsafe(3)
        self._neighbours = Neighbours(self._pump.node, clock, self._renew)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[str, int]]:
        """Run from here to the end of the block; give the host and the port that are listened on.

        Of several, the first; `places` has all. Raises JournalError where the journal cannot be
        used, CannotListen where an address cannot be had.
        """
        try:
            await self._begin()
            try:
                async with listening(
                    lambda: self._arrivals,
                    self.settings.host,
                    self.settings.port,
                    at_once=open_files.at_once(),
                ) as self.places:
                    self._arrivals.limit(open_files.room())
                    yield self.places[0]
            finally:
                self._arrivals.close()
                await self._stop()
        finally:
            for task in self._tasks:
                task.cancel()
            await self._journal.close()

    async def _begin(self) -> None:
        """Bring the chat to where the journal ends, and journal that it goes on."""
        snapshot = await self._journal.open()
        try:
            self.chat = Chat(self._journal.chat, snapshot)
        except msgspec.DecodeError as error:
            raise CannotOpen(
                f"the snapshot in {self._journal.place} is damaged ({error}); "
                "docs/operations.md says how to restore it, or to start anew"
            ) from error
        except NewerState as error:
            raise CannotOpen(
                f"the snapshot in {self._journal.place} is of a newer program ({error}); "
                "use that one, or choose another file with CHAT_JOURNAL"
            ) from error
        self._saving = Saving(self.chat, self._journal)
        self._limit = JournalLimit(
            self._journal, self.settings.journal_max, self._saving, self.clock
        )
        self._firing = Firing(self.chat, self.clock, self._fire, self._fired_at_once)
        if not await self._replayed_or_ended():
            return
        self._go_on_in_time()
        if gone := await self._journal.gone(self.chat.nodes()):
            self._pump.propose(NodesGone(gone))
        self._pump.propose(_configured(self.settings))
        self._pump.propose(NodeHere(self._run))
        await self._pump.append_at_once()
        for work in (self._pump.append(), self._pump.read(self.chat.last)):
            task = asyncio.get_running_loop().create_task(work)
            task.add_done_callback(self._report_fault)
            self._tasks.append(task)
        await self._drained_or_ended()
        self._is_open = True
        if self._journal.is_shared:
            self._neighbours.start()
        self._firing.arm()
        self._saving.save_if_due()

    async def _replayed_or_ended(self) -> bool:
        """Carry out what the journal holds; False where the server is to stop before that is done.

        Raises CannotOpen where the journal cannot be read.
        """
        async with contextlib.aclosing(self._journal.read(self.chat.last)) as batches:
            while self.chat.last < self._journal.last:
                if self.end.is_set():
                    return False
                self._settle(await anext(batches))
                await asyncio.sleep(0)
        return True

    def _go_on_in_time(self) -> None:
        """Let the chat's time go on from its last entry by as much as the time of day has since.

        If the time of day is earlier now than it was then, no time has passed.
        """
        wall, chat = self.clock.wall(), self.chat
        since = wall - (chat.at + chat.ahead)
        self._ahead = self._ahead_logged = chat.ahead
        if not chat.last:
            self.clock.go_on_from(wall)
        else:
            self.clock.go_on_from(chat.at + max(0.0, since))
            if since < -CLOCK_SET:
                log.warning(
                    "the journal is ahead of this machine's clock by %s, so one of them was wrong: "
                    "the chat goes on from now; what is scheduled waits as long as it was to",
                    duration(-since),
                )

    def _look_at_clock(self) -> None:
        """Journal that the machine's clock was set, before anything that is said after it."""
        ahead = self.clock.wall() - self.clock.now()
        self._log_clock(ahead)
        if abs(ahead - self._ahead) > CLOCK_SET:
            self._ahead = ahead
            self._pump.propose(ClockSet(ahead))

    def _log_clock(self, ahead: float) -> None:
        """Log that the machine's clock was set; once, however often that cannot be saved."""
        by = ahead - self._ahead_logged
        if abs(by) > CLOCK_SET:
            self._ahead_logged = ahead
            if self._is_open:
                way = "forward" if by > 0 else "back"
                log.warning("the machine's clock was set %s by %s", way, duration(abs(by)))

    async def _drained_or_ended(self) -> None:
        """Wait until all that was proposed is settled, or the server is to stop; raise a fault."""
        waiting = [
            asyncio.ensure_future(self._pump.drain()),
            asyncio.ensure_future(self.end.wait()),
        ]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for future in waiting:
            future.cancel()
        if self.fault is not None:
            raise self.fault

    def _take_in(self, peer: str, address: str) -> asyncio.BaseProtocol:
        """Make what a connection talks to that was let in."""
        self._opened += 1
        return Transport(self, f"{self._pump.node}.{self._opened}", peer, address)

    def _report_fault(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (fault := task.exception()) is not None:
            if self._is_open and isinstance(fault, JournalError):
                log.critical("the chat cannot go on: %s", fault)
            elif self._is_open:
                log.critical("the chat cannot go on: %r", fault, exc_info=fault)
            self.fault = fault
            self.end.set()

    # What connections ask for

    def meter(self, address: str, began: float) -> Meter | None:
        """Make what measures the talk of a connection from an address, since it `began`."""
        if not self.settings.rate:
            return None
        return Meter(self._limits, self._addresses.bucket(address), began)

    def opened(self, transport: Transport) -> None:
        self._connections[transport.dialogue.connection] = transport
        self._arrivals.came(transport.dialogue.arrival.address)
        self._all_closed.clear()

    def closed(self, transport: Transport) -> None:
        if self._connections.pop(transport.dialogue.connection, None) is not None:
            self._arrivals.went(transport.dialogue.arrival.address)
            self._freed_memory.closed(len(self._connections))
        self.hang_ups.forget(transport)
        self._broadcast.forget(transport)
        if not self._connections:
            self._all_closed.set()

    def tell(self, receiver: Receiver, event: Event) -> None:
        self._broadcast.tell(receiver, event)
        self._write_soon()

    # What the journal brings

    def _settle(self, entries: Sequence[Entry]) -> None:
        """Carry out entries, and gather what everyone is told of them."""
        if self._journal.is_shared:
            for entry in entries:
                self._neighbours.hear(entry)
        if not self._is_open:
            for entry in entries:
                self.chat.apply(entry)
            self._log_progress(entries[-1])
            return
        go_on: dict[Transport, None] = {}
        for entry in entries:
            transport = self._connections.get(entry.proposal.connection)
            self._carry_out(entry, transport)
            if transport is not None and transport.has_more:
                go_on[transport] = None
        for transport in go_on:
            transport.proceed()
        if not self._broadcast.is_empty:
            self._write()
        self.lines.renew()
        self._firing.arm()
        self._saving.save_if_due()

    def _carry_out(self, entry: Entry, transport: Transport | None) -> None:
        """Carry out an entry; an answer comes after what its line caused."""
        outcome = self.chat.apply(entry)
        if isinstance(entry.proposal.command, Fire):
            self._firing.settle(entry.proposal.command.item)
        if outcome is None:
            return
        for delivery in outcome.deliveries:
            if delivery.to is EVERYONE and type(delivery.event) is Message:  # as most are
                self._broadcast.tell_everyone(delivery.event)
            else:
                self._deliver(delivery, transport)
        if transport is not None:
            try:
                transport.dialogue.settle(outcome.answer, entry.proposal.key)
            except Exception as fault:
                transport.fail(fault)
        elif isinstance(entry.proposal.command, NodesGone):
            self._look_who_is_gone(entry.proposal.command.nodes)

    def _log_progress(self, entry: Entry) -> None:
        if entry.id >= self._progress_told + PROGRESS_EVERY:
            self._progress_told = entry.id
            log.info("reading the journal: entry %d", entry.id)

    def _must_happen(self, proposal: Proposal) -> bool:
        """Say whether what was not saved is proposed again as it is: what nobody typed.

        Of a connection whose entering was not saved, nothing has to be.
        """
        match proposal.command:
            case ClockSet():
                return False
            case Leave() | IssueToken():
                return self.chat.knows(proposal.connection)
        return not proposal.connection

    def _refuse(self, proposal: Proposal) -> None:
        if isinstance(proposal.command, ClockSet):  # and perhaps it was set again meanwhile
            self._ahead = self.chat.ahead
            self._look_at_clock()
        elif transport := self._connections.get(proposal.connection):
            transport.not_saved(proposal, self._limit.refused or NOT_SAVED)

    # Other servers

    def _renew(self) -> None:
        """Say that we are here, and who is not heard of any more."""
        self._pump.propose(NodeStays())
        if gone := self._neighbours.silent(self.chat.nodes()):
            log.warning("not heard of other servers any more: %d", len(gone))
            self._pump.propose(NodesGone(gone))

    def _look_who_is_gone(self, nodes: tuple[str, ...]) -> None:
        """Begin anew where we were taken to be gone: everybody here has left for the chat.

        Their connections end, and those who can come back do so by their tokens.
        """
        if self.is_stopping or self._pump.node not in nodes:
            return
        log.error("this server was not heard of for too long: everybody here has to come again")
        for transport in list(self._connections.values()):
            transport.abort()
        self._pump.propose(NodeHere(self._run))

    def _deliver(self, delivery: Delivery, proposer: Transport | None) -> None:
        to, event = delivery.to, delivery.event
        if isinstance(to, Persons):
            self._tell_persons(to, event)
        elif event.role == "move":
            _log_move(event, proposer)
            but = self._connections.get(to.but)
            self._broadcast.tell_move(event, self.chat.here(), but=but, by=proposer)
        else:
            deaf = [self._connections[c] for c in to.deaf if c in self._connections]
            self._broadcast.tell_everyone(event, deaf)

    def _tell_persons(self, persons: Persons, event: Event) -> None:
        for connection in persons.connections:
            if transport := self._connections.get(connection):
                try:
                    transport.dialogue.tell(event)
                except Exception as fault:
                    transport.fail(fault)

    # Telling

    def _write_soon(self) -> None:
        if not self._is_write_due:
            self._is_write_due = True
            asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        self._is_write_due = False
        self._sum_ups.tell_if_due()
        self._broadcast.write(self.clock.now() + self.chat.ahead)

    # The schedule

    def _fire(self, item: int) -> None:
        self._pump.propose(Fire(item))

    def _fired_at_once(self) -> int:
        """Return how many scheduled messages are sent in a turn, however long they are."""
        return max(1, self._budgets.lines_of_a_turn() // self.settings.max_line)

    # The end

    async def _stop(self) -> None:
        """Finish what is under way, say goodbye to everyone, and leave the journal tidy."""
        save_until = asyncio.get_running_loop().time() + SAVE_SECONDS
        self.is_stopping = True
        self._firing.stop()
        self._neighbours.stop()
        await self._drain()
        for transport in list(self._connections.values()):
            transport.dialogue.tell(Bye("stopping"))
        self._write()
        self._pump.propose(NodesGone((self._pump.node,)))
        await self._drain()
        seconds = max(0.0, save_until - asyncio.get_running_loop().time())
        await asyncio.gather(self._saving.save_in_time(seconds), self._closed())
        self._sum_ups.stop()
        self.hang_ups.stop()
        self.passwords.close()

    async def _drain(self) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._pump.drain(), STEP_SECONDS)

    async def _closed(self) -> None:
        """Wait until every connection has taken its goodbye; drop those that do not."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._all_closed.wait(), STEP_SECONDS)
        for transport in list(self._connections.values()):
            transport.abort()
        await asyncio.sleep(0)


def _configured(settings: Settings) -> Configure:
    return Configure(
        settings.reports,
        settings.mute_seconds,
        settings.report_seconds,
        settings.standing_seconds,
        settings.owners,
    )


def _log_move(move: Event, by: Transport | None) -> None:
    """Log who came, went or took another name."""
    peer = "" if by is None else f" ({by.peer})"
    match move:
        case Joined(people):
            log.info("%s joined%s", _names(people), peer)
        case Left(people):
            log.info("%s left%s", _names(people), peer)
        case Renamed(person, old):
            log.info("%s is now known as %s", old, person.name)


def _names(people: Sequence[Person]) -> str:
    return ", ".join(person.name for person in people)
