"""Which names are allowed, and when two are the same."""

import unicodedata
from typing import Literal

import msgspec
import pytest

from chat_server.protocol import wording
from chat_server.protocol.events import Refused
from chat_server.protocol.names import (
    LONGEST_SPELLING,
    Name,
    find_name,
    is_guest_key,
    name,
    name_key,
    parse_name,
)

DECOMPOSED_SHORT_I = "и\u0306"


@pytest.mark.parametrize(
    "text",
    ["a", "alice", "Алиса", "李", "देवी", "٣", "7up", "a-b_c.d", "o" * 20, "e\u0301a", "x.", "ª"],
)
def test_letters_marks_and_digits_of_any_script_make_a_name(text: str) -> None:
    assert isinstance(parse_name(text), Name)


@pytest.mark.parametrize(
    "text",
    [
        "Nguye\u0302\u0303n",  # Vietnamese, decomposed
        "ख़ाँ",  # Hindi: a dot, a vowel sign and a moon on one letter
        "שָׁלוֹם",
        "\u05e9\u05bc\u05c1\u05b8",  # Hebrew: dagesh, shin dot and vowel
        "น้ำผึ้ง",
        "སྒྲོལ",  # Tibetan: letters under letters
        "မြို့",
        "عَبْدُاللّٰه",
        "a\u0323\u0301",
        "x\u0301\u0301",
    ],
)
def test_letters_have_the_marks_that_their_scripts_need(text: str) -> None:
    assert isinstance(parse_name(text), Name)


@pytest.mark.parametrize(
    "text",
    [
        "b\u0316\u0317\u0318",
        "alice\u20dd\u20de\u20e3",
        "я\u0483\u0484\u0486",
        "ก\u0e49\u0e49\u0e49",
        "x\u0336\u0336\u0336",
        "\u05e9\u05bc\u05c1\u05b8\u05b9\u05bd",
    ],
)
def test_letters_are_not_buried_under_marks(text: str) -> None:
    refused = parse_name(text)
    assert isinstance(refused, Refused)
    assert refused.code == "bad_name"
    assert "too many marks on one letter" in wording.refusal(refused)


@pytest.mark.parametrize(
    "unseen",
    [
        *("\u3164", "\u034f", "\ufe0f", "\u115f", "\u1160", "\u180b", "\u180f", "\U000e0100"),
        *("\uffa0", "\u17b4", "\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u2800"),
        *("\u061c", "\U0001d173", "\U000e0041", "\ufff9", "\U00013441", "\U00016fe4"),
    ],
)
@pytest.mark.parametrize("text", ["alice{}", "{}alice", "ал{}иса", "{}"])
def test_nothing_in_a_name_is_unseen(text: str, unseen: str) -> None:
    refused = parse_name(text.format(unseen))
    assert isinstance(refused, Refused)
    assert refused.code == "bad_name"
    assert f"has U+{ord(unseen):04X}" in wording.refusal(refused)


@pytest.mark.parametrize(
    "text", ["\ufdfa" * 2700, "a" + "\u0301\u0316" * 2000, "x" * 8000, "\u0344" * 81]
)
def test_what_is_too_long_is_never_normalised(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    normalised: list[int] = []
    normalize = unicodedata.normalize

    def counted(form: Literal["NFC", "NFKC"], text: str) -> str:
        normalised.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", counted)
    refused = parse_name(text)
    assert isinstance(refused, Refused)
    assert refused.code == "name_too_long"
    assert find_name(text) is None
    assert normalised == []
    for spelling in (text[:LONGEST_SPELLING], "\ufdfa" * 20):
        parse_name(spelling)
        find_name(spelling)
    assert max(normalised) <= LONGEST_SPELLING * 18  # U+FDFA becomes 18 letters


def test_a_name_is_looked_up_in_every_spelling() -> None:
    assert find_name("a\u0323\u0302" * 20) == name("ậ" * 20)
    assert find_name("o" * 21) is None


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
    assert culprit in wording.refusal(refused)


def test_twenty_one_characters_are_too_many() -> None:
    refused = parse_name("o" * 21)
    assert isinstance(refused, Refused)
    assert (refused.code, "21 characters" in wording.refusal(refused)) == ("name_too_long", True)


def test_length_is_counted_in_composed_characters() -> None:
    assert parse_name(DECOMPOSED_SHORT_I * 20) == name("й" * 20)


def test_refusal_does_not_repeat_a_screenful() -> None:
    refused = parse_name("o" * 5000)
    assert isinstance(refused, Refused)
    assert len(wording.refusal(refused)) < 150


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
        "every0ne",
        "guestl",
        "guestI",
        "guesto2",
        "guest१",
    ],
)
def test_names_of_the_server_and_of_guests_are_reserved(text: str) -> None:
    assert name(text).reserved


@pytest.mark.parametrize(
    "text", ["servers", "every", "guest", "guesty", "guest1a", "aguest1", "gueston", "guestil"]
)
def test_names_that_only_resemble_them_are_not(text: str) -> None:
    assert not name(text).reserved
    assert not is_guest_key(name_key(text))


def test_older_names_have_nothing_that_they_look_like() -> None:
    """Their keys count for it; what they look like was not journaled with them."""
    older = msgspec.json.decode(b'["b0b", "b0b", false]', type=Name)
    assert older == Name("b0b", "b0b", False, ())
    assert name("b0b").skeletons == ("bob",)
    assert name("Ian").skeletons == ("ian", "lan")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("аlice", "mixes scripts (Cyrillic, Latin). Write it in one"),
        ("x1٣", "has digits of several scripts (1, ٣). Write it in one"),
    ],
)
def test_what_mixes_scripts_is_refused_and_says_which(text: str, words: str) -> None:
    refused = parse_name(text)
    assert isinstance(refused, Refused)
    assert refused.code == "mixed_scripts"
    assert words in wording.refusal(refused)


def test_whoever_mixes_scripts_can_be_looked_up() -> None:
    """They may have such a name from before it was refused."""
    assert find_name("аlice") is not None
