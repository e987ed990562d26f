"""Every refusal there is, over the wire: its code for programs, its one line for people."""

import asyncio

import pytest

from chat_server.protocol.events import Refused
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import Client
from tests.support.clock import FakeClock
from tests.support.faulty_journal import FaultyJournal
from tests.support.running import Running

REFUSALS = [
    ("hello there", "unknown_command", "hello there"),
    ("sned hi", "unknown_command", "Did you mean send?"),
    ("help nothing", "unknown_command", "nothing"),
    ("users all", "too_many_arguments", "all"),
    ("pending 3", "too_many_arguments", "3"),
    ("exit now", "too_many_arguments", "now"),
    ("cancel 1 2", "too_many_arguments", "2"),
    ("users all", "too_many_arguments", "all"),
    ("history 3 4", "too_many_arguments", "4"),
    ("history --since 1 --since 2", "too_many_arguments", "--since"),
    ("rename", "missing_argument", "rename NAME"),
    ("report", "missing_argument", "report NAME"),
    ("format", "missing_argument", "format text|json"),
    ("resume", "missing_argument", "resume TOKEN"),
    ("history --since", "missing_argument", "--since"),
    ("send hi -u", "missing_argument", "-u"),
    ("send hi -t", "missing_argument", "-t"),
    ("send", "empty_message", "send MESSAGE"),
    ("send -u bob", "empty_message", "no message"),
    ("send --", "empty_message", "no message"),
    ("send \x07\x1b ", "empty_message", "no message"),
    ("send " + "я" * 2001, "message_too_long", "2001"),
    ("send -t 5 hi -t 6", "option_twice", "-t"),
    ("send -u ann hi --username=bob", "option_twice", "-u"),
    ("send -ubob psst", "mistaken_option", "-u bob"),
    ("send psst --user bob", "mistaken_option", "-u bob"),
    ("send \u3164\u200b", "empty_message", "no message"),
    ("send hi -t soon", "bad_time", "soon"),
    ("send hi -t -1", "bad_time", "-1"),
    ("send hi -t 1.5", "bad_time", "1.5"),
    ("send hi -t 2592001", "bad_time", "2592001"),
    ("send hi -u nobody", "nobody_of_that_name", "nobody"),
    ("report nobody", "nobody_of_that_name", "nobody"),
    ("send hi -u " + "x" * 5000, "nobody_of_that_name", "xxx"),
    ("report " + "\ufdfa" * 1000, "nobody_of_that_name", "\ufdfa"),
    ("report ANN", "self_report", "yourself"),
    ("rename bob", "name_taken", "bob"),
    ("rename BOB", "name_taken", "BOB"),
    ("rename Server", "name_reserved", "Server"),
    ("rename everyone", "name_reserved", "everyone"),
    ("rename guest77", "name_reserved", "guest77"),
    ("rename " + "x" * 21, "name_too_long", "x" * 21),
    ("rename a b", "bad_name", "a b"),
    ("rename .x", "bad_name", ".x"),
    ("rename ann\u3164", "bad_name", "ann"),
    ("rename ann\u0316\u0317\u0318", "bad_name", "marks"),
    ("rename a🙂", "bad_name", "🙂"),
    ("cancel 99", "unknown_item", "99"),
    ("cancel x", "unknown_item", "x"),
    ("cancel " + "9" * 5000, "unknown_item", "999"),
    ("history 0", "bad_count", "0"),
    ("history 1001", "bad_count", "1001"),
    ("history many", "bad_count", "many"),
    ("history --since x", "bad_id", "x"),
    ("history --since 99999", "bad_id", "99999"),
    ("format xml", "bad_format", "xml"),
    ("resume wrong", "bad_token", "token"),
    ("resume " + "w" * 32, "bad_token", "token"),
    ("resume " + "w" * 8000, "bad_token", "token"),
]


@pytest.fixture
async def ann(server: Running) -> Client:
    """Ann is a program with one scheduled message; Bob is here too."""
    await server.join("bob")
    ann, _ = await server.join_json("ann")
    await ann.answer("send -t 900 later")
    return ann


@pytest.mark.parametrize(("line", "code", "names"), REFUSALS)
async def test_refusal_has_its_code_and_names_what_was_wrong(
    ann: Client, line: str, code: str, names: str
) -> None:
    before, refused = await ann.ask(line)
    assert isinstance(refused, Refused)
    assert (refused.code, before) == (code, [])
    assert names in refused.text


@pytest.mark.parametrize(("line", "code", "names"), REFUSALS)
async def test_refusal_is_one_line_for_people(
    serve: Serve, line: str, code: str, names: str
) -> None:
    running = await serve()
    await running.join("bob")
    ann = await running.join("ann")
    await ann.say("send -t 900 later", line, "users")
    lines = (await ann.until("2 people are here"))[1:-1]
    assert len(lines) == 1
    assert lines[0].startswith("! ")
    assert names in lines[0] or code == "bad_token"


