"""The client's settings: this package's only reader of the environment and of `.env`."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dotenv import dotenv_values

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where to find a server on this machine that listens at all of its addresses."""


class BadSetting(ValueError):
    """A variable or an argument has a value that it may not have."""

    def __init__(self, variable: str, value: str, allowed: str) -> None:
        super().__init__(f"{variable} is {value!r}; allowed: {allowed}")


class Settings(NamedTuple):
    """Where the server is, and what one wants to be called ("" leaves that to the server).

    `config` is the file of preferences; "" is the usual one. `has_colour` is false where NO_COLOR
    is set (https://no-color.org), `is_tmux` true where the terminal is one of tmux; `terminal` is
    what kind it is ("": not known).
    """

    host: str = "127.0.0.1"
    port: int = 8000
    name: str = ""
    config: str = ""
    has_colour: bool = True
    is_tmux: bool = False
    terminal: str = ""


def from_environment(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the client's settings from a folder's `.env` and the environment, which wins.

    They are CHAT_HOST, CHAT_PORT, CHAT_NAME, CHAT_CONFIG, NO_COLOR, TMUX and TERM.
    Raises BadSetting.
    """
    in_file = {name: value for name, value in dotenv_values(folder / ".env").items() if value}
    given = in_file | {**environment}
    host = given.get("CHAT_HOST") or Settings().host
    port = given.get("CHAT_PORT") or str(Settings().port)
    return Settings(
        _EVERYWHERE.get(host, host),
        parse_port("CHAT_PORT", port),
        given.get("CHAT_NAME") or "",
        given.get("CHAT_CONFIG") or "",
        "NO_COLOR" not in environment,
        bool(environment.get("TMUX")),
        environment.get("TERM", ""),
    )


def config_path(settings: Settings) -> Path:
    """Say where the file of preferences is."""
    from platformdirs import user_config_path  # with 10 ms, not for `--version`

    if settings.config:
        return Path(settings.config).expanduser()
    return user_config_path("terminal-chat", appauthor=False) / "client.toml"


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
