"""A conversation as a text file: what stands in it, and what it is called."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chat_server.protocol.wording import local_time
from chat_tui.layout.lines import clean

LONGEST_NAME = 40
"""Characters of a person's name in the name of a file."""


class Exported(NamedTuple):
    """What has become of it: a sentence, and whether it is in the file."""

    told: str
    is_written: bool


class Shown(NamedTuple):
    """A conversation as `you` see it, at `place`, with `other` or ("") everyone."""

    place: str
    other: str
    you: str
    text: str


def document(shown: Shown, at: float) -> str:
    """Write the conversation as it is at a time, under two lines that say what it is."""
    time = local_time(int(at))
    whom = shown.other or "everyone"
    return (
        f"The chat at {clean(shown.place)} with {clean(whom)}, as {clean(shown.you)} saw it\n"
        f"until {time:%A}, {time.day} {time:%B %Y, %H:%M:%S} ({time:%Z}).\n\n"
        f"{shown.text}\n"
    )


def file_names(other: str, at: float) -> Iterator[str]:
    """Yield names for the file, the best first; none has anything but letters, digits, `-._`."""
    whom = re.sub(r"[^\w-]+", "-", other).strip("-_")[:LONGEST_NAME] or "everyone"
    stem = f"chat-{whom}-{local_time(int(at)):%Y-%m-%d-%H%M}"
    yield f"{stem}.txt"
    number = 2
    while True:
        yield f"{stem}-{number}.txt"
        number += 1


def write(shown: Shown, at: float, folder: Path) -> Exported:
    """Write the conversation into a new file, for its owner only; no file is ever replaced."""
    written = document(shown, at).encode("utf-8", "replace")
    place = Path(os.path.expanduser(folder))
    try:
        place = place.absolute()
        for name in file_names(shown.other, at):
            path = place / name
            if not os.path.exists(path):
                with open(path, "xb", opener=_for_its_owner) as file:
                    file.write(written)
                return Exported(f"Written to {path}", True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Exported(f"Not written to {place}: {reason}.", False)
    raise AssertionError("there are always more names")


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
