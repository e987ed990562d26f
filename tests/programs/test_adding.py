"""`chat-server adduser NAME`: an account before anybody has come in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.processes import ROOT, listening

PASSWORD = "correct horse"


def add(folder: Path, name: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    """Add an account to the chat in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "chat_server", "adduser", name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CHAT_JOURNAL": "sqlite:chat.db"},
        input=f"{password}\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


async def test_who_was_added_logs_in_where_no_guest_may(tmp_path: Path) -> None:
    added = add(tmp_path, "анна")
    assert (added.returncode, added.stdout) == (0, "анна has an account\n")
    settings = {"CHAT_PORT": "0", "CHAT_JOURNAL": "sqlite:chat.db", "CHAT_GUESTS": "no"}
    async with listening("module", tmp_path, **settings) as server:
        client = await Client.open(server.host, server.port)
        await client.say("login анна", PASSWORD)
        await client.expect("* Welcome, анна.")
        running = add(tmp_path, "bob")
        assert running.returncode == 1
        assert running.stderr.startswith("chat-server: ")
        await client.close()
    again = add(tmp_path, "Анна")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith("chat-server: The name Анна belongs to somebody.")


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("not a name", PASSWORD, "chat-server: The name not a name "),
        ("guest7", PASSWORD, "chat-server: The name guest7 is kept for the server's use."),
        ("bob", "short", "chat-server: A password has 8 to 128 characters."),
    ],
)
def test_what_cannot_be_added_is_said_in_a_line(
    tmp_path: Path, name: str, password: str, why: str
) -> None:
    added = add(tmp_path, name, password)
    assert (added.returncode, added.stdout) == (1, "")
    assert added.stderr.startswith(why)
    assert added.stderr.count("\n") == 1
