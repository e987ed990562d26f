"""The table of what keys do, and keys as people write them."""

import pytest

from chat_tui.config.actions import ACTIONS, BY_NAME, DEFAULT_KEYS, clashes, runs, spelled
from chat_tui.config.keys import is_typed, parse_key


def test_every_action_has_a_name_and_keys_of_its_own() -> None:
    assert len(BY_NAME) == len(ACTIONS)
    assert list(clashes(DEFAULT_KEYS)) == []


def test_every_key_of_the_table_is_one_that_a_person_can_write() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert [parse_key(key) for key in keys] == keys


def test_actions_clash_where_a_key_could_mean_both() -> None:
    assert list(clashes({**DEFAULT_KEYS, "quit": ("f1",)})) == [("help", "quit", "f1")]
    assert list(clashes({**DEFAULT_KEYS, "cancel_item": ("j",)})) == []


def test_a_pane_can_look_up_what_its_keys_run() -> None:
    keys = {**DEFAULT_KEYS, "complete": ("f9", "tab")}
    assert runs(("composer",), keys)["f9"] == "complete"
    assert "f1" not in runs(("composer",), keys)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("F5", "f5"),
        ("Ctrl+K", "ctrl+k"),
        ("Alt+U", "alt+u"),
        ("shift+alt+F6", "alt+shift+f6"),
        ("alt+/", "alt+slash"),
        ("?", "question_mark"),
        ("PgUp", "pageup"),
        ("Esc", "escape"),
        ("control+i", "tab"),
        ("a", "a"),
        ("A", "A"),
        ("ж", "ж"),
        ("ctrl+plus", "ctrl+plus"),
    ],
)
def test_keys_are_read_as_people_write_them(written: str, key: str) -> None:
    assert parse_key(written) == key


@pytest.mark.parametrize("key", sorted({key for keys in DEFAULT_KEYS.values() for key in keys}))
def test_a_key_is_read_as_the_help_writes_it(key: str) -> None:
    assert parse_key(spelled((key,))) == key


@pytest.mark.parametrize(
    "written", ["", "+", "ctrl+", "ctrl+nonsense", "hyper+k", "f25", "ctrl+ctrl+k", "a,b", "\x1b"]
)
def test_what_is_no_key_is_told_apart(written: str) -> None:
    assert parse_key(written) == ""


@pytest.mark.parametrize(
    ("key", "expected"),
    [("x", True), ("question_mark", True), ("shift+a", True), ("space", True), ("enter", True),
     ("ctrl+x", False), ("f1", False), ("alt+a", False), ("up", False)],
)  # fmt: skip
def test_keys_that_write_are_told_apart(key: str, expected: bool) -> None:
    assert is_typed(key) is expected


def test_keys_are_spelled_as_on_the_keyboard() -> None:
    assert spelled(["ctrl+p", "shift+f6", "pageup", "k", "alt+question_mark"]) == (
        "Ctrl+P, Shift+F6, PgUp, k, Alt+?"
    )
