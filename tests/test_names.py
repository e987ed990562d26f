"""Which names are allowed, and when two are the same."""

import pytest

from chat_server.events import Refused
from chat_server.names import Name, is_guest_key, name, name_key, parse_name

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
        ("a\u200bb", "'\\u200b'"),
        ("a\u200eb", "'\\u200e'"),
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
