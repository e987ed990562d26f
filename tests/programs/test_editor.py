"""Writing on a real terminal: keys and pastes as terminals send them, and one's own editor."""

import asyncio
import contextlib
import os
import re
import signal
import tempfile
from pathlib import Path

import pytest

from chat_tui.typing.editor import LONGEST, Edited, edited, editor_of
from tests.programs.test_client import PATIENCE, OnTelnet, Terminal, client, on_telnet, server

PASTE, PASTED = "\x1b[200~", "\x1b[201~"
EDIT = "\x18\x05"


def script(folder: Path, *lines: str) -> str:
    """Write an editor, and return its path."""
    path = folder / "an editor"
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


def chosen(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("VISUAL", f"'{path}' -x")
    monkeypatch.setenv("EDITOR", "/nowhere")


def said_to(bob: OnTelnet, *texts: str) -> None:
    for text in texts:
        assert bob.hears("alice: ").rstrip().endswith(f"alice: {text}")


# Keys and pastes


def test_alt_enter_begins_a_line_in_every_terminal(tmp_path: Path) -> None:
    with (
        server(tmp_path) as port,
        on_telnet(port, "bob") as bob,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses("one\x1b\rtwo\x1b[13;3uthree")
        alice.sees("Enter sends 3 messages to everyone.")
        alice.presses("\r")
        said_to(bob, "one", "two", "three")


def test_pasting_alone_sends_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with (
        server(tmp_path) as port,
        on_telnet(port, "bob") as bob,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"{PASTE}first\r\nsecond\x1b[2J\x07\rthird\r{PASTED}")
        alice.sees("Enter sends 3 messages to everyone.")
        alice.sees("second[2J")
        alice.presses("!\r")
        said_to(bob, "first", "second[2J", "third!")


# The editor


def test_the_editor_gets_what_is_typed_and_gives_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = script(tmp_path, 'printf "in the editor: "; cat "$2"', "read answer",
                    'printf "%s\\nsecond\\n" "$answer" >>"$2"')  # fmt: skip
    chosen(monkeypatch, editor)
    with (
        server(tmp_path) as port,
        on_telnet(port, "bob") as bob,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"draft{EDIT}")
        alice.sees("in the editor: draft")
        for number in range(15):
            bob.says(f"send {number} -u alice")
        bob.hears("-> alice: 14")
        os.killpg(alice.process.pid, signal.SIGWINCH)
        alice.presses("er\n")
        alice.sees("Enter sends 2 messages to everyone.")
        alice.sees("2 bob (15)")
        alice.presses("\r")
        said_to(bob, "drafter", "second")
        alice.presses("\x11")
        assert alice.ends() == 0
        assert alice.is_as_before()


def test_what_is_typed_for_the_editor_before_it_is_there_is_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = script(tmp_path, 'printf "in the editor: "; cat "$2"', "read answer")
    chosen(monkeypatch, editor)
    with (
        server(tmp_path) as port,
        on_telnet(port, "bob") as bob,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"draft{EDIT}:wq\r")
        alice.sees("in the editor: draft")
        alice.presses("\n")
        alice.comes_back()
        alice.sees("Enter sends this to everyone.")
        alice.presses("!\r")
        said_to(bob, "draft!")


def test_interrupting_the_editor_leaves_the_client_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen(monkeypatch, script(tmp_path, "trap 'exit 3' INT", "echo waiting", "read answer"))
    with (
        server(tmp_path) as port,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"draft{EDIT}")
        alice.sees("waiting")
        os.killpg(alice.process.pid, signal.SIGINT)
        alice.sees("failed (3). The text is as it was.")
        _still_there(alice, "draft")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_client_that_is_ended_ends_its_editor_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    saved = tmp_path / "saved"
    ending = f"trap 'cat \"$2\" >{saved}; exit 1' HUP"
    chosen(monkeypatch, script(tmp_path, ending, "echo waiting", "while sleep 0.1; do :; done"))
    with (
        server(tmp_path) as port,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"draft{EDIT}")
        alice.sees("waiting")
        alice.process.send_signal(number)
        assert alice.ends() == 128 + number
        assert alice.is_as_before()
    assert saved.read_text() == "draft"
    assert list(tmp_path.glob("chat-*")) == []


def test_an_editor_that_does_not_end_keeps_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    stays = ("trap '' HUP TERM", f"echo $$ >{tmp_path}/number", "echo waiting", "exec sleep 1000")
    chosen(monkeypatch, script(tmp_path, *stays))
    with (
        server(tmp_path) as port,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"draft{EDIT}")
        alice.sees("waiting")
        alice.process.send_signal(signal.SIGTERM)
        assert alice.process.wait(PATIENCE) == 128 + signal.SIGTERM
        with contextlib.suppress(ProcessLookupError):  # asyncio kills it if it has time for that
            os.kill(int((tmp_path / "number").read_text()), signal.SIGKILL)
    (kept,) = tmp_path.glob("chat-*/message.txt")
    assert kept.read_text() == "draft"


@pytest.mark.parametrize(
    ("editor", "complaint"),
    [
        ("/nowhere/at-all", "The editor at-all does not start: No such file"),
        ("'vi", "The editor vi does not start: No closing quotation."),
        ("sh -c 'exit 1'", "The editor sh failed (1). The text is as it was."),
    ],
)
def test_an_editor_that_is_missing_or_fails_is_told_and_the_text_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: str, complaint: str
) -> None:
    monkeypatch.setenv("VISUAL", editor)
    with (
        server(tmp_path) as port,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"draft{EDIT}")
        alice.sees(complaint)
        _still_there(alice, "draft")


def _still_there(alice: Terminal, text: str) -> None:
    alice.presses("!\r")
    alice.sees(f"alice: {text}!")


@pytest.mark.parametrize(
    ("command", "failure"),
    [
        (f'head -c {LONGEST + 1} /dev/zero >"$1"', f"wrote more than {LONGEST} bytes."),
        ("printf '\\377' >\"$1\"", "wrote something that is not UTF-8."),
        ('rm "$1"', "There is no file to edit: No such file or directory."),
        ("kill -9 $$", "The editor an editor failed (-9)."),
    ],
)
async def test_what_cannot_be_taken_back_leaves_the_text_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, failure: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = await edited("draft", f"'{script(tmp_path, command)}'")
    assert result.text == "draft"
    assert failure in result.failure
    assert result.failure.endswith("The text is as it was.")


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (f'head -c {LONGEST + 1} /dev/zero >"$1"', b"\0" * (LONGEST + 1)),
        ("printf '\\377' >\"$1\"", b"\xff"),
        ('echo more >>"$1"; exit 1', b"draftmore\n"),
    ],
)
def test_what_cannot_be_taken_back_is_kept_and_the_complaint_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, written: bytes
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = asyncio.run(edited("draft", f"'{script(tmp_path, command)}'"))
    said = re.fullmatch(r".*\. Kept: (.*)\. The text is as it was\.", result.failure)
    assert said is not None
    file = Path(said[1], "message.txt")
    assert file.read_bytes() == written
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("command", ["exit 1", 'echo >>"$1"; exit 1', 'rm "$1"; exit 1'])
async def test_nothing_is_kept_where_nothing_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    result = await edited("draft", f"'{script(tmp_path, command)}'")
    assert result.failure == "The editor an editor failed (1). The text is as it was."
    assert list(os.scandir(temporary)) == []


