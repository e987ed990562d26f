"""What a server says is made harmless before it is decoded, and nothing else is changed."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.protocol.events import Message
from chat_server.protocol.json_lines import line, parse_event
from chat_tui.layout.lines import clean
from chat_tui.session.harmless import harmless
from tests.support.people import says

CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F),
            *range(0x2066, 0x206A)]  # fmt: skip


def heard(text: str, encoded: bytes) -> str:
    event = parse_event(harmless(encoded))
    assert isinstance(event, Message) and event.sender.name == clean(event.sender.name)
    return event.text


def said(text: str) -> Message:
    return says(text, text)


@pytest.mark.parametrize("code", CONTROLS)
def test_a_control_character_is_replaced_however_it_is_written(code: int) -> None:
    text = f"a{chr(code)}b"
    raw = line(said(text))
    escaped = json.dumps(msgspec.to_builtins(said(text)), ensure_ascii=True).encode() + b"\n"
    for encoded in (raw, escaped):
        assert heard(text, encoded) in ("a\ufffdb", "a b")


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029")))
def test_other_text_stays_as_it_is(text: str) -> None:
    turned = {0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069}
    text = "".join(letter for letter in text if ord(letter) not in turned)
    escaped = json.dumps(msgspec.to_builtins(said(text)), ensure_ascii=True).encode()
    assert heard(text, line(said(text))) == heard(text, escaped) == text


def test_a_backslash_before_an_escape_is_no_escape() -> None:
    text = r"\u001b[31m \\u001b \n \x1b"
    assert heard(text, line(said(text))) == text
