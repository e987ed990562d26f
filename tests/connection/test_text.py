"""What people see who join with telnet: every command, in lines that nobody can imitate."""

import asyncio
import re

import pytest

from chat_server.settings import Settings
from tests.conftest import Join, Serve
from tests.support.client import Client


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("help", "* The commands:"),
        ("help send", "* send MESSAGE [-u NAME] [-t SECONDS]: say something, now or later"),
        ("users", "* 2 people are here:"),
        ("rename alicia", "* alice is now known as alicia"),
        ("rename ALICE", "* alice is now known as ALICE"),
        ("rename alice", "* You are alice already"),
        ("send later -t 60", "* Scheduled 1 for "),
        ("send later -u bob -t 60", "* Scheduled 1 for "),
        ("pending", "* You have no scheduled messages."),
        ("history", "* There are no messages."),
        ("report bob", "* Reported bob"),
        ("exit", "* Goodbye."),
        ("/users", "* 2 people are here:"),
        ("UsErS", "* 2 people are here:"),
        ("cancel", "! You have no scheduled messages to cancel."),
    ],
)
async def test_command_is_answered(alice: Client, bob: Client, line: str, answer: str) -> None:
    await alice.say(line)
    assert (await alice.next_line()).startswith(answer)


async def test_message_is_heard_by_everyone_and_its_sender(alice: Client, bob: Client) -> None:
    await alice.say("send привет, я здесь  -  да")
    heard = await bob.next_line()
    assert heard == await alice.next_line()
    at, _, said = heard.partition("] ")
    assert said == "alice: привет, я здесь  -  да"
    assert re.fullmatch(r"\[\d\d:\d\d:\d\d", at)


async def test_private_message_is_heard_by_two(alice: Client, bob: Client, join: Join) -> None:
    carol = await join("carol")
    await alice.say("send -u BOB psst", "send fence")
    assert (await alice.until("fence"))[-2].endswith("alice -> bob: psst")
    assert (await bob.until("fence"))[-2].endswith("alice -> bob: psst")
    assert len(await carol.until("fence")) == 1


async def test_message_to_oneself_comes_once(alice: Client) -> None:
    await alice.say("send -u alice note", "send fence")
    assert [line.partition("] ")[2] for line in await alice.until("fence")] == [
        "alice -> alice: note",
        "alice: fence",
    ]


async def test_history_does_not_show_others_private_messages(
    alice: Client, bob: Client, join: Join
) -> None:
    carol = await join("carol")
    await alice.say("send open", "send -u bob secret", "send fence")
    for client in (alice, carol):
        await client.expect("alice: fence")
        await client.say("history", "users")
    assert "alice -> bob: secret" in "".join(await alice.until("people are here"))
    seen = "".join(await carol.until("people are here"))
    assert "alice: open" in seen
    assert "secret" not in seen


async def test_history_shows_the_last_twenty(alice: Client) -> None:
    await alice.say(*(f"send number {n}." for n in range(30)), "history")
    await alice.expect("* The last 20 messages:")
    shown = [await alice.next_line() for _ in range(20)]
    assert [line.partition("alice: ")[2] for line in shown] == [
        f"number {n}." for n in range(10, 30)
    ]
    assert all(line.startswith("  [") for line in shown)


async def test_history_is_as_long_as_is_set(serve: Serve) -> None:
    settings = Settings(port=0, rate=0, history=3)
    alice = await (await serve(settings)).join("alice")
    await alice.say(*(f"send number {n}." for n in range(5)), "history", "history 4")
    await alice.expect("* The last 3 messages:")
    await alice.expect("* The last 4 messages:")


async def test_three_hundred_lines_in_one_packet_are_answered_in_order(alice: Client) -> None:
    lines = [line for n in range(100) for line in (f"send m{n}", "history 1", f"cancel {n}")]
    await alice.say(*lines)
    for n in range(100):
        assert (await alice.next_line()).endswith(f"] alice: m{n}")
        assert await alice.next_line() == "* The last message:"
        assert (await alice.next_line()).endswith(f"] alice: m{n}")
        assert await alice.next_line() == "! You have no scheduled messages to cancel."


async def test_empty_line_has_no_answer(alice: Client) -> None:
    await alice.say("", "   ", "\t", "users")
    assert await alice.next_line() == "* 1 person is here:"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\0"])
async def test_line_ends_as_telnet_and_nc_end_it(alice: Client, end: bytes) -> None:
    await alice.say_bytes(b"send one" + end + b"send two" + end)
    assert (await alice.next_line()).endswith("alice: one")
    assert (await alice.next_line()).endswith("alice: two")


