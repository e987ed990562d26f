"""The clients that are measured: how each is started, alone and without what its user has set."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

Command = Callable[[int, Path], list[str]]
"""What starts a client for a port, with all its files in a folder."""


class Contender(NamedTuple):
    """A client, and the dialect of its server."""

    name: str
    dialect: Literal["chat", "irc"]
    command: Command


def contenders() -> list[Contender]:
    """Return ours, and the others that are installed."""
    others = [Contender("weechat", "irc", _weechat), Contender("irssi", "irc", _irssi)]
    installed = [other for other in others if shutil.which(other.name)]
    return [Contender("chat-tui", "chat", _chat_tui), *installed]


def environment(tree: Path, folder: Path) -> Mapping[str, str]:
    """Return what a client finds: a home without settings, and a terminal that can everything."""
    return {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tree),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


def _chat_tui(port: int, folder: Path) -> list[str]:
    return [sys.executable, "-m", "chat_tui", "--port", str(port), "--name", "bench"]


def _weechat(port: int, folder: Path) -> list[str]:
    server = f"/server add feed 127.0.0.1/{port} -nicks=bench -autojoin=#chat"
    insecure = "/set irc.server.feed.ssl off"
    return ["weechat", "--dir", str(folder), "-r", f"{server};{insecure};/connect feed"]


def _irssi(port: int, folder: Path) -> list[str]:
    (folder / "config").write_text(
        f"""servers = ({{ address = "127.0.0.1"; port = "{port}"; chatnet = "feed";
                         autoconnect = "yes"; use_tls = "no"; }});
        chatnets = {{ feed = {{ type = "IRC"; nick = "bench"; }}; }};
        channels = ({{ name = "#chat"; chatnet = "feed"; autojoin = "yes"; }});
        settings = {{ core = {{ real_name = "bench"; user_name = "bench"; nick = "bench"; }};
                      "fe-common/core" = {{ autofocus_new_items = "yes"; use_status_window = "no";
                                            reuse_unused_windows = "yes"; }}; }};
        """
    )
    return ["irssi", f"--home={folder}"]
