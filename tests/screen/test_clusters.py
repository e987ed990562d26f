"""The input moves and deletes by what people take for one character."""

import pytest

from chat_tui.typing import clusters
from tests.support.screen import at_screen, running_chat

FAMILY, FLAG, THUMB, KEYCAP = "👨\u200d👩\u200d👧", "🇩🇪", "👍🏽", "1\ufe0f\u20e3"
MARKED, HANGUL, DEVANAGARI = "e\u0301\u0323", "\u1112\u1161\u11ab", "क्षि"
ALL = (FAMILY, FLAG, FLAG, THUMB, KEYCAP, MARKED, HANGUL, DEVANAGARI, "ы", "й")


def test_a_line_is_taken_apart_into_clusters() -> None:
    line = "".join(ALL)
    ends = clusters.ends(line)
    assert [line[a:b] for a, b in zip([0, *ends], ends, strict=False)] == list(ALL)


@pytest.mark.parametrize("place", range(len("a" + FAMILY)))
def test_within_a_cluster_one_goes_to_its_ends(place: int) -> None:
    line = f"a{FAMILY}b"
    assert clusters.beginning(line, place) == min(place, 1)
    assert clusters.after(line, place) == (1 if place == 0 else len(line) - 1)
    assert clusters.before(line, place + 1) == (0 if place == 0 else 1)


async def test_keys_step_over_and_delete_whole_characters() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.write("".join(ALL))
        for left in range(len(ALL) - 1, 5, -1):
            await alice.press("backspace")
            assert alice.typed == "".join(ALL[:left])
        await alice.press("home", *["right"] * 3, "delete", "left", "backspace")
        assert alice.typed == FAMILY + FLAG + KEYCAP + MARKED
        await alice.press("home", "shift+right", "x", "end", "left", "y")
        assert alice.typed == f"x{FLAG}{KEYCAP}y{MARKED}"


async def test_between_rows_one_arrives_at_whole_characters() -> None:
    async with running_chat() as chat, at_screen(chat) as alice:
        await alice.pastes(f"a{FAMILY}b\nxyz")
        await alice.press("home", "right", "right", "up", "|", "down", "home", "up", "|")
        first = alice.typed.split("\n")[0]
        assert first.replace("|", "") == f"a{FAMILY}b"
        assert FAMILY in first
