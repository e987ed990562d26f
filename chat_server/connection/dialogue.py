"""What the lines of one connection mean: entering, commands, questions, and their answers.

Each line has one answer, in the lines' order. Commands go through the journal, many at a time; a
question waits until those before it are settled, and further lines wait for it. Nothing here
knows how lines come and where answers go.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

import msgspec

from chat_server.connection import arrival
from chat_server.connection.arrival import Arrival
from chat_server.connection.identity import OF_IDENTITY
from chat_server.connection.identity import Command as OfIdentity
from chat_server.connection.phase import CLOSED, ENDED, HERE, KNOCKING, LEAVING, Phase, passed
from chat_server.connection.questions import Question, answered
from chat_server.delivery.broadcast import Receiver
from chat_server.delivery.turns import Turns
from chat_server.doors import DOORS
from chat_server.doors.door import Wants
from chat_server.protocol import commands
from chat_server.protocol.commands import Rename
from chat_server.protocol.events import Bye, Event, Format, Ok, Refused, Reply, Welcome
from chat_server.rules.entries import (
    Command,
    Enter,
    IssueToken,
    Leave,
    LogIn,
    Proposal,
    Return,
    TypedCommand,
)

AT_ONCE = 64
"""Lines that one connection takes up before it is seen whether the turn allows more."""
LINE = 64
"""What taking up a line costs of the turn's budget besides its bytes, however short it is."""
IN_FLIGHT = 256
"""Lines of one connection that may be on their way through the journal."""
NOT_SAVED = Refused("not_saved")

CHANGES = (
    commands.Send, commands.Rename, commands.Cancel, commands.Report,
    commands.Ignore, commands.Unignore,
    commands.Kick, commands.Mute, commands.Unmute, commands.Ban, commands.Unban,
    commands.Delete, commands.Announce, commands.Appeal, commands.Appoint,
)  # fmt: skip
"""Lines that change the chat, the most frequent first."""
Held = commands.SetFormat | commands.Resume | commands.Exit
"""Lines that wait for those before them, besides the ones that change the chat."""
Other = Question | OfIdentity | commands.Exit | commands.SetFormat | commands.Resume
"""What else a line can be."""


T = TypeVar("T")


class Hub(arrival.Hub, Protocol):
    """What a dialogue needs of the server."""

    is_stopping: bool
    lines: Turns
    """Bytes of lines that all connections together take up in a turn."""

    def propose(self, command: Command, connection: str, key: str) -> None: ...
    def tell(self, receiver: Receiver, event: Event) -> None: ...


class Partner(Receiver, Protocol):
    """Who one talks with: where lines come from, and answers go."""

    @property
    def used(self) -> float:
        """A number that grows with how much it has talked lately."""

    def may_rename(self) -> bool:
        """Say whether a new name is allowed now; if not, it takes up lines again once one is."""

    def hide_typing(self, hidden: bool) -> bool:
        """Let what is typed next not be shown where it is typed; say whether it will not be."""

    def asks_telnet(self) -> bool:
        """Ask the other end whether it is telnet if that seems so; say whether it was asked now."""

    def wait_for_telnet(self, done: Callable[[None], None]) -> None:
        """Call back once it has answered, or has had time to."""

    def proceed(self) -> None:
        """Take up lines again."""


