"""What programs see: one JSON object a line, one answer for each of theirs, in order."""

import pytest

from chat_server.protocol.events import (
    Answer,
    Bye,
    Cancelled,
    Help,
    History,
    Left,
    Message,
    Ok,
    Pending,
    Refused,
    Renamed,
    Scheduled,
    Users,
    Welcome,
)
from tests.conftest import Serve
from tests.support.client import Client, told
from tests.support.clock import FakeClock
from tests.support.people import names
from tests.support.running import Running


@pytest.fixture
async def ann(server: Running) -> Client:
    """Ann is a program; the chat is empty but for her."""
    return (await server.join_json("ann"))[0]


async def here(client: Client) -> list[str]:
    """Ask who is here."""
    users = await client.answer("users")
    assert isinstance(users, Users)
    return names(users.people)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("help", Help),
        ("help cancel", Help),
        ("users", Users),
        ("pending", Pending),
        ("history", History),
        ("history 5 --since 0", History),
        ("rename anna", Ok),
        ("rename ann", Ok),
        ("send hello", Ok),
        ("send -t 60 hello", Ok),
        ("send -u ann hello", Ok),
        ("format json", Ok),
        ("exit", Bye),
        ("cancel", Refused),
        ("report ann", Refused),
        ("resume x", Refused),
        ("hello", Refused),
    ],
)
async def test_line_gets_one_answer_of_its_type(ann: Client, line: str, kind: type[Answer]) -> None:
    assert isinstance(await ann.answer(line), kind)
    if kind is not Bye:
        before, answer = await ann.ask("users")
        assert isinstance(answer, Users)
        assert names(answer.people) == ["anna" if line == "rename anna" else "ann"]
        assert answer.re == "k2"
        assert not [event for event in before if isinstance(event, Answer)]


async def test_report_is_answered_ok(ann: Client, server: Running) -> None:
    await server.join("bob")
    assert isinstance(await ann.answer("report bob"), Ok)
    assert (await ann.refusal("report bob")).code == "already_reported"


async def test_what_a_command_causes_comes_before_its_answer(ann: Client) -> None:
    [message], sent = await ann.ask("send hello")
    assert isinstance(message, Message)
    assert sent == Ok(id=message.id, re="k1")
    [scheduled], kept = await ann.ask("send -t 60 later")
    assert isinstance(scheduled, Scheduled)
    assert scheduled.item.due == scheduled.item.at + 60
    assert kept == Ok(id=scheduled.item.id, re="k2")
    [cancelled], taken_back = await ann.ask("cancel")
    assert cancelled == Cancelled(scheduled.item.id, "later")
    assert taken_back == Ok(re="k3")
    [renamed], _ = await ann.ask("rename anna")
    assert isinstance(renamed, Renamed)


async def test_three_hundred_lines_in_one_packet_are_answered_in_order(ann: Client) -> None:
    lines = [line for n in range(100) for line in (f"send m{n}", "history 1", f"rename n{n}")]
    await ann.say(*(f"@{n} {line}" for n, line in enumerate(lines)))
    for n in range(100):
        [message], sent = await ann.until_answer(str(3 * n))
        assert isinstance(message, Message)
        assert (message.text, sent) == (f"m{n}", Ok(id=message.id, re=str(3 * n)))
        nothing, history = await ann.until_answer(str(3 * n + 1))
        assert (nothing, history) == ([], History([message], None, re=str(3 * n + 1)))
        [renamed], _ = await ann.until_answer(str(3 * n + 2))
        assert isinstance(renamed, Renamed)
        assert renamed.person.name == f"n{n}"


async def test_line_without_key_is_answered_without_one(ann: Client) -> None:
    await ann.say("users", "", "nonsense")
    users = await ann.next_event()
    assert isinstance(users, Users)
    assert (names(users.people), users.re) == (["ann"], "")
    assert (await ann.expect_event(Refused)).re == ""


async def test_resent_line_is_carried_out_once(ann: Client) -> None:
    await ann.say("@a send once", "@a send once", "@b users")
    before, _ = await ann.until_answer("b")
    assert [told(event) for event in before] == ["message once", "ok", "ok"]
    first, second = (event for event in before if isinstance(event, Ok))
    assert first == second


