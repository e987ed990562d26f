"""Where the client finds its server, and what it says where it cannot know."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chat_tui.config.settings import BadSetting, Settings, config_path, from_environment

ROOT = Path(__file__).parents[2]


def test_everything_has_a_default(tmp_path: Path) -> None:
    assert from_environment(tmp_path, {}) == Settings("127.0.0.1", 8000, "")


def test_the_file_overrules_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_HOST=chat.example\nCHAT_PORT=9000\nCHAT_NAME=Ян\n")
    assert from_environment(tmp_path, {}) == Settings("chat.example", 9000, "Ян")


def test_the_environment_overrules_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_HOST=chat.example\nCHAT_PORT=9000\nCHAT_NAME=bob\n")
    given = {"CHAT_PORT": "9001", "CHAT_NAME": "alice"}
    assert from_environment(tmp_path, given) == Settings("chat.example", 9001, "alice")


def test_the_file_of_preferences_is_in_the_users_folder_or_where_one_says(tmp_path: Path) -> None:
    given = from_environment(tmp_path, {"CHAT_CONFIG": str(tmp_path / "mine.toml")})
    assert config_path(given) == tmp_path / "mine.toml"
    assert config_path(Settings()).parts[-2:] == ("terminal-chat", "client.toml")


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_HOST=\nCHAT_PORT=\n")
    assert from_environment(tmp_path, {"CHAT_NAME": ""}) == Settings()


@pytest.mark.parametrize(("host", "found"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_a_server_that_listens_everywhere_is_found_here(
    tmp_path: Path, host: str, found: str
) -> None:
    assert from_environment(tmp_path, {"CHAT_HOST": host}).host == found


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000x", "eight", "٨٠٠٠", "0000065536123"])
def test_a_bad_port_is_told_in_one_line(tmp_path: Path, port: str) -> None:
    with pytest.raises(BadSetting) as refused:
        from_environment(tmp_path, {"CHAT_PORT": port})
    told = f"CHAT_PORT is {port!r}; allowed: a whole number from 1 to 65535"
    assert str(refused.value) == told


@pytest.mark.parametrize("port", ["1", "65535"])
def test_the_whole_range_of_ports_is_allowed(tmp_path: Path, port: str) -> None:
    assert from_environment(tmp_path, {"CHAT_PORT": port}).port == int(port)


@pytest.mark.parametrize(
    ("arguments", "variables", "told"),
    [
        (["--port", "x"], {}, "--port is 'x'"),
        ([], {"CHAT_PORT": "70000"}, "CHAT_PORT is '70000'"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], told: str
) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "chat_tui", *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    expected = f"chat-tui: {told}; allowed: a whole number from 1 to 65535\n"
    assert (started.returncode, started.stdout, started.stderr) == (1, "", expected)
