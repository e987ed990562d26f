"""What is set in the environment and in `.env`, for the server and the client alike.

This decides what counts as set at all; which values are allowed, those who read them decide.
"""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dotenv import dotenv_values

NAMES = (
    "CHAT_HOST",
    "CHAT_PORT",
    "CHAT_NAME",
    "CHAT_CONFIG",
    "CHAT_JOURNAL",
    "CHAT_HISTORY",
    "CHAT_REPORTS",
    "CHAT_MUTE_SECONDS",
    "CHAT_REPORT_SECONDS",
    "CHAT_STANDING_SECONDS",
    "CHAT_OWNERS",
    "CHAT_MAX_LINE",
    "CHAT_RATE",
    "CHAT_BURST",
    "CHAT_PASSWORD",
    "CHAT_GUESTS",
    "CHAT_ANSWER_BYTES",
    "CHAT_JOURNAL_MAX",
    "CHAT_BYTES",
    "CHAT_BYTES_BURST",
    "CHAT_RENAMES_PER_MINUTE",
    "CHAT_GUEST_BYTES_PER_MINUTE",
    "CHAT_CONNECTIONS",
    "CHAT_CONNECTIONS_PER_ADDRESS",
    "CHAT_NEW_PER_MINUTE",
    "CHAT_LOOP",
)
"""All settings that there are; `.env.example` explains each."""

_SECRET = "CHAT_PASSWORD"
"""The setting whose value is not shown, not even where it is wrong."""

_LINK = re.compile(
    r"CHAT_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
    r"|CHAT_(.+_)?ENV_.+"
)
"""Names of variables that Kubernetes and Docker set for a service that is called "chat"."""
_LINKED_PORT = re.compile(r"(tcp|udp|sctp)://", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINKED_NAME = re.compile(r"/[^/]+/[^/]+")


class BadSetting(ValueError):
    """A variable or an argument has a value that it may not have."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        shown = "something else" if variable == _SECRET else repr(value)
        super().__init__(f"{variable} is {shown}; allowed: {allowed}")


class CannotRead(ValueError):
    """A file or folder for settings cannot be read; the message says why, and what to do."""


class Variables(NamedTuple):
    """What is set and not empty, and warnings about what is ignored."""

    given: dict[str, str]
    warnings: tuple[str, ...] = ()


def working_folder() -> Path:
    """Return the folder in which this was started. CannotRead where it is gone."""
    try:
        return Path.cwd()
    except OSError as error:
        raise CannotRead(
            f"the folder in which this was started cannot be used ({error.strerror}); "
            "start it in another one"
        ) from error


def variables(folder: Path, environment: Mapping[str, str]) -> Variables:
    """Read a folder's `.env` and the environment, which wins; raise CannotRead or BadSetting."""
    text, warnings = _text(folder / ".env")
    in_file = dotenv_values(stream=io.StringIO(text)) if text else {}
    given: dict[str, str] = {}
    links: list[str] = []
    for source in (in_file, environment):
        is_set = {name: value.strip() for name, value in source.items() if value and value.strip()}
        linked = _service_links(is_set)
        links += linked
        given |= {name: value for name, value in is_set.items() if name not in linked}
    for name in NAMES:
        if _CONTROL.search(given.get(name, "")):
            raise BadSetting(name, given[name], "text without control characters")
    if links:
        warnings.append(
            "ignored, because Kubernetes or Docker set them for a service: " + ", ".join(links)
        )
    unknown = (name for name in given if name.upper().startswith("CHAT_") and name not in NAMES)
    warnings += map(_misspelt, unknown)
    return Variables(given, tuple(warnings))


def _text(file: Path) -> tuple[str, list[str]]:
    """Return the text of a file, "" where there is none, and warnings about it."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return "", []
    except IsADirectoryError:
        return "", [f"{file} is a folder, and no file of settings; it is not read"]
    except OSError as error:
        raise CannotRead(
            f"cannot read {file}: {error.strerror}. Make it readable, or move it away"
        ) from error
    except UnicodeDecodeError as error:
        raise CannotRead(
            f"{file} is not UTF-8 (byte {error.start + 1} is {error.object[error.start]:#04x}); "
            "save it as UTF-8"
        ) from error
    if "\0" in text:
        raise CannotRead(f"{file} is not UTF-8, but perhaps UTF-16; save it as UTF-8")
    return text, []


def _service_links(given: Mapping[str, str]) -> list[str]:
    """Find what Kubernetes, or a link of Docker, has set for a service called "chat"."""
    links = [
        name
        for name, value in given.items()
        if _LINK.fullmatch(name)
        or (re.fullmatch("CHAT_(.+_)?PORT", name) and _LINKED_PORT.match(value))
    ]
    if links and _LINKED_NAME.fullmatch(given.get("CHAT_NAME", "")):
        links.append("CHAT_NAME")
    return links


def _misspelt(name: str) -> str:
    from difflib import get_close_matches  # takes 5 ms, so only where it is needed

    near = get_close_matches(name.upper(), NAMES, n=1, cutoff=0.75)
    meant = f"; did you mean {near[0]}?" if near else "; .env.example lists what there is"
    shown = name if name.isprintable() else repr(name)
    return f"{shown} is no setting, and is ignored{meant}"
