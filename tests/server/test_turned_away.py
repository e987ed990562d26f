"""What is made of the first that somebody says who is turned away."""

import pytest

from chat_server.doors import JSON
from chat_server.turned_away import door_of


@pytest.mark.parametrize(
    ("said", "is_program"),
    [
        (b"format json\n", True),
        (b"\r\n  FORMAT\tJSON\r\n@k rename a\r\n", True),
        (b"format json\0", True),
        (b"/format json\n", True),
        (b"\xef\xbb\xbfformat json\n", True),
        (b"format jsonx\n", False),
        (b"format\njson\n", False),
        (b"\xff\n", False),
        (b"", False),
    ],
)
def test_who_asks_for_a_format_is_told_in_it_why_they_are_turned_away(
    said: bytes, is_program: bool
) -> None:
    assert (door_of(said) is JSON) == is_program