async def test_line_resent_after_a_broken_connection_is_carried_out_once(
    ann: Client, server: Running
) -> None:
    await ann.say("format json")
    token = (await ann.expect_event(Welcome)).token
    await ann.say("@a send once")
    _, first = await ann.until_answer("a")
    again = await server.connect()
    await again.say("format json", f"@r resume {token}", "@a send once", "@h history")
    await again.until_answer("r")
    before, second = await again.until_answer("a")
    assert (before, second) == ([], first)
    _, history = await again.until_answer("h")
    assert isinstance(history, History)
    assert [message.text for message in history.messages] == ["once"]


async def test_refusal_uses_up_no_key(ann: Client) -> None:
    await ann.say("@a cancel", "send -t 60 later", "@a cancel")
    _, first = await ann.until_answer("a")
    _, second = await ann.until_answer("a")
    assert isinstance(first, Refused)
    assert isinstance(second, Ok)


@pytest.mark.parametrize("line", ["@ users", "@a!b users", f"@{'a' * 33} users", "@я users"])
async def test_bad_key_is_refused(ann: Client, line: str) -> None:
    await ann.say(line)
    refused = await ann.expect_event(Refused)
    assert (refused.code, refused.re) == ("bad_key", "")
    assert line.split()[0] in refused.text


async def test_format_json_after_entering_gives_ok_and_a_welcome_with_a_token(
    alice: Client,
) -> None:
    await alice.say("format json")
    assert await alice.next_event() == Ok()
    welcome = await alice.next_event()
    assert isinstance(welcome, Welcome)
    assert (welcome.you.name, welcome.users) == ("alice", [welcome.you])
    assert welcome.token
    await alice.say("format json")
    assert await alice.next_event() == Ok()
    again = await alice.next_event()
    assert isinstance(again, Welcome)
    assert again.token == welcome.token


async def test_lines_behind_format_json_in_one_packet_are_read_as_json(server: Running) -> None:
    client = await server.connect()
    await client.say("format json", "@a rename x", "@b send hi", "@c users")
    assert await client.next_event() == Ok()
    assert isinstance(await client.next_event(), Welcome)
    assert await client.next_event() == Ok(re="a")
    assert isinstance(await client.next_event(), Message)
    assert (await client.expect_event(Ok)).re == "b"
    users = await client.next_event()
    assert isinstance(users, Users)
    assert (names(users.people), users.re) == (["x"], "c")


async def test_format_text_is_for_people_again(ann: Client) -> None:
    await ann.say("format text", "users")
    assert (await ann.until("person is here"))[-1] == "* 1 person is here:"


async def test_welcome_says_what_there_is(server: Running, alice: Client) -> None:
    await alice.say("send hello")
    await alice.expect("hello")
    bob, welcome = await server.join_json("bob")
    assert names(welcome.users) == ["alice", "bob"]
    assert (welcome.server, welcome.chat) == ("chat-server", server.server.chat.name)
    assert (welcome.pending, welcome.undelivered) == ([], [])
    history = await bob.answer("history")
    assert isinstance(history, History)
    assert history.messages[-1].id == welcome.last


async def test_history_since_a_message_counts_the_ones_it_leaves_out(ann: Client) -> None:
    ids = [answer.id for n in range(5) if isinstance(answer := await ann.answer(f"send {n}"), Ok)]
    history = await ann.answer(f"history 2 --since {ids[0]}")
    assert isinstance(history, History)
    assert [message.text for message in history.messages] == ["3", "4"]
    assert history.missed == 2


# Resuming


async def test_unknown_token_is_refused_and_one_is_somebody_new(server: Running) -> None:
    client = await server.connect()
    await client.say("format json", "@r resume wrong")
    before, answer = await client.until_answer("r")
    assert isinstance(answer, Refused)
    assert answer.code == "bad_token"
    welcome = before[-1]
    assert isinstance(welcome, Welcome)
    assert welcome.you.name.startswith("guest")
    resumed = await server.connect()
    await resumed.say("format json", f"@r resume {welcome.token}")
    assert isinstance((await resumed.until_answer("r"))[1], Ok)


async def test_token_makes_one_the_same_person_again(server: Running, alice: Client) -> None:
    ann, welcome = await server.join_json("ann")
    await alice.expect("ann joined")
    await ann.answer("send -t 600 later")
    await ann.close()
    await alice.expect("ann left")
    again = await server.connect()
    await again.say("format json", f"@r resume {welcome.token}")
    before, answer = await again.until_answer("r")
    assert answer == Ok(re="r")
    returned = before[-1]
    assert isinstance(returned, Welcome)
    assert (returned.you, returned.token) == (welcome.you, welcome.token)
    assert [item.text for item in returned.pending] == ["later"]
    assert await alice.next_line() == "* ann joined"


