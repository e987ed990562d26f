"""What a terminal sends, read whole, in pieces, and one character at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key, Paste

from chat_tui import terminal_input
from chat_tui.terminal_input import PasteGuard, PasteParser

BEGIN, END = "\x1b[200~", "\x1b[201~"


def readings(sent: str, size: int) -> list[str]:
    """Read what is sent in pieces of a size, as pastes in brackets and keys."""
    parser = PasteParser()
    pieces = [sent[place : place + size] for place in range(0, len(sent), size)]
    seen = []
    for message in (message for piece in pieces for message in parser.feed(piece)):
        if isinstance(message, Paste):
            seen.append(f"[{message.text}]")
        elif isinstance(message, Key):
            seen.append(message.key)
    return seen


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("ab\r", ["a", "b", "enter"]),
        (f"a{BEGIN}b\rc{END}d", ["a", "[b\rc]", "d"]),
        (f"{BEGIN}one\r\x1b[2J two\rthree\r{END}x", ["[one\r[2J two\rthree\r]", "x"]),
        (f"{BEGIN}one\r\x1b\rtwo\x1b{END}x", ["[one\r\rtwo]", "x"]),
        (f"{BEGIN}{BEGIN}a\r\x1b[201{END}\r", ["[[200~a\r[201]", "enter"]),
        (f"{BEGIN}\x1b[201\x1b[20{END}{BEGIN}b{END}", ["[[201[20]", "[b]"]),
        (f"{BEGIN}\x1b[I\x1b[A\x1b]52;c;x\x07{END}", ["[[I[A]52;c;x\x07]"]),
        ("\x1b[A\x1bOP", ["up", "f1"]),
    ],
)
def test_a_paste_is_a_paste_to_its_end_whatever_it_contains(
    sent: str, seen: list[str], size: int
) -> None:
    assert readings(sent, size) == seen


def test_alt_enter_is_a_new_line_and_alt_with_a_digit_is_that() -> None:
    terminal_input.correct()
    assert readings("\x1b\r", 2) == ["ctrl+j"]
    parser = PasteParser()
    keys = [*parser.feed("\x1b1"), *parser.feed("\x1b")]
    assert not any(isinstance(key, Key) and key.character == "¡" for key in keys)


@given(st.lists(st.sampled_from([BEGIN, END, "\x1b", "[", "201", "200~", "a", "\r"])))
def test_no_piece_is_lost_and_no_escape_is_left_within_a_paste(pieces: list[str]) -> None:
    guard = PasteGuard()
    guarded = "".join(guard.guard(piece) for piece in pieces)
    assert guarded == PasteGuard().guard("".join(pieces))
    inside = [part.partition(END)[0] for part in guarded.split(BEGIN)[1:]]
    assert not any("\x1b" in pasted for pasted in inside)
