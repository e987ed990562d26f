"""The client's side of the protocol, without a socket: lines in, events out, and the other way.

    APART ── greeted ──▶ HELLO ── welcomed ──▶ ARRIVING ── known ──▶ CATCHING_UP ── caught up ─┐
                                                                          ▲                    ▼
                                                                          └──── welcomed ─── LIVE
    HELLO                                               ── estranged ──▶ NO_CHAT
    HELLO, ARRIVING, CATCHING_UP, LIVE                  ── parted ─────▶ LEAVING
    HELLO, ARRIVING, CATCHING_UP, LIVE, LEAVING         ── dismissed ──▶ ENDED
    any                                                 ── broken ─────▶ APART

As somebody new we know at once who we are; after a break, only once `resume` is answered. Every
line that is sent has a key. What was not answered when a connection broke is sent again once the
server has taken us back as the same person, so it is carried out once.
"""

import enum
from collections.abc import Callable, Mapping
from typing import NamedTuple

from chat_server.protocol.events import (
    PROTOCOL,
    Answer,
    Bye,
    Event,
    History,
    Left,
    Message,
    Ok,
    Person,
    Refused,
    Renamed,
    Reply,
    Welcome,
)
from chat_server.protocol.names import find_name, look_alike
from chat_server.protocol.wording import goodbye
from chat_tui.session.harmless import harmless
from chat_tui.session.heard import Heard, hear, is_event, left_out
from chat_tui.session.outbox import Outbox, Outgoing
from chat_tui.session.spoken import spoken
from chat_tui.session.state import is_before

HELD_SECONDS = 150.0
"""How long a name that we want, and that nobody has any more, is asked for again."""
ASK_AGAIN = 5.0
"""Seconds between two such questions."""
FEW, UNANSWERED = 8, 64
"""Lines that may be unanswered: few of many that were entered together, so that sending them can
be stopped; and of all, no more than a server surely remembers the keys of.
"""


NO_CHAT = "what answers is no chat server"
OLDER = "the server speaks an older protocol"
NEWER = "the server speaks a newer protocol"
"""Why it is of no use to try again."""


class Phase(enum.Enum):
    """How far a connection is."""

    APART = "there is no connection"
    HELLO = "we said who we want to be, and are not let in yet"
    ARRIVING = "we are let in; whether as whom we were is not answered yet"
    CATCHING_UP = "what was said before we came is asked for"
    LIVE = "all that was said is known"
    LEAVING = "we have said goodbye"
    ENDED = "the server ends it"
    NO_CHAT = "what answers is no chat server that we can speak with"


class Step(enum.Enum):
    """What leads from one phase to another."""

    GREETED = "there is a connection, and we said who we want to be"
    WELCOMED = "the server let us in, or told anew how the chat stands"
    KNOWN = "the server said whether it takes us back, or never knew us"
    CAUGHT_UP = "what was said before has come"
    PARTED = "we say goodbye"
    DISMISSED = "the server says goodbye, or does not let us in"
    ESTRANGED = "what comes is nothing that a chat server says, or said in another protocol"
    BROKEN = "the connection is over"


_SENDING = (Phase.CATCHING_UP, Phase.LIVE)
"""Where what our user says is sent."""
_LET_IN = (Phase.ARRIVING, *_SENDING)
OVER = (Phase.ENDED, Phase.NO_CHAT)
"""Where the server has nothing more to say to us."""

_TRANSITIONS: Mapping[Step, Mapping[Phase, Phase]] = {
    Step.GREETED: {Phase.APART: Phase.HELLO},
    Step.WELCOMED: {Phase.HELLO: Phase.ARRIVING, Phase.LIVE: Phase.CATCHING_UP},
    Step.KNOWN: {Phase.ARRIVING: Phase.CATCHING_UP},
    Step.CAUGHT_UP: {Phase.CATCHING_UP: Phase.LIVE},
    Step.PARTED: dict.fromkeys((Phase.HELLO, *_LET_IN), Phase.LEAVING),
    Step.DISMISSED: dict.fromkeys((Phase.HELLO, *_LET_IN, Phase.LEAVING), Phase.ENDED),
    Step.ESTRANGED: {Phase.HELLO: Phase.NO_CHAT},
    Step.BROKEN: dict.fromkeys(Phase, Phase.APART),
}


def after(phase: Phase, step: Step) -> Phase:
    """Return the phase after a step; one that means nothing in a phase leaves it as it is."""
    return _TRANSITIONS[step].get(phase, phase)


class Answered(NamedTuple):
    """An answer, with the line that it answers."""

    outgoing: Outgoing
    event: Reply


SENT_AWAY = ("kicked", "banned", "dismissed")
"""Why a server ends a connection that is not to come again by itself."""
Told = Event | Answered
"""What the client learns from a line of the server."""


