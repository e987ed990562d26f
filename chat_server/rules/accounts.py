"""The rules of accounts: whose a name is, and how its owner comes in.

A member is a person who has an account, so whatever was theirs as a guest stays theirs. Whether
a password is right is found out before anything is proposed: here, only hashes are kept.
"""

from chat_server.protocol.events import Device as ShownDevice
from chat_server.protocol.events import Ok, Refused, shortened
from chat_server.protocol.events import Token as ShownToken
from chat_server.protocol.passwords import WRONG_PASSWORD
from chat_server.rules.entries import (
    AddMember,
    EndAccount,
    EndToken,
    Enter,
    Entry,
    LogIn,
    LogOut,
    NewAccount,
    NewPassword,
    NewToken,
    Return,
)
from chat_server.rules.presence import PERSON_KEPT, Presence
from chat_server.rules.schedule import Schedule
from chat_server.rules.state import (
    Account,
    BotToken,
    Delivery,
    Everyone,
    Outcome,
    Participant,
    State,
)

MOST_DEVICES = 20
"""Connections that one member may have; of those that broke, as many can be resumed as are left."""
MOST_TOKENS = 20
"""Tokens that one member's programs may have."""
MOST_ACCOUNTS = 100_000
"""Accounts after which only those are made that an admin adds."""

NOT_A_MEMBER = Refused("not_a_member")


