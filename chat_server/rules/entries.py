"""What is journaled: proposals, and the entries that they become once they are durable.

A command is carried by a proposal; the journal gives it an id and a time. Commands that people
type are journaled as they were parsed; the ones here are what the server proposes itself.
"""

import msgspec

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
from chat_server.protocol.names import Name


class Configure(msgspec.Struct, frozen=True, tag=True):
    """The settings that rules read, from this entry on."""

    reports: int
    mute_seconds: int
    report_seconds: int = 1800
    standing_seconds: int = 900
    owners: tuple[str, ...] = ()
    """Compared names of the members who may do everything."""


class NodeHere(msgspec.Struct, frozen=True, tag=True):
    """A node is here from now on.

    `run` is a random word that is in every id that its entries make, so that no id is given a
    second time even where an older copy of the journal is put back.
    """

    run: str = ""


class NodeStays(msgspec.Struct, frozen=True, tag=True):
    """A node is still here, and is heard of; one that is taken to be gone is not here by that."""


class NodesGone(msgspec.Struct, frozen=True, tag=True):
    """Nodes have ended, or are taken to have: whoever was connected to them has left.

    Nothing counts that they append after this.
    """

    nodes: tuple[str, ...]


class Start(msgspec.Struct, frozen=True, tag=True):
    """All other nodes are gone and this one is here.

    It stands in older journals, from when there could be only one node.
    """

    run: str = ""


class ClockSet(msgspec.Struct, frozen=True, tag=True):
    """The time of day is `ahead` seconds ahead of the chat's own time from now on."""

    ahead: float


class Enter(msgspec.Struct, frozen=True, tag=True):
    """A connection becomes a new person, with this name if it may, as a guest otherwise."""

    name: Name | None = None
    token_hash: str | None = None
    address: str = ""
    """Where it comes from, for which a mute holds; "" for this machine."""


class Return(msgspec.Struct, frozen=True, tag=True):
    """A connection becomes the person who was given a token.

    `fresh_hash` is for the new person that it becomes where no such person is known, if a guest
    `may_enter`.
    """

    token_hash: str
    fresh_hash: str
    address: str = ""
    may_enter: bool = True


class IssueToken(msgspec.Struct, frozen=True, tag=True):
    """The person of this connection can be resumed with a token from now on."""

    token_hash: str


class NewAccount(msgspec.Struct, frozen=True, tag=True):
    """Somebody owns their name from now on; `secret` is the hash of their password."""

    secret: str


class AddMember(msgspec.Struct, frozen=True, tag=True):
    """Somebody who is not here owns a name from now on, with a password of this hash."""

    name: Name
    secret: str


class NewPassword(msgspec.Struct, frozen=True, tag=True):
    """A member has another password, of which `secret` is the hash.

    `changed` is the number of the one that they gave; with another one by now, this means nothing.
    """

    secret: str
    changed: int = 0


class EndAccount(msgspec.Struct, frozen=True, tag=True):
    """A member, who gave the password of this number, is a guest again."""

    changed: int = 0


class NewToken(msgspec.Struct, frozen=True, tag=True):
    """A program can be a member with a token, of which this is the hash."""

    label: str
    token_hash: str


class EndToken(msgspec.Struct, frozen=True, tag=True):
    """A member's token counts no more."""

    token: str


OfMembers = NewAccount | NewPassword | EndAccount | NewToken | EndToken
"""What somebody's own commands come to once a password was given, or a token made."""


class LogIn(msgspec.Struct, frozen=True, tag=True):
    """A connection becomes a device of the member of this id, who gave the right password.

    `changed` is the password's number, as of `NewPassword`.
    """

    person: str
    changed: int
    token_hash: str | None = None
    address: str = ""


class LogOut(msgspec.Struct, frozen=True, tag=True):
    """A member's connection becomes a new guest, who gets a token if there is a hash of one."""

    token_hash: str | None = None
    address: str = ""


class Leave(msgspec.Struct, frozen=True, tag=True):
    """A connection ends. `goodbye`: they said `exit`, so the person does not come back."""

    goodbye: bool = False


class Fire(msgspec.Struct, frozen=True, tag=True):
    """A scheduled message is due. Early, or a second time, it means nothing."""

    item: int


class NodeGone(msgspec.Struct, frozen=True, tag=True):
    """Every connection of a node has ended, as the node itself said.

    It stands in older journals, from before there was `NodesGone`.
    """

    node: str


OfNodes = NodeHere | NodeStays | NodesGone | Start | NodeGone
"""What nodes say of themselves and of each other."""

TypedCommand = (
    Rename | Send | Cancel | Report | Ignore | Unignore
    | Kick | Mute | Unmute | Ban | Unban | Delete | Announce | Appeal | Appoint
)  # fmt: skip
"""What people type that changes the chat."""

Command = (
    TypedCommand
    | Configure | ClockSet | NodeHere | NodeStays | NodesGone | Start | NodeGone
    | Enter | Return | IssueToken | Leave | Fire
    | NewAccount | NewPassword | EndAccount | NewToken | EndToken | LogIn | LogOut | AddMember
)  # fmt: skip


class Proposal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A command on its way into the journal.

    `node` and `sequence` name it, so that a proposal that was appended twice counts once.
    `connection` is whose command it is ("" for the server's own); `key` is the line's `@KEY`.
    """

    node: str
    sequence: int
    connection: str
    key: str
    command: Command


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A proposal that is durable: the `id` counts up.

    `at` is the chat's own time, which never goes back: spans are counted in it, whatever is done
    to the machine's clock. The time of day is `at` plus the state's `ahead`.
    """

    id: int
    at: float
    proposal: Proposal


class Snapshot(msgspec.Struct, frozen=True, array_like=True):
    """The encoded state of a chat after the entry with the id `last`."""

    last: int
    state: bytes
