"""Who speaks something else than a chat's lines: told by the first bytes of a connection.

A web page can make a browser say anything after an HTTP request's head, so who begins with one is
not heard further.
"""

import re
from typing import NamedTuple

HEAD = 4096
"""Bytes within which a first line, if it is one, has to end to be looked at whole."""

_IAC = 0xFF
_BINARY = (
    (b"\x16\x03", "TLS"),
    (b"SSH-", "SSH"),
    (b"PROXY ", "the PROXY protocol"),
    (b"\x04\x01", "SOCKS"),
    (b"\x05\x01", "SOCKS"),
    (b"\x05\x02", "SOCKS"),
    (b"\x03\0", "RDP"),
    (b"\0\0\0", "a binary protocol"),
    (b"\xfeSMB", "SMB"),
    (b"\xffSMB", "SMB"),
    (b"\xfe\xff", "UTF-16"),
    (b"PRI * HTTP/2", "HTTP"),
)
"""How what is no text begins."""
_REQUEST = re.compile(rb"[A-Za-z-]{1,32} [^ \r\n]{1,4000} (?P<protocol>HTTP|RTSP|SIP)/[0-9]")
"""The first line of a request (RFC 9112)."""
_LONG_REQUEST = re.compile(rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) [/*hH]")
_WHOLE = (
    (re.compile(rb"\r\n\r\n\0\r\nQUIT\n"), "the PROXY protocol"),
    (re.compile(rb"\*[0-9]{1,4}\r\n\$"), "Redis"),
)
"""Beginnings that are looked for only where they come in one piece: people begin so too."""
_TYPED = frozenset((*range(0x20, 0x7F), 0x0A, 0x0D, _IAC))


class Recognised(NamedTuple):
    """What the first bytes are: `is_known` once that can be told; `what`: "" for the chat's own."""

    is_known: bool
    what: str = ""


_UNDECIDED = Recognised(is_known=False)
_OURS = Recognised(is_known=True)


def recognise(head: bytes) -> Recognised:
    """Say what a connection speaks that begins with these bytes."""
    head = head[:HEAD]
    for beginning, what in _BINARY:
        if head.startswith(beginning):
            return Recognised(is_known=True, what=what)
    if _is_utf_16(head):
        return Recognised(is_known=True, what="UTF-16")
    for whole, what in _WHOLE:
        if whole.match(head):
            return Recognised(is_known=True, what=what)
    if _may_become_binary(head):
        return _UNDECIDED
    if len(head) < HEAD and not (b"\n" in head or b"\r" in head or _IAC in head):
        return _UNDECIDED
    if request := _REQUEST.match(head):
        return Recognised(is_known=True, what=request["protocol"].decode())
    if _LONG_REQUEST.match(head) and not (b"\n" in head or b"\r" in head):
        return Recognised(is_known=True, what="HTTP")
    return _OURS


def _may_become_binary(head: bytes) -> bool:
    is_short_utf_16 = len(head) < 4 and (
        head[:2] == b"\xff\xfe" or b"\0" in head or head == b"\xff"
    )
    return is_short_utf_16 or any(beginning.startswith(head) for beginning, _ in _BINARY)


def _is_utf_16(head: bytes) -> bool:
    """Look for its mark, or for letters of which every other byte is nothing.

    The mark is the telnet command DONT as well; after that come an option and what one types.
    """
    if len(head) < 4:
        return False
    if head[:2] == b"\xff\xfe":
        return head[3] not in _TYPED
    return not any(head[0:4:2]) or not any(head[1:4:2])