async def test_bad_key_is_refused(ann: Client) -> None:
    await ann.say("@! users")
    refused = await ann.expect_event(Refused)
    assert (refused.code, refused.re) == ("bad_key", "")


async def test_line_that_is_too_long_is_refused(ann: Client) -> None:
    await ann.say("@long send " + "x" * 8188)
    refused = await ann.expect_event(Refused)
    assert (refused.code, refused.re) == ("line_too_long", "long")


async def test_line_that_is_not_utf8_is_refused(ann: Client) -> None:
    await ann.say_bytes(b"@latin send caf\xe9\n")
    refused = await ann.expect_event(Refused)
    assert (refused.code, refused.re) == ("not_utf8", "latin")
    assert "0xE9" in refused.text


@pytest.mark.parametrize(("half", "key"), [(b"@half send hi", "half"), (b"send hi", "")])
async def test_half_a_line_at_the_end_is_refused_with_its_key(
    ann: Client, half: bytes, key: str
) -> None:
    await ann.say_bytes(half)
    ann.say_no_more()
    refused = await ann.expect_event(Refused)
    assert (refused.code, refused.re) == ("half_a_line", key)


async def test_what_utf16_leaves_behind_the_last_line_is_no_half_of_one(server: Running) -> None:
    client = await server.connect()
    await client.say_bytes("users\n".encode("utf-16-le"))
    client.say_no_more()
    assert [line.partition(" (")[0][:20] for line in (await client.rest())[1:]] == [
        "! The line is UTF-16",
        "* Goodbye.",
    ]


async def test_what_cannot_succeed_is_not_journaled_even_behind_a_line_in_flight(
    serve: Serve, clock: FakeClock
) -> None:
    journal = FaultyJournal(clock)
    running = await serve(clock=clock, journal=journal)
    ann, _ = await running.join_json("ann")
    await ann.say(
        "send x", "send x -u " + "\ufdfa" * 2700, "send -ubob x", "send x", "report " + "x" * 5000
    )
    await ann.say("send x", "cancel " + "9" * 5000, "send x", "resume " + "x" * 5000, "@last users")
    await ann.until_answer("last")
    journaled = [type(p.command).__name__ for p in journal.appended if p.connection]
    assert journaled == ["Enter", "Send", "Send", "Send", "Send"]


async def test_resume_in_text_is_refused(server: Running) -> None:
    ann, _ = await server.join_json("ann")
    await ann.say("format text", "resume x", "format json")
    assert await ann.next_line() == "* Text from now on"
    assert await ann.next_line() == "! resume is for programs: type format json first."


async def test_second_complaint_is_refused(ann: Client) -> None:
    await ann.answer("report bob")
    refused = await ann.refusal("report BOB")
    assert (refused.code, "bob" in refused.text) == ("already_reported", True)


async def test_cancel_with_nothing_pending_is_refused(ann: Client) -> None:
    await ann.answer("cancel")
    assert (await ann.refusal("cancel")).code == "nothing_pending"


async def test_twenty_first_scheduled_message_is_refused(ann: Client) -> None:
    for n in range(2, 21):
        assert not isinstance(await ann.answer(f"send -t 900 number {n}"), Refused)
    refused = await ann.refusal("send -t 900 number 21")
    assert (refused.code, "20" in refused.text) == ("too_many_pending", True)
    assert not isinstance(await ann.answer("send now is allowed"), Refused)


async def test_muted_person_is_refused_and_told_how_long(serve: Serve) -> None:
    running = await serve(Settings(port=0, rate=0, reports=0, mute_seconds=90))
    bob = await running.join("bob")
    ann, _ = await running.join_json("ann")
    await bob.say("report ann")
    await bob.expect("Reported ann")
    refused = await ann.refusal("send hi")
    assert refused.code == "muted"
    assert "1 min 30 s" in refused.text


async def test_line_behind_one_in_flight_is_decided_after_it(ann: Client) -> None:
    """Both lines are proposed before either is decided; the second is judged after the first."""
    await ann.say("@a cancel", "@b cancel")
    _, first = await ann.until_answer("a")
    _, second = await ann.until_answer("b")
    assert not isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert second.code == "nothing_pending"


async def test_one_of_two_who_want_a_name_at_once_gets_it(server: Running) -> None:
    first, _ = await server.join_json("first")
    second, _ = await server.join_json("second")
    await asyncio.gather(first.say("@a rename both"), second.say("@a rename BOTH"))
    answers = [(await client.until_answer("a"))[1] for client in (first, second)]
    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True]
