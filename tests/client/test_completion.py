"""What Tab makes of the word before the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.typing.completion import Completed, Walk, completions

NAMES = ["bob", "Bella", "carol", "Ян", "sent"]
"""People, those first who spoke last."""
ITEMS = ["7", "12", "71"]


@pytest.mark.parametrize(
    ("before", "offers"),
    [
        ("s", ["send", "sent: "]),
        ("/re", ["/rename", "/report", "/reports", "/register"]),
        ("RE", ["rename", "report", "register"]),
        ("h", ["help", "history"]),
        ("B", ["bob: ", "Bella: "]),
        ("  B", ["bob: ", "Bella: "]),
        ("one\ns", ["sent: "]),
        ("one\ntwo b", ["bob", "Bella"]),
        ("send hello -u b", ["bob", "Bella"]),
        ("send hello --username b", ["bob", "Bella"]),
        ("send hello --username=b", ["--username=bob", "--username=Bella"]),
        ("send hello -u я", ["Ян"]),
        ("send hello -u ", NAMES),
        ("report c", ["carol"]),
        ("hello b", ["bob", "Bella"]),
        ("help re", ["rename", "report", "reports", "register"]),
        ("/help us", ["users"]),
        ("cancel ", ITEMS),
        ("/cancel 7", ["7", "71"]),
        ("send hello -", ["-u", "-t"]),
        ("send hello --", ["--username", "--time"]),
        ("send hello --t", ["--time"]),
        ("send hello -u bob -", ["-t"]),
        ("send hello --username=bob -", ["-t"]),
        ("send hello -t 10m -", ["-u"]),
        ("send hello -t ", []),
        ("send hello ", ["-u", "-t", *NAMES]),
        ("send -u bob -t 5 hello ", NAMES),
        ("history ", ["--since"]),
        ("history --s", ["--since"]),
        ("history --since ", []),
        ("hello -", []),
        ("zzz", []),
        ("", [f"{name}: " for name in NAMES]),
        ("report ", NAMES),
        ("token r", ["revoke"]),
        ("w", ["whoami"]),
    ],
)
def test_tab_offers_what_fits_the_place(before: str, offers: list[str]) -> None:
    assert completions(before, NAMES, ITEMS) == offers


def walked(before: str, *steps: int, after: str = "") -> list[str]:
    walk, typed, seen = Walk(), Completed(before, after), []
    for step in steps:
        typed = walk.step(typed, step, NAMES, ITEMS) or typed
        seen.append(typed.before)
    return seen


def test_tab_goes_round_and_shift_tab_goes_back() -> None:
    assert walked("B", 1, 1, 1, -1, -1) == ["bob: ", "Bella: ", "bob: ", "Bella: ", "bob: "]
    assert walked("/re", -1, -1) == ["/register", "/reports"]


def test_the_only_offer_is_followed_by_a_space_and_stays() -> None:
    assert walked("pe", 1, 1) == ["pending ", "pending "]
    assert walked("hi car", 1) == ["hi carol "]


def test_what_follows_the_cursor_has_its_space_already() -> None:
    assert walked("car", 1, after=" look") == ["carol:"]
    assert walked("car", 1, after="look") == ["carol: "]


def test_nothing_to_offer_leaves_what_is_typed() -> None:
    assert Walk().step(Completed("zzz", ""), 1, NAMES, ITEMS) is None


@given(st.text(), st.lists(st.text()), st.sampled_from([1, -1]))
def test_completing_never_fails(before: str, names: list[str], step: int) -> None:
    people = [name for name in names if name]
    assert all(offer for offer in completions(before, people))
    completed = Walk().step(Completed(before, "x"), step, people, ())
    assert completed is None or completed.after == "x"
