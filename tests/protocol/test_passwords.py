"""Which passwords may be chosen, and in which form they are hashed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.events import Refused
from chat_server.protocol.passwords import (
    BAD_PASSWORD,
    LEAST,
    LIMIT,
    LONGEST_SPELLING,
    prepared,
    too_many_attempts,
)


@pytest.mark.parametrize(
    "secret",
    ["12345678", "x" * LIMIT, "correct horse", " spaces count ", "пароль из слов", "🙂" * LEAST],
)
def test_what_has_8_to_128_characters_is_a_password_as_it_is(secret: str) -> None:
    assert prepared(secret) == secret


@pytest.mark.parametrize("secret", ["", "1234567", "x" * (LIMIT + 1), "x" * 8000])
def test_other_lengths_are_refused_and_the_password_is_not_said(secret: str) -> None:
    assert prepared(secret) == Refused("bad_password", {"least": 8, "limit": 128})


def test_case_and_width_count() -> None:
    assert len({prepared("password"), prepared("Password"), prepared("ｐassword")}) == 3


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\u1680"])
def test_every_space_is_the_same_one(space: str) -> None:
    assert prepared(f"correct{space}horse") == "correct horse"


def test_one_letter_typed_in_two_ways_is_one_letter() -> None:
    decomposed = "e\u0301" * LEAST
    assert prepared(decomposed) == prepared("\u00e9" * LEAST) == "\u00e9" * LEAST


def test_letters_are_counted_as_they_are_hashed() -> None:
    """Whoever types é in one piece, on another keyboard, must not be told something else."""
    assert prepared("e\u0301" * LIMIT) == "\u00e9" * LIMIT
    assert prepared("e\u0301" * (LEAST - 1)) == BAD_PASSWORD


def test_what_is_far_too_long_is_not_even_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delattr(unicodedata, "normalize")
        refused = prepared("e\u0301" * LONGEST_SPELLING)
    assert refused == BAD_PASSWORD


@given(st.text(min_size=LEAST, max_size=3 * LEAST))
def test_prepared_password_is_in_its_form_already(secret: str) -> None:
    form = prepared(secret)
    if not isinstance(form, Refused):
        assert prepared(form) == form


def test_wait_is_said_in_whole_seconds_that_are_enough() -> None:
    assert too_many_attempts(59.1) == Refused("too_many_attempts", {"seconds": 60})
