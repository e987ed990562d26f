"""The rules of the chat: a deterministic state machine over the journal's entries.

`apply` alone decides what depends on the state. No clock, no input or output, no chance: the
same entries give the same state and the same events on every node and after every restart.

What a command does is a row of a table, found by the command's type.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from chat_server import __version__
from chat_server.protocol.commands import (
    Announce,
    Appeal,
    Appoint,
    Ban,
    Cancel,
    Delete,
    Ignore,
    Kick,
    Mute,
    Rename,
    Report,
    Send,
    Unban,
    Unignore,
    Unmute,
)
from chat_server.protocol.events import (
    CROWD,
    Bye,
    Event,
    History,
    Ignored,
    Ok,
    Pending,
    Person,
    Refused,
    Tokens,
    Users,
    Welcome,
    Whoami,
)
from chat_server.protocol.events import Moderators as ModeratorsAnswer
from chat_server.protocol.names import Name
from chat_server.rules.accounts import NOT_A_MEMBER, Accounts
from chat_server.rules.complaints import Complaints
from chat_server.rules.entries import (
    AddMember,
    ClockSet,
    Command,
    Configure,
    EndAccount,
    EndToken,
    Enter,
    Entry,
    Fire,
    IssueToken,
    Leave,
    LogIn,
    LogOut,
    NewAccount,
    NewPassword,
    NewToken,
    NodeGone,
    NodeHere,
    NodesGone,
    NodeStays,
    Return,
    Snapshot,
    Start,
)
from chat_server.rules.ignoring import Ignoring
from chat_server.rules.memory import Memory, unknown_id
from chat_server.rules.messages import Messages
from chat_server.rules.moderation import Moderation
from chat_server.rules.nodes import Nodes
from chat_server.rules.presence import UNKNOWN_TOKEN, Presence, unmuted
from chat_server.rules.rule import InnerRule, OfPeople, Rule, inner_rule, rule
from chat_server.rules.schedule import Schedule
from chat_server.rules.scheduled import Scheduled
from chat_server.rules.snapshots import decoded, pieces
from chat_server.rules.state import Delivery, Outcome, Participant, Persons, State
from chat_server.rules.waiting import Waiting

NOT_ENTERED = Refused("not_entered")


class Login(NamedTuple):
    """A member's id and name, the hash of the password, and its number."""

    person: Person
    secret: str
    changed: int


def _login(person: Participant | None) -> Login | None:
    if person is None or person.account is None:
        return None
    return Login(person.person, person.account.secret, person.account.changed)


