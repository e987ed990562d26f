"""Who speaks something else than lines is parted with at once, and is nobody in the chat."""

import pytest

from chat_server.wire import recognise
from tests.client import Client
from tests.running import Running

REQUEST = b"POST / HTTP/1.1\r\nHost: chat\r\nContent-Length: 9\r\n\r\nsend hi\r\nexit\r\n"
HELLO = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(range(256))
STRANGERS = [
    (REQUEST, "HTTP"),
    (b"GET / HTTP/1.0\n\nsend hi\n", "HTTP"),
    (b"get /x?" + b"y" * 3000 + b" HTTP/1.1\r\n\r\n", "HTTP"),
    (b"POST /" + b"y" * 9000 + b" HTTP/1.1\r\n\r\nsend hi\r\n", "HTTP"),
    (b"PROPFIND /x HTTP/1.1\r\n", "HTTP"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP"),
    (b"OPTIONS rtsp://chat/ RTSP/1.0\r\n", "RTSP"),
    (b"OPTIONS sip:chat SIP/2.0\r\n", "SIP"),
    (HELLO, "TLS"),
    (b"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH"),
    (b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nsend hi\r\n", "the PROXY protocol"),
    (b"\x05\x01\0", "SOCKS"),
    (b"\x03\0\0\x13\x0e\xe0", "RDP"),
    ("\ufeffsend hi\n".encode("utf-16-le"), "UTF-16"),
    ("\ufeffsend привет\n".encode("utf-16-be"), "UTF-16"),
    ("send hi\n".encode("utf-16-le"), "UTF-16"),
    ("send hi\n".encode("utf-16-be"), "UTF-16"),
]
IN_ONE_PIECE = [
    (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", "the PROXY protocol"),
    (b"*3\r\n$3\r\nSET\r\n", "Redis"),
]
LINES = [
    b"hi\n", b"\n", b"\r\n", b"send GET / HTTP/1.1\n", b"get well soon\n", b"post it\n", b"SSH\n",
    b"\xff\xfd\x03\xff\xfb\x18", b"\xff\xfe\x01hi\r\n", b"format json\n", "привет\n".encode(),
    b"\x1b[A\n", b"\x7fhi\n", b"x" * 5000, b"PROXY\n", b"*1\n", b"\xef\xbb\xbfhi\n",
]  # fmt: skip


@pytest.mark.parametrize(("said", "what"), STRANGERS)
def test_strangers_are_recognised_however_their_bytes_come(said: bytes, what: str) -> None:
    for length in range(1, len(said) + 1):
        known = recognise(said[:length])
        if known.is_known:
            break
    assert known.what == recognise(said).what == what


@pytest.mark.parametrize("said", LINES)
def test_what_people_type_is_ours_however_it_comes(said: bytes) -> None:
    assert not any(recognise(said[:length]).what for length in range(1, len(said) + 1))
    assert recognise(said).is_known


@pytest.mark.parametrize(("said", "what"), STRANGERS + IN_ONE_PIECE)
async def test_stranger_is_told_why_and_nobody_hears_of_them(
    said: bytes, what: str, server: Running, alice: Client
) -> None:
    stranger = await server.connect()
    await stranger.say_bytes(said)
    [told] = await stranger.rest()
    assert what in told
    await alice.say("users", "history")
    assert await alice.next_line() == "* 1 person is here:"
    assert await alice.next_line() == "  alice"
    assert await alice.next_line() == "* There are no messages."


@pytest.mark.both_loops
async def test_stranger_who_was_silent_before_leaves_at_once(
    server: Running, alice: Client
) -> None:
    stranger = await server.connect()
    await alice.expect("guest1 joined")
    await stranger.say_bytes(REQUEST)
    assert "HTTP" in (await stranger.rest())[-1]
    assert await alice.next_line() == "* guest1 left"


@pytest.mark.both_loops
async def test_negotiation_without_an_end_ends_the_connection(
    server: Running, alice: Client
) -> None:
    stranger = await server.connect()
    await stranger.say_bytes(b"hi\r\n\xff\xfa" + b"x" * 9000)
    assert (await stranger.rest())[-1] == "* A telnet sub-negotiation had no end."
    await alice.expect("guest1 left")
