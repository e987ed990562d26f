"""Names in what people write: which texts call somebody, and when two names are the same."""

import unicodedata

import pytest

from chat_tui.session.names import calls, same


@pytest.mark.parametrize(
    "text",
    [
        "bob",
        "Bob, come here",
        "hey BOB!",
        "bob's",
        "bob’s hat",
        "@bob",
        "bob:",
        "(bob)",
        "thanks, bob.",
        "bob...what?",
        "bob…what?",
        "bob/alice",
        "«bob»",
        "bobさん、こんにちは",
        "你好bob你好",
        "สวัสดีbobครับ",
        "ສະບາຍດີbob",
        "bob아 안녕",
        "それはbob.です",
        "ｂｏｂさん",
        "bob-さん",
        "bobby and bob",
        "\u200bbob\u200b",
        "b\u00adob",
        "bob👍",
    ],
)
def test_a_name_calls_as_a_word_of_its_own(text: str) -> None:
    assert calls(text, "bob")


@pytest.mark.parametrize(
    "text",
    [
        "bob-2",
        "bob_",
        "bob_2",
        "bob.smith says",
        "x-bob x.bob x_bob",
        "bobby",
        "kabob",
        "bob2 2bob",
        "b ob",
        "bob\u0301",
        "бобbob",
        "",
    ],
)
def test_a_name_within_another_word_calls_nobody(text: str) -> None:
    assert not calls(text, "bob")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Привет, Боб!", "боб"),
        ("小明你好", "小明"),
        ("こんにちは花子さん", "花子"),
        ("สมชายครับ", "สมชาย"),
        ("철수, 안녕", "철수"),
        (unicodedata.normalize("NFD", "Zoë is here"), "Zoë"),
        ("ZOË", unicodedata.normalize("NFD", "zoë")),
        ("STRASSE", "straße"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        ("İpek geldi", "ipek"),
        ("bob-2, hi", "bob-2"),
        ("j.r. smith", "j.r"),
    ],
)
def test_names_of_every_script_call(text: str, name: str) -> None:
    assert calls(text, name)


def test_katakana_is_one_word() -> None:
    assert calls("これはボブです", "ボブ")
    assert not calls("ボブスレー", "ボブ")


def test_names_are_the_same_however_they_are_spelt() -> None:
    assert same("ZOË", unicodedata.normalize("NFD", "zoë"))
    assert same("ＢＯＢ", "bob")
    assert same("straße", "STRASSE")
    assert not same("bob", "bob-2")
