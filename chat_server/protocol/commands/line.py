"""A line taken apart as far as that goes without knowing the commands."""

import re

from chat_server.protocol.events import Refused, shortened

_KEY = re.compile(r"@([A-Za-z0-9_-]{1,32})(?:\s+|$)")


def split_command(line: str) -> tuple[str, str]:
    """Split a line into its first word and what follows it, both without outer white space."""
    words = line.split(maxsplit=1)
    if len(words) == 2:
        return words[0], words[1].rstrip()
    return (words[0], "") if words else ("", "")


def split_key(line: str) -> tuple[str, str | Refused]:
    """Take `@KEY ` from the beginning of a JSON client's line; "" where there is none."""
    if not line.startswith("@"):
        return "", line
    match = _KEY.match(line)
    if match is None:
        return "", Refused("bad_key", {"key": shortened(line.partition(" ")[0])})
    return match[1], line[match.end() :]
