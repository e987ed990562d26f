"""What speaks something else than lines of a chat is closed at once, and nobody hears of it."""

import pytest

from chat_server.connection.rate_limit import SLICE
from chat_server.doors.lines import LineReader
from chat_server.doors.telnet import LONGEST_SUBNEGOTIATION
from chat_server.protocol.events import Bye, Joined
from chat_server.settings import Settings
from tests.conftest import Serve
from tests.support.client import Client
from tests.support.clock import FakeClock
from tests.support.running import Running

IAC_NOP = b"\xff\xf1"
POST = b"POST / HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: text/plain\r\n\r\nsend spoken\r\n"
CLIENT_HELLO = bytes.fromhex("160301020001000 1fc0303".replace(" ", "")) + bytes(200)
STRANGERS = [
    ("HTTP", POST),
    ("HTTP", b"GET / HTTP/1.1\r\n\r\n"),
    ("HTTP", b"get / http/1.1\r\n\r\n"),
    ("HTTP", b"\r\n\r\nGeT /send%20hi hTtP/1.0\r\n\r\n"),
    ("HTTP", b"OPTIONS * HTTP/1.1\r\n\r\n"),
    ("HTTP", b"CONNECT example.org:443 HTTP/1.1\r\n\r\n"),
    ("HTTP", b"GET http://example.org/ HTTP/1.1\r\n\r\n"),
    ("HTTP", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("HTTP", b"PROPFIND / HTTP/1.1\r\n\r\n"),
    ("HTTP", b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n\r\nsend spoken\r\n"),
    ("HTTP", b"OPTIONS sip:nm SIP/2.0\r\n\r\n"),
    ("HTTP", b"DESCRIBE rtsp://camera/1 RTSP/1.0\r\n\r\n"),
    ("TLS", CLIENT_HELLO),
    ("TLS", b"\x80\x2e\x01\x03\x01\x00\x15"),
    ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n"),
    ("SSH", b"SSH-1.99-x\r\n"),
    ("the PROXY protocol", b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\nsend spoken\r\n"),
    ("the PROXY protocol", b"PROXY UNKNOWN\r\n"),
    ("SOCKS", b"\x05\x01\x00"),
    ("SOCKS", b"\x05\x02\x00\x02"),
    ("SOCKS", b"\x04\x01\x1f\x90\x7f\x00\x00\x01\x00"),
    ("RDP", b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"),
    ("SMB", b"\x00\x00\x00\x45\xffSMBr" + bytes(60)),
    ("SMB", b"\x00\x00\x00\x45\xfeSMB@" + bytes(60)),
    ("LDAP", b"0\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00"),
    ("MQTT", b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"),
    ("AMQP", b"AMQP\x00\x00\x09\x01"),
    ("", b"\x00\x00\x00\x08\x04\xd2\x16\x2f"),  # PostgreSQL
    ("", b"\x4a\x00\x00\x01\x85\xa6\x03\x00"),  # MySQL
    ("", b"l\x00\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00"),  # X11
    ("", b"\x00\x1e\x00\x06\x01\x00\x00\x01"),  # DNS
    ("", b"\x3a\x00\x00\x00\x01\x00\x00\x00"),  # MongoDB
]
CHATTERS = [
    b"send GET / HTTP/1.1\r\n",
    b"/send see http://example.org HTTP/1.1\r\n",
    b"get the milk\r\n",
    b"put / there\r\n",
    b"post it\r\n",
    b"HELP /SEND\r\n",
    b"options\r\n",
    b"ssh me\r\n",
    b"proxy for bob\r\n",
    b"*hugs*\r\n",
    b"*1\r\n",
    b"0 degrees\r\n",
    b"\x1b[Asend hi\r\n",
    b"\xff\xfd\x00\xff\xfb\x00\xff\xfa\x18\x00xterm\xff\xf0users\r\n",
    b"\0hi\r\n",
    "привет\r\n".encode(),
    "users\r\n".encode("utf-16"),
    "users\r\n".encode("utf-16-le"),
    "users\r\n".encode("utf-16-be"),
    "users\r\n".encode("utf-32-le"),
    b"\r\0\r\0users\r\0",
]


def goodbye_to(*chunks: bytes) -> Bye | None:
    """Return what a reader says goodbye with, as soon as it does."""
    reader = LineReader(8192)
    for chunk in chunks:
        reader.feed(chunk)
        if (goodbye := reader.goodbye()) is not None:
            return goodbye
        while reader.next_line() is not None:
            pass
    return None


def stranger(name: str) -> Bye:
    return Bye("stranger", {"protocol": name} if name else {})


@pytest.mark.parametrize(("name", "beginning"), STRANGERS)
def test_stranger_is_known_by_its_beginning_in_any_pieces(name: str, beginning: bytes) -> None:
    said = goodbye_to(beginning)
    assert said == stranger(name)
    short = beginning[:20_000]
    assert goodbye_to(*(short[at : at + 1] for at in range(len(short)))) == said
    for at in range(1, min(len(short), 80)):
        assert goodbye_to(short[:at], short[at:]) == said


@pytest.mark.parametrize("beginning", CHATTERS)
def test_who_chats_is_no_stranger_in_any_pieces(beginning: bytes) -> None:
    for chunks in (
        [beginning],
        [beginning[at : at + 1] for at in range(len(beginning))],
        *([beginning[:at], beginning[at:]] for at in range(1, len(beginning))),
    ):
        assert goodbye_to(*chunks) is None


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("the PROXY protocol", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12)),
        ("Redis", b"*1\r\n$4\r\nPING\r\n"),
    ],
)
def test_stranger_of_several_lines_is_known_by_them(name: str, beginning: bytes) -> None:
    assert goodbye_to(beginning) == stranger(name)


def test_what_follows_a_first_line_that_is_too_long_is_not_the_first() -> None:
    assert goodbye_to(b"x" * 9000, b"\x16\x03\x01", b"\nGET / HTTP/1.1\n") is None


def test_only_the_first_line_can_be_a_strangers() -> None:
    assert goodbye_to(b"users\n", b"GET / HTTP/1.1\n") is None
    assert goodbye_to(b"users\nGET / HTTP/1.1\n") is None


@pytest.mark.both_loops
@pytest.mark.parametrize("beginning", [POST, CLIENT_HELLO, b"SSH-2.0-x\r\n", b"\x05\x01\x00"])
async def test_stranger_is_told_why_and_nobody_hears_of_it(
    alice: Client, server: Running, beginning: bytes
) -> None:
    stranger = await server.connect()
    await stranger.say_bytes(beginning)
    [line] = await stranger.rest()
    assert line.startswith("* This is a chat for terminals, and you speak ")
    await alice.say("send fence", "users")
    assert [said.partition("alice: ")[2] for said in (await alice.until("1 person"))[:-1]] == [
        "fence"
    ]


@pytest.mark.both_loops
async def test_stranger_who_closes_their_end_before_their_turn_is_told_why(
    serve: Serve, clock: FakeClock
) -> None:
    running = await serve(Settings(port=0, rate=1, burst=5, max_line=1024), clock=clock)
    stranger = await running.connect()
    await stranger.say_bytes(IAC_NOP * (SLICE // 2) + b"GET / HTTP/1.1\r\n\r\n")
    stranger.say_no_more()
    await running.join("alice")
    clock.advance(0.2)
    assert b"and you speak HTTP." in await stranger.bytes_until(b"Goodbye.\r\n")


async def test_stranger_who_looked_on_before_leaves(serve: Serve, clock: FakeClock) -> None:
    running = await serve(clock=clock)
    alice, _ = await running.join_json("alice")
    stranger = await running.connect()
    await alice.answer("users")
    clock.advance(0.3)
    await stranger.expect("Welcome, guest1")
    await alice.expect_event(Joined)
    await stranger.say_bytes(POST)
    assert (await stranger.rest())[-1].startswith("* This is a chat for terminals")
    before, _ = await alice.ask("history")
    assert [type(event).__name__ for event in before] == ["Left"]


async def test_stranger_is_not_answered_to_what_only_looks_like_telnet(server: Running) -> None:
    stranger = await server.connect()
    await stranger.say_bytes(CLIENT_HELLO + b"\xff\xfd\x01\xff\xf6")
    [line] = await stranger.rest()
    assert line.startswith("* This is a chat for terminals, and you speak TLS.")


@pytest.mark.both_loops
async def test_endless_subnegotiation_is_told_goodbye(alice: Client, server: Running) -> None:
    endless = await server.connect()
    await endless.say_bytes(b"send here\n")
    await endless.expect("here")
    await endless.say_bytes(b"\xff\xfa" + b"x" * (LONGEST_SUBNEGOTIATION + 10))
    assert b"sub-negotiation without an end" in await endless.bytes_until(b"Goodbye.\r\n")
    await alice.expect("guest1 left")


async def test_are_you_there_is_answered(alice: Client) -> None:
    await alice.say_bytes(b"\xff\xf6")
    await alice.expect("* [Yes]")


async def test_program_hears_why_in_its_format(server: Running) -> None:
    program, _ = await server.join_json("program")
    await program.say_bytes(b"\xff\xfa" + b"x" * 2000)
    bye = await program.expect_event(Bye)
    assert (bye.reason, "without an end" in bye.text) == ("endless_telnet", True)
