"""Bytes to lines: each case read whole, byte by byte, and with trailing bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.doors.lines import LineReader
from chat_server.doors.telnet import IS_HERE, LONGEST_SUBNEGOTIATION
from chat_server.protocol import wording
from chat_server.protocol.events import Refused

LIMIT = 20
LONG = 200

IAC, DONT, DO, WONT, WILL, SB, SE, NOP = (
    bytes([code]) for code in (255, 254, 253, 252, 251, 250, 240, 241)
)
AYT = bytes([246])
ECHO = b"\x01"

TOO_LONG = "(line_too_long)"
NOT_UTF8 = "(not_utf8)"


def lines_of(*chunks: bytes, limit: int = LIMIT) -> tuple[list[str], bytes]:
    """Read chunks; return the lines (of refused ones the code) and what is answered."""
    reader = LineReader(limit)
    lines, replies = [], b""
    for chunk in chunks:
        replies += reader.feed(chunk)
        while (line := reader.next_line()) is not None:
            lines.append(f"({line.code})" if isinstance(line, Refused) else line)
    return lines, replies


def bytewise(content: bytes) -> list[bytes]:
    return [content[place : place + 1] for place in range(len(content))]


def check_readings(
    content: bytes, lines: list[str], replies: bytes = b"", limit: int = LIMIT
) -> None:
    """Read bytes in every way they can come; they must always be the same lines."""
    assert lines_of(content, limit=limit) == (lines, replies)
    assert lines_of(*bytewise(content), limit=limit) == (lines, replies)
    for place in range(len(content)):
        assert lines_of(content[:place], content[place:], limit=limit) == (lines, replies)
    assert lines_of(content + b"half", limit=limit) == (lines, replies)
    assert lines_of(content + b"next\n", limit=limit) == ([*lines, "next"], replies)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"hi\n", ["hi"]),
        (b"hi\r\n", ["hi"]),
        (b"hi\r\0", ["hi"]),
        (b"one\ntwo\r\nthree\r\0", ["one", "two", "three"]),
        (b"\n\r\n\r\0", ["", "", ""]),
        (b"one\rtwo\r\n", ["one", "two"]),
        (b"one\r\rtwo\n", ["one", "", "two"]),
        (b"one\r\n\0two\r\0\nthree\n", ["one", "two", "", "three"]),
        (b"hi\r\r\n", ["hi", ""]),
        (b"\0hi\0\n", ["hi"]),
        (b"  hi  there \n", ["  hi  there "]),
    ],
)
def test_ends_of_lines(content: bytes, lines: list[str]) -> None:
    check_readings(content, lines)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("я\n", "я"),
        ("Привет\r\n", "Привет"),
        ("😀 李 वी\n", "😀 李 वी"),
        ("a\tb\n", "a b"),
        ("a\x01b\x07\x1fc\n", "abc"),
        ("a\x80\x85\x9fb\n", "ab"),
        ("a\u2028b\u2029c\n", "abc"),
        ("\u202aa\u202b\u202c\u202d\u202eb\n", "ab"),
        ("\u2066a\u2067\u2068\u2069b\n", "ab"),
        ("\u200ea\u200db\u202fc\u2065\u206ad\n", "\u200ea\u200db\u202fc\u2065\u206ad"),
        ("a\u00a0b\n", "a\u00a0b"),
    ],
)
def test_controls_are_removed_and_letters_kept(content: str, text: str) -> None:
    check_readings(content.encode(), [text])


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (b"ca\x08ats", "cats"),
        (b"ca\x7fats", "cats"),
        (b"\x08\x7fhi", "hi"),
        (b"abc\x08\x08\x08\x08d", "d"),
        ("приветт\x7f".encode(), "привет"),
        ("e\u0301\x08a".encode(), "a"),
        ("a👍🏽\x7fb".encode(), "ab"),
        ("a👩\u200d👩\u200d👧\x7fb".encode(), "ab"),
        ("🇩🇪🇫🇷\x7f".encode(), "🇩🇪"),
        ("🏴\U000e0067\U000e0062\U000e007f\x7fb".encode(), "b"),
        ("привет всем\x17мир".encode(), "привет мир"),
        (b"one two  \x17\x17three", "three"),
        (b"send wrong\x15send right", "send right"),
        (b"ca" + IAC + bytes([247]) + b"ats", "cats"),
        (b"wrong" + IAC + bytes([248]) + b"right", "right"),
        (b"\x1b[Asend hi", "send hi"),
        (b"send h\x1b[1;5Ci\x1b[3~\x1b[200~!\x1b[201~", "send hi!"),
        (b"\x1bOPsend\x1bOA hi\x1b[[A", "send hi"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"a\x1b]0;title\x07b\x1b]8;;x:y\x1b\\c", "abc"),
        (b"a\x1bP1$r\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde"),
        (b"a\x1b(Bb\x1b%Gc\x1b7d\x1bbe", "abcde"),
        (b"a\x1b\x1b[Ab\x1b", "ab"),
        ("a\x9b31mb\x8fPc\x9d0;t\x9cd\x90q\x1b\\e".encode(), "abcde"),
        ("a\x9dnaïve b".encode(), "anaïve b"),
        (b"a\x1b[31", "a"),
        (b"a\x1b]0;title", "a"),
        ("a\x1b[31я".encode(), "aя"),
        (b"\xef\xbb\xbfsend hi", "send hi"),
    ],
)
def test_what_was_erased_or_steers_a_terminal_is_not_said(typed: bytes, text: str) -> None:
    check_readings(typed + b"\nnext\n", [text, "next"], limit=LONG)


def test_nothing_is_erased_of_the_line_before() -> None:
    check_readings(b"one\n\x08\x15\x17two\r\x7fthree\n", ["one", "two", "three"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("text", ["help\n", "exit\r\n", "send я\nusers\n"])
def test_utf16_is_refused(encoding: str, text: str) -> None:
    lines, _ = lines_of(text.encode(encoding), limit=LONG)
    assert lines.count(NOT_UTF8) == text.count("\n")
    assert lines_of(*bytewise(text.encode(encoding)), limit=LONG)[0] == lines
    assert set(lines) - {NOT_UTF8} <= {""}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b"@k1 send " + b"x" * 99, "k1"),
        (b"\xef\xbb\xbf@k1 send " + b"x" * 99, "k1"),
        (b"@k1 caf\xe9", "k1"),
        (b"@\xe9 x", ""),
        (b"@! " + b"x" * 99, ""),
        (b"@" + b"x" * 99, ""),
        (b"send @k1 " + b"x" * 99, ""),
        (b"x" * 99, ""),
    ],
)
@pytest.mark.parametrize("limit", [LIMIT, 50])
def test_line_that_cannot_be_read_whole_is_refused_with_its_key(
    line: bytes, key: str, limit: int
) -> None:
    for chunks in ([line + b"\n"], bytewise(line + b"\n")):
        reader = LineReader(limit)
        refused = []
        for chunk in chunks:
            reader.feed(chunk)
            refused += list(iter(reader.next_line, None))
        [answer] = refused
        assert isinstance(answer, Refused)
        assert answer.re == key


@pytest.mark.parametrize(
    "content", [b"\xff\n", b"\xd1\n", b"\x8f\n", b"\xc0\x80\n", b"\xed\xa0\x80\n", b"caf\xe9\n"]
)
def test_other_bytes_than_utf8_are_refused(content: bytes) -> None:
    check_readings(content.replace(IAC, IAC + IAC), [NOT_UTF8])


def test_refusal_names_the_byte_that_is_not_utf8() -> None:
    reader = LineReader(LIMIT)
    reader.feed(b"caf\xe9 au lait\n")
    refused = reader.next_line()
    assert isinstance(refused, Refused)
    assert "its byte 4 is 0xE9" in wording.refusal(refused)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"x" * LIMIT + b"\n", ["x" * LIMIT]),
        (b"x" * LIMIT + b"\r\n", ["x" * LIMIT]),
        ("я".encode() * (LIMIT // 2) + b"\r\0", ["я" * (LIMIT // 2)]),
        (b"x" * (LIMIT + 1) + b"\n", [TOO_LONG]),
        ("я".encode() * LIMIT + b"\n", [TOO_LONG]),
        (b"x" * 500 + b"\r\nhi\n", [TOO_LONG, "hi"]),
        (b"hi\n" + b"x" * 50 + b"\r\nho\n", ["hi", TOO_LONG, "ho"]),
        (b"x" * 50 + b"\n" + b"y" * 50 + b"\n\n", [TOO_LONG, TOO_LONG, ""]),
        (b"\xd1" * 50 + b"\nhi\n", [TOO_LONG, "hi"]),
    ],
)
def test_too_long_line_is_refused_once_and_the_next_one_lives(
    content: bytes, lines: list[str]
) -> None:
    check_readings(content, lines)


def test_too_long_line_is_refused_before_it_ends() -> None:
    assert lines_of(b"x" * 21) == ([TOO_LONG], b"")
    assert lines_of(b"x" * 21, b"x" * 21, b"x" * 21) == ([TOO_LONG], b"")


def test_endless_line_is_not_kept() -> None:
    reader = LineReader(LIMIT)
    for _ in range(100):
        reader.feed(b"x" * 1000)
        reader.next_line()
    assert reader.unread == 0


@pytest.mark.parametrize(
    ("content", "lines", "replies"),
    [
        (IAC + DO + ECHO + b"hi\n", ["hi"], IAC + WONT + ECHO),
        ((IAC + DO + ECHO) * 9 + b"hi\n", ["hi"], IAC + WONT + ECHO),
        (b"h" + IAC + AYT + b"i\n", ["hi"], IS_HERE),
        (IAC + WILL + ECHO + b"hi\n", ["hi"], IAC + DONT + ECHO),
        (IAC + DONT + ECHO + IAC + WONT + ECHO + b"hi\n", ["hi"], b""),
        (b"h" + IAC + NOP + b"i\n", ["hi"], b""),
        (b"hi\r" + IAC + NOP + b"\n", ["hi"], b""),
        (IAC + DO + b"\n" + b"hi\n", ["hi"], IAC + WONT + b"\n"),
        (IAC + DO + IAC + b"hi\n", ["hi"], IAC + WONT + IAC),
        (b"h" + IAC + SB + b"\x18\0xterm\n" + IAC + SE + b"i\n", ["hi"], b""),
        (IAC + SB + b"\x1f" + IAC + IAC + SE + IAC + SE + b"hi\n", ["hi"], b""),
        (IAC + IAC + b"\n", [NOT_UTF8], b""),
        (b"\xd1" + IAC + NOP + b"\x8f\n", ["я"], b""),
        (
            IAC + DO + b"\x03" + IAC + WILL + b"\x18" + b"hi\r\n",
            ["hi"],
            IAC + WONT + b"\x03" + IAC + DONT + b"\x18",
        ),
    ],
)
def test_telnet_is_answered_politely_and_never_read_as_text(
    content: bytes, lines: list[str], replies: bytes
) -> None:
    check_readings(content, lines, replies)


def test_unread_bytes_are_those_not_given_out_yet() -> None:
    reader = LineReader(LIMIT)
    reader.feed(b"one\ntwo\nthr")
    assert reader.unread == 11
    reader.next_line()
    reader.next_line()
    assert reader.unread == 3


def test_line_that_is_put_back_comes_again() -> None:
    reader = LineReader(LIMIT)
    reader.feed(b"one\ntwo\n")
    for line in ("one", "two"):
        for _ in range(2):
            assert reader.next_line() == line
            reader.put_back(line)
            assert reader.unread
        assert reader.next_line() == line
    assert reader.next_line() is None
    assert reader.unread == 0


_LIVELY = st.sampled_from(
    [
        *(b"\r", b"\n", b"\0", IAC, DO, WILL, SB, SE, AYT, b"\xd1", b"\x8f", b"x" * 9, b"@k "),
        *(
            b"\x08",
            b"\x7f",
            b"\x15",
            b"\x17",
            b"\x1b",
            b"[",
            b"]",
            b"\x1b[",
            b"A",
            b"\xc2\x9b",
            b"s\0",
        ),
    ]
)
_bytes = st.binary() | st.lists(_LIVELY | st.binary(max_size=3)).map(b"".join)
_FORBIDDEN = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
}


@given(_bytes, st.lists(st.integers(0, 60)))
def test_any_bytes_in_any_chunks_are_the_same_lines(content: bytes, sizes: list[int]) -> None:
    chunks, rest = [], content
    for size in sizes:
        chunks.append(rest[:size])
        rest = rest[size:]
    assert lines_of(*chunks, rest) == lines_of(content) == lines_of(*bytewise(content))


@given(_bytes | st.text().map(str.encode))
def test_no_line_has_a_forbidden_character(content: bytes) -> None:
    lines, _ = lines_of(content + b"\n")
    assert not _FORBIDDEN & set("".join(lines))


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=5))
def test_any_letters_come_as_they_are(text: str) -> None:
    assert lines_of(f"{text}\r\n".encode()) == ([text], b"")


BINARY = b"\0"


def test_binary_mode_is_agreed_to_once() -> None:
    asked = IAC + WILL + BINARY + IAC + DO + BINARY
    agreed = IAC + DO + BINARY + IAC + WILL + BINARY
    check_readings(asked + asked + b"hi\n", ["hi"], agreed)


@pytest.mark.parametrize(
    ("command", "letter"), [(245, "я"), (244, "у"), (243, "М"), (237, "К"), (236, "ф")]
)
def test_letter_that_telnet_took_for_a_control_key_is_restored(command: int, letter: str) -> None:
    lead = letter.encode()[:1]
    check_readings(b"a" + lead + IAC + bytes([command]) + b"b\n", [f"a{letter}b"])


@pytest.mark.parametrize("command", [245, 244, 243, 237, 236])
def test_telnet_command_between_letters_is_no_letter(command: int) -> None:
    check_readings("я".encode() + IAC + bytes([command]) + b"b\n", ["яb"])


def test_telnet_command_after_a_removed_character_is_no_letter() -> None:
    check_readings("я".encode()[:1] + b"\0" + IAC + bytes([245]) + b"b\n", [NOT_UTF8])


def test_telnet_flood_is_answered_once_for_each_option_at_most() -> None:
    reader = LineReader(LIMIT)
    flood = b"".join(IAC + verb + bytes([o]) for verb in (DO, WILL, DONT) for o in range(256))
    assert sum(len(reader.feed(flood)) for _ in range(50)) == 2 * 256 * 3
    assert reader.unread == 0


def test_answers_to_are_you_there_are_no_longer_than_the_questions() -> None:
    flood = (IAC + AYT) * 2048
    assert len(LineReader(LIMIT).feed(flood)) < len(flood)


@pytest.mark.parametrize("size", [1, 100, 4096])
def test_subnegotiation_without_an_end_is_not_kept_but_given_up(size: int) -> None:
    reader = LineReader(LIMIT)
    reader.feed(IAC + SB)
    fed = 2
    while not reader.goodbye():
        reader.feed(b"x" * size)
        fed += size
    assert fed <= LONGEST_SUBNEGOTIATION + max(size, 2)
    assert reader.unread == 0


def test_long_subnegotiation_that_ends_is_skipped() -> None:
    check_readings(IAC + SB + b"x" * 500 + IAC + SE + b"hi\n", ["hi"])
    reader = LineReader(LIMIT)
    for _ in range(9):
        reader.feed(IAC + SB + b"x" * 900 + IAC + SE)
    assert not reader.goodbye()


def test_stray_byte_255_swallows_nothing() -> None:
    check_readings(b"send \xff\nsend hi\n", [NOT_UTF8, "send hi"])


def test_reader_knows_telnet_by_its_commands_its_returns_and_its_garbage() -> None:
    reader = LineReader(LIMIT)
    signs = []
    for chunk in (b"hi\n", b"hi\rho\r", b"hi\r\n", IAC + NOP, b"\xd1\n"):
        reader.feed(chunk)
        while reader.next_line() is not None:
            pass
        signs.append((reader.has_heard_return, reader.has_heard_telnet, reader.has_heard_garbage))
    no, yes = False, True
    assert signs == [(no, no, no), (no, no, no), (yes, no, no), (yes, yes, no), (yes, yes, yes)]