class Chat:
    """The chat as its entries made it; `name` identifies the journal that they came from."""

    def __init__(self, name: str, snapshot: Snapshot | None = None) -> None:
        self.name = name
        self.last = 0 if snapshot is None else snapshot.last
        self._state = State() if snapshot is None else decoded(snapshot.state)
        self._schedule = Schedule(self._state.items, self._state.postponed)
        self._nodes = Nodes(self._state)
        self._ignoring = Ignoring(self._state)
        self._memory = Memory(self._state, self._ignoring)
        self._presence = Presence(
            self._state, self._schedule, self._memory, self._nodes, self._ignoring
        )
        self._waiting = Waiting(self._state)
        self._scheduled = Scheduled(
            self._state,
            self._schedule,
            self._nodes,
            self._memory,
            self._presence,
            self._waiting,
        )
        self._complaints = Complaints(self._state, self._memory)
        self._moderation = Moderation(
            self._state,
            self._presence,
            self._complaints,
            self._memory,
            self._waiting,
            self._scheduled,
        )
        self._accounts = Accounts(self._state, self._presence, self._schedule)
        self._rules = self._rules_of_people()
        self._inner_rules = self._rules_of_server()

    def _rules_of_people(self) -> dict[type[Command], Rule]:
        """Make the table of what people's commands do."""
        presence, scheduled, accounts = self._presence, self._scheduled, self._accounts
        messages = Messages(self._state, self._nodes, self._memory, scheduled, self._waiting)
        complaints, moderation = self._complaints, self._moderation
        return dict((
            rule(Send, messages.send, messages.check, unmuted("send")),
            rule(Rename, presence.rename, presence.check_rename, unmuted("rename")),
            rule(Cancel, scheduled.cancel, scheduled.check_cancel),
            rule(Report, complaints.report, complaints.check),
            rule(Kick, moderation.kick, moderation.check_power, moderation.moderators("kick")),
            rule(Mute, moderation.mute, moderation.check_power, moderation.moderators("mute")),
            rule(
                Unmute, moderation.unmute, moderation.check_power, moderation.moderators("unmute")
            ),
            rule(Ban, moderation.ban, moderation.check_ban, moderation.moderators("ban")),
            rule(Unban, moderation.unban, moderation.check_unban, moderation.moderators("unban")),
            rule(
                Delete, moderation.delete, moderation.check_delete, moderation.moderators("delete")
            ),
            rule(
                Announce,
                moderation.announce,
                moderation.nothing,
                moderation.unmuted_moderators("announce"),
            ),
            rule(Ignore, self._ignoring.ignore, self._ignoring.check),
            rule(Unignore, self._ignoring.end, self._ignoring.check_end),
            rule(Appeal, moderation.appeal, moderation.check_appeal),
            rule(
                Appoint,
                moderation.appoint,
                moderation.check_appoint,
                moderation.owners("moderator"),
            ),
            rule(NewAccount, accounts.register, accounts.check_new),
            rule(NewPassword, accounts.change_password, accounts.check_password),
            rule(EndAccount, accounts.unregister, accounts.check_password),
            rule(NewToken, accounts.make_token, accounts.check_new_token),
            rule(EndToken, accounts.end_token, accounts.check_end_token),
        ))  # fmt: skip

    def _rules_of_server(self) -> dict[type[Command], InnerRule]:
        """Make the table of what commands of the server itself do."""
        presence = self._presence
        return dict((
            inner_rule(Enter, self._enter),
            inner_rule(Return, self._return),
            inner_rule(LogIn, self._log_in),
            inner_rule(AddMember, self._accounts.add),
            inner_rule(LogOut, self._log_out),
            inner_rule(IssueToken, presence.issue_token),
            inner_rule(Leave, presence.leave),
            inner_rule(Fire, self._scheduled.fire),
            inner_rule(Configure, self._configure),
            inner_rule(ClockSet, self._set_clock),
            inner_rule(NodeHere, self._node_here),
            inner_rule(NodeStays, self._node_stays),
            inner_rule(NodesGone, self._nodes_gone),
            inner_rule(NodeGone, self._node_gone),
            inner_rule(Start, self._start),
        ))  # fmt: skip

    @property
    def at(self) -> float:
        """The chat's own time of the last entry."""
        return self._state.at

    @property
    def ahead(self) -> float:
        """Seconds that the time of day was ahead of the chat's own, when it was last looked at."""
        return self._state.ahead

    def snapshot(self) -> Snapshot:
        """Encode the state after the last entry."""
        return Snapshot(self.last, b"".join(self.pieces()))

    def pieces(self) -> Iterator[bytes]:
        """Encode the state as it is when this is called, little by little."""
        return pieces(self._state)

    def apply(self, entry: Entry) -> Outcome | None:
        """Carry out an entry; None where it does not count.

        Its proposal was appended twice then, or its node is gone. Entries come in the order of
        their ids.
        """
        proposal, state = entry.proposal, self._state
        self.last = entry.id
        state.at = entry.at
        if not self._nodes.counts(proposal):
            return None
        if state.away or state.idle:
            self._presence.let_time_pass(entry.at)
        command = proposal.command
        rule = self._rules.get(type(command))
        if rule is not None:
            outcome = self._carry_out_for_person(command, rule, entry)
        else:
            outcome = self._inner_rules[type(command)](command, entry)
        if proposal.key and isinstance(outcome.answer, Ok):
            person = state.person_at(proposal.connection)
            if person is not None:
                person.device_at(proposal.connection).remember_key(proposal.key, outcome.answer)
        return outcome

    def check(self, connection: str, key: str, command: OfPeople, at: float) -> Ok | Refused | None:
        """Answer a line that need not be journaled: it is refused, or its key was used before.

        None where it is to be journaled, also for a connection that has not entered yet.
        """
        person = self._state.person_at(connection)
        if person is None:
            return None
        if key and (answer := person.device_at(connection).answer_to(key)) is not None:
            return answer
        rule, newest = self._rules[type(command)], self._state.at
        at = at if at > newest else newest
        return rule.may(person, at) or rule.check(person, command, at)

    def is_muted_address(self, address: str, at: float) -> bool:
        """Say whether whoever comes from an address is muted."""
        return at < self._state.muted_addresses.get(address, 0.0)

    def check_token(self, token_hash: str) -> Refused | None:
        """Refuse a token with which nobody can be resumed."""
        state = self._state
        is_known = token_hash in state.tokens or token_hash in state.bot_tokens
        return None if is_known else UNKNOWN_TOKEN

    def _carry_out_for_person(self, command: Command, rule: Rule, entry: Entry) -> Outcome:
        connection, key = entry.proposal.connection, entry.proposal.key
        person = self._state.person_at(connection)
        if person is None:
            return Outcome([], NOT_ENTERED)
        if key and (answer := person.device_at(connection).answer_to(key)) is not None:
            return Outcome([], answer)
        refused = rule.may(person, entry.at) or rule.check(person, command, entry.at)
        if refused is not None:
            return Outcome([], refused)
        person.has_acted = True
        return rule.carry_out(person, command, entry)

    # What the server says of itself

    def _configure(self, command: Configure, entry: Entry) -> Outcome:
        state = self._state
        state.reports, state.mute_seconds = command.reports, command.mute_seconds
        state.report_seconds = command.report_seconds
        state.standing_seconds = command.standing_seconds
        state.owners = command.owners
        return Outcome([])

    def _set_clock(self, command: ClockSet, entry: Entry) -> Outcome:
        self._state.ahead = command.ahead
        return Outcome(self._scheduled.told_anew())

    def _node_here(self, command: NodeHere, entry: Entry) -> Outcome:
        self._nodes.come(command.run, entry)
        return Outcome([])

    def _node_stays(self, command: NodeStays, entry: Entry) -> Outcome:
        return Outcome([])

    def _nodes_gone(self, command: NodesGone, entry: Entry) -> Outcome:
        self._nodes.go(command.nodes, entry.id - 1)
        return self._presence.nodes_gone(command.nodes, entry.at)

    def _node_gone(self, command: NodeGone, entry: Entry) -> Outcome:
        return self._presence.nodes_gone((command.node,), entry.at)

    def _start(self, command: Start, entry: Entry) -> Outcome:
        gone = self._nodes_gone(NodesGone(tuple(self._state.nodes)), entry)
        self._nodes.come(command.run, entry)
        return gone

    # Entering

    def _enter(self, command: Enter, entry: Entry) -> Outcome:
        banned = self._kept_away(None, command.address, entry)
        if banned is not None:
            return banned
        return self._welcomed(self._presence.enter(command, entry), entry.proposal.connection)

    def _kept_away(self, person: Participant | None, address: str, entry: Entry) -> Outcome | None:
        """Say goodbye to who may not come in; None where they may."""
        bye = self._moderation.banned(person, address, entry.at)
        if bye is None:
            return None
        bye = msgspec.structs.replace(bye, re=entry.proposal.key)
        return Outcome([Delivery(Persons((entry.proposal.connection,)), bye)])

    def _return(self, command: Return, entry: Entry) -> Outcome:
        person = self._presence.person_with(command.token_hash, entry.at)
        banned = self._kept_away(person, command.address, entry)
        if banned is not None:
            return banned
        came = self._accounts.come_with_token(command, entry)
        if came is None:
            came = self._presence.return_(command, entry)
        return self._welcomed(came, entry.proposal.connection)

    def _log_in(self, command: LogIn, entry: Entry) -> Outcome:
        person = self._state.people.get(command.person)
        banned = self._kept_away(person, command.address, entry)
        if banned is not None:
            return banned
        return self._welcomed(self._accounts.log_in(command, entry), entry.proposal.connection)

    def _log_out(self, command: LogOut, entry: Entry) -> Outcome:
        return self._welcomed(self._accounts.log_out(command, entry), entry.proposal.connection)

    def _welcomed(self, outcome: Outcome, connection: str) -> Outcome:
        """Add the welcome of somebody who has just become the person of this connection."""
        if not outcome.deliveries and not isinstance(outcome.answer, Ok):
            return outcome
        person = self._state.people[self._state.connections[connection]]
        for number in self._schedule.waiting_for(person.id):
            self._schedule.postpone(number, self._state.items[number].due)
        told: list[Event] = [self.welcome(connection), *self._waiting.taken(person)]
        person.undelivered = None
        here = Persons((connection,))
        return Outcome(
            [*outcome.deliveries, *[Delivery(here, event) for event in told]], outcome.answer
        )

    # Questions

    def nodes(self) -> tuple[str, ...]:
        """Name the nodes that are here."""
        return tuple(self._state.nodes)

    def has_entered(self, connection: str) -> bool:
        return connection in self._state.connections

    def knows(self, connection: str) -> bool:
        """Say whether a connection has entered, or its person was resumed at another one."""
        return self.has_entered(connection) or connection in self._state.dismissed

    def here(self) -> int:
        """Count the people who are here."""
        return self._presence.here

    def account(self, name: Name) -> Login | None:
        """Say what somebody has to know who wants to be the member of a name; None without one."""
        return _login(self._state.meant(name))

    def account_at(self, connection: str) -> Login | None:
        """Say the same of the member at a connection; None where there is no member."""
        return _login(self._state.person_at(connection))

    def whoami(self, connection: str) -> Whoami | Refused:
        person = self._state.person_at(connection)
        if person is None:
            return NOT_ENTERED
        if person.account is None:
            return Whoami(person.person, False)
        return Whoami(
            person.person,
            True,
            len(person.connections),
            person.account.since,
            self._accounts.devices_of(person, connection, self._state.at),
            self._moderation.rank_of(person),
        )

    def is_moderator(self, connection: str) -> bool:
        person = self._state.person_at(connection)
        return person is not None and self._state.is_moderator(person)

    def asks_moderation(self, connection: str, command: str) -> Moderation | Refused:
        """Give a moderator what is theirs to look at; refuse everybody else a command."""
        if self.is_moderator(connection):
            return self._moderation
        return Refused("for_moderators", {"command": command})

    def ignores(self, connection: str) -> Ignored:
        """List whom somebody ignores."""
        person = self._state.person_at(connection)
        return Ignored([] if person is None else self._ignoring.people_of(person))

    def moderators(self) -> ModeratorsAnswer:
        return self._moderation.all_moderators()

    def tokens(self, connection: str) -> Tokens | Refused:
        """List the tokens of a member's programs."""
        person = self._state.person_at(connection)
        if person is None or person.account is None:
            return NOT_A_MEMBER
        return Tokens(self._accounts.tokens_of(person))

    def name_at(self, connection: str) -> str:
        """Return what the person of a connection is called; "" where it has none."""
        person = self._state.person_at(connection)
        return "" if person is None else person.name

    def token_hash_at(self, connection: str) -> str:
        """Return the hash of the token that resumes the person of a connection; "" for none."""
        person = self._state.person_at(connection)
        return "" if person is None else person.device_at(connection).token_hash

    def welcome(self, connection: str) -> Welcome:
        """Describe the chat to somebody who is here; KeyError if they are not.

        Of a token the chat knows only the hash; the dialogue puts the token in its place.
        """
        person = self._state.people[self._state.connections[connection]]
        here, token_hash = self.here(), person.device_at(connection).token_hash
        is_listed = here <= CROWD or token_hash
        return Welcome(
            you=person.person,
            server="chat-server",
            version=__version__,
            chat=self.name,
            time=self._state.time_of_day(self._state.at),
            users=self._people_here() if is_listed else [],
            pending=self._scheduled.items_of(person.id),
            undelivered=list(person.undelivered or ()),
            last=self._state.newest_message,
            token=token_hash or None,
            here=here,
            away=self._away_of(person) if token_hash else [],
        )

    def _away_of(self, person: Participant) -> list[Person]:
        """Name the members who are not here, of those with whom somebody has written."""
        others = map(self._state.people.get, self._memory.wrote_with(person.id))
        return [
            other.person
            for other in others
            if other is not None and other.account is not None and not other.is_here
        ]

    def ending_with(self, connection: str) -> list[str]:
        """Return the ids of what ends when somebody leaves for good."""
        person = self._state.person_at(connection)
        return [] if person is None else [str(n) for n in self._presence.ending_with(person)]

    def goodbye(self, connection: str) -> Bye:
        """Say goodbye to whoever leaves without a word."""
        return self._presence.goodbye("hung_up", connection)

    def users(self) -> Users:
        return Users(self._people_here())

    def pending(self, connection: str) -> Pending:
        """List somebody's scheduled messages, soonest first."""
        return Pending(self._scheduled.items_of(self._state.connections.get(connection, "")))

    def history(
        self, connection: str, count: int, since: int | None, run: str = ""
    ) -> History | Refused:
        """Give the newest `count` messages that somebody may see, after the id `since` of a run."""
        if since is not None and not self._nodes.knows_id(since, run, self.last):
            return unknown_id(since, run, self._state.newest_message)
        person = self._state.connections.get(connection, "")
        return self._memory.history(person, count, since)

    def next_due(self) -> float | None:
        """Return when the next scheduled message is due; None with none pending."""
        return self._schedule.next_due()

    def due_by(self, at: float, most: int | None = None) -> list[int]:
        """Return the numbers of the items that are due by then, in order; at most `most`."""
        return self._schedule.due_by(at, most)

    def _people_here(self) -> list[Person]:
        people = self._state.people
        return [people[id_].person for id_ in dict.fromkeys(self._state.connections.values())]
