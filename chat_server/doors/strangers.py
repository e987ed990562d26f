"""Programs that speak something else than lines of a chat, known by how they begin.

A browser that a page sends here, a scanner, a proxy: what they say must not appear in the chat.
"""

import re

from chat_server.protocol.events import Bye

_PROTOCOLS = (
    (
        "HTTP",
        # A whole request line in any case, or what browsers begin with.
        rb"(?!/?send )[a-z]{3,20} (?:[/*]|[\w.+-]+:)[^ \n]* (?:http|rtsp|sip|icap)/\d"
        rb"|(?-i:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH) (?:[/*]|https?://)",
    ),
    ("TLS", rb"\x16\x03[\x00-\x04]|\x80.\x01\x03"),
    ("SSH", rb"ssh-\d"),
    ("the PROXY protocol", rb"proxy (?:tcp[46]|unknown)\b|\0\nQUIT\n"),
    ("SOCKS", rb"\x05[\x01-\x0a][\x00-\x09\x80]|\x04[\x01\x02].{2}"),
    ("Redis", rb"\*\d{1,9}\n\$\d"),
    ("RDP", rb"\x03\x00"),
    ("SMB", rb"\0.{3}[\xff\xfe]"),
    ("LDAP", rb"0.\x02\x01"),
    ("MQTT", rb"\x10.\x00[\x04\x06]MQ"),
    ("AMQP", rb"AMQP[\x00-\x03]"),
    ("rsync", rb"@rsyncd:"),
    ("git", rb"[0-9a-f]{4}git-"),
)
_PATTERNS = [(name, re.compile(b, re.IGNORECASE | re.DOTALL)) for name, b in _PROTOCOLS]
_LENGTH = 4
"""First bytes in which many protocols say a length or a version; two of them are 0 then."""
_UTF_16 = re.compile(rb"(?:\xfe\xff)?\0*[ -~]\0+[ -~]\0|\xfe\xff")
_PERHAPS_UTF_16 = re.compile(rb"(?:\xfe\xff?)?\0*(?:[ -~]\0*[ -~]?)?\Z")

SUBNEGOTIATING = Bye("endless_telnet")


def stranger(beginning: bytes) -> Bye | None:
    """Return the goodbye to a program that begins like this; None where it may be a chat client."""
    for name, pattern in _PATTERNS:
        if pattern.match(beginning):
            return Bye("stranger", {"protocol": name})
    is_binary = beginning[:_LENGTH].count(0) >= 2
    if is_binary and not (is_utf_16(beginning) or _PERHAPS_UTF_16.match(beginning)):
        return Bye("stranger")
    return None


def is_utf_16(line: bytes) -> bool:
    """Say whether a line could be a command in two, or four, bytes for each letter."""
    return _UTF_16.match(line) is not None
