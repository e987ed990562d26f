"""The client's settings: where the server is, and what one wants to be called."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from chat_server.environment import BadSetting as BadSetting
from chat_server.environment import variables

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where to find a server on this machine that listens at all of its addresses."""


class Settings(NamedTuple):
    """Where the server is, and what one wants to be called ("" leaves that to the server).

    `config` is the file of preferences; "" is the usual one. `has_colour` is false where NO_COLOR
    is set (https://no-color.org), `is_tmux` true where the terminal is one of tmux; `terminal` is
    what kind it is ("": not known); `warnings` are about variables that are no settings.
    `is_visitor`: the file of preferences is somebody else's, so it is only read.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    name: str = ""
    config: str = ""
    has_colour: bool = True
    is_tmux: bool = False
    terminal: str = ""
    warnings: tuple[str, ...] = ()
    is_visitor: bool = False


def from_environment(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the client's settings from a folder's `.env` and the environment, which wins.

    They are CHAT_HOST, CHAT_PORT, CHAT_NAME, CHAT_CONFIG, NO_COLOR, TMUX and TERM.
    Raises BadSetting, and CannotRead for a file that is not readable.
    """
    given, warnings = variables(folder, environment)
    return Settings(
        parse_host("CHAT_HOST", server_host(given.get("CHAT_HOST", ""))),
        parse_port("CHAT_PORT", given.get("CHAT_PORT", str(Settings().port))),
        parse_name("CHAT_NAME", given.get("CHAT_NAME", "")),
        given.get("CHAT_CONFIG", ""),
        "NO_COLOR" not in environment,
        bool(environment.get("TMUX")),
        environment.get("TERM", ""),
        warnings,
    )


def server_host(text: str) -> str:
    """Return the host at which to find a server that listens at `text` (see CHAT_HOST).

    Of several places the first will do; brackets are for addresses of IPv6.
    """
    first = next((part.strip() for part in text.split(",") if part.strip()), Settings().host)
    host = first.removeprefix("[").removesuffix("]")
    return _EVERYWHERE.get(host, host)


def config_path(settings: Settings) -> Path:
    """Say where the file of preferences is. Raises BadSetting."""
    from platformdirs import user_config_path  # takes 10 ms, which `--version` does without

    if settings.config:
        try:
            return Path(settings.config).expanduser()
        except RuntimeError as error:
            raise BadSetting("CHAT_CONFIG", settings.config, "a path in a home that is") from error
    return user_config_path("terminal-chat", appauthor=False) / "client.toml"


def parse_host(variable: str, text: str) -> str:
    """Read the name or address of a machine; BadSetting for what can be none (RFC 3490)."""
    try:
        text.encode("idna")
    except UnicodeError:
        raise BadSetting(variable, text, "the name or address of a machine") from None
    return text


def parse_name(variable: str, text: str) -> str:
    """Read a name to ask for; which ones there may be, the server says. Raises BadSetting."""
    if not text.isprintable():
        raise BadSetting(variable, text, "a name in one line")
    return text


def parse_port(variable: str, text: str) -> int:
    """Read a port that a client can connect to; BadSetting for anything else."""
    if text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535:
        return int(text)
    raise BadSetting(variable, text, "a whole number from 1 to 65535")


def parse_seconds(variable: str, text: str) -> float:
    """Read a span of time; BadSetting for anything else."""
    if re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,7})?", text):
        return float(text)
    raise BadSetting(variable, text, "a number of seconds, such as 30")