class Accounts:
    """The rules of accounts, over a state that the other rules share."""

    def __init__(self, state: State, presence: Presence, schedule: Schedule) -> None:
        self._state = state
        self._presence = presence
        self._schedule = schedule
        self._number = sum(person.account is not None for person in state.people.values())
        """How many accounts there are."""

    # Having one

    def check_new(self, person: Participant, command: NewAccount, at: float) -> Refused | None:
        """Refuse an account to somebody who has one, or has no name of their own choice."""
        if person.account is not None:
            return Refused("already_a_member", {"name": person.name})
        if person.has_guest_name:
            return Refused("guest_name", {"name": person.name})
        if person.key in self._state.owners and self._presence.is_far(person):
            return Refused("owners_name", {"name": person.name})
        if self._number >= MOST_ACCOUNTS:
            return Refused("too_many_accounts", {"limit": MOST_ACCOUNTS})
        return None

    def register(self, person: Participant, command: NewAccount, entry: Entry) -> Outcome:
        person.account = self._new_account(command, entry)
        return Outcome([], Ok(code="registered", data={"name": person.name}))

    def _new_account(self, command: NewAccount | AddMember, entry: Entry) -> Account:
        self._number += 1
        return Account(command.secret, self._state.time_of_day(entry.at), entry.id)

    def check_password(
        self, person: Participant, command: NewPassword | EndAccount, at: float
    ) -> Refused | None:
        """Refuse what takes the password of a member, who may be another one by now."""
        if person.account is None:
            return NOT_A_MEMBER
        return None if command.changed == person.account.changed else WRONG_PASSWORD

    def change_password(self, person: Participant, command: NewPassword, entry: Entry) -> Outcome:
        """Let another password count; whoever came by the one before is here no more."""
        account = _account(person)
        account.secret, account.changed = command.secret, entry.id
        deliveries = self._presence.dismiss_all_but(person, entry.proposal.connection)
        return Outcome(deliveries, Ok(code="password_changed"))

    def unregister(self, person: Participant, command: EndAccount, entry: Entry) -> Outcome:
        """Make a guest of a member; only the connection that asks for it stays theirs."""
        for token_hash in _account(person).tokens or ():
            del self._state.bot_tokens[token_hash]
        deliveries = self._presence.dismiss_all_but(person, entry.proposal.connection)
        person.account = None
        self._number -= 1
        return Outcome(deliveries, Ok(code="unregistered", data={"name": person.name}))

    def add(self, command: AddMember, entry: Entry) -> Outcome:
        """Make a member of somebody who is not here, if the name is free."""
        refused = self._presence.check_name(command.name, None, entry.at)
        if refused is not None:
            return Outcome([], refused)
        person = self._presence.add(command.name, entry)
        person.account = self._new_account(command, entry)
        return Outcome([], Ok(code="registered", data={"name": person.name}))

    # Tokens of programs

    def check_new_token(self, person: Participant, command: NewToken, at: float) -> Refused | None:
        if person.account is None:
            return NOT_A_MEMBER
        if len(person.account.tokens or ()) >= MOST_TOKENS:
            return Refused("too_many_tokens", {"limit": MOST_TOKENS})
        return None

    def make_token(self, person: Participant, command: NewToken, entry: Entry) -> Outcome:
        account = _account(person)
        at = self._state.time_of_day(entry.at)
        token = BotToken(str(entry.id), command.label, at)
        account.tokens = {**(account.tokens or {}), command.token_hash: token}
        self._state.bot_tokens[command.token_hash] = person.id
        return Outcome([], Ok(id=token.id, code="token_made", data={"label": token.label}))

    def check_end_token(self, person: Participant, command: EndToken, at: float) -> Refused | None:
        if person.account is None:
            return NOT_A_MEMBER
        if command.token not in [token.id for token in _tokens(person).values()]:
            return Refused("unknown_token", {"token": shortened(command.token)})
        return None

    def end_token(self, person: Participant, command: EndToken, entry: Entry) -> Outcome:
        account = _account(person)
        tokens = _tokens(person)
        for token_hash in [h for h, token in tokens.items() if token.id == command.token]:
            del self._state.bot_tokens[token_hash]
        account.tokens = {h: token for h, token in tokens.items() if token.id != command.token}
        here = entry.proposal.connection
        deliveries = self._presence.dismiss_all_but(person, here, bot=command.token)
        return Outcome(deliveries, Ok(code="token_ended", data={"id": command.token}))

    def tokens_of(self, person: Participant) -> list[ShownToken]:
        return [
            ShownToken(token.id, token.label, token.since) for token in _tokens(person).values()
        ]

    def devices_of(self, person: Participant, connection: str, at: float) -> list[ShownDevice]:
        """List where a member is here, and what can be resumed, for one of their connections."""
        labels = {token.id: token.label for token in _tokens(person).values()}
        return [
            ShownDevice(
                device.address or None,
                here=bool(device.connection),
                this=device.connection == connection,
                program=labels.get(device.bot),
            )
            for device in person.devices
            if device.connection or at < device.gone_at + PERSON_KEPT
        ]

    # Coming in

    def log_in(self, command: LogIn, entry: Entry) -> Outcome:
        """Let a connection be one more device of a member.

        What the guest who it was had scheduled is the member's from now on, and so is a mute.
        """
        connection = entry.proposal.connection
        if connection in self._state.dismissed:
            return Outcome([])
        person = self._state.people.get(command.person)
        if person is None or person.account is None or person.account.changed != command.changed:
            return Outcome([], WRONG_PASSWORD)
        answer = Ok(code="logged_in", data={"name": person.name})
        if connection in person.connections:
            return Outcome([], answer)
        if not self._make_room(person, entry.at):
            return Outcome([], Refused("too_many_devices", {"limit": MOST_DEVICES}))
        guest = self._state.person_at(connection)
        if guest is not None and guest.account is None:
            self._schedule.hand_over(guest.id, person.id)
            person.muted_until = max(person.muted_until, guest.muted_until)
        device = self._presence.new_device(person, command.token_hash or "")
        return Outcome(self._presence.become(person, device, command.address, entry), answer)

    def come_with_token(self, command: Return, entry: Entry) -> Outcome | None:
        """Let a member's program in, with its token; None where there is no such token."""
        id_ = self._state.bot_tokens.get(command.token_hash)
        if id_ is None:
            return None
        account = _account(self._state.people[id_])
        login = LogIn(id_, account.changed, command.fresh_hash, command.address)
        member, connection = self._state.people[id_], entry.proposal.connection
        was_here = connection in member.connections
        came = self.log_in(login, entry)
        if isinstance(came.answer, Ok) and not was_here:
            member.device_at(connection).bot = _tokens(member)[command.token_hash].id
        is_nobody = self._state.person_at(entry.proposal.connection) is None
        if is_nobody and came.answer is not None and command.may_enter:
            guest = Enter(None, command.fresh_hash, command.address)
            return Outcome(self._presence.enter(guest, entry).deliveries, came.answer)
        return came

    def log_out(self, command: LogOut, entry: Entry) -> Outcome:
        """Let a member's connection be a new guest."""
        connection = entry.proposal.connection
        person = self._state.person_at(connection)
        if person is None or person.account is None:
            return Outcome([], NOT_A_MEMBER)
        left = self._presence.end_device(person, connection, entry.at)
        deliveries = [Delivery(Everyone(but=connection), delivery.event) for delivery in left]
        came = self._presence.enter(Enter(None, command.token_hash, command.address), entry)
        deliveries += [Delivery(Everyone(but=connection), come.event) for come in came.deliveries]
        return Outcome(deliveries, Ok(code="logged_out"))

    def _make_room(self, person: Participant, at: float) -> bool:
        """Forget devices that can be resumed no more and, of too many, the one that broke first.

        Return whether there is room for one more then.
        """
        broken = [device for device in person.devices if not device.connection]
        for device in broken:
            if at >= device.gone_at + PERSON_KEPT:
                self._presence.forget_device(person, device)
        if len(person.devices) >= MOST_DEVICES and broken:
            first = min(broken, key=lambda device: device.gone_at)
            self._presence.forget_device(person, first)
        return len(person.devices) < MOST_DEVICES


def _account(person: Participant) -> Account:
    assert person.account is not None
    return person.account


def _tokens(person: Participant) -> dict[str, BotToken]:
    return _account(person).tokens or {}
