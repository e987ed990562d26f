"""Snapshots: pieces that together are a state, made of one moment however long they take."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from chat_server.journal.sqlite import STEPS
from chat_server.rules import snapshots
from chat_server.rules.chat import Chat
from chat_server.rules.entries import (
    EndToken,
    Entry,
    NewAccount,
    NewPassword,
    NewToken,
    Snapshot,
)
from chat_server.rules.snapshots import PIECE, VERSION, NewerState
from chat_server.rules.state import State
from tests.support.story import Story, retold


def busy_story() -> Story:
    """Tell of many people, some away, who said much to everyone and to each other."""
    story = Story()
    for number in range(300):
        person = story.enters(f"p{number}", token=f"t{number}")
        story.types(person, f"@k send hello {number} {'x' * 300}")
        story.types(person, f"@p send psst -u p{number // 2}")
        story.types(person, "send later -t 900")
        if number % 3:
            story.breaks(person)
    return story


def test_pieces_are_the_state() -> None:
    story = busy_story()
    pieces = list(story.chat.pieces())
    assert len(pieces) > 3
    assert max(map(len, pieces)) < PIECE + 4096
    state = msgspec.msgpack.decode(b"".join(pieces), type=State)
    again = Chat("story", Snapshot(story.chat.last, msgspec.msgpack.encode(state)))
    assert again.snapshot() == story.chat.snapshot() == Snapshot(story.chat.last, b"".join(pieces))


def test_pieces_are_of_one_moment_whatever_happens_meanwhile() -> None:
    story = busy_story()
    whole = story.chat.snapshot()
    pieces, making = [], story.chat.pieces()
    for number, piece in enumerate(making):
        pieces.append(piece)
        back = story.resumes(f"t{number * 3 + 1}")
        story.types(back, "@new send more")
        story.types(back, "send psst -u p0")
        story.types(back, f"rename q{number}")
        story.types(story.enters(), "report p0")
        story.types(back, "exit")
    assert whole.state == b"".join(pieces)
    assert whole != story.chat.snapshot()


def test_accounts_in_a_snapshot_are_of_its_moment() -> None:
    story = Story()
    alice, bob = story.enters("alice"), story.enters("bob")
    story.happens(NewAccount("hash"), alice)
    story.happens(NewToken("backup", "of the bot"), alice)
    [token] = story.tokens(alice)
    whole, making = story.chat.snapshot(), story.chat.pieces()
    login = story.chat.account_at(alice)
    assert login is not None
    story.happens(NewPassword("another hash", login.changed), alice)
    story.happens(EndToken(token), alice)
    story.types(alice, "exit")
    story.types(bob, "send hi -u alice")
    begun = Snapshot(whole.last, b"".join(making))
    assert begun == whole
    again = retold(story.entries, begun)
    assert again.check_token("of the bot") is not None
    assert again.snapshot() == story.chat.snapshot()


def test_what_complaints_leave_in_a_snapshot_is_of_its_moment() -> None:
    story = Story()
    eve = story.enters("eve")
    for wanted in ("alice", "bob"):
        story.enters(wanted)
    story.types(eve, "report alice")
    whole, making = story.chat.snapshot(), story.chat.pieces()
    story.types(eve, "report bob")
    assert Snapshot(whole.last, b"".join(making)) == whole


def test_state_of_a_newer_program_is_refused() -> None:
    newer = msgspec.msgpack.encode({"version": VERSION + 1, "people": "something else"})
    with pytest.raises(NewerState, match="version is 6, ours 5"):
        snapshots.decoded(newer)


def test_whatever_is_kept_otherwise_is_a_new_version() -> None:
    """Where this fails, add a step to the journal's STEPS, a chat of the old one, and the sum."""
    kept = msgspec.json.schema_components([list[Entry], State])
    sum_of_it = hashlib.sha256(repr(_without_words(kept)).encode()).hexdigest()[:12]
    assert (len(STEPS), VERSION, sum_of_it) == (5, 5, "8e801a247a35")
    files = Path(__file__).parents[1] / "files"
    assert len(list(files.glob("chat-*.sql"))) == len(STEPS) - 1


def _without_words(schema: object) -> object:
    """Leave out of a schema what is only said about it."""
    if isinstance(schema, dict):
        return {k: _without_words(v) for k, v in sorted(schema.items()) if k != "description"}
    if isinstance(schema, list | tuple):
        return [_without_words(part) for part in schema]
    return schema
