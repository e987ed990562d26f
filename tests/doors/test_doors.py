"""Each door by a script: bytes in, commands out, entries in, bytes out."""

import json
from collections.abc import Iterable

import pytest

from chat_server.doors import DOORS, JSON, TEXT
from chat_server.doors.telnet import ASK_BINARY
from chat_server.protocol.commands import Cancel, Rename, Send
from chat_server.protocol.events import Format
from chat_server.protocol.names import name
from chat_server.rules.entries import Command, Enter, IssueToken, Leave
from tests.support.playbook import Playbook
from tests.support.zones import zone

SCRIPT = (
    "rename алиса\r\n"
    "send hello\r\n"
    "send между нами -u алиса\r\n"
    "send later -t 60\r\n"
    "cancel 1\r\n"
    "rename анна\r\n"
    "pending\r\n"
    "exit\r\n"
)
COMMANDS: list[type[Command]] = [Enter, Send, Send, Send, Cancel, Rename, Leave]


def cut(said: bytes, size: int) -> Iterable[bytes]:
    """Cut bytes into pieces, as a network may."""
    return (said[start : start + size] for start in range(0, len(said), size))


def all_told(play: Playbook, pieces: Iterable[bytes]) -> tuple[list[Command], bytes]:
    """Let bytes come, and the journal settle everything; return what was proposed and told."""
    proposed: list[Command] = []
    told = b""
    for piece in pieces:
        play.hears(piece)
    while play.proposed:
        proposed += [proposal.command for proposal in play.proposed]
        told += play.settles()
    return proposed, told + play.is_told()


@pytest.mark.parametrize("format_", DOORS)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_however_bytes_come_they_mean_the_same(format_: Format, size: int) -> None:
    play = Playbook(format_)
    proposed, told = all_told(play, cut(SCRIPT.encode(), size))
    assert [type(command) for command in proposed] == COMMANDS
    assert proposed[2] == Send("между нами", to=name("алиса"))
    assert told.count(b"\n") > len(COMMANDS)
    assert b"Goodbye." in told.splitlines()[-1]


def test_people_are_told_in_lines_what_they_did_not_see_happen() -> None:
    play = Playbook("text")
    play.hears("rename alice\nsend hi\nsend later -t 60\nreport nobody\n")
    with zone("UTC"):
        lines = (play.settles() + play.settles()).decode().splitlines()
    assert lines == [
        "* Welcome, alice. 1 person is here: alice. Type help for the commands.",
        "[22:13:20] alice: hi",
        "* Scheduled 1 for 22:14:20: later",
        "! Nobody here is called nobody. Type users to see who is here.",
    ]


def test_programs_are_answered_line_by_line_with_their_keys() -> None:
    play = Playbook("json")
    play.hears("@a rename alice\n@b send hi\n@c users\n@d nonsense\nsend no key\n")
    told = [json.loads(line) for line in play.settles().splitlines()]
    told += [json.loads(line) for line in play.settles().splitlines()]
    assert [(event["type"], event.get("re", "")) for event in told] == [
        ("welcome", ""),
        ("ok", "a"),
        ("message", ""),
        ("ok", "b"),
        ("users", "c"),
        ("refused", "d"),
        ("message", ""),
        ("ok", ""),
    ]


def test_only_programs_get_tokens() -> None:
    text, programs = Playbook("text"), Playbook("json")
    for play in (text, programs):
        play.hears("rename alice\n")
    [of_text], [of_programs] = text.proposed, programs.proposed
    assert isinstance(of_text.command, Enter)
    assert of_text.command.token_hash is None
    assert isinstance(of_programs.command, Enter)
    assert of_programs.command.token_hash
    assert json.loads(programs.settles().splitlines()[0])["token"]


def test_telnet_is_answered_at_the_door_of_people_alone() -> None:
    do_echo, wont_echo = b"\xff\xfd\x01", b"\xff\xfc\x01"
    assert Playbook("text").hears(do_echo) == Playbook("json").hears(do_echo) == []
    text, programs = Playbook("text"), Playbook("json")
    for play in (text, programs):
        play.hears(do_echo)
    assert text.is_told() == wont_echo
    assert programs.is_told() == b""


@pytest.mark.parametrize(
    ("said", "has_looked_on", "is_asked"),
    [
        (b"\xff\xf1send hi\r\n", False, True),
        (b"send \xd0\r\n", False, True),
        (b"send hi\r\n", True, True),
        (b"send hi\r\n", False, False),
        (b"send \xd0\n", False, False),
        (b"send hi\n", True, False),
    ],
)
def test_what_shows_to_be_telnet_is_asked_once_for_whole_bytes(
    said: bytes, has_looked_on: bool, is_asked: bool
) -> None:
    reader = TEXT.reader(8192)
    reader.feed(said)
    while reader.next_line() is not None:
        pass
    asked = [reader.ask_telnet(has_looked_on=has_looked_on) for _ in range(2)]
    assert asked == [ASK_BINARY if is_asked else b"", b""]


def test_a_door_is_swapped_behind_the_answer_to_who_asked_for_it() -> None:
    play = Playbook("text")
    play.hears("rename alice\nsend one\nformat json\n@k send two\n")
    assert play.door is TEXT
    told = play.settles()
    assert [type(proposal.command) for proposal in play.proposed] == [IssueToken]
    assert play.door is TEXT
    told += play.settles()
    assert play.door is JSON
    assert [type(proposal.command) for proposal in play.proposed] == [Send]
    *lines, answer, welcome = told.splitlines()
    assert all(line.startswith((b"* ", b"[")) for line in lines)
    assert json.loads(answer)["type"] == "ok"
    assert json.loads(welcome)["type"] == "welcome"
    assert [json.loads(line)["type"] for line in play.settles().splitlines()] == ["message", "ok"]


def test_who_changes_to_the_door_of_programs_gets_a_token_first() -> None:
    play = Playbook("text")
    play.hears("rename alice\n")
    play.settles()
    [issued] = play.hears("format json\n")
    assert isinstance(issued, IssueToken)
    assert json.loads(play.settles().splitlines()[-1])["token"]


def test_half_a_line_is_refused_with_its_key() -> None:
    reader = JSON.reader(8192)
    reader.feed(b"@k send not all of")
    assert reader.next_line() is None
    refused = reader.half_a_line()
    assert refused is not None
    assert (refused.code, refused.re) == ("half_a_line", "k")
    assert TEXT.reader(8192).half_a_line() is None


def test_a_rename_is_the_way_in_and_later_a_new_name() -> None:
    play = Playbook("text")
    [entering] = play.hears("rename alice\n")
    assert entering == Enter(name("alice"))
    play.settles()
    assert play.hears("rename anna\n") == [Rename(name("anna"))]
