"""What lines mean, one after the other, without a connection: which wait, and for what."""

import json
from collections.abc import Iterator

import pytest

from chat_server.protocol.commands import Rename, Send
from chat_server.protocol.names import name
from chat_server.rules.entries import Enter, Leave
from tests.support.playbook import Playbook
from tests.support.zones import zone


@pytest.fixture(autouse=True)
def in_greenwich() -> Iterator[None]:
    with zone("UTC"):
        yield


def here(who: str = "alice") -> Playbook:
    """Make somebody who has come."""
    play = Playbook()
    play.hears(f"rename {who}\n")
    play.settles()
    return play


def test_what_is_said_to_all_goes_on_its_way_together() -> None:
    assert here().hears("send one\nsend two\nsend three\n") == [
        Send("one"),
        Send("two"),
        Send("three"),
    ]


def test_a_question_waits_for_what_was_said_before_it_and_what_follows_for_both() -> None:
    play = here()
    assert play.hears("send one\nusers\nsend two\n") == [Send("one")]
    lines = play.settles().decode().splitlines()
    assert lines == ["[22:13:20] alice: one", "* 1 person is here:", "  alice"]
    assert [proposal.command for proposal in play.proposed] == [Send("two")]


def test_what_may_depend_on_an_earlier_line_waits_for_it() -> None:
    play = here()
    assert play.hears("rename anna\nreport bob\n") == [Rename(name("anna"))]
    assert play.settles().decode().splitlines() == [
        "* alice is now known as anna",
        "! Nobody here is called bob. Type users to see who is here.",
    ]


def test_what_cannot_succeed_is_refused_in_its_turn_and_not_proposed() -> None:
    play = here()
    assert play.hears("send one\nsend two -u nobody\n") == [Send("one")]
    assert play.settles().decode().splitlines() == [
        "[22:13:20] alice: one",
        "! Nobody here is called nobody. Type users to see who is here.",
    ]
    assert play.proposed == []


def test_only_so_many_lines_are_on_their_way_at_once() -> None:
    play = here()
    assert len(play.hears("send x\n" * 300)) == 256
    play.settles()
    assert len(play.proposed) == 44


def test_what_is_not_saved_is_refused_and_the_next_line_is_tried() -> None:
    play = here()
    play.hears("send one\nusers\n")
    first, *answer = play.is_not_saved().decode().splitlines()
    assert first.startswith("! This could not be saved")
    assert answer == ["* 1 person is here:", "  alice"]


def test_silence_enters_as_a_guest_after_a_moment() -> None:
    play = Playbook()
    assert play.waits(0.29) == []
    assert play.waits(0.01) == [Enter()]
    assert play.settles().startswith(b"* Welcome, guest1.")
    assert play.waits(60) == []


def test_who_looks_on_enters_as_soon_as_that_can_be_saved_and_is_told_once() -> None:
    play = Playbook()
    play.waits(0.3)
    assert play.is_not_saved().startswith(b"! ")
    assert play.waits(1) == [Enter()]
    assert play.is_not_saved() == b""
    assert play.waits(1) == [Enter()]
    assert play.settles().startswith(b"* Welcome, guest1.")


def test_who_says_something_is_in_before_it_counts() -> None:
    assert Playbook().hears("send hi\n") == [Enter(), Send("hi")]


def test_who_cannot_be_let_go_in_the_journal_may_go_nevertheless() -> None:
    play = here()
    assert play.hears("exit\n") == [Leave(goodbye=True)]
    assert play.is_not_saved() == b"* Goodbye.\r\n"


def test_who_hangs_up_is_told_goodbye_if_they_were_told_anything() -> None:
    play = here()
    play.dialogue.hang_up(None)
    assert play.is_told() == b"* Goodbye.\r\n"
    silent = Playbook()
    silent.dialogue.hang_up(None)
    assert silent.is_told() == b""


def test_a_token_is_for_programs_and_has_one_length() -> None:
    play = here()
    play.hears(f"resume {'x' * 32}\n")
    assert play.is_told().startswith(b"! ")
    program = Playbook("json")
    assert program.hears("resume short\n") == [Enter(token_hash=program_hash(program))]


def test_who_asks_for_another_format_while_entering_is_not_saved_has_a_token_in_the_end() -> None:
    play = Playbook()
    assert play.waits(0.3) == [Enter()]
    play.hears("format json\n")
    play.is_not_saved(1)
    play.waits(1)
    assert token(play.settles()) is not None


def test_token_that_was_never_saved_does_not_hinder_another_one() -> None:
    play = Playbook("json")
    play.hears("send lost\n")
    play.is_not_saved()
    play.hears("format text\nsend hello\n")
    play.settles()
    play.hears("format json\n")
    assert token(play.settles()) is not None


def token(told: bytes) -> object:
    """Return the token in the last welcome of what a program is told."""
    lines = [json.loads(line) for line in told.splitlines() if line.startswith(b"{")]
    return [line["token"] for line in lines if line["type"] == "welcome"][-1]


def program_hash(play: Playbook) -> str | None:
    [proposal] = play.proposed
    assert isinstance(proposal.command, Enter)
    return proposal.command.token_hash


def test_others_come_and_go_beside_it() -> None:
    play = here()
    told = play.settles(
        ("here.bob", Enter(name("bob"))), ("here.bob", Send("hi")), ("here.bob", Leave())
    )
    assert told.decode().splitlines() == [
        "* bob joined",
        "[22:13:20] bob: hi",
        "* bob left",
    ]