class Protocol:
    """Speaks with a server, over one connection after the other.

    What the outbox has is sent as soon as we are let in, and again after each break. `now` is a
    clock that nobody sets. `run` begins the keys of our own questions: a person may be here over
    several connections, and a key is carried out once for all of them.
    """

    def __init__(self, name: str, outbox: Outbox, now: Callable[[], float], run: str = "") -> None:
        self.phase = Phase.APART
        self.reason = ""
        """Why the server ended it."""
        self.is_sent_away = False
        """Whether it did so to be rid of us, so that coming again is for our user to decide."""
        self.wakes_at: float | None = None
        """When `wake` is to be called."""
        self._name = name
        self._outbox = outbox
        self._now = now
        self._run = run
        self._you = Person("", "")
        self._told: list[Told] = []
        self._lines: list[str] = []
        self._keys = 0
        self._asked: dict[str, Callable[[Reply], None]] = {}
        """What becomes of the answers to our own questions, by their keys."""
        self._sent: dict[str, None] = {}
        """Keys of the lines that this connection has not answered, the oldest first."""
        self._token = ""
        self._new_token = ""
        self._chat = ""
        self._last = ""
        """The id of the newest message up to which we know all; "" where there is none."""
        self._newest = ""
        self._ask_until = 0.0

    # The connection

    def greet(self) -> None:
        """Ask to be somebody on a new connection: who we were, or by our name, or a guest."""
        self._go(Step.GREETED)
        self.reason, self.is_sent_away = "", False
        self._lines = ["format json"]
        if self._token:
            self._ask(f"resume {self._token}", self._resumed)
        elif self._name:
            self._ask(f"rename {self._name}", self._named)
        else:
            self._ask("users", lambda answer: None)

    def broke(self) -> None:
        """Forget what belongs to a connection that is over."""
        self._go(Step.BROKEN)
        self._lines = []
        self._asked.clear()
        self._sent.clear()
        self._new_token = ""
        self.wakes_at = None

    def leave(self) -> None:
        """Say goodbye; a second time, as the first may only say which scheduled messages end."""
        self._go(Step.PARTED)
        self._lines += ["exit", "exit"]
        self.wakes_at = None

    def data_to_send(self) -> bytes:
        """Return what is to be written to the server now, once."""
        lines, self._lines = self._lines, []
        return "".join([f"{line}\n" for line in lines]).encode()

    def wake(self) -> None:
        """Do what is due by now."""
        if self.wakes_at is not None and self._now() >= self.wakes_at:
            self.wakes_at = None
            self._ask_for_name()

    # What our user says

    def send_waiting(self) -> None:
        """Send what was not sent on this connection, in order, as far as it may be."""
        if self.phase not in _SENDING:
            return
        for outgoing in self._outbox.waiting:
            if outgoing.key in self._sent:
                continue
            if len(self._sent) >= (FEW if outgoing.is_of_many else UNANSWERED):
                break
            if command := self._outbox.sendable(outgoing.key):
                self._sent[outgoing.key] = None
                self._lines.append(f"@{outgoing.key} {spoken(command)}")

    def ask(self, line: str, answered: Callable[[Reply], None]) -> bool:
        """Send a line that is kept nowhere, so a break forgets it; `answered` takes its answer.

        Return whether it is sent: not where we are not let in.
        """
        if self.phase not in _SENDING:
            return False
        self._ask(line, answered)
        return True

    # What the server says

    def receive(self, line: bytes) -> list[Told]:
        """Take in a line, and return what it tells."""
        if self.phase is Phase.HELLO and not is_event(line):
            self._take_words(harmless(line).decode("utf-8", "replace"))
            return []
        return self.take(hear(line))

    def take(self, heard: Heard) -> list[Told]:
        """Take in what a line says, and return what it tells, what is left out of it included."""
        self._told = [Refused("not_understood", text=fault) for fault in heard.left_out]
        if heard.protocol != PROTOCOL:
            self.reason = OLDER if heard.protocol < PROTOCOL else NEWER
            self._go(Step.ESTRANGED)
        if heard.event is not None:
            self._take(heard.event)
        return self._told

    def skip(self, most: int) -> list[Told]:
        """Take note of a line of more than so many bytes; what we ask for may have been in it."""
        fault = left_out(f"a line of more than {most} bytes")
        self._told = [Refused("not_understood", text=fault)]
        if self.phase is Phase.CATCHING_UP:
            self._caught_up(History([], None))
        return self._told

    def _take_words(self, words: str) -> None:
        """Take in what is said before we are let in, and is no event."""
        if words.startswith("! "):
            self.reason = words[2:].strip()
            self._go(Step.DISMISSED)
        elif not words.startswith(("* ", "[")):
            self.reason = NO_CHAT
            self._go(Step.ESTRANGED)

    def _take(self, event: Event) -> None:
        match event:
            case Welcome():
                self._welcomed(event)
                return
            case Bye():
                self.reason = goodbye(event)
                self.is_sent_away = event.reason in SENT_AWAY
                self._go(Step.DISMISSED)
            case Message():
                self._newest = event.id
                if self.phase is Phase.LIVE:
                    self._last = event.id
            case Renamed(person) if person.id == self._you.id:
                self._you, self._name = person, person.name
                self._ask_until = 0.0
        if isinstance(event, Answer) and self._is_ours(event):
            return
        self._told.append(event)
        if self.phase in _LET_IN and self._you.name != self._name and _frees(event, self._name):
            self._want_name()
            self._ask_for_name()

    def _is_ours(self, answer: Reply) -> bool:
        """Give an answer to whom it is for; say whether it is for any of our lines.

        A refusal without a key is of the oldest line: answers come in the order of the lines.
        """
        key = answer.re
        if isinstance(answer, Refused) and not key:
            key = next(iter(self._sent), "")
        self._sent.pop(key, None)
        if key in self._asked:
            self._asked.pop(key)(answer)
        elif (outgoing := self._outbox.answer(key, answer)) is not None:
            self._told.append(Answered(outgoing, answer))
            self.send_waiting()
        else:
            return isinstance(answer, Ok)
        return True

    # Coming in

    def _welcomed(self, welcome: Welcome) -> None:
        """Fetch what was said before, or since we were last here."""
        if welcome.chat != self._chat or is_before(welcome.last, self._last):
            self._last = self._chat = ""
        question = self._question(welcome.chat)
        if self.phase in _SENDING and welcome.you.id != self._you.id:
            question = "history 1000"
            self._became(welcome)
        self._you = welcome.you
        self._new_token = welcome.token or ""
        self._chat = welcome.chat
        self._newest = welcome.last
        self._told.append(welcome)
        self._go(Step.WELCOMED)
        if self.phase not in _LET_IN:
            return
        self._ask(question, self._caught_up)
        if not self._token:
            self._begin()

    def _became(self, welcome: Welcome) -> None:
        """Be somebody else from now on, as one logs in or out: what was not sent is held."""
        name = find_name(welcome.you.name)
        self._name = "" if name is None or name.reserved else name.text
        self._token = welcome.token or ""
        self._ask_until, self.wakes_at = 0.0, None
        self._outbox.hold(
            f"You are {welcome.you.name} now",
            lambda waiting: not waiting.is_question and waiting.key not in self._sent,
        )

    def _question(self, chat: str) -> str:
        """Ask for what we have not heard; all of it, if we were here and heard nothing yet."""
        if chat != self._chat:
            return "history"
        return f"history 1000 --since {self._last}" if self._last else "history 1000"

    def _begin(self) -> None:
        """Be from now on whom the server has welcomed, and say what waits."""
        self._token = self._new_token
        self._go(Step.KNOWN)
        self.send_waiting()

    def _caught_up(self, answer: Reply) -> None:
        """Go on with what was missed; with what there is, where an older copy was put back."""
        if isinstance(answer, Refused) and answer.code == "bad_id" and self._last:
            self._last = ""
            self._told.append(answer)
            self._ask("history", self._caught_up)
            return
        self._go(Step.CAUGHT_UP)
        self._last = self._newest
        self._told.append(answer if isinstance(answer, History) else History([], None))

    def _resumed(self, answer: Reply) -> None:
        """Send again what was not answered; where we are somebody new, ask our user before."""
        if isinstance(answer, Refused):
            self._outbox.hold(
                "The server does not know us any more", lambda waiting: not waiting.is_question
            )
            if self._name:
                self._ask(f"rename {self._name}", self._named)
        else:
            # We were not told who took another name, or left, during the break.
            self._outbox.hold(is_meant=lambda waiting: bool(waiting.whom))
        self._begin()

    # Our name

    def _named(self, answer: Reply) -> None:
        if isinstance(answer, Refused):
            self._told.append(answer)
            if answer.code in ("name_taken", "name_lookalike"):
                self._want_name()

    def _want_name(self) -> None:
        """Ask for our name for a while, if it is kept for somebody who is not here any more."""
        self._ask_until = self._now() + HELD_SECONDS
        self._ask_again_later()

    def _ask_again_later(self) -> None:
        now = self._now()
        goes_on = now < self._ask_until and self.phase is not Phase.LEAVING
        self.wakes_at = now + ASK_AGAIN if goes_on else None

    def _ask_for_name(self) -> None:
        self._ask(f"rename {self._name}", lambda answer: self._ask_again_later())

    def _ask(self, line: str, answered: Callable[[Reply], None]) -> None:
        """Send a line of our own; `answered` takes its answer."""
        self._keys += 1
        key = f"{self._run}{self._keys}"
        self._asked[key] = answered
        self._sent[key] = None
        self._lines.append(f"@{key} {line}")

    def _go(self, step: Step) -> None:
        self.phase = after(self.phase, step)


def _frees(event: Event, name: str) -> bool:
    """Say whether somebody leaves or renames, so that a name becomes free, perhaps only later."""
    match event:
        case Left(people):
            return any(look_alike(person.name, name) for person in people)
        case Renamed(old=old):
            return look_alike(old, name)
    return False
