"""A conversation written into a file: all of it, harmless, and never over another file."""

import itertools
import stat
from pathlib import Path

import pytest

from chat_tui.plain.export import Shown, document, file_names, write
from tests.support.clock import DAWN
from tests.support.screen import at_screen, on_telnet, running_chat, until

SHOWN = Shown("127.0.0.1:8000", "", "alice", "22:13 bob: hello\n22:14 alice: hi")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files(folder: Path) -> list[Path]:
    return list(folder.glob("chat-*.txt"))


async def test_a_key_writes_the_conversation_where_one_is_and_says_where(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        on_telnet(chat.port, "bob") as bob,
        at_screen(chat, "alice", (140, 40)) as alice,
    ):
        await bob.sends(f"{'a long message ' * 20}end")
        await alice.sees("end")
        await alice.enters("hi [b]bob[/b]")
        await bob.hears("hi [b]bob[/b]")
        await alice.sees_in("messages", "alice: hi")
        await until(lambda: not alice.app._outbox.outgoing)
        await alice.press("ctrl+s")
        await alice.sees("Written to")
        (path,) = files(tmp_path)
        text = path.read_text(encoding="utf-8")
        place = f"127.0.0.1:{chat.port}"
        assert text.startswith(f"The chat at {place} with everyone, as alice saw it\n")
        assert f"bob: {'a long message ' * 20}end\n" in text
        assert text.endswith("alice: hi [b]bob[/b]\n")
        await alice.press("ctrl+s")
        await until(lambda: len(files(tmp_path)) == 2, "a second file")
        assert path.read_text(encoding="utf-8") == text


async def test_a_preference_says_where_and_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    config = tmp_path / "client.toml"
    config.write_text('export = "kept"\n')
    async with running_chat() as chat, at_screen(chat, size=(140, 40), config=config) as alice:
        await alice.press("ctrl+s")
        await alice.sees("no such file or directory")
        (tmp_path / "kept").mkdir()
        await alice.press("ctrl+s")
        await alice.sees("Written to")
        assert len(files(tmp_path / "kept")) == 1


def test_a_file_is_never_replaced_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = next(file_names("", DAWN))
    (tmp_path / first).write_text("precious")
    told, is_written = write(SHOWN, DAWN, tmp_path)
    path = Path(told.removeprefix("Written to "))
    assert is_written and path.name == first.replace(".txt", "-2.txt")
    assert (tmp_path / first).read_text() == "precious"
    assert path.read_text() == document(SHOWN, DAWN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("other", "part"),
    [
        ("", "everyone"),
        ("bob", "bob"),
        ("Ян-1", "Ян-1"),
        ("../../etc/passwd", "etc-passwd"),
        ("-rf\x1b[2J\n", "rf-2J"),
        ("...", "everyone"),
        ("x" * 500, "x" * 40),
    ],
)
def test_a_name_becomes_a_harmless_part_of_the_files(other: str, part: str) -> None:
    first, second = itertools.islice(file_names(other, DAWN), 2)
    assert first.startswith(f"chat-{part}-2023-11-1")
    assert second == first.replace(".txt", "-2.txt")


def test_the_heading_holds_nothing_that_steers_a_terminal() -> None:
    hostile = SHOWN._replace(place="\x1b]0;x\x07", other="b\x9bob", you="\u202eme")
    assert all(line.isprintable() for line in document(hostile, DAWN).splitlines())
