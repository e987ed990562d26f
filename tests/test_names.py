"""Which names are allowed, and when two are the same."""

import pytest

from chat_server.events import Refused
from chat_server.names import Name, is_guest_key, name, name_key, parse_name, parse_recipient

DECOMPOSED_SHORT_I = "и\u0306"


@pytest.mark.parametrize(
    "text",
    ["a", "alice", "Алиса", "李", "देवी", "٣", "7up", "a-b_c.d", "o" * 20, "e\u0301a", "x.", "ª"],
)
def test_letters_marks_and_digits_of_any_script_make_a_name(text: str) -> None:
    assert isinstance(parse_name(text), Name)


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("-a", "'-' at its beginning"),
        ("_a", "'_' at its beginning"),
        (".a", "'.' at its beginning"),
        ("\u0301a", "at its beginning"),
        ("two words", "' '"),
        ("a:b", "':'"),
        ("a*", "'*'"),
        ("[a]", "'['"),
        ("a/b", "'/'"),
        ("x²", "'²'"),
        ("½", "'½'"),
        ("smile😀", "'😀'"),
        ("a\u00a0b", "'\\xa0'"),
        ("a\u200bb", "U+200B"),
        ("a\u200eb", "U+200E"),
        ("a\nb", "'\\n'"),
    ],
)
def test_anything_else_is_refused_and_named(text: str, culprit: str) -> None:
    refused = parse_name(text)
    assert isinstance(refused, Refused)
    assert refused.code == "bad_name"
    assert culprit in refused.text


def test_twenty_one_characters_are_too_many() -> None:
    refused = parse_name("o" * 21)
    assert isinstance(refused, Refused)
    assert (refused.code, "21 characters" in refused.text) == ("name_too_long", True)


def test_length_is_counted_in_composed_characters() -> None:
    assert parse_name(DECOMPOSED_SHORT_I * 20) == name("й" * 20)


def test_refusal_does_not_repeat_a_screenful() -> None:
    refused = parse_name("o" * 5000)
    assert isinstance(refused, Refused)
    assert len(refused.text) < 150


def test_name_is_kept_composed() -> None:
    assert name(f"Андре{DECOMPOSED_SHORT_I}").text == "Андрей"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        ("alice", "ａｌｉｃｅ"),
        ("й", DECOMPOSED_SHORT_I),
        ("Й", DECOMPOSED_SHORT_I),
        ("straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("file", "ﬁle"),
        ("Ⅷ", "viii"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("alice", "a1ice"), ("й", "и"), ("a.b", "a-b"), ("a", "а")]
)
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    "text",
    [
        "server",
        "SERVER",
        "Everyone",
        "ｓｅｒｖｅｒ",
        "guest1",
        "Guest007",
        "guest٣",
        "ｇｕｅｓｔ１",
    ],
)
def test_names_of_the_server_and_of_guests_are_reserved(text: str) -> None:
    assert name(text).reserved


@pytest.mark.parametrize("text", ["servers", "every", "guest", "guesty", "guest1a", "aguest1"])
def test_names_that_only_resemble_them_are_not(text: str) -> None:
    assert not name(text).reserved
    assert not is_guest_key(name_key(text))


@pytest.mark.parametrize(
    "unseen", ["\u3164", "\u034f", "\ufe0f", "\u115f", "\u180b", "\U000e0100", "\uffa0", "\u17b4"]
)
@pytest.mark.parametrize("before", ["alice", "алиса", ""])
def test_what_nobody_sees_is_no_part_of_a_name(before: str, unseen: str) -> None:
    refused = parse_name(before + unseen)
    assert isinstance(refused, Refused)
    assert refused.code == "bad_name"
    assert f"U+{ord(unseen):04X}" in refused.text


@pytest.mark.parametrize(
    "text", ["हिंदी", "फ़िंगर", "ที่รัก", "မြို့", "שׁ\u05bc\u05b8לום", "Việt", "й\u0301\u0300"]
)
def test_marks_that_are_written_are_allowed(text: str) -> None:
    assert isinstance(parse_name(text), Name)


@pytest.mark.parametrize(
    "text",
    ["z\u0311\u0312\u0313", "я" + "\u0316\u0317\u0318", "ก" + "\u0e49" * 3, "ab" + "\u0489" * 3],
)
def test_marks_are_not_piled_up(text: str) -> None:
    refused = parse_name(text)
    assert isinstance(refused, Refused)
    assert (refused.code, "too many marks" in refused.text) == ("bad_name", True)


@pytest.mark.parametrize("text", ["a" + "\u0316\u0301" * 2000, "\ufdfa" * 2700, "я" * 81])
def test_what_is_too_long_is_never_normalised(text: str) -> None:
    with pytest.raises(AssertionError):
        name(text)
    for refused in (parse_name(text), parse_recipient(text)):
        assert isinstance(refused, Refused)
        assert len(refused.text) < 150