async def test_letters_may_be_split_over_packets(alice: Client) -> None:
    for byte in "send я и 🙂\r\n".encode():
        await alice.say_bytes(bytes([byte]))
        await asyncio.sleep(0)
    assert (await alice.next_line()).endswith("alice: я и 🙂")


async def test_control_characters_do_not_reach_anybody(alice: Client, bob: Client) -> None:
    await alice.say("send \x1b[31mred\x07 a\tb \u202eevil\u2066 \x9b2Jx\u2028y")
    assert (await bob.next_line()).endswith("alice: red a b evil xy")


@pytest.mark.parametrize("text", ["* bob left", "! You are muted", "[14:03:07] bob: hi", "  * x"])
async def test_message_cannot_imitate_another_line(alice: Client, bob: Client, text: str) -> None:
    await alice.say(f"send {text}")
    at, _, said = (await bob.next_line()).partition("] ")
    assert at.startswith("[")
    assert said == f"alice: {text.strip()}"


async def test_option_inside_a_message_is_text(alice: Client) -> None:
    await alice.say("send -- ls -t 5", "send run ls -t 5 now")
    assert (await alice.next_line()).endswith("alice: ls -t 5")
    assert (await alice.next_line()).endswith("alice: run ls -t 5 now")


async def test_rename_is_told_to_everyone(alice: Client, bob: Client) -> None:
    await alice.say("rename алиса")
    assert await bob.next_line() == "* alice is now known as алиса"
    await bob.say("users")
    assert await bob.until("bob") == ["* 2 people are here:", "  алиса, bob"]


async def test_exit_says_goodbye_and_closes(alice: Client, bob: Client) -> None:
    await alice.say("exit", "send too late")
    assert await alice.rest() == ["* Goodbye."]
    assert await bob.next_line() == "* alice left"
    await bob.say("users", "history")
    assert (await bob.until("no messages"))[:2] == ["* 1 person is here:", "  bob"]


async def test_name_is_free_when_its_person_has_left(alice: Client, bob: Client) -> None:
    await alice.say("exit")
    await bob.expect("alice left")
    await bob.say("rename alice")
    await bob.expect("bob is now known as alice")


async def test_scheduled_message_is_listed_and_taken_back(alice: Client, bob: Client) -> None:
    await alice.say("send -t 900 tea", "send -t 60 -u bob bread", "pending", "cancel", "cancel 1")
    await alice.expect("* You have 2 scheduled messages:")
    assert "(to bob): bread" in await alice.next_line()
    assert "tea" in await alice.next_line()
    assert await alice.next_line() == "* Cancelled 2: bread"
    assert await alice.next_line() == "* Cancelled 1: tea"
    await alice.say("pending")
    await alice.expect("You have no scheduled messages.")


async def test_who_ignores_somebody_hears_all_others_in_their_order(
    alice: Client, bob: Client, join: Join
) -> None:
    carol = await join("carol")
    await alice.expect("carol joined")
    await alice.say("ignore bob")
    await alice.expect("* You hear nothing of bob any more")
    await carol.say("send one")
    await alice.expect("carol: one")
    await bob.say("send noise", "send psst -u alice")
    await bob.expect("bob -> alice: psst")
    await carol.say("send two")
    assert (await alice.next_line()).endswith("carol: two")
    assert [line.partition("] ")[2] for line in await carol.until("carol: two")][-2:] == [
        "bob: noise",
        "carol: two",
    ]


async def test_third_reporter_mutes_and_everyone_is_told(
    alice: Client, bob: Client, join: Join
) -> None:
    reporters = [bob, await join("carol"), await join("dave")]
    await alice.expect("dave joined")
    for reporter in reporters:
        await reporter.say("report alice")
        await reporter.expect("* Reported alice")
    await alice.expect("* alice is muted until ")
    await bob.expect("* alice is muted until ")
    await alice.say("send hello", "rename alicia", "send hello again")
    assert "! You are muted for another " in await alice.next_line()
    assert (await alice.next_line()).endswith(" You keep your name until then.")
    assert "! You are muted for another " in await alice.next_line()


async def test_refused_line_gets_one_clear_line(alice: Client, bob: Client) -> None:
    await alice.say("hello there", "send still here")
    assert await alice.next_line() == (
        "! Unknown command: hello. To say it to everyone: send hello there"
    )
    assert (await bob.next_line()).endswith("alice: still here")


async def test_resume_is_refused_in_text(alice: Client) -> None:
    await alice.say("resume abc", "users")
    assert (await alice.next_line()).startswith("! resume is for programs")
    await alice.expect("1 person is here")
