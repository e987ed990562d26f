"""What is known of somebody, and what our user may do about them. Pure.

What the server alone knows is asked when somebody wants to see it, and forgotten after that.
"""

import enum
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from chat_server.protocol.events import Moderators, Person, Rank, Reply, Whoami
from chat_server.protocol.names import Name, find_name, parse_name
from chat_server.protocol.wording import clock_time, device
from chat_tui.session.asking import AskServer
from chat_tui.session.membership import Entry
from chat_tui.session.membership import entries as entries_about_oneself
from chat_tui.session.state import ChatState

ASKING = "asking …"
OFFLINE = "not known: there is no connection"
WRITE = Entry("Write to them", "")
"""To go to the conversation with them, which no line does."""
_RANKS: dict[Rank, str] = {"": "", "moderator": " and a moderator", "owner": " and an owner"}


class Step(enum.Enum):
    """How far a question is."""

    NEW = "it could not be asked yet"
    ASKED = "the server has to answer it"
    ANSWERED = "it is answered"


class Inquiry:
    """Asks who our user is to the server, and who keeps order there.

    `learn` takes each answer, and `changed` is told then; `ask` reaches the server.
    """

    def __init__(
        self, ask: AskServer, learn: Callable[[Reply], None], changed: Callable[[], None]
    ) -> None:
        self.step = Step.NEW
        self.whoami: Whoami | None = None
        self._ask = ask
        self._learn = learn
        self._changed = changed

    def begin(self) -> None:
        """Ask, unless that is done; where there is no connection, it can be tried again."""
        if self.step is Step.NEW and self._ask("whoami", self._answered):
            self.step = Step.ASKED
            self._ask("moderators", self._answered)

    def broke(self) -> None:
        """Take note that what is asked is not answered any more."""
        if self.step is Step.ASKED:
            self.step = Step.NEW

    def _answered(self, reply: Reply) -> None:
        self._learn(reply)
        if isinstance(reply, Whoami):
            self.whoami = reply
        if not isinstance(reply, Moderators):
            self.step = Step.ANSWERED
        self._changed()


class Fact(NamedTuple):
    """What something is called that is known of somebody, and what it is, in a line or several."""

    name: str
    lines: Sequence[str]


class About(NamedTuple):
    """What is to be seen of somebody: what is known, and what our user may do."""

    person: Person
    is_you: bool
    facts: Sequence[Fact]
    entries: Sequence[Entry]


def about(person: Person, state: ChatState, inquiry: Inquiry, now: float) -> About:
    """Tell about a person, at the time `now` of the server."""
    is_you = person.id == state.you.id
    if is_you:
        facts, entries = _of_oneself(inquiry, now), entries_about_oneself(state.membership)
    else:
        facts, entries = _of_another(person, state), _entries(person, state)
    until = state.people.muted_until(person.id)
    if until > now:
        facts.append(Fact("muted", [f"until {clock_time(until, now)}"]))
    if not is_you and state.ignored.has(person):
        facts.append(Fact("ignored", ["nothing that they say is shown"]))
    return About(person, is_you, [*facts, Fact("id", [person.id])], list(entries))


def _of_oneself(inquiry: Inquiry, now: float) -> list[Fact]:
    if inquiry.step is not Step.ANSWERED:
        return [Fact("account", [ASKING if inquiry.step is Step.ASKED else OFFLINE])]
    who = inquiry.whoami
    if who is None:  # the server does not know the question
        return []
    if who.since is None:
        return [Fact("account", ["a guest"])]
    facts = [Fact("account", [f"a member since {clock_time(who.since, now)}{_RANKS[who.rank]}"])]
    return [*facts, Fact("devices", list(map(device, who.devices)))] if who.devices else facts


def _of_another(person: Person, state: ChatState) -> list[Fact]:
    people = state.people
    if person.id in people.here:
        where = "here"
    else:
        where = (
            "away, and gets what is said when they come" if people.is_away(person.id) else "left"
        )
    account = _account(person, state)
    return [Fact("presence", [where]), *([Fact("account", [account])] if account else [])]


def _account(person: Person, state: ChatState) -> str:
    """Say what is known of somebody's account; "" where that is nothing."""
    if person.id in state.people.moderators:
        return "a member and a moderator"
    if state.people.is_member(person.id):
        return "a member"
    return "a guest" if _has_guest_name(person) else ""


def _has_guest_name(person: Person) -> bool:
    found = find_name(person.name)
    return found is not None and found.reserved


def _entries(person: Person, state: ChatState) -> Iterator[Entry]:
    """List what our user may do about somebody else, the likeliest first."""
    is_here = person.id in state.people.here
    is_named = isinstance(parse_name(person.name), Name)
    who = person.name if is_named else f"={person.id}"
    if is_here or state.people.is_away(person.id):
        yield WRITE
    if is_here:
        yield Entry("Report them…", f"/report {who}", is_begun=True)
    if is_named and state.ignored.has(person):
        yield Entry("Hear them again", f"/unignore {who}")
    elif is_named:
        yield Entry("Ignore them", f"/ignore {who}")
    if state.membership.rank and (is_here or state.people.is_away(person.id)):
        yield from _entries_of_moderators(person, who, state, is_here=is_here)


def _entries_of_moderators(
    person: Person, who: str, state: ChatState, *, is_here: bool
) -> Iterator[Entry]:
    is_owner = state.membership.rank == "owner"
    is_moderator = person.id in state.people.moderators
    if is_owner or not is_moderator:
        if is_here:
            yield Entry("Send them away…", f"/kick {who}", is_begun=True)
        yield Entry("Mute them…", f"/mute {who}", is_begun=True)
        yield Entry("Keep them away…", f"/ban {who}", is_begun=True)
    yield Entry("Let them speak again", f"/unmute {who}")
    if is_owner and is_moderator:
        yield Entry("Make them no moderator any more", f"/moderator {who} off")
    elif is_owner and not _has_guest_name(person):
        yield Entry("Make them a moderator", f"/moderator {who}")
