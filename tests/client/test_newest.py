"""What is remembered, but not for ever."""

from chat_tui.session.newest import Newest


def test_the_key_that_was_set_first_goes_for_one_too_many() -> None:
    known: Newest[str, int] = Newest(2)
    for number, key in enumerate("abc"):
        known[key] = number
    assert known == {"b": 1, "c": 2}


def test_a_key_that_is_set_again_is_the_newest() -> None:
    known: Newest[str, int] = Newest(2)
    for number, key in enumerate("abac"):
        known[key] = number
    assert list(known.items()) == [("a", 2), ("c", 3)]
