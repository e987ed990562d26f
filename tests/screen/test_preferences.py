"""The file of preferences: written with comments, read with its faults named, changed with care."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat_tui.app import ChatApp
from chat_tui.config.actions import ACTIONS, DEFAULT_KEYS
from chat_tui.config.ignore_list import Edit, Entry
from chat_tui.config.preferences import Loaded, Preferences, load, save, template
from chat_tui.config.settings import Settings
from tests.support.screen import AtScreen, at_screen, on_telnet, running_chat, until

DOCUMENT = Path(__file__).parents[2] / "docs" / "client.md"
EVE, EVA = Entry("eve", "800-aB3x", "a chat"), Entry("эва", "801-aB3x", "a chat")
THEMES = ("textual-dark", "nord", "ansi-dark")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "client.toml"


def read(path: Path, text: str) -> Loaded:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load(path, THEMES)


def test_the_file_is_written_on_first_use_and_means_what_holds_without_it(path: Path) -> None:
    assert load(path, THEMES) == Loaded(Preferences(), [])
    assert path.read_text() == template(THEMES)
    assert load(path, THEMES) == Loaded(Preferences(), [])


def test_two_clients_keep_each_others_entries(path: Path) -> None:
    load(path, THEMES)
    save(path, {"ignored": Edit((Entry("mallory"),))}, THEMES)
    save(path, {"ignored": Edit((Entry("Ян"),))}, THEMES)
    save(path, {"ignored": Edit((Entry("MALLORY"), EVE), (Entry("ян"),))}, THEMES)
    assert load(path, THEMES).preferences.ignored == (Entry("mallory"), EVE)
    save(path, {"ignored": Edit((EVA,), (EVE, Entry("nobody")))}, THEMES)
    assert load(path, THEMES).preferences.ignored == (Entry("mallory"), EVA)


def test_many_clients_at_once_lose_nothing_and_leave_nothing_behind(path: Path) -> None:
    load(path, THEMES)
    names = [f"p{number}" for number in range(24)]

    def ignore(name: str) -> str:
        return save(path, {"ignored": Edit((Entry(name),))}, THEMES)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ignore, names)) == {""}
    assert sorted(entry.name for entry in load(path, THEMES).preferences.ignored) == sorted(names)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_whoever_begins_the_file_does_not_write_over_another_who_did(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        loaded = [pool.submit(load, path, THEMES) for _ in range(8)]
        saved = pool.submit(save, path, {"theme": "nord"}, THEMES)
        assert all(not each.result().faults for each in loaded)
        assert saved.result() == ""
    assert load(path, THEMES).preferences.theme == "nord"


async def test_two_clients_at_once_each_ignore_somebody(path: Path) -> None:
    async with (
        running_chat() as chat,
        at_screen(chat, config=path) as alice,
        at_screen(chat, "ada", config=path) as ada,
    ):
        await alice.enters("/ignore bob")
        await until(lambda: 'ignored = ["bob"]' in path.read_text())
        await ada.enters("/ignore Ян")
        await until(lambda: 'ignored = [\n    "bob",\n    "Ян",\n]' in path.read_text())
        await alice.enters("/unignore bob")
        await until(lambda: 'ignored = ["Ян"]' in path.read_text())


def test_the_file_explains_every_action(path: Path) -> None:
    text = template(THEMES)
    assert [action.name for action in ACTIONS if f"# {action.name} = " not in text] == []
    uncommented = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    assert read(path, uncommented) == Loaded(Preferences(), [])


def test_every_entry_can_be_set(path: Path) -> None:
    loaded = read(
        path,
        """
        theme = "nord"
        moves = "smart"
        ignored = ["mallory", {name = "эва", id = "801-aB3x", chat = "a chat"}]
        export = "~/chats"
        notify = "osc777"
        notify_seconds = 2.5
        [keys]
        quit = ["Ctrl+G", "F10"]
        drop = []
        redraw = ""
        """,
    )
    assert loaded.faults == []
    assert loaded.preferences == Preferences(
        "nord",
        "smart",
        (Entry("mallory"), EVA),
        "osc777",
        2.5,
        {**DEFAULT_KEYS, "quit": ("ctrl+g", "f10"), "drop": (), "redraw": ()},
        "~/chats",
    )


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('theme = "pink"', "theme is 'pink', and is ignored; allowed: one of textual-dark, nord"),
        ("theme = 1", "theme is 1, and is ignored; allowed: one of textual-dark"),
        ('moves = "some"', "moves is 'some', and is ignored; allowed: all, smart, none"),
        ('ignored = "bob"', "ignored is 'bob', and is ignored; allowed: a list of names"),
        ("ignored = [1]", "ignored is [1], and is ignored; allowed: a list of names"),
        ("ignored = [{id = '5'}]", "ignored is [{'id': '5'}], and is ignored; allowed: a list"),
        ("ignored = [{name = 5}]", "ignored is [{'name': 5}], and is ignored; allowed: a list"),
        ("ignored = [{name = '5', at = '5'}]", "ignored is [{'name': '5', 'at': '5'}], and is"),
        ("notify = true", "notify is True, and is ignored; allowed: bell, osc9, osc777, none"),
        ("notify_seconds = -1", "notify_seconds is -1, and is ignored; allowed: a number from 0"),
        ("notify_seconds = nan", "notify_seconds is nan, and is ignored; allowed: a number"),
        ("notify_seconds = true", "notify_seconds is True, and is ignored; allowed: a number"),
        ('color = "red"', "'color' is no setting; allowed: theme, moves, ignored, notify"),
        ("keys = 3", "keys is 3, and is ignored; allowed: a table [keys]"),
    ],
)
def test_a_wrong_entry_is_named_and_ignored(path: Path, entry: str, told: str) -> None:
    loaded = read(path, entry)
    assert loaded.preferences == Preferences()
    assert len(loaded.faults) == 1
    assert loaded.faults[0].startswith(f"{path}: {told}")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('fly = "f5"', "keys.'fly' is no action; allowed: help, palette"),
        ('quit = "ctrl+nonsense"', "keys.quit is 'ctrl+nonsense', and is ignored; allowed: a key"),
        ("quit = 5", "keys.quit is 5, and is ignored; allowed: a key such as"),
        ('quit = ["f9", ""]', "keys.quit is ['f9', ''], and is ignored; allowed: a key"),
        ('quit = "x"', "keys.quit is 'x', and is ignored: x is needed to type; allowed: a key"),
        ('quit = "f1"', "keys.quit is ignored, because help has F1; allowed: a key that nothing"),
    ],
)
def test_a_wrong_key_is_named_and_ignored(path: Path, entry: str, told: str) -> None:
    loaded = read(path, f"[keys]\n{entry}\n")
    assert loaded.preferences == Preferences()
    assert len(loaded.faults) == 1
    assert loaded.faults[0].startswith(f"{path}: {told}")


def test_a_key_given_twice_stays_with_the_first(path: Path) -> None:
    loaded = read(path, '[keys]\nquit = "f9"\nhelp = "f9"\n')
    assert loaded.preferences.keys == {**DEFAULT_KEYS, "quit": ("f9",)}
    assert loaded.faults[0].startswith(f"{path}: keys.help is ignored, because quit has F9")


def test_two_actions_can_change_places(path: Path) -> None:
    loaded = read(path, '[keys]\nquit = "f1"\nhelp = "ctrl+q"\n')
    assert loaded.faults == []
    assert loaded.preferences.keys["help"] == ("ctrl+q",)


def test_what_the_documents_and_the_file_give_as_examples_is_accepted(path: Path) -> None:
    documented = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    named = re.findall(r'as in\s(?:# )?(quit = "[^"]*"|\["[^\]]*\])', template(THEMES))
    keys = [f"[keys]\n{each if '=' in each else f'quit = {each}'}" for each in named]
    assert (len(documented), len(keys)) == (1, 2)
    for example in documented + keys:
        loaded = read(path, example)
        assert loaded.faults == []
    assert loaded.preferences.keys["quit"] == ("ctrl+x", "f10")
    assert loaded.preferences.keys["editor"] == ()


def test_a_key_of_another_layout_is_the_one_on_a_latin_keyboard(path: Path) -> None:
    assert read(path, '[keys]\nquit = "ctrl+п"\n').preferences.keys["quit"] == ("ctrl+g",)


def test_a_wrong_entry_leaves_the_others_in_force(path: Path) -> None:
    loaded = read(path, 'theme = "nord"\nmoves = 1\n[keys]\nfly = "f5"\nquit = "f9"\n')
    assert len(loaded.faults) == 2
    assert (loaded.preferences.theme, loaded.preferences.keys["quit"]) == ("nord", ("f9",))


def test_a_file_that_is_no_toml_is_named_and_ignored(path: Path) -> None:
    loaded = read(path, "theme = \n")
    assert loaded.preferences == Preferences()
    assert loaded.faults[0].startswith(f"{path} is no TOML, and is ignored: ")


def test_a_file_that_cannot_be_read_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    assert load(path, THEMES).faults == [f"{path} cannot be read: Is a directory."]
    other = path / "client.toml"
    other.write_bytes(b"\xff")
    assert load(other, THEMES).faults == [f"{other} cannot be read: it is not UTF-8."]


def test_saving_changes_the_entry_and_nothing_else(path: Path) -> None:
    read(path, '# mine\ntheme = "nord"  # as ever\n\n[keys]\n# of course\nquit = "f9"\n')
    ignored = Edit((Entry("bob"), EVA))
    assert save(path, {"theme": "ansi-dark", "ignored": ignored}, THEMES) == ""
    text = path.read_text()
    assert '# mine\ntheme = "ansi-dark"  # as ever\n' in text
    assert '[keys]\n# of course\nquit = "f9"\n' in text
    loaded = load(path, THEMES)
    assert (loaded.faults, loaded.preferences.ignored) == ([], (Entry("bob"), EVA))


def test_saving_without_a_file_writes_the_whole_of_it(path: Path) -> None:
    assert save(path, {"theme": "nord"}, THEMES) == ""
    assert path.read_text() == template(THEMES).replace('theme = "textual-dark"', 'theme = "nord"')


def test_saving_keeps_a_link_and_the_rights(path: Path, tmp_path: Path) -> None:
    read(path, "")
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    assert save(link, {"moves": "none"}, THEMES) == ""
    assert link.is_symlink()
    assert path.read_text() == 'moves = "none"\n'
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "client.toml"
    loaded = load(path, THEMES)
    assert loaded.preferences == Preferences()
    assert len(loaded.faults) == 1
    assert save(path, {"theme": "nord"}, THEMES).startswith(f"{path} cannot be written, so this")


def test_saving_does_not_overwrite_what_it_cannot_read(path: Path) -> None:
    read(path, "theme = \n")
    assert "is no TOML, so this is not remembered" in save(path, {"theme": "nord"}, THEMES)
    assert path.read_text() == "theme = \n"


@pytest.mark.parametrize("written", ['ignored = ["bob", {nam = "x"}]\n', "ignored = 'bob'\n"])
def test_saving_does_not_overwrite_a_list_that_it_cannot_read(path: Path, written: str) -> None:
    read(path, written)
    told = save(path, {"ignored": Edit((Entry("eve"),))}, THEMES)
    assert told.startswith(f"{path}: ignored is ")
    assert "'bob'" in told and "so this is not remembered; allowed: a list of names" in told
    assert path.read_text() == written
    assert save(path, {"moves": "none"}, THEMES) == ""
    assert path.read_text() == f'{written}moves = "none"\n'


# On the screen


async def test_faults_are_named_in_the_pane_of_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # so that a long path is not wrapped
    (tmp_path / "c.toml").write_text('theme = "nord"\nmoves = 3\n')
    async with running_chat() as chat, at_screen(chat, config=Path("c.toml")) as alice:
        await alice.hears("all, smart, none")
        assert "c.toml: moves is 3, and is ignored; allowed" in " ".join(alice.said())
        assert alice.app.theme == "nord"


async def test_keys_of_the_file_hold_in_every_pane(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[keys]\nhelp = "f9"\nnext_pane = "ctrl+k"\nlast = "x"\ncomplete = "f12"\n')
    async with running_chat() as chat, at_screen(chat, config=path) as alice:
        await alice.press("h", "e", "f12")
        assert alice.typed == "help "
        await alice.press("ctrl+k")
        assert alice.focus == "messages"
        await alice.press("x", "f9")
        await alice.sees("Escape closes")
        await alice.press("escape")
        await alice.misses("Escape closes")
        await alice.press("f6")
        assert alice.focus == "messages"


async def test_a_theme_is_shown_while_one_chooses_and_remembered(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    async with running_chat() as chat, at_screen(chat, config=path) as alice:
        await alice.press("f2", "down")
        await until(lambda: alice.app.theme == "tokyo-night")
        await alice.press("escape")
        assert alice.app.theme == "textual-dark"
        await alice.press("f2", "down", "enter")
        await until(lambda: 'theme = "tokyo-night"' in path.read_text())
    async with running_chat() as chat, at_screen(chat, config=path) as alice:
        assert alice.app.theme == "tokyo-night"


async def test_the_palette_does_every_action(tmp_path: Path) -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.press("ctrl+p")
        await alice.sees("Show the keys and the commands  F1")
        await alice.press(*"show people")
        await until(lambda: "Show the keys" not in "\n".join(alice.shown()))
        await alice.press("enter")
        await alice.misses("people here")


async def test_what_cannot_be_remembered_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("theme = \n")
    async with running_chat() as chat, at_screen(chat, config=path) as alice:
        await alice.enters("/moves smart")
        await alice.enters("/moves none")
        await until(lambda: alice.app.preferences.moves == "none")
        await until(lambda: "so this is not remembered" in " ".join(alice.said()))
        assert " ".join(alice.said()).count("is not remembered") == 1


async def test_ignoring_somebody_keeps_a_list_with_a_wrong_entry(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(written := 'ignored = ["bob", "carol", {nam = "x"}]\n')
    async with running_chat() as chat, at_screen(chat, config=path) as alice:
        await alice.enters("/ignore eve")
        await until(lambda: "so this is not remembered" in " ".join(alice.said()))
        assert path.read_text() == written


async def test_without_colours_no_theme_is_chosen() -> None:
    async with running_chat() as chat:
        app = ChatApp(Settings(port=chat.port, has_colour=False), chat.clock.now)
        async with app.run_test(size=(80, 24)) as pilot:
            alice = AtScreen(app, pilot)
            await alice.press("f2")
            await alice.sees("NO_COLOR is set")
            assert app.theme == "ansi-dark"


async def test_the_chosen_row_is_reversed_and_not_only_coloured() -> None:
    async with running_chat() as chat, on_telnet(chat.port, "bob"), at_screen(chat) as alice:
        await alice.press("f6", "f6", "down")
        strip = alice.app.screen._compositor.render_strips()[2]
        assert "bob" in "".join(part.text for part in strip if part.style and part.style.reverse)
