"""The server's settings: what holds by default, what may be set, and what is said otherwise."""

from pathlib import Path

import pytest

from chat_server.settings import BadSetting, Settings, from_environment, settings_from

VARIABLES = [
    ("CHAT_HOST", "host", "127.0.0.1", "::1", "::1"),
    ("CHAT_PORT", "port", 8000, "0", 0),
    ("CHAT_JOURNAL", "journal", "sqlite:chat.db", "memory:", "memory:"),
    ("CHAT_HISTORY", "history", 20, "1000", 1000),
    ("CHAT_REPORTS", "reports", 2, "0", 0),
    ("CHAT_MUTE_SECONDS", "mute_seconds", 600, "1", 1),
    ("CHAT_REPORT_SECONDS", "report_seconds", 1800, "60", 60),
    ("CHAT_STANDING_SECONDS", "standing_seconds", 900, "0", 0),
    ("CHAT_OWNERS", "owners", (), "Alice, боб", ("alice", "боб")),
    ("CHAT_MAX_LINE", "max_line", 8192, "256", 256),
    ("CHAT_RATE", "rate", 4.0, "0.1", 0.1),
    ("CHAT_BURST", "burst", 20, " 1 ", 1),
    ("CHAT_BYTES", "bytes", 65_536, "1k", 1024),
    ("CHAT_BYTES_BURST", "bytes_burst", 262_144, "1M", 1024 * 1024),
    ("CHAT_RENAMES_PER_MINUTE", "renames_per_minute", 6, "60", 60),
    ("CHAT_GUEST_BYTES_PER_MINUTE", "guest_bytes_per_minute", 1024 * 1024, "0", 0),
    ("CHAT_ANSWER_BYTES", "answer_bytes", 2 * 1024 * 1024, "64K", 65_536),
    ("CHAT_JOURNAL_MAX", "journal_max", 4 * 1024**3, "512m", 512 * 1024**2),
    ("CHAT_CONNECTIONS", "connections", 10_000, "0", 0),
    ("CHAT_CONNECTIONS_PER_ADDRESS", "connections_per_address", 32, "1", 1),
    ("CHAT_NEW_PER_MINUTE", "new_per_minute", 60, "1000000", 1_000_000),
    ("CHAT_LOOP", "loop", "uvloop", "asyncio", "asyncio"),
    ("CHAT_PASSWORD", "password", "", "открой 7", "открой 7"),
    ("CHAT_GUESTS", "guests", True, "No", False),
]
BYTES = "bytes from 32M on, such as 512M or 4G, or 0: no limit"


@pytest.mark.parametrize("password", ["x" * 129, "sesame\udcff", "x" * 513])
def test_password_that_may_not_be_is_not_shown(password: str) -> None:
    with pytest.raises(BadSetting) as raised:
        settings_from({"CHAT_PASSWORD": password})
    assert str(raised.value) == (
        "CHAT_PASSWORD is something else; allowed: at most 128 characters of UTF-8"
    )


def test_every_setting_has_a_variable_here() -> None:
    assert [field for _, field, *_ in VARIABLES] == list(Settings.__struct_fields__)


@pytest.mark.parametrize(("variable", "field", "default", "text", "value"), VARIABLES)
def test_variable_sets_its_own_value_only(
    variable: str, field: str, default: object, text: str, value: object
) -> None:
    assert getattr(settings_from({}), field) == default
    others = {name: initial for _, name, initial, _, _ in VARIABLES if name != field}
    changed = settings_from({variable: text})
    assert getattr(changed, field) == value
    assert {name: getattr(changed, name) for name in others} == others


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("CHAT_PORT", "65536", "a whole number from 0 to 65535"),
        ("CHAT_PORT", "-1", "a whole number from 0 to 65535"),
        ("CHAT_PORT", "http", "a whole number from 0 to 65535"),
        ("CHAT_PORT", "٣", "a whole number from 0 to 65535"),
        ("CHAT_PORT", "9" * 5000, "a whole number from 0 to 65535"),
        ("CHAT_HISTORY", "0", "a whole number from 1 to 1000"),
        ("CHAT_HISTORY", "1001", "a whole number from 1 to 1000"),
        ("CHAT_REPORTS", "2.5", "a whole number from 0 to 1000000"),
        ("CHAT_MUTE_SECONDS", "0", "a whole number from 1 to 31536000"),
        ("CHAT_MAX_LINE", "255", "a whole number from 256 to 32768"),
        ("CHAT_MAX_LINE", "32769", "a whole number from 256 to 32768"),
        ("CHAT_RATE", "0.01", "a number from 0.1 to 1000000, or 0: no limit"),
        ("CHAT_RATE", "1000000.5", "a number from 0.1 to 1000000, or 0: no limit"),
        ("CHAT_RATE", "-1", "a number from 0.1 to 1000000, or 0: no limit"),
        ("CHAT_RATE", "nan", "a number from 0.1 to 1000000, or 0: no limit"),
        ("CHAT_RATE", "inf", "a number from 0.1 to 1000000, or 0: no limit"),
        ("CHAT_RATE", "fast", "a number from 0.1 to 1000000, or 0: no limit"),
        ("CHAT_BURST", "0", "a whole number from 1 to 1000000"),
        ("CHAT_BYTES", "0", "bytes from 1K on, such as 64K or 1M"),
        ("CHAT_BYTES_BURST", "4095", "bytes from 4K on, such as 64K or 1M"),
        ("CHAT_RENAMES_PER_MINUTE", "0", "a whole number from 1 to 1000000"),
        ("CHAT_JOURNAL_MAX", "31M", BYTES),
        ("CHAT_JOURNAL_MAX", "4T", BYTES),
        ("CHAT_JOURNAL_MAX", "G", BYTES),
        ("CHAT_JOURNAL_MAX", "-1", BYTES),
        ("CHAT_CONNECTIONS", "1000001", "a whole number up to 1000000, or 0: no limit"),
        ("CHAT_CONNECTIONS_PER_ADDRESS", "-1", "a whole number up to 1000000, or 0: no limit"),
        ("CHAT_NEW_PER_MINUTE", "1.5", "a whole number up to 1000000, or 0: no limit"),
        ("CHAT_LOOP", "trio", "uvloop or asyncio"),
        ("CHAT_GUESTS", "maybe", "yes or no"),
    ],
)
def test_bad_value_is_named_with_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    with pytest.raises(BadSetting) as caught:
        settings_from({variable: value})
    assert str(caught.value) == f"{variable} is {value!r}; allowed: {allowed}"


def test_rate_of_zero_is_allowed() -> None:
    assert settings_from({"CHAT_RATE": "0"}).rate == 0


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("32M", 2**25), ("33554432", 2**25), ("40000k", 40_000 * 1024)]
)
def test_bytes_may_have_a_unit(text: str, value: int) -> None:
    assert settings_from({"CHAT_JOURNAL_MAX": text}).journal_max == value


def test_empty_value_counts_as_not_set() -> None:
    assert settings_from({"CHAT_PORT": "", "CHAT_HOST": " "}) == Settings()


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_PORT=7000\nCHAT_HISTORY=7\n")
    read = from_environment(tmp_path, {"CHAT_PORT": "7001"})
    assert (read.port, read.history) == (7001, 7)


def test_without_a_file_the_environment_is_enough(tmp_path: Path) -> None:
    assert from_environment(tmp_path, {"CHAT_BURST": "3"}) == Settings(burst=3)


def test_name_without_a_value_in_the_file_is_not_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHAT_PORT=\nCHAT_BURST\n")
    assert from_environment(tmp_path, {}) == Settings()
