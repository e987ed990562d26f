"""When the client fails by a fault of its own: the terminal is as before, and little is said."""

import re
from pathlib import Path

import pytest

from chat_tui import crash
from chat_tui.session.typed import Draft
from tests.support.on_terminal import on_terminal
from tests.support.people import person
from tests.support.screen import offline_at_screen, running_chat, until

FAULTY = """
from chat_tui.__main__ import main
from chat_tui.{module} import {owner}

def fail(*_):
    raise KeyError("нет\\n такого")

{owner}.{method} = fail
main()
"""
SHOW_ALTERNATE, LEAVE_ALTERNATE = b"\x1b[?1049h", b"\x1b[?1049l"
ROOT = Path(__file__).parents[2]


def private_text(report: Path) -> str:
    """Read a file that nobody else can read."""
    assert report.stat().st_mode & 0o077 == 0
    return report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "owner", "method"),
    [
        ("widgets.composer", "Composer", "action_submit"),
        ("app", "ChatApp", "action_redraw"),
        ("terminal.driver", "Terminal", "process_message"),
        ("session.connection", "Connection", "_take"),
    ],
)
async def test_a_fault_of_any_part_is_told_in_two_lines_and_leaves_the_terminal_as_it_was(
    tmp_path: Path, module: str, owner: str, method: str
) -> None:
    program = tmp_path / "faulty.py"
    program.write_text(FAULTY.format(module=module, owner=owner, method=method), encoding="utf-8")
    variables = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    async with (
        running_chat() as chat,
        on_terminal(tmp_path, chat.port, (140, 40), variables=variables, program=program) as alice,
    ):
        if owner != "Connection":
            await alice.sees("Type a message")
            alice.presses("draft\x0c\r")
        assert await alice.ends() == crash.STATUS
        await until(lambda: alice.raw.endswith(b".txt\r\n"))
        assert alice.raw.rfind(LEAVE_ALTERNATE) > alice.raw.rfind(SHOW_ALTERNATE)
        rest = alice.raw.rpartition(LEAVE_ALTERNATE)[2].decode()
        told = re.sub("\x1b\\[[^a-zA-Z]*[a-zA-Z]", "", rest).strip().split("\r\n")
        assert len(told) == 2
        assert re.match("chat-tui has failed, by a fault of its own: KeyError: .*faulty", told[0])
        text = private_text(Path(told[1].rpartition(": ")[2]))
        assert "Traceback" in text
        if owner == "Composer":
            assert text.endswith("draft\n")


async def test_the_report_has_what_waits_and_what_was_begun_in_every_conversation() -> None:
    async with offline_at_screen(1, "alice") as alice:
        await alice.enters("one")
        await alice.write("two")
        alice.app._conversations.open(person("bob")).draft = Draft("three", 5)
        assert alice.app.typed == "send -- one\n\ntwo\n\nthree"


def test_a_fault_beyond_the_screen_is_told_as_briefly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    assert crash.tell(ValueError("x")) == crash.STATUS
    assert capsys.readouterr().err == (
        "chat-tui has failed, by a fault of its own: ValueError: x (nowhere)\n"
        "The report cannot be written: No such file or directory.\n"
    )


def test_a_fault_that_cannot_be_told_anywhere_has_its_status_and_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("sys.stderr", None)
    assert crash.tell(ValueError("x")) == crash.STATUS
    assert [private_text(report) for report in tmp_path.iterdir()]
