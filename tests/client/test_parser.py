"""What a terminal sends, read whole, in pieces, and one character at a time."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key, Paste
from textual.message import Message

from chat_tui.terminal import parser as terminal_input
from chat_tui.terminal.parser import BROKEN, QUIET, UNENDED, PasteGuard, PasteParser
from chat_tui.terminal.sequences import Decoder

BEGIN, END = "\x1b[200~", "\x1b[201~"
PIECES = [
    BEGIN.encode(),
    END.encode(),
    b"\x1b",
    b"\x1b[",
    b"\x1b[M",
    b"\x1b[<0;",
    b"u",
    b"M",
    b"\r",
]


def readings(sent: str, size: int) -> list[str]:
    """Read what is sent in pieces of a size, as pastes in brackets and keys."""
    parser = PasteParser()
    pieces = [sent[place : place + size] for place in range(0, len(sent), size)]
    return [*seen_in(m for piece in pieces for m in parser.feed(piece)), *seen_in(parser.rest())]


def seen_in(messages: Iterable[Message]) -> list[str]:
    seen = []
    for message in messages:
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


# What is neither a key nor text


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("a\x1b[1075::117;5ub", ["a", "ctrl+u", "b"]),
        ("a\x1b[99999999999;5ub", ["a", "b"]),
        ("a\x1b[1114112;5ub", ["a", "b"]),
        ("a\x1b[55296ub", ["a", "b"]),
        ("a\x1b[97;1:3ub", ["a", "b"]),
        ("a\x1b[97;1:2ub", ["a", "a", "b"]),
        ("a\x1b[97;;99999999999ub", ["a", "a", "b"]),
        ("a\x1b[::::::;;;ub", ["a", "b"]),
        ("a\x1b[98~b", ["a", "b"]),
        ("a\x1b[?1;2cb", ["a", "b"]),
        ("a\x1b[>0;276;0cb", ["a", "b"]),
        ("a\x1b[35;1;2Mb", ["a", "b"]),
        ("a\x1b[48;0;0;0;0tb", ["a", "b"]),
        ("a\x1b[48;99999;99999;1;1tb", ["a", "b"]),
        ("a\x1b[48;24;80;0;0tb\x1b[<0;1;1Mc", ["a", "b", "c"]),
        (f"a\x1b[{'1;' * 300}qb", ["a", "b"]),
        ("a\x1b[12\rb", ["a", "enter", "b"]),
        ("a\x1b[\x1b[Ab", ["a", "up", "b"]),
        ("\x1bOP\x1b[24~\x1b[1;5D", ["f1", "f12", "ctrl+left"]),
        ("\x1b[27;5;113~", ["ctrl+q"]),
    ],
)
def test_what_is_no_key_does_nothing_and_hinders_no_key(
    sent: str, seen: list[str], size: int
) -> None:
    assert readings(sent, size) == seen


def test_answers_of_a_terminal_are_nobodys_typing() -> None:
    answers = "\x1b]11;rgb:0000/0000/0000\x1b\\\x1bP1$r0 q\x1b\\\x1b]52;c;eA==\x07"
    assert readings(f"a{answers}b", 1000) == ["a", "b"]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"caf\xe9!", "caf\ufffd!"),
        ("\u043f\u0440\u0438".encode("cp1251"), "\ufffd\ufffd\ufffd"),
        ("\u043f\u0440\u0438\u0432\u0435\u0442".encode(), "\u043f\u0440\u0438\u0432\u0435\u0442"),
        (b"a\x1b[M \xff\xfeb", "ab"),
        (b"a\x1b[M#!!\x1b[M \xc3\xa9b", "ab"),
        (b"\xff\xc3", "\ufffd\ufffd"),
    ],
)
def test_bytes_that_are_no_utf8_and_old_mice_are_no_harm(sent: bytes, text: str, size: int) -> None:
    decoder = Decoder()
    pieces = [sent[place : place + size] for place in range(0, len(sent), size)]
    decoded = "".join(map(decoder.decode, pieces)) + decoder.decode(b"", final=True)
    assert decoded.replace("\x1b[M", "") == text


@given(st.lists(st.binary(max_size=40) | st.sampled_from(PIECES)))
def test_nothing_that_a_terminal_may_send_ends_the_reading(pieces: list[bytes]) -> None:
    decoder, parser = Decoder(), PasteParser()
    for piece in pieces:
        seen_in([*parser.feed(decoder.decode(piece)), *parser.tick()])
    seen_in(parser.feed(END))
    assert "z" in "".join(seen_in([*parser.feed("\x1b\\\x07\x1b[Az\r"), *parser.rest()]))


# Keys of other layouts


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[1081::113;5u", "ctrl+q"),
        ("\x1b[1081;5u", "ctrl+q"),
        ("\x1b[1075::117;3u", "alt+u"),
        ("\x1b\u0433", "alt+u"),
        ("\x1b[1110;5u", "ctrl+s"),
        ("\x1b[947;3u", "alt+g"),
        ("\x1b\u03b1", "alt+a"),
        ("\x1b[1508::112;5u", "ctrl+p"),
        ("\x1b[1508;5u", "ctrl+p"),
        ("\x1b\u05e4", "alt+p"),
        ("\x1b[1075;;1075u", "\u0433"),
        ("\x1b[97::113;5u", "ctrl+a"),
        ("\x1b[233::50;5u", "ctrl+2"),
        ("\x1b[1043::117;4u", "alt+shift+u"),
    ],
)
def test_with_ctrl_and_alt_the_key_counts_and_not_what_its_layout_writes(
    sent: str, key: str
) -> None:
    terminal_input.correct()
    assert readings(sent, 1000) == [key]


# Pastes of which a terminal does not tell


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("one\rtwo\rthree\r", ["[one\rtwo\rthree\r]"]),
        ("one\n\n\ttwo", ["[one\n\n\ttwo]"]),
        ("one\r\ntwo", ["[one\r\ntwo]"]),
        ("раз\rдва\r", ["[раз\rдва\r]"]),
        ("a\rbc\x7f\r", ["a", "enter", "b", "c", "backspace", "enter"]),
        ("a\rb\r\x1b1", ["a", "enter", "b", "enter", "alt+1"]),
        ("ab\r", ["a", "b", "enter"]),
        ("a\r\r", ["a", "enter", "enter"]),
        ("a\r\x1b1b\r", ["a", "enter", "alt+1", "b", "enter"]),
        ("\x1bOPa\r", ["f1", "a", "enter"]),
    ],
)
def test_several_lines_at_once_are_a_paste(sent: str, seen: list[str]) -> None:
    terminal_input.correct()
    assert readings(sent, 1000) == seen


def test_a_paste_in_several_reads_is_one_and_ends_when_nothing_more_comes() -> None:
    times = iter([0.0, 0.01, 0.02, 0.03, 0.03 + QUIET, 9.0, 9.0])
    parser = PasteParser(now=lambda: next(times))
    assert seen_in(parser.feed("one\rtw")) == []
    assert seen_in(parser.tick()) == []
    assert seen_in(parser.feed("o\r")) == []
    assert seen_in(parser.feed("three\r")) == []
    assert seen_in(parser.tick()) == ["[one\rtwo\rthree\r]"]
    assert seen_in(parser.feed("x\r")) == ["x", "enter"]
    assert seen_in(parser.tick()) == []


def test_a_sequence_without_an_end_is_forgotten() -> None:
    times = iter([0.0, BROKEN, 9.0])
    parser = PasteParser(now=lambda: next(times))
    assert seen_in([*parser.feed("\x1b[12"), *parser.tick()]) == []
    assert seen_in(parser.feed("abc")) == ["a", "b", "c"]


@pytest.mark.parametrize("begun", ["", "\x1b", "\x1b[20"])
def test_a_paste_whose_end_is_lost_ends_when_nothing_more_comes(begun: str) -> None:
    times = iter([0.0, UNENDED - 0.1, UNENDED, 9.0, 9.0, 9.0])
    parser = PasteParser(now=lambda: next(times))
    assert seen_in(parser.feed(f"{BEGIN}one\rtwo{begun}")) == []
    assert seen_in(parser.tick()) == []
    assert seen_in(parser.tick()) == [f"[one\rtwo{begun.removeprefix(chr(27))}]"]
    assert seen_in(parser.feed("\x11x\r")) == ["ctrl+q", "x", "enter"]
    assert seen_in(parser.feed(f"{BEGIN}three{END}y")) == ["[three]", "y"]


def test_a_paste_that_comes_slowly_is_one() -> None:
    times = iter([0.0, 1.5, 3.0, 3.0, 4.5])
    parser = PasteParser(now=lambda: next(times))
    assert seen_in([*parser.feed(f"{BEGIN}one\r"), *parser.tick()]) == []
    assert seen_in([*parser.feed("two\r"), *parser.tick()]) == []
    assert seen_in(parser.feed(f"three{END}")) == ["[one\rtwo\rthree]"]


def test_the_rest_of_a_paste_that_stopped_for_long_is_pasted_too_and_sends_nothing() -> None:
    times = iter([0.0, UNENDED, 9.0, 9.1, 9.2, 9.3])
    parser = PasteParser(now=lambda: next(times))
    assert seen_in([*parser.feed(f"{BEGIN}one\rtw"), *parser.tick()]) == ["[one\rtw]"]
    assert seen_in(parser.feed("o\rthree")) == []
    assert seen_in(parser.feed(f"\rfour\r{END}x")) == ["[o\rthree]", "[\rfour\r]", "x"]
    assert seen_in(parser.feed("y\r")) == ["y", "enter"]
    assert seen_in(parser.feed(f"z{END}")) == ["z"]