def test_what_an_editor_saves_when_the_client_is_ended_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    saves = "trap 'echo more >\"$2.save\"; exit 1' HUP"
    chosen(monkeypatch, script(tmp_path, saves, "echo waiting", "while sleep 0.1; do :; done"))
    with (
        server(tmp_path) as port,
        client(tmp_path, "--port", port, "--name", "alice") as alice,
    ):
        alice.sees("alice (you)")
        alice.presses(f"draft{EDIT}")
        alice.sees("waiting")
        alice.process.send_signal(signal.SIGTERM)
        assert alice.ends() == 128 + signal.SIGTERM
    (saved,) = tmp_path.glob("chat-*/message.txt.save")
    assert saved.read_text() == "more\n"


async def test_nobody_else_can_read_what_is_edited(tmp_path: Path) -> None:
    command = 'stat -c "%a %a" "$1" "$(dirname "$1")" >"$1.x"; cat "$1.x" >"$1"'
    result = await edited("secret", f"'{script(tmp_path, command)}'")
    assert result == Edited("600 600\n700 700")


def test_visual_comes_before_editor_and_vi_is_there_without_either() -> None:
    assert editor_of({"VISUAL": "a", "EDITOR": "b"}) == "a"
    assert editor_of({"VISUAL": "", "EDITOR": "b"}) == "b"
    assert editor_of({}) == "vi"
