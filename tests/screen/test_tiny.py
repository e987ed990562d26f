"""Windows that are too small to see anything in, and settings that nothing can be made of."""

from pathlib import Path

import pytest

from chat_tui.config.preferences import load, save
from chat_tui.config.settings import BadSetting, Settings, config_path, from_environment, parse_host
from chat_tui.plain.export import Shown, write
from chat_tui.typing.editor import edited, editor_of
from tests.programs.test_client import client
from tests.support.clock import DAWN
from tests.support.screen import at_screen, offline_at_screen, running_chat, until

TINY = [(1, 1), (5, 24), (80, 1)]


@pytest.mark.parametrize("size", TINY)
async def test_no_key_ends_it_in_a_tiny_window(size: tuple[int, int]) -> None:
    async with (
        running_chat() as chat,
        offline_at_screen(chat.port, "alice", size, chat.clock) as alice,
    ):
        await until(lambda: alice.has_caught_up)
        await alice.press("f1", "down", "escape", "f2", "ctrl+p", "pagedown", "f7", "f8", "escape")
        await alice.resizes(100, 30)
        await alice.hears("This window is too small: 20 columns, 8 rows are needed.")
        for key in ("f2", "ctrl+p"):
            await alice.press(key)
            await alice.resizes(*size)
            await alice.press("pagedown", "escape")
            await alice.resizes(100, 30)
        await alice.enters("still here")
        await until(lambda: chat.said() == ["still here"])


# What is in the environment and the file of preferences


@pytest.mark.parametrize(
    ("environment", "editor"),
    [
        ({"VISUAL": " "}, "vi"),
        ({"VISUAL": " \t", "EDITOR": "nano "}, "nano"),
        ({"VISUAL": "", "EDITOR": " "}, "vi"),
    ],
)
def test_a_blank_editor_is_none(environment: dict[str, str], editor: str) -> None:
    assert editor_of(environment) == editor


@pytest.mark.parametrize("editor", ["''", '"', "no-such-editor", "/", "\\"])
async def test_an_editor_that_is_none_is_told(editor: str) -> None:
    text, failure = await edited("hello", editor)
    assert text == "hello" and "does not start" in failure


@pytest.mark.parametrize("folder", ["~nosuch", "~nosuch/там", "x" * 300, "a\nb"])
def test_a_folder_that_there_is_not_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told, is_written = write(Shown("here", "", "alice", "hi"), DAWN, Path(folder))
    assert not is_written and told.startswith("Not written to ")


def test_a_file_of_preferences_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / ("x" * 300), tmp_path / "file" / "inside", tmp_path / "loop"):
        loaded = load(path, ["nord"])
        assert len(loaded.faults) == 1 and str(path) in loaded.faults[0]
        fault = save(path, {"theme": "nord"}, ["nord"])
        assert "not remembered" in fault or path.is_file()


async def test_without_its_preferences_the_client_starts_and_says_so(tmp_path: Path) -> None:
    async with (
        running_chat() as chat,
        at_screen(chat, size=(100, 30), config=tmp_path / ("x" * 300)) as alice,
    ):
        await alice.hears("cannot be read: File name too long.")


def test_preferences_in_a_home_that_nobody_has_are_told() -> None:
    with pytest.raises(BadSetting):
        config_path(Settings(config="~nosuch/client.toml"))


@pytest.mark.parametrize("host", ["a..b", ".", "a." + "b" * 64, ".chat"])
def test_what_can_be_no_host_is_told(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadSetting):
        from_environment(tmp_path, {"CHAT_HOST": host})
    with client(tmp_path, "--host", host) as alice:
        assert alice.ends() == 1
        told = f"chat-tui: --host is '{host}'; allowed: the name or address of a machine"
        assert "".join(alice.raw.decode().split()) == "".join(told.split())


@pytest.mark.parametrize("host", ["::1", "fe80::1%eth0", "127.0.0.1", "чат.рф", "chat.example."])
def test_what_can_be_a_host_is_one(host: str) -> None:
    assert parse_host("--host", host) == host


def test_a_name_of_two_lines_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        from_environment(tmp_path, {"CHAT_NAME": "alice\nsend hi"})