class Dialogue:
    """Lines, and what becomes of them."""

    __slots__ = (
        "_hub",
        "_in_doubt",
        "_in_flight",
        "_next_door",
        "_partner",
        "_question",
        "_talks_on",
        "_warned_of",
        "arrival",
        "connection",
        "held",
        "phase",
        "was_told",
    )

    def __init__(self, hub: Hub, partner: Partner, connection: str, address: str = "") -> None:
        self.connection = connection
        self.phase: Phase = KNOCKING
        self.was_told = False
        """Whether it was told anything itself."""
        self._hub = hub
        self._partner = partner
        self._next_door = partner.door
        """The door that was asked for last; the partner's own changes when that is answered."""
        self.arrival = Arrival(hub, self, address)
        self._warned_of: tuple[str, ...] = ()
        """The items of which it was told that they would end with it."""
        self._in_flight = 0
        """How many commands are on their way through the journal."""
        self._in_doubt = False
        """Whether any of them may change what becomes of the lines after it."""
        self._talks_on = False
        """Whether a checked message is on its way, so that one to everyone need not be checked."""
        self.held: tuple[TypedCommand | Held, str] | None = None
        """A line and its key that wait, for the lines before it or for the pace of new names."""
        self._question: Callable[[], None] | None = None
        """Answers the question that waits for the lines before it; None where there is none."""

    @property
    def is_settled(self) -> bool:
        """Say whether nothing is on its way through the journal."""
        return not self._in_flight

    @property
    def waits_for_journal(self) -> bool:
        """Say whether nothing can be done before what is in flight is settled."""
        if self._question is None and self.held is None:
            return self._in_flight >= IN_FLIGHT or self.phase >= LEAVING
        return self._in_flight > 0

    @property
    def holds_line(self) -> bool:
        """Say whether a line that was taken up waits for those before it."""
        return self.held is not None

    @property
    def used(self) -> float:
        """Return a number that grows with how much the other end has talked lately."""
        return self._partner.used

    @property
    def wants(self) -> Wants:
        """What its door has to be told."""
        return self._partner.door.wants

    @property
    def will_want(self) -> Wants:
        """What the door has to be told that was asked for last."""
        return self._next_door.wants

    @property
    def is_telnet_answered(self) -> bool:
        """Say whether telnet's own bytes may go to the other end, now and after the next answer."""
        return self._partner.door.wants.telnet and self._next_door.wants.telnet

    # Lines

    def take_lines(self, next_line: Callable[[], str | Refused | None]) -> bool:
        """Take up some lines; False where more might be taken up at once.

        Call it only where nothing `waits_for_journal`. What the lines cause, and their answers,
        are told later.
        """
        if self.held is not None and self._holds_on(*self.held):
            return True
        taken = 0
        parse, propose, connection = self._partner.door.parse, self._hub.propose, self.connection
        if self.arrival.is_asking:
            parse = self._parse_asked
        while (
            taken < AT_ONCE
            and self.held is None
            and self._question is None
            and self._in_flight < IN_FLIGHT
            and self.phase < LEAVING
        ):
            line = next_line()
            if line is None:
                break
            taken += 1
            key, parsed = parse(line) if isinstance(line, str) else ("", line)
            if (
                self._talks_on
                and isinstance(parsed, commands.Send)
                and not (key or parsed.to or parsed.delay)
            ):
                self._in_flight += 1
                propose(parsed, connection, "")
            elif isinstance(parsed, CHANGES) and self.phase is HERE:
                self._change(parsed, key)
            elif parsed is not None:
                self._take_up(parsed, key)
        else:
            self._hub.lines.left -= taken * LINE
            return False
        self._hub.lines.left -= taken * LINE
        return True

    def _parse_asked(self, line: str) -> tuple[str, commands.Parsed | None]:
        """Parse a line that is the password that was asked for, or takes the place of the question.

        Of people, the whole line is that password; but members, who need not know the server's, may
        log in instead.
        """
        door = self._partner.door
        key, parsed = door.parse(line)
        if door.wants.bare_secrets:
            is_login = isinstance(parsed, commands.Login) and self.arrival.is_asking_for_admission
            return (key, parsed) if is_login else ("", commands.Secret(line.strip()))
        if not isinstance(parsed, commands.Secret | Refused | None):
            self.arrival.ask_no_more()
        return key, parsed

    def _holds_on(self, parsed: commands.Parsed, key: str) -> bool:
        """Try the held line again; say whether it still waits, though nothing is in flight."""
        self.held = None
        self._take_up(parsed, key)
        return self.holds_line and self.is_settled

    def is_free(self) -> bool:
        """Say whether a further line can be taken up."""
        is_waiting = self._question is not None or self.held is not None
        return not (is_waiting or self._in_flight >= IN_FLIGHT or self.phase >= LEAVING)

    def _take_up(self, parsed: commands.Parsed, key: str) -> None:
        if self.phase is KNOCKING and self.arrival.take_first(parsed, key):
            return
        if isinstance(parsed, CHANGES):
            self._change(parsed, key)
        else:
            self._carry_out(parsed, key)

    def _change(self, command: TypedCommand, key: str) -> None:
        """Propose what can succeed; the rest is answered in its turn, and not journaled."""
        if self._in_flight and self._has_to_wait(command):
            self.held = (command, key)
            return
        answer = self._hub.chat.check(self.connection, key, command, self._hub.clock.now())
        if answer is None:
            if isinstance(command, Rename) and not self._partner.may_rename():
                self.held = (command, key)
            else:
                self.propose(command, key)
        elif self._in_flight:
            self.held = (command, key)
        else:
            self.answer(answer, key)

    def _has_to_wait(self, command: TypedCommand) -> bool:
        """Say whether nobody can tell yet if a command can succeed.

        A message to everyone can succeed even while its sender is entering, under any name.
        """
        if self._in_doubt:
            return True
        chat = self._hub.chat
        is_for_all = isinstance(command, commands.Send) and not (command.to or command.delay)
        is_sure = is_for_all and not chat.is_muted_address(
            self.arrival.address, self._hub.clock.now()
        )
        return not is_sure and not chat.has_entered(self.connection)

    def _carry_out(self, parsed: Other, key: str) -> None:
        if isinstance(parsed, OF_IDENTITY):
            self._question = partial(self.arrival.identify, parsed, key)
            return
        match parsed:
            case commands.Exit():
                self._exit(key)
            case commands.SetFormat(format_):
                self._set_format(format_, key)
            case commands.Resume(token):
                self.arrival.resume(token, key)
            case _:
                self.ask(key, lambda: self._reply(parsed))

    def wait_for(
        self, work: Callable[[Callable[[T | None], None]], None], then: Callable[[T | None], None]
    ) -> None:
        """Start some work, take up no line before it is done, and go on with what it gives."""

        def done(result: T | None) -> None:
            self._in_flight -= 1
            self._question = lambda: then(result)
            self._partner.proceed()

        self._in_flight += 1
        self._question = _not_yet
        work(done)

    def hide_typing(self, hidden: bool) -> bool:
        """Let what is typed next not be shown where it is typed; say whether it will not be."""
        return self._partner.hide_typing(hidden)

    def asks_telnet(self) -> bool:
        """Ask the other end whether it is telnet if that seems so; say whether it was asked now."""
        return self._partner.asks_telnet()

    def wait_for_telnet(self, done: Callable[[None], None]) -> None:
        """Call back once it has answered, or has had time to."""
        self._partner.wait_for_telnet(done)

    def _reply(self, question: Question) -> Reply:
        return answered(question, self._hub.chat, self.connection, self._hub.settings)

    def propose(self, command: Command, key: str) -> None:
        self._in_flight += 1
        is_harmless = isinstance(command, commands.Send) and not command.delay
        if not is_harmless and not isinstance(command, Enter):
            self._in_doubt = True
        self._talks_on = is_harmless and not self._in_doubt
        self._hub.propose(command, self.connection, key)

    def _set_format(self, format_: Format, key: str) -> None:
        self._next_door = door = DOORS[format_]
        if door.wants.token and self._in_flight:  # who may be entering, with a token or without
            self.held = (commands.SetFormat(format_), key)
            return
        if self.phase is HERE and door.wants.token:
            self.arrival.propose_token()

        def switch() -> None:
            self._partner.door = door
            self.answer(Ok(code=door.welcome), key)
            if self.phase is HERE and door.wants.token:
                self.tell(self._hub.chat.welcome(self.connection))

        self._question = switch

    # Answers

    def settle(self, answer: Ok | Refused | None, key: str) -> None:
        """Take the answer to the oldest command that was journaled; None where it needs none.

        People are not told an answer without a code: they see what their line caused.
        """
        self._in_flight -= 1
        if not self._in_flight:
            self._in_doubt = self._talks_on = False
        if isinstance(answer, Refused) and self.phase is HERE and self.is_settled:
            self.arrival.not_let_in()
        if isinstance(answer, Ok) and answer.code == "token_made":
            answer = self.arrival.completed(answer)
        if answer is not None and (answer.code or self._partner.door.wants.answers):
            if isinstance(answer, Refused):
                self._talks_on = False
            self.answer(answer, key)

    def not_saved(self, proposal: Proposal, why: Refused = NOT_SAVED) -> None:
        """Refuse the oldest command that was to be journaled: it is not in the journal.

        Somebody who leaves is told goodbye at once, though that is saved later; for somebody who
        entered by silence, entering is tried again later.
        """
        if isinstance(proposal.command, Leave):
            if proposal.command.goodbye:
                self.tell(Bye("exit", re=proposal.key))
            return
        is_entering = isinstance(proposal.command, Enter | Return | LogIn)
        if is_entering and self.phase is HERE and not self._hub.chat.has_entered(self.connection):
            self.become(KNOCKING)
        self.settle(why if _is_line(proposal.command) else None, proposal.key)
        if self.phase is KNOCKING:
            self.arrival.enter_later(why)

    @property
    def has_question(self) -> bool:
        """Say whether it is a question's turn to be answered."""
        return self._question is not None and not self._in_flight

    def answer_question(self) -> bool:
        """Answer the question whose turn it is; say whether anything was told at once."""
        assert self._question is not None
        question, self._question = self._question, None
        was_told, self.was_told = self.was_told, False
        question()
        has_answered, self.was_told = self.was_told, self.was_told or was_told
        return has_answered

    def tell(self, event: Event) -> None:
        """Tell this connection something at the next write; what follows a goodbye is dropped.

        Somebody who is told goodbye while they are here leaves.
        """
        if self.phase >= ENDED:
            return
        if isinstance(event, Welcome):
            event = self.arrival.with_token(event)
        self.was_told = True
        if event.role == "goodbye":
            self._leave_if_here()
            self.become(ENDED)
        self._hub.tell(self._partner, event)

    def ask(self, key: str, question: Callable[[], Reply]) -> None:
        self._question = lambda: self.answer(question(), key)

    def answer(self, reply: Reply, key: str) -> None:
        """Answer a line."""
        self.tell(msgspec.structs.replace(reply, re=key) if key else reply)

    # Going

    def hang_up(self, half_a_line: Refused | None) -> None:
        """Say goodbye to an end that sends no more and whose lines are all carried out.

        Nothing is said to a connection that was never here nor told anything.
        """
        if half_a_line is not None:
            self.tell(half_a_line)
        if self.phase is HERE:
            self.tell(self._hub.chat.goodbye(self.connection))
        elif self.was_told:
            self.tell(Bye("hung_up"))

    def close(self) -> None:
        """Hear and tell no more; who is still here leaves."""
        self.arrival.end_silence()
        self._leave_if_here()
        if self.phase is not CLOSED:
            self.become(CLOSED)

    def _exit(self, key: str) -> None:
        """Leave for good, or say first what would end with that."""
        if self._in_doubt:  # whether anything is scheduled
            self.held = (commands.Exit(), key)
            return
        items = self._hub.chat.ending_with(self.connection)
        if set(items) <= set(self._warned_of):
            self.leave(goodbye=True, key=key)
        else:
            self._warned_of = tuple(items)
            self.ask(key, lambda: Refused("pending_ends", {"items": items}))

    def hold(self, command: commands.Resume, key: str) -> None:
        """Take a line up again once those before it are settled."""
        self.held = (command, key)

    def _leave_if_here(self) -> None:
        if self.phase is HERE and not self._hub.is_stopping:
            self.leave()

    def leave(self, *, goodbye: bool = False, key: str = "") -> None:
        """End the person's presence or, with a `goodbye`, the person: they cannot come back."""
        self.become(LEAVING)
        self.propose(Leave(goodbye), key)

    def become(self, phase: Phase) -> None:
        self.phase = passed(self.phase, phase)
        if phase is HERE:
            self.arrival.end_silence()


def _not_yet() -> None:
    """Stand for a question whose answer is being made."""


def _is_line(command: Command) -> bool:
    """Say whether a command is what somebody typed, and not only done for them."""
    match command:
        case Enter(name):
            return name is not None
        case IssueToken():
            return False
    return True
