"""Whether our user owns their name, and keeps order, as far as the server has told. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from chat_server.protocol.events import (
    Event,
    Moderators,
    Notice,
    Ok,
    Person,
    Rank,
    Refused,
    Welcome,
    Whoami,
)
from chat_server.protocol.names import find_name, name_key

_IS_MEMBER = {
    "registered": True,
    "logged_in": True,
    "password_changed": True,
    "unregistered": False,
    "logged_out": False,
}
"""What one is after what was carried out, by its code."""


class Entry(NamedTuple):
    """Something to do: what it is called, and the line that does it, or (`is_begun`) begins it."""

    title: str
    line: str
    is_begun: bool = False


class Membership:
    """Learns from what a server says to us."""

    def __init__(self) -> None:
        self.is_member = False
        self.rank: Rank = ""
        self.owned = ""
        """The name that we wanted last and that belongs to a member; "" once we have it."""
        self._you = Person("", "")

    @property
    def may_register(self) -> bool:
        """Say whether our user is a guest with a name of their own choice."""
        name = find_name(self._you.name)
        return not self.is_member and name is not None and not name.reserved

    def hear(self, event: Event) -> None:
        """Learn from what was said."""
        match event:
            case Welcome(you=you):
                if you.id != self._you.id:
                    self.is_member, self.rank = False, ""
                self.called(you)
            case Whoami(member=member, rank=rank):
                self.is_member, self.rank = member, rank
            case Ok(code=code) if code in _IS_MEMBER:
                self.is_member = _IS_MEMBER[code]
                self.rank = self.rank if self.is_member else ""
            case Refused(code="name_owned", data=data):
                self.owned = str(data.get("name", ""))
            case Moderators() | Notice():
                self._hear_of_rank(event)

    def _hear_of_rank(self, event: Moderators | Notice) -> None:
        """Learn whether we keep order; who owns the chat does so whatever is said."""
        match event:
            case Moderators(people=people):
                keeps_order = self._you in people
            case Notice(code="appointed" | "dismissed" as code):
                keeps_order = code == "appointed"
            case _:
                return
        if self.rank != "owner":
            self.rank = "moderator" if keeps_order else ""

    def called(self, you: Person) -> None:
        """Take note of who we are, and what we are called."""
        self._you = you
        if name_key(you.name) == name_key(self.owned):
            self.owned = ""


def entries(membership: Membership) -> Iterator[Entry]:
    """List what our user can do about their name, the likeliest first."""
    if membership.is_member:
        yield Entry("Change your password…", "password")
        yield Entry("Log out", "logout")
        return
    if membership.owned:
        yield Entry(f"Log in as {membership.owned}…", f"login {membership.owned}")
    if membership.may_register:
        yield Entry("Make your name your own…", "register")
    yield Entry("Log in…", "login", is_begun=True)
