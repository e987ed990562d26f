"""What a server says, without what could steer a terminal: whatever it let through ends here.

It is done before a line is decoded, for everything that it holds at once: names, texts, reasons.
What makes rows for a screen (layout/lines.py) does it once more, and leaves out what has no width.
"""

import re

_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_CONTROL = re.compile(f"[{_CONTROLS}]")
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)")
"""An escape of JSON (RFC 8259, section 7): of a letter by its number, or a short one."""
_SHORT = {rb"\n": b" ", rb"\r": b" ", rb"\t": b" ", rb"\b": "\ufffd".encode(), rb"\f": b" "}


def harmless(line: bytes) -> bytes:
    """Replace in a line of JSON what controls terminals, or turns the direction of writing.

    Its bytes may be written as they are or as escapes.
    """
    if b"\\" in line:
        line = _ESCAPE.sub(_escaped, line)
    if line.isascii() and b"\x7f" not in line:
        return line
    text = line.decode("utf-8", "replace")
    body = text.rstrip("\r\n")
    return _CONTROL.sub("\ufffd", body).encode()


def _escaped(match: "re.Match[bytes]") -> bytes:
    if match[1] is None:
        return _SHORT.get(match[0], match[0])
    is_control = _CONTROL.match(chr(int(match[1], 16)))
    return "\ufffd".encode() if is_control else match[0]
