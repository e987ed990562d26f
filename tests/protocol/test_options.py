"""`send`: its options are taken from the two ends of the message, never from inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol import wording
from chat_server.protocol.commands import MAX_DELAY, MAX_MESSAGE, Send, parse
from chat_server.protocol.events import Refused
from chat_server.protocol.names import name
from chat_server.protocol.unseen import has_something_to_see

BOB = name("bob")


@pytest.mark.parametrize(
    "options",
    ["-u bob", "--username bob", "--username=bob", "-u  bob"],
)
def test_every_spelling_of_the_recipient_at_either_end(options: str) -> None:
    assert parse(f"send {options} hi there") == Send("hi there", BOB)
    assert parse(f"send hi there {options}") == Send("hi there", BOB)


@pytest.mark.parametrize("options", ["-t 5", "--time 5", "--time=5", "-t 05"])
def test_every_spelling_of_the_time_at_either_end(options: str) -> None:
    assert parse(f"send {options} hi there") == Send("hi there", None, 5)
    assert parse(f"send hi there {options}") == Send("hi there", None, 5)


@pytest.mark.parametrize(
    "line",
    [
        "send -u bob -t 5 hi",
        "send -t 5 -u bob hi",
        "send hi -u bob -t 5",
        "send hi --time=5 --username=bob",
        "send -u bob hi -t 5",
        "send --time=5 hi --username bob",
        "SEND   -t   5   hi   -u   bob  ",
    ],
)
def test_both_options_in_any_order_from_both_ends(line: str) -> None:
    assert parse(line) == Send("hi", BOB, 5)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("send use ls -t 5 to sort", "use ls -t 5 to sort"),
        ("send a -u b c", "a -u b c"),
        ("send the --time=5 option", "the --time=5 option"),
        ("send -x 5", "-x 5"),
        ("send see you -_-", "see you -_-"),
        ("send -5 degrees", "-5 degrees"),
        ("send git commit -m", "git commit -m"),
        ("send ls -la", "ls -la"),
        ("send try ss -tu", "try ss -tu"),
        ("send gcc -T script", "gcc -T script"),
        ("send - item", "- item"),
        ("send x -> y", "x -> y"),
        ("send -UwU-", "-UwU-"),
        ("send -u- hm", "-u- hm"),
        ("send good night —Tom", "good night —Tom"),
        ("send good night -tom", "good night -tom"),
        ("send — да", "— да"),
        ("send —until then", "—until then"),
        ("send apt --upgrade", "apt --upgrade"),
        ("send git log --oneline", "git log --oneline"),
        ("send come --in please", "come --in please"),
        ("send find . -name x", "find . -name x"),
        ("send it is 5 -10", "it is 5 -10"),
        ("send see -ubob in the text", "see -ubob in the text"),
        ("send the --user=bob option", "the --user=bob option"),
        ("send hi -- there", "hi -- there"),
        ("send hi --", "hi --"),
        ("send --- hi", "--- hi"),
        ("send --hi", "--hi"),
        ("send -", "-"),
        ("send a  b   c", "a  b   c"),
        ("send   hi  ", "hi"),
        ("send e.g. x-t 5", "e.g. x-t 5"),
    ],
)
def test_what_is_inside_is_kept_to_the_letter(line: str, text: str) -> None:
    assert parse(line) == Send(text)


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        *((option, "-u bob") for option in ("-ubob", "-Ubob", "-u=bob", "-u:bob", "-U=bob")),
        *((option, "-u bob") for option in ("--user bob", "--to bob", "-to bob", "--nick bob")),
        *((option, "-u bob") for option in ("-U bob", "--u bob", "—u bob", "–u bob", "−u bob")),
        *((option, "-u bob") for option in ("—username bob", "--user=bob", "—username=bob")),
        *((option, "-u bob") for option in ("--usernam bob", "--usrename=bob", "--USERNAME bob")),
        *((option, "-u боб") for option in ("-uбоб", "–uбоб", "--to боб", "—u боб")),
        *((option, "-t 10") for option in ("-t10", "-T 10", "–t 10", "—t 10", "-t=10", "--t 10")),
        *(
            (option, "-t 10m")
            for option in ("-t10m", "--timer 10m", "—t10m", "--delay=10m", "--in 10m")
        ),
        ("-tu 5", "-t SECONDS -u NAME"),
    ],
)
def test_what_is_nearly_an_option_at_either_end_is_asked_about(option: str, meant: str) -> None:
    for line in (f"send {option} secret", f"send a secret {option}", f"send -t 5 {option} x -u y"):
        refused = parse(line)
        assert isinstance(refused, Refused)
        assert refused.code == "mistaken_option"
        assert f"Did you mean {meant}?" in wording.refusal(refused)
        assert "send -- TEXT" in wording.refusal(refused)
    assert parse(f"send -- {option} secret {option}") == Send(f"{option} secret {option}")


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("send -- ls -t 5", Send("ls -t 5")),
        ("send -- -u bob hi", Send("-u bob hi")),
        ("send -- -t", Send("-t")),
        ("send -- -- hi", Send("-- hi")),
        ("send --  hi  there", Send("hi  there")),
        ("send -- \xa0 \xa0hi \xa0", Send(" hi")),
        ("send -u bob -- \xa0\xa0- x", Send("  - x", BOB)),
        ("send -u bob -- ls -t 5", Send("ls -t 5", BOB)),
        ("send -t 5 -- hi -u bob", Send("hi -u bob", None, 5)),
    ],
)
def test_two_dashes_in_front_end_the_options_on_both_sides(line: str, meaning: Send) -> None:
    assert parse(line) == meaning


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("send -u bob", "empty_message", "There is no message"),
        ("send --", "empty_message", "There is no message"),
        ("send -u bob --", "empty_message", "There is no message"),
        ("send -t 5 -u bob", "empty_message", "There is no message"),
        ("send hi -u", "missing_argument", "-u needs a name after it"),
        ("send hi --username", "missing_argument", "--username needs a name after it"),
        ("send hi --username=", "missing_argument", "-u needs a name after it"),
        ("send --time= hi", "missing_argument", "-t needs a number of seconds after it"),
        ("send hi -t", "missing_argument", "-t needs a number of seconds after it"),
        ("send -t", "missing_argument", "-t needs a number of seconds after it"),
        ("send hi -u bob -t", "missing_argument", "-t needs a number of seconds after it"),
        ("send hi -u -t 5", "missing_argument", "-u needs a name after it"),
        ("send -u bob hi -u carol", "option_twice", "send takes -u once only"),
        ("send -t 1 --time=2 hi", "option_twice", "send takes -t once only"),
        ("send hi --username a -u b", "option_twice", "send takes -u once only"),
        ("send hi -t soon", "bad_time", "from 0 to 2592000 (30 days), not soon."),
        ("send hi -t -5", "bad_time", "not -5."),
        ("send hi -t 1.5", "bad_time", "not 1.5."),
        ("send hi -t ٣", "bad_time", "not ٣."),
        ("send hi -t ²", "bad_time", "not ²."),
        (f"send hi -t {MAX_DELAY + 1}", "bad_time", "not 2592001."),
        (f"send hi -t {'9' * 5000}", "bad_time", "not 999"),
        (f"send hi -u {'x' * 21}", "nobody_of_that_name", "Nobody here is called xxx"),
        ("send hi -u " + "\ufdfa" * 2700, "nobody_of_that_name", "Nobody here is called"),
        ("send hi -u =" + "x" * 200, "nobody_of_that_id", "Nobody here has the id xxx"),
        (f"send {'x' * 2001}", "message_too_long", "has 2001 characters; at most 2000"),
    ],
)
def test_every_refusal_names_what_was_wrong(line: str, code: str, says: str) -> None:
    refused = parse(line)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert says in wording.refusal(refused)


@pytest.mark.parametrize("line", ["send ls -t", "send ls -t x", "send a -u b -u c"])
def test_refused_option_says_how_to_send_it_literally(line: str) -> None:
    refused = parse(line)
    assert isinstance(refused, Refused)
    assert "send -- TEXT" in wording.refusal(refused)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "send",
            "send ",
            "/send  ",
            "send -u bob ",
            "send -- ",
            "send \u200b",
            "send \u3164\u3164",
        ),
        *("send \u2800 \u2800", "send \u00ad", "send -u bob \ufeff", "send -- \u0301\ufe0f"),
        *("send \u115f\u1160\uffa0", "send \u034f", "send \U000e0061", "send \u00a0\u3000\u2000"),
    ],
)
def test_empty_message_is_refused(line: str) -> None:
    refused = parse(line)
    assert isinstance(refused, Refused)
    assert refused.code == "empty_message"


def test_longest_message_and_delay_are_allowed() -> None:
    text = "я" * MAX_MESSAGE
    assert parse(f"send {text} -t {MAX_DELAY}") == Send(text, None, 30 * 24 * 3600)


def test_length_counts_the_message_without_its_options() -> None:
    text = "x" * MAX_MESSAGE
    assert parse(f"send -u bob {text}") == Send(text, BOB)


def test_time_of_zero_is_at_once() -> None:
    assert parse("send hi -t 0") == Send("hi")


@pytest.mark.parametrize(
    "text", ["-", "я", "👍", "❤\ufe0f", "\u200bhi", "\U0001fae9", "\ue000", "٣"]
)
def test_whatever_can_be_seen_is_a_message(text: str) -> None:
    assert parse(f"send {text}") == Send(text)


_messages = st.text(min_size=1, max_size=60).map(str.strip).filter(has_something_to_see)
_tricky = st.lists(
    st.sampled_from(["-u", "-t", "5", "--", "--time=5", "bob", "--username", "x"]), min_size=1
).map(" ".join)


@given(_messages | _tricky)
def test_any_message_comes_whole_after_two_dashes(text: str) -> None:
    assert parse(f"send -- {text}") == Send(text)


@given(st.lists(st.sampled_from(["-u bob", "-t 5"]), unique=True), _messages)
def test_options_in_front_leave_the_literal_message(options: list[str], text: str) -> None:
    parsed = parse(" ".join(["send", *options, "--", text]))
    recipient = BOB if "-u bob" in options else None
    assert parsed == Send(text, recipient, 5 if "-t 5" in options else 0)