async def test_older_connection_of_the_person_gets_bye(server: Running, alice: Client) -> None:
    ann, welcome = await server.join_json("ann")
    await alice.expect("ann joined")
    again = await server.connect()
    await again.say("format json", f"@r resume {welcome.token}")
    await again.until_answer("r")
    bye = await ann.expect_event(Bye)
    assert (bye.reason, "elsewhere" in bye.text) == ("elsewhere", True)
    assert await ann.rest() == []
    await again.answer("send still me")
    assert (await alice.next_line()).endswith("ann: still me")


async def test_resume_after_entering_ends_the_newcomer(server: Running, alice: Client) -> None:
    ann, welcome = await server.join_json("ann")
    await ann.close()
    await alice.expect("ann left")
    other, _ = await server.join_json("other")
    before, answer = await other.ask(f"resume {welcome.token}")
    assert isinstance(answer, Ok)
    assert [told(event) for event in before] == ["welcome ann"]
    assert await alice.until("ann joined") == ["* other joined", "* other left; ann joined"]
    assert await here(other) == ["alice", "ann"]


async def test_resume_of_oneself_changes_nothing(server: Running) -> None:
    ann, welcome = await server.join_json("ann")
    [again], answer = await ann.ask(f"resume {welcome.token}")
    assert isinstance(again, Welcome)
    assert (again.you, again.users) == (welcome.you, [welcome.you])
    assert again.token == welcome.token
    assert answer == Ok(re="k1")


async def test_exit_ends_the_token(server: Running, alice: Client) -> None:
    ann, welcome = await server.join_json("ann")
    await ann.answer("exit")
    await alice.expect("ann left")
    again = await server.connect()
    await again.say("format json", f"@r resume {welcome.token}")
    _, answer = await again.until_answer("r")
    assert isinstance(answer, Refused)
    assert isinstance(await again.answer("rename ann"), Ok)


async def test_broken_connection_keeps_its_name(server: Running, alice: Client) -> None:
    ann, _ = await server.join_json("ann")
    await alice.expect("ann joined")
    await ann.close()
    await alice.expect("ann left")
    await alice.say("rename ann")
    assert "ann is kept for somebody whose connection broke" in await alice.next_line()


async def test_taking_over_a_busy_connection_does_not_harm_the_chat(
    server: Running, alice: Client
) -> None:
    """Lines of the older connection are still on their way when it is told goodbye."""
    ann, welcome = await server.join_json("ann")
    again, _ = await server.join_json("again")
    await again.say(f"@r resume {welcome.token}")
    await ann.say("send on its way", "format json")
    assert isinstance((await again.until_answer("r"))[1], Ok)
    await ann.expect_event(Bye)
    assert await here(again) == ["alice", "ann"]
    assert server.server.fault is None


async def test_connection_taken_over_while_it_resumes_leaves_no_ghost(
    server: Running, alice: Client
) -> None:
    """Its own resume is still on its way when it is told goodbye: that means nothing any more."""
    first, welcome = await server.join_json("first")
    _, other = await server.join_json("other")
    again, _ = await server.join_json("again")
    await again.say(f"@r resume {welcome.token}")
    await first.say(f"resume {other.token}")
    await again.until_answer("r")
    await first.rest()
    assert await here(again) == ["alice", "other", "first"]


async def test_crossed_resumes_leave_no_ghost(server: Running) -> None:
    one, first = await server.join_json("one")
    two, second = await server.join_json("two")
    watching, _ = await server.join_json("watching")
    await one.say(f"resume {second.token}")
    await two.say(f"resume {first.token}")
    await watching.expect_event(Left)
    users = await here(watching)
    assert len(users) == 2
    assert "watching" in users
    assert not any(name.startswith("guest") for name in users)


async def test_program_that_looked_on_and_ends_lines_with_return_hears_no_telnet(
    serve: Serve, clock: FakeClock
) -> None:
    server = await serve(clock=clock)
    client = await server.connect()
    await server.join("alice")
    clock.advance(0.3)
    await client.expect("Welcome, guest1.")
    await client.say_bytes(b"format json\r\n@k users\r\n")
    assert (await client.bytes_until(b"\n")) == b'{"type":"ok"}\n'
    assert isinstance((await client.until_answer("k"))[1], Users)
